"""A spreadsheet: tabs of sparse, typed cells with their structure.

Cells and the JSON of formats are never changed in place, and a row is copied before its first change after a copy. So a
copy for an all-or-nothing batch costs one list, however many rows there are, and a row that nobody changed stays the same
object: saving and undoing look at the others only.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from local.sheets import a1
from local.sheets.a1 import Box, Closed
from local.sheets.cells import EMPTY, Cell
from local.sheets.wire import Json, invalid

Row = dict[int, Cell]
"""Column -> cell. Changed by `Sheet.put` only; any other change puts a new row in its place."""

DEFAULT_ROW_COUNT = 1000
DEFAULT_COLUMN_COUNT = 26
MAX_CELLS = 10_000_000
_MAX_SHEET_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows (or columns) put in before `at` (delta above 0), or taken out from `at` on (below 0)."""

    of_rows: bool
    at: int
    delta: int

    def moved(self, index: int) -> int | None:
        """Where that row or column is afterwards; None: taken out."""
        if index < self.at:
            return index
        return index + self.delta if index >= self.at - self.delta or self.delta > 0 else None


@dataclass
class Sheet:
    """One tab. `rows` has exactly as many entries as the grid has rows; `properties` leaves the counts out."""

    sheet_id: int
    title: str
    rows: list[Row]
    column_count: int
    properties: Json = field(default_factory=dict)
    grid_properties: Json = field(default_factory=dict)
    merges: list[Json] = field(default_factory=list)
    protected_ranges: list[Json] = field(default_factory=list)
    conditional_formats: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None
    row_properties: dict[int, Json] = field(default_factory=dict)
    column_properties: dict[int, Json] = field(default_factory=dict)
    row_groups: list[Json] = field(default_factory=list)
    column_groups: list[Json] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list, compare=False)
    """Rows and columns put in or taken out since the owner's first act that can be undone; not kept on disk."""
    _own_rows: dict[int, Row] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By id(), the rows that no other copy has; holding them keeps their ids from being given again."""

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def cell(self, row: int, column: int) -> Cell:
        return self.rows[row].get(column, EMPTY)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """The row and column must be inside the grid."""
        line = self.rows[row]
        if id(line) not in self._own_rows:
            line = self.rows[row] = dict(line)
            self._own_rows[id(line)] = line
        if cell.is_bare:
            line.pop(column, None)
        else:
            line[column] = cell

    def closed(self, box: Box) -> Closed:
        """The box cut to this grid."""
        return box.within(self.row_count, self.column_count)

    def everything(self) -> Closed:
        return Closed(0, self.row_count, 0, self.column_count)

    def each(self, area: Closed) -> Iterator[tuple[int, int]]:
        """Row and column of every place in the area, blank ones too."""
        for row in range(area.start_row, area.end_row):
            for column in range(area.start_column, area.end_column):
                yield row, column

    def grow(self, row_count: int, column_count: int) -> None:
        """Makes the grid at least that large."""
        if max(row_count, self.row_count) * max(column_count, self.column_count) > MAX_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
            )
        self.rows.extend({} for _ in range(row_count - self.row_count))
        self.column_count = max(self.column_count, column_count)

    def is_covered(self, row: int, column: int) -> bool:
        """Whether another cell's merge lies over it, so that nobody sees it or writes into it."""
        for merge in self.merges:
            box = a1.from_grid_range(merge)
            if self.closed(box).contains(row, column):
                return (row, column) != (box.start_row, box.start_column)
        return False

    def last_filled_row(self, area: Closed | None = None) -> int:
        """Index of the last row with a value, -1 if there is none."""
        area = area or self.everything()
        for row in range(area.end_row - 1, area.start_row - 1, -1):
            if any(
                not cell.is_blank and area.start_column <= column < area.end_column
                for column, cell in self.rows[row].items()
            ):
                return row
        return -1

    def copied(self) -> Sheet:
        """An independent copy; cells are shared, being immutable, and rows until one side changes them."""
        twin = copy.copy(self)
        twin.rows, twin.shifts = list(self.rows), list(self.shifts)
        twin._own_rows, self._own_rows = {}, {}
        for name in FURNITURE:
            setattr(twin, name, copy.deepcopy(getattr(self, name)))
        return twin


