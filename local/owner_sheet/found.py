"""What stands in the owner's spreadsheet, out of two answers of spreadsheets.get. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from local.owner_sheet.connection import SheetError
from mesh.posts import COLUMNS
from mesh.sheet import HEADER_WITHIN, REQUIRED

Json = dict[str, Any]

TAB = "Posts"
TABS_FIELDS = (
    "properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,index,sheetType,gridProperties),protectedRanges,conditionalFormats)"
)
CELLS_FIELDS = (
    "sheets(properties(sheetId),data(rowData(values(userEnteredValue,note,dataValidation,"
    "userEnteredFormat(numberFormat,wrapStrategy))),columnMetadata(pixelSize)))"
)
_HEADER_WORDS = 2  # so many of our columns make a row a header
_FIRST_ROWS = 5


@dataclass(frozen=True)
class Tab:
    """One tab. ``rows`` holds each row's cells as Google tells them, shorter where cells at the end are bare."""

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    frozen_rows: int = 0
    protected: Sequence[Json] = ()
    colours: Sequence[Json] = ()
    rows: Sequence[Sequence[Json]] = field(default=(), repr=False)
    widths_px: Sequence[int] = ()

    def cell(self, row: int, column: int) -> Json:
        """{} for a bare one."""
        line = self.rows[row] if row < len(self.rows) else ()
        return line[column] if column < len(line) else {}

    def texts(self, row: int) -> list[str]:
        """The row's content, small and without odd spaces, as a header is read."""
        return [" ".join(content(cell).lower().split()) for cell in self.rows[row]] if row < len(self.rows) else []

    def filled_rows(self) -> Iterator[int]:
        """Rows with content; a box alone is none."""
        return (row for row in range(len(self.rows)) if any(content(cell) for cell in self.rows[row]))

    @property
    def end_column(self) -> int:
        """One past the last column with content in any row."""
        return max(
            (n for row in self.filled_rows() for n, cell in enumerate(self.rows[row], 1) if content(cell)), default=0
        )


@dataclass(frozen=True)
class Found:
    """The spreadsheet: ``posts`` is the tab of that name, if there is one."""

    title: str
    locale: str
    time_zone: str
    tabs: tuple[Tab, ...]

    @property
    def posts(self) -> Tab | None:
        return next((tab for tab in self.tabs if tab.title.strip().casefold() == TAB.casefold()), None)

    def look_alikes(self) -> list[Tab]:
        """Other tabs that have every column the scheduler needs."""
        return [tab for tab in self.tabs if tab is not self.posts and _is_ours(tab)]


def content(cell: Json) -> str:
    """What a person sees as content; "" for an empty cell and for a tick box."""
    value = cell.get("userEnteredValue") or {}
    if "boolValue" in value:
        return ""
    return "".join(str(part) for part in value.values()).strip()


def header_row(tab: Tab) -> int | None:
    """The index of the row that names the columns, below a title or not; None in an empty tab. SheetError where no upper row names ours."""
    upper = list(islice(tab.filled_rows(), HEADER_WITHIN))
    if not upper:
        return None
    best = max(upper, key=lambda row: (_columns_named(tab, row), -row))
    if _columns_named(tab, best) >= _HEADER_WORDS:
        return best
    row = upper[0]
    said = ", ".join(name for name in tab.texts(row) if name)[:60]
    raise SheetError(
        f"row {row + 1} of the tab {tab.title} names no columns ({said}); insert a row above it that reads "
        "date, time, text, channels, or rename this tab, and run this again"
    )


def _columns_named(tab: Tab, row: int) -> int:
    return len(set(tab.texts(row)) & set(COLUMNS))


def ranges_of(answer: Mapping[str, Any]) -> list[str]:
    """What to read of each tab: all of Posts, the first rows of others."""
    found = []
    for tab in _tabs(answer, {}):
        quoted = "'" + tab.title.replace("'", "''") + "'"
        found.append(quoted if tab.title.strip().casefold() == TAB.casefold() else f"{quoted}!1:{_FIRST_ROWS}")
    return found


def read_found(tabs: Mapping[str, Any], cells: Mapping[str, Any]) -> Found:
    """Both answers of Google put together."""
    data = {
        int((sheet.get("properties") or {}).get("sheetId") or 0): (sheet.get("data") or [{}])[0]
        for sheet in cells.get("sheets") or []
    }
    properties = tabs.get("properties") or {}
    return Found(
        str(properties.get("title", "")),
        str(properties.get("locale", "")),
        str(properties.get("timeZone", "")),
        tuple(_tabs(tabs, data)),
    )


def _tabs(answer: Mapping[str, Any], data: Mapping[int, Json]) -> Iterator[Tab]:
    for sheet in answer.get("sheets") or []:
        properties = sheet.get("properties") or {}
        grid = properties.get("gridProperties")
        if properties.get("sheetType", "GRID") != "GRID" or grid is None:
            continue  # a chart has no cells
        number = int(properties.get("sheetId") or 0)
        own = data.get(number, {})
        yield Tab(
            number,
            str(properties.get("title", "")),
            int(grid.get("rowCount") or 0),
            int(grid.get("columnCount") or 0),
            int(grid.get("frozenRowCount") or 0),
            tuple(sheet.get("protectedRanges") or ()),
            tuple(sheet.get("conditionalFormats") or ()),
            tuple(tuple(line.get("values") or ()) for line in own.get("rowData") or ()),
            tuple(int(column.get("pixelSize") or 0) for column in own.get("columnMetadata") or ()),
        )


def _is_ours(tab: Tab) -> bool:
    return any(set(REQUIRED) <= set(tab.texts(row)) for row in range(min(_FIRST_ROWS, len(tab.rows))))
