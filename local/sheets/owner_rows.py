"""The owner's hands on rows and cells."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.sheets import batch_cells, batch_structure, cells, furnishing, patterns, serials
from local.sheets.a1 import Closed, from_grid_range
from local.sheets.cells import Cell
from local.sheets.owner_desk import Desk, column_at, end_of_content, header_of, row_at, type_into
from local.sheets.undo import Origin
from local.sheets.wire import GoogleError, Json, invalid, json_body, only_known
from local.sheets.workbook import Sheet, Workbook

_DURATION: Json = {"type": "TIME", "pattern": "[h]:mm"}


class OwnersRows:
    """One method per call."""

    def __init__(self, desk: Desk):
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/owner/grid", self.grid),
            Route("/owner/cell", self.cell, methods=["POST"]),
            Route("/owner/cells", self.cells, methods=["POST"]),
            Route("/owner/rows", self.add_rows, methods=["POST"]),
            Route("/owner/rows/delete", self.delete_rows, methods=["POST"]),
            Route("/owner/rows/{row:int}", self.delete_row, methods=["DELETE"]),
            Route("/owner/sort", self.sort, methods=["POST"]),
            Route("/owner/copy-row", self.copy_row, methods=["POST"]),
            Route("/owner/move-row", self.move_row, methods=["POST"]),
        ]

    async def grid(self, request: Request) -> Response:
        """The rows down to the last one with content, as texts; ticks as booleans, dates and times in ISO form.

        `choices` has the dropdown of each column that has one.
        """
        workbook, sheet = self._desk.workspace.post_sheet()
        header = header_of(sheet)
        rows = [
            [_plain(sheet.cell(row, column), workbook.locale) for column in range(len(header))]
            for row in range(1, end_of_content(sheet))
        ]
        return JSONResponse(
            {
                "version": self._desk.workspace.sequence,
                "header": header,
                "rows": rows,
                "row_count": len(rows),
                "choices": _choices(sheet, header),
            }
        )

    async def cell(self, request: Request) -> Response:
        """Types a value into one cell; "" or null empties it."""
        return self._typed([await json_body(request)])

    async def cells(self, request: Request) -> Response:
        """Types several values, as a paste does: all of them or, where one place is not there, none. ``version``: as in ``delete_rows``."""
        body = only_known(await json_body(request), {"edits", "version"})
        self._as_seen(body)
        edits = body.get("edits")
        if not isinstance(edits, list) or not edits or not all(isinstance(edit, dict) for edit in edits):
            raise invalid('edits must be a list of {"row": …, "column": …, "value": …}')
        return self._typed(edits)

    def _as_seen(self, body: Json) -> None:
        if body.get("version") not in (None, self._desk.workspace.sequence):
            raise GoogleError(409, "somebody wrote meanwhile: look at the grid again")

    def _typed(self, edits: list[Json]) -> Response:
        workbook, sheet = self._desk.taken_up()
        places = [(row_at(sheet, edit.get("row")), column_at(sheet, edit.get("column"))) for edit in edits]
        for (row, column), edit in zip(places, edits, strict=True):
            type_into(workbook, sheet, row, column, edit.get("value"))
        return self._desk.done(workbook, sheet)

    async def add_rows(self, request: Request) -> Response:
        """Inserts rows before row `at`, or types them into the first free rows at the end; answers where they are."""
        body = only_known(await json_body(request), {"at", "rows"})
        workbook, sheet = self._desk.taken_up()
        lines = body.get("rows")
        if not isinstance(lines, list) or not lines or not all(isinstance(line, dict) for line in lines):
            raise invalid("rows must be a list of {column: value}")
        columns = [{column_at(sheet, name): value for name, value in line.items()} for line in lines]
        count = sheet.row_count
        if body.get("at") is None:
            first = end_of_content(sheet)
            sheet.grow(first + len(lines), sheet.column_count)
            origin: Origin = [*range(count), *[None] * (sheet.row_count - count)]
        else:
            first = row_at(sheet, body["at"])
            origin = _insert(workbook, sheet, first, len(lines))
        looks = furnishing.blank_row(header_of(sheet))
        for row, line in enumerate(columns, first):
            sheet.rows[row] = {**looks, **sheet.rows[row]}
            for column, value in line.items():
                type_into(workbook, sheet, row, column, value)
        return self._desk.done(workbook, sheet, origin, row=first - 1)

    async def delete_row(self, request: Request) -> Response:
        """The rows below move up."""
        return self._deleted([request.path_params["row"]])

    async def delete_rows(self, request: Request) -> Response:
        """Several rows at once, wherever they are; "header" for the header row. 409 where a ``version`` is given and is not the one of
        now: whoever counted the rows then would hit others.
        """
        body = only_known(await json_body(request), {"rows", "version"})
        self._as_seen(body)
        rows = body.get("rows")
        if not isinstance(rows, list) or not rows:
            raise invalid("rows must be a list of row numbers")
        return self._deleted(rows)

    def _deleted(self, numbers: list[Any]) -> Response:
        workbook, sheet = self._desk.taken_up()
        gone = {row_at(sheet, number) for number in numbers}
        origin = [row for row in range(sheet.row_count) if row not in gone]
        for row in sorted(gone, reverse=True):
            span = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
            batch_structure.delete_dimension(workbook, {"range": span})
        return self._desk.done(workbook, sheet, origin)

    async def sort(self, request: Request) -> Response:
        """Sorts all rows under the header by one column: numbers, then texts in either case, blanks last both ways."""
        body = only_known(await json_body(request), {"column", "descending"})
        workbook, sheet = self._desk.taken_up()
        spec = {
            "dimensionIndex": column_at(sheet, body.get("column")),
            "sortOrder": "DESCENDING" if body.get("descending") else "ASCENDING",
        }
        area = Closed(1, max(end_of_content(sheet), 2), 0, sheet.column_count)
        _refuse_vertical_merges(sheet, area)
        order = batch_cells.sorted_rows(sheet, area, [spec])
        origin = [0, *order, *range(area.end_row, sheet.row_count)]
        sheet.rows = [sheet.rows[row] for row in origin]
        return self._desk.done(workbook, sheet, origin)

    async def copy_row(self, request: Request) -> Response:
        """Inserts a copy of row `row`, id and tick and all, so that it becomes row `to`."""
        body = only_known(await json_body(request), {"row", "to"})
        workbook, sheet = self._desk.taken_up()
        source = dict(sheet.rows[row_at(sheet, body.get("row"))])
        target = row_at(sheet, body.get("to"))
        origin = _insert(workbook, sheet, target, 1)
        sheet.rows[target] = source
        return self._desk.done(workbook, sheet, origin, row=target - 1)

    async def move_row(self, request: Request) -> Response:
        """Drags row `row` to where it becomes row `to`."""
        body = only_known(await json_body(request), {"row", "to"})
        workbook, sheet = self._desk.taken_up()
        source, target = row_at(sheet, body.get("row")), row_at(sheet, body.get("to"))
        origin = moved(sheet.row_count, source, target)
        sheet.rows = [sheet.rows[row] for row in origin]
        return self._desk.done(workbook, sheet, origin)


def moved(count: int, source: int, target: int) -> list[int]:
    """The order of that many rows or columns after one of them was dragged."""
    order = [index for index in range(count) if index != source]
    order.insert(target, source)
    return order


def _insert(workbook: Workbook, sheet: Sheet, row: int, count: int) -> Origin:
    before = sheet.row_count
    span = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "startIndex": row, "endIndex": row + count}
    batch_structure.insert_dimension(workbook, {"range": span, "inheritFromBefore": row > 1})
    return [*range(row), *[None] * count, *range(row, before)]


def _refuse_vertical_merges(sheet: Sheet, area: Closed) -> None:
    for merge in sheet.merges:
        box = sheet.closed(from_grid_range(merge))
        if box.end_row - box.start_row > 1 and box.start_row < area.end_row and box.end_row > area.start_row:
            raise invalid(
                f"rows {box.start_row + 1} to {box.end_row} share a merged cell: take it apart before sorting"
            )


def _choices(sheet: Sheet, header: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rules: dict[int, Json] = {}
    for row in sheet.rows[1:]:
        for column, cell in row.items():
            if cell.validation is not None and column not in rules and column < len(header):
                rules[column] = cell.validation.get("condition") or {}
    for column, condition in sorted(rules.items()):
        if condition.get("type") == "ONE_OF_LIST":
            found[header[column]] = [str(value.get("userEnteredValue", "")) for value in condition.get("values") or []]
    return found


def _plain(cell: Cell, locale: str) -> str | bool:
    if cell.is_checkbox and (cell.value is None or isinstance(cell.value, bool)):
        return bool(cell.value)
    kind = (cell.number_format or {}).get("type")
    if kind not in patterns.DATE_TYPES or not isinstance(cell.value, int | float) or isinstance(cell.value, bool):
        return cells.formatted(cell, locale)
    if kind == "TIME" and not 0 <= cell.value < 1:
        return cells.formatted(replace(cell, format={"numberFormat": _DURATION}), locale)
    return _iso(cell.value, str(kind))


@lru_cache(maxsize=20_000)
def _iso(serial: float, kind: str) -> str:
    """Many rows share their days and times."""
    moment = serials.to_datetime(serial)
    day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"
    return {"DATE": day, "TIME": clock}.get(kind, f"{day} {clock}")
