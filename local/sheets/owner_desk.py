"""The owner before the post tab: finding rows and columns, and doing something that can be undone.

Rows are counted from 0 for the first one under the header; the header itself is the row "header". A column is named by its
header, or by its number from 0 where the header does not say it.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from local.sheets import cells
from local.sheets.undo import Act, Origin, take_back
from local.sheets.wire import invalid
from local.sheets.workbook import Sheet, Workbook
from local.sheets.workspace import Workspace

HEADER_ROW = "header"
_MAX_UNDO = 100


class Desk:
    """One person's undo list goes with it; a fresh start of the server begins with an empty one."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self._acts: list[tuple[str, Act]] = []

    def taken_up(self) -> tuple[Workbook, Sheet]:
        """A copy of the workbook and its post tab, to be worked on and given back by `done`."""
        workbook, sheet = self.workspace.post_sheet()
        twin = workbook.copied()
        taken = twin.sheet_by_id(sheet.sheet_id)
        if not self._acts:
            taken.shifts.clear()
        return twin, taken

    def done(
        self, workbook: Workbook, sheet: Sheet, rows: Origin | None = None, columns: Origin | None = None, **more: Any
    ) -> Response:
        """Keeps the act, one change; answers with the version and whatever more is to be said."""
        before, _ = self._tab(sheet.sheet_id)
        self._acts.append((workbook.spreadsheet_id, Act(before, sheet, rows, columns)))
        del self._acts[:-_MAX_UNDO]
        return self._kept(workbook, **more)

    def done_for_good(self, workbook: Workbook) -> Response:
        """Keeps what cannot be undone, and with it nothing that was done before."""
        self._acts.clear()
        return self._kept(workbook)

    def undone(self) -> Response:
        """Takes back the last act. GoogleError 400 where there is none."""
        if not self._acts:
            raise invalid("there is nothing to undo")
        _, act = self._acts.pop()
        _, workbook = self._tab(act.after.sheet_id)
        twin = workbook.copied()
        take_back(twin.sheet_by_id(act.after.sheet_id), act)
        return self._kept(twin, left=len(self._acts))

    def _tab(self, sheet_id: int) -> tuple[Sheet, Workbook]:
        workbook, _ = self.workspace.post_sheet()
        return workbook.sheet_by_id(sheet_id), workbook

    def _kept(self, workbook: Workbook, **more: Any) -> Response:
        self.workspace.keep_workbook(workbook)
        return JSONResponse({"version": self.workspace.sequence, **more})


def header_of(sheet: Sheet) -> list[str]:
    """The texts of the first row, up to its last filled cell."""
    last = max((column for column, cell in sheet.rows[0].items() if not cell.is_blank), default=-1)
    return [str(sheet.cell(0, column).value or "") for column in range(last + 1)]


def end_of_content(sheet: Sheet) -> int:
    """One past the last row with content; unticked boxes are no content."""
    for row in range(sheet.row_count - 1, 0, -1):
        if any(
            not cell.is_blank and not (cell.is_checkbox and cell.value is False) for cell in sheet.rows[row].values()
        ):
            return row + 1
    return 1


def row_at(sheet: Sheet, number: Any) -> int:
    """The tab's own index of a row. GoogleError 400 where there is none."""
    if number == HEADER_ROW:
        return 0
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < sheet.row_count - 1:
        raise invalid(f"there is no row {number!r}")
    return number + 1


def column_at(sheet: Sheet, name: Any) -> int:
    """The tab's own index of a column. GoogleError 400 where there is none."""
    if isinstance(name, int) and not isinstance(name, bool) and 0 <= name < sheet.column_count:
        return name
    header = header_of(sheet)
    if name not in header:
        raise invalid(f"there is no column {name!r}; there are {', '.join(header)}")
    return header.index(name)


def count_of(value: Any, name: str) -> int:
    """A whole number from 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise invalid(f"{name} must be a whole number from 1, not {value!r}")
    return value


def type_into(workbook: Workbook, sheet: Sheet, row: int, column: int, value: Any) -> None:
    """What typing that into the cell makes of it; "" and null empty it, and below a merged cell nothing happens."""
    if not sheet.is_covered(row, column):
        old = sheet.cell(row, column)
        sheet.put(row, column, cells.user_entered(old, "" if value is None else value, workbook.locale))
