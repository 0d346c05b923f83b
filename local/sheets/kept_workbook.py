"""A workbook as JSON on disk. A row's text is made once for as long as nobody changes that row."""

from __future__ import annotations

import json
from typing import Any

from local.sheets.cells import Cell
from local.sheets.wire import Json
from local.sheets.workbook import Row, Sheet, Workbook

FORMAT_VERSION = 2
_CELL_EXTRAS = ("formula", "format", "validation", "note")
_NOT_KEPT = ("rows", "shifts", "_own_rows")


class WorkbookText:
    """Writes one workbook again and again.

    `rows`: one list per row, of cells as [column, value] or [column, value, look]; a look's place is in `looks`, so that
    equal formats are written once.
    """

    def __init__(self) -> None:
        self._looks: dict[str, int] = {}
        self._known: dict[int, tuple[Row, str]] = {}
        """By id(); the row is held along, so that its id means nothing else meanwhile."""

    def written(self, workbook: Workbook) -> str:
        """The whole of it, as JSON text."""
        known, self._known = self._known, {}
        sheets = []
        for sheet in workbook.sheets:
            own = {name: value for name, value in vars(sheet).items() if name not in _NOT_KEPT}
            rows = ",".join([self._row(row, known) for row in sheet.rows])
            sheets.append(f'{_text(own)[:-1]}, "rows": [{rows}]}}')
        head = {name: value for name, value in vars(workbook).items() if name != "sheets"}
        looks = ",".join(self._looks)
        return f'{_text({"format": FORMAT_VERSION, **head})[:-1]}, "looks": [{looks}], "sheets": [{",".join(sheets)}]}}'

    def _row(self, row: Row, known: dict[int, tuple[Row, str]]) -> str:
        if not row:
            return "[]"
        kept = known.get(id(row)) or self._known.get(id(row))
        if kept is None:
            kept = row, _text([self._cell(column, cell) for column, cell in row.items()])
        self._known[id(row)] = kept
        return kept[1]

    def _cell(self, column: int, cell: Cell) -> list[Any]:
        extras = {name: value for name in _CELL_EXTRAS if (value := getattr(cell, name)) is not None}
        if not extras:
            return [column, cell.value]
        return [column, cell.value, self._looks.setdefault(json.dumps(extras, sort_keys=True), len(self._looks))]


def workbook_from_json(kept: Json) -> Workbook:
    """The opposite; also of the first format, which had all cells of a tab in one list."""
    kept = dict(kept)
    version, looks = kept.pop("format"), kept.pop("looks")
    sheets = []
    for entry in kept.pop("sheets"):
        for name in ("row_properties", "column_properties"):
            entry[name] = {int(index): value for index, value in entry[name].items()}
        lines = _lines_of_format_1(entry) if version == 1 else entry.pop("rows")
        rows = [{column: _cell(value, look, looks) for column, value, *look in line} for line in lines]
        sheets.append(Sheet(rows=rows, **entry))
    return Workbook(sheets=sheets, **kept)


def _lines_of_format_1(entry: Json) -> list[list[list[Any]]]:
    lines: list[list[list[Any]]] = [[] for _ in range(entry.pop("row_count"))]
    for row, *cell in entry.pop("cells"):
        lines[row].append(cell)
    return lines


def _cell(value: Any, look: list[int], looks: list[Json]) -> Cell:
    return Cell(value, **looks[look[0]]) if look else Cell(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