FURNITURE = (
    "properties",
    "grid_properties",
    "merges",
    "protected_ranges",
    "conditional_formats",
    "basic_filter",
    "row_properties",
    "column_properties",
    "row_groups",
    "column_groups",
)


@dataclass
class Workbook:
    """A spreadsheet's content; its name and place in Drive are the file's."""

    spreadsheet_id: str
    sheets: list[Sheet]
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    properties: Json = field(default_factory=dict)
    named_ranges: list[Json] = field(default_factory=list)

    def copied(self) -> Workbook:
        """An independent copy, to be kept only if all of a batch succeeds."""
        twin = copy.copy(self)
        twin.sheets = [sheet.copied() for sheet in self.sheets]
        twin.properties = copy.deepcopy(self.properties)
        twin.named_ranges = copy.deepcopy(self.named_ranges)
        return twin

    def sheet_by_id(self, sheet_id: int) -> Sheet:
        """GoogleError 400 where there is none."""
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise invalid(f"No grid with id: {sheet_id}")

    def sheet_by_title(self, title: str) -> Sheet | None:
        """Titles are compared without regard to case, as Sheets does."""
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def new_sheet(
        self,
        title: str,
        row_count: int = DEFAULT_ROW_COUNT,
        column_count: int = DEFAULT_COLUMN_COUNT,
        sheet_id: int | None = None,
    ) -> Sheet:
        """A blank tab with a free id, not yet put in. GoogleError 400 for a title or id already taken."""
        if self.sheet_by_title(title):
            raise invalid(
                f'A sheet with the name "{title}" already exists. Please enter another name.',
            )
        if sheet_id is None:
            sheet_id = secrets.randbelow(_MAX_SHEET_ID - 1) + 1 if self.sheets else 0
        elif any(sheet.sheet_id == sheet_id for sheet in self.sheets):
            raise invalid(f"A sheet with id {sheet_id} already exists.")
        if row_count < 1 or column_count < 1 or row_count * column_count > MAX_CELLS:
            raise invalid("A sheet must have at least one row and one column, and no more than 10000000 cells.")
        return Sheet(sheet_id, title, [{} for _ in range(row_count)], column_count)

    def find(self, text: str) -> tuple[Sheet, Box]:
        """A range in A1 notation, a named range or a tab's name. GoogleError 400 if it is none of these."""
        title, cells = a1.split_title(text)
        if title is None:
            return self._find_bare(text)
        sheet = self.sheet_by_title(title)
        box = a1.parse_cells(cells) if cells else Box()
        named = self._named(cells) if box is None else None
        if named is not None:
            return self.sheet_by_id(int(named["range"].get("sheetId") or 0)), a1.from_grid_range(named["range"])
        if sheet is None or box is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, box

    def _find_bare(self, text: str) -> tuple[Sheet, Box]:
        box = a1.parse_cells(text)
        if box is not None:
            return self.sheets[0], box
        named = self._named(text)
        if named is not None:
            return self.sheet_by_id(int(named["range"].get("sheetId") or 0)), a1.from_grid_range(named["range"])
        sheet = self.sheet_by_title(text)
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, Box()

    def _named(self, name: str) -> Json | None:
        return next((named for named in self.named_ranges if named["name"].casefold() == name.casefold()), None)

    def at_grid_range(self, grid_range: Json) -> tuple[Sheet, Closed]:
        """A GridRange of a request, cut to its grid."""
        sheet = self.sheet_by_id(int(grid_range.get("sheetId") or 0))
        return sheet, sheet.closed(a1.from_grid_range(grid_range))
