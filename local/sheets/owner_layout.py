"""The owner's hands on the layout: columns, the tab's name, merged cells, a fresh start, and undo."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.sheets import batch_furniture, batch_structure, cells, furnishing
from local.sheets.cells import EMPTY
from local.sheets.owner_desk import Desk, column_at, count_of, row_at, type_into
from local.sheets.owner_rows import moved
from local.sheets.wire import invalid, json_body, only_known
from local.sheets.workbook import Sheet


class OwnersLayout:
    """One method per call."""

    def __init__(self, desk: Desk):
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/owner/reset", self.reset, methods=["POST"]),
            Route("/owner/undo", self.undo, methods=["POST"]),
            Route("/owner/insert-column", self.insert_column, methods=["POST"]),
            Route("/owner/rename-column", self.rename_column, methods=["POST"]),
            Route("/owner/move-column", self.move_column, methods=["POST"]),
            Route("/owner/columns/{name:path}", self.delete_column, methods=["DELETE"]),
            Route("/owner/rename-tab", self.rename_tab, methods=["POST"]),
            Route("/owner/merge", self.merge, methods=["POST"]),
        ]

    async def reset(self, request: Request) -> Response:
        """Loads the tab afresh, under its first name; `time_zone` and `locale` of the spreadsheet may be given along."""
        body = only_known(await json_body(request), {"header", "rows", "time_zone", "locale"})
        workbook, sheet = self._desk.taken_up()
        workbook.locale = body.get("locale", workbook.locale)
        workbook.time_zone = body.get("time_zone", workbook.time_zone)
        own_title = self._desk.workspace.business().tab
        sheet.title = sheet.title if workbook.sheet_by_title(own_title) else own_title
        header = body.get("header") or list(furnishing.HEADER)
        furnishing.load_rows(sheet, header, body.get("rows") or [], workbook.locale)
        return self._desk.done_for_good(workbook)

    async def undo(self, request: Request) -> Response:
        """Takes back the last thing the owner did here; `left` says how many more can be taken back."""
        return self._desk.undone()

    async def insert_column(self, request: Request) -> Response:
        """A new column before column `at` (a name, or a number up to the width), with `name` in its header."""
        body = only_known(await json_body(request), {"at", "name"})
        workbook, sheet = self._desk.taken_up()
        at, count = _place(sheet, body.get("at")), sheet.column_count
        span = {"sheetId": sheet.sheet_id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
        batch_structure.insert_dimension(workbook, {"range": span, "inheritFromBefore": at > 0})
        sheet.put(0, at, cells.raw(EMPTY, body.get("name") or ""))
        return self._desk.done(workbook, sheet, columns=[*range(at), None, *range(at, count)])

    async def rename_column(self, request: Request) -> Response:
        """Types another name into the header; "" leaves the column without one."""
        body = only_known(await json_body(request), {"column", "to"})
        workbook, sheet = self._desk.taken_up()
        type_into(workbook, sheet, 0, column_at(sheet, body.get("column")), body.get("to"))
        return self._desk.done(workbook, sheet)

    async def move_column(self, request: Request) -> Response:
        """Drags a column to where it becomes column number `to`, or stands where the column of that name stood."""
        body = only_known(await json_body(request), {"column", "to"})
        workbook, sheet = self._desk.taken_up()
        source, target = column_at(sheet, body.get("column")), column_at(sheet, body.get("to"))
        order = moved(sheet.column_count, source, target)
        places = {old: new for new, old in enumerate(order)}
        sheet.rows = [{places[column]: cell for column, cell in row.items()} for row in sheet.rows]
        return self._desk.done(workbook, sheet, columns=order)

    async def delete_column(self, request: Request) -> Response:
        """The columns to its right move left."""
        workbook, sheet = self._desk.taken_up()
        column, count = column_at(sheet, request.path_params["name"]), sheet.column_count
        span = {"sheetId": sheet.sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        batch_structure.delete_dimension(workbook, {"range": span})
        return self._desk.done(workbook, sheet, columns=[index for index in range(count) if index != column])

    async def rename_tab(self, request: Request) -> Response:
        """Another name for the tab; what reads it by the old one will not find it."""
        body = only_known(await json_body(request), {"to"})
        title = body.get("to")
        if not isinstance(title, str) or not title.strip():
            raise invalid("to must be the tab's new name")
        workbook, sheet = self._desk.taken_up()
        properties = {"sheetId": sheet.sheet_id, "title": title}
        batch_structure.update_sheet_properties(workbook, {"properties": properties, "fields": "title"})
        return self._desk.done(workbook, sheet)

    async def merge(self, request: Request) -> Response:
        """Merges `rows` times `columns` cells from (`row`, `column`) on; all values but the first go, as Sheets warns."""
        body = only_known(await json_body(request), {"row", "column", "rows", "columns"})
        workbook, sheet = self._desk.taken_up()
        row, column = row_at(sheet, body.get("row")), column_at(sheet, body.get("column"))
        area = {
            "sheetId": sheet.sheet_id,
            "startRowIndex": row,
            "endRowIndex": row + count_of(body.get("rows"), "rows"),
            "startColumnIndex": column,
            "endColumnIndex": column + count_of(body.get("columns"), "columns"),
        }
        batch_furniture.merge_cells(workbook, {"range": area})
        return self._desk.done(workbook, sheet)


def _place(sheet: Sheet, at: Any) -> int:
    return sheet.column_count if at == sheet.column_count else column_at(sheet, at)
