"""Requests that change cells: their values, formats, validation and notes, and their order."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from local.sheets import cells, masks
from local.sheets.a1 import Closed
from local.sheets.cells import EMPTY, Cell
from local.sheets.masks import Mask
from local.sheets.wire import Json, invalid
from local.sheets.workbook import Sheet, Workbook

_CELL_FIELDS = {"userEnteredValue", "userEnteredFormat", "dataValidation", "note"}
_READ_ONLY_CELL_FIELDS = {"effectiveValue", "formattedValue", "effectiveFormat", "hyperlink", "textFormatRuns"}


def with_fields(cell: Cell, data: Json, mask: Mask) -> Cell:
    """The cell after a CellData under a mask; what the mask names and the data leaves out is cleared."""
    everything = "*" in mask
    for name in mask:
        if name not in _CELL_FIELDS | _READ_ONLY_CELL_FIELDS | {"*"}:
            raise invalid(f"Invalid field: {name}")
    if everything or "userEnteredValue" in mask:
        cell = cells.from_extended(cell, data.get("userEnteredValue"))
    if everything or "userEnteredFormat" in mask:
        below = {} if everything else mask["userEnteredFormat"]
        merged = masks.merge(cell.format or {}, data.get("userEnteredFormat") or {}, below)
        cell = replace(cell, format=copy.deepcopy(merged) or None)
    if everything or "dataValidation" in mask:
        cell = replace(cell, validation=copy.deepcopy(data.get("dataValidation")) or None)
    if everything or "note" in mask:
        cell = replace(cell, note=data.get("note") or None)
    return cell


def update_cells(workbook: Workbook, body: Json) -> None:
    """Rows of CellData from `start`, or inside `range` (whose places without data are cleared)."""
    mask = _mask(body)
    lines = body.get("rows") or []
    if body.get("range"):
        sheet, area = workbook.at_grid_range(body["range"])
        for row, column in sheet.each(area):
            line = _values(lines, row - area.start_row)
            offset = column - area.start_column
            data = line[offset] if offset < len(line) else {}
            _place(sheet, row, column, data, mask)
        return
    start = body.get("start") or {}
    sheet = workbook.sheet_by_id(int(start.get("sheetId") or 0))
    _write_lines(sheet, int(start.get("rowIndex") or 0), int(start.get("columnIndex") or 0), lines, mask)


def append_cells(workbook: Workbook, body: Json) -> None:
    """After the last row with a value; the grid grows where needed."""
    sheet = workbook.sheet_by_id(int(body.get("sheetId") or 0))
    lines = body.get("rows") or []
    first_row = sheet.last_filled_row() + 1
    width = max((len(_values(lines, index)) for index in range(len(lines))), default=0)
    sheet.grow(first_row + len(lines), width)
    _write_lines(sheet, first_row, 0, lines, _mask(body))


def repeat_cell(workbook: Workbook, body: Json) -> None:
    """One CellData for every place of a range."""
    sheet, area = workbook.at_grid_range(body["range"])
    mask = _mask(body)
    data = body.get("cell") or {}
    for row, column in sheet.each(area):
        _place(sheet, row, column, data, mask)


def set_data_validation(workbook: Workbook, body: Json) -> None:
    """Sets or (without a rule) takes away the validation of a range; values stay as they are."""
    sheet, area = workbook.at_grid_range(body["range"])
    rule = copy.deepcopy(body.get("rule"))
    for row, column in sheet.each(area):
        sheet.put(row, column, replace(sheet.cell(row, column), validation=rule))


def sort_range(workbook: Workbook, body: Json) -> None:
    """Whole rows of the range are put in order: numbers, texts, booleans, and blanks last in either direction."""
    sheet, area = workbook.at_grid_range(body["range"])
    order = sorted_rows(sheet, area, body.get("sortSpecs") or [])
    columns = range(area.start_column, area.end_column)
    lines = [[sheet.cell(row, column) for column in columns] for row in order]
    for row, line in enumerate(lines, area.start_row):
        for column, cell in zip(columns, line, strict=True):
            sheet.put(row, column, cell)


def sorted_rows(sheet: Sheet, area: Closed, specs: list[Json]) -> list[int]:
    """The rows of the area in the order of the specs, the first counting most; equal ones stay in their order."""
    order = list(range(area.start_row, area.end_row))
    for spec in reversed(specs):
        column = int(spec.get("dimensionIndex") or 0)
        filled = [row for row in order if not sheet.cell(row, column).is_blank]
        blank = [row for row in order if sheet.cell(row, column).is_blank]
        filled.sort(key=lambda row: _rank(sheet.cell(row, column)), reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + blank
    return order


def find_replace(workbook: Workbook, body: Json) -> Json:
    """Replaces in shown texts; a changed cell is typed anew, as a person would. Replies with the counts."""
    if not body.get("find"):
        raise invalid("find must not be empty.")
    pattern = _search_pattern(body)
    replacement = str(body.get("replacement") or "")
    values = rows = occurrences = sheets = 0
    for sheet, area in _search_places(workbook, body):
        changed_rows = set()
        for row in range(area.start_row, area.end_row):
            for column, cell in list(sheet.rows[row].items()):
                if not area.contains(row, column) or (cell.formula is not None and not body.get("includeFormulas")):
                    continue
                shown = cell.formula or cells.formatted(cell, workbook.locale)
                text, count = pattern.subn(_template(body, replacement), shown)
                if not count:
                    continue
                sheet.put(row, column, cells.user_entered(cell, text, workbook.locale))
                changed_rows.add(row)
                values, occurrences = values + 1, occurrences + count
        rows, sheets = rows + len(changed_rows), sheets + bool(changed_rows)
    counts = {
        "valuesChanged": values,
        "rowsChanged": rows,
        "sheetsChanged": sheets,
        "occurrencesChanged": occurrences,
    }
    return {name: count for name, count in counts.items() if count}


def copy_paste(workbook: Workbook, body: Json) -> None:
    """The destination is filled by repeating the source."""
    source_sheet, source = workbook.at_grid_range(body["source"])
    kind = body.get("pasteType") or "PASTE_NORMAL"
    height, width = source.end_row - source.start_row, source.end_column - source.start_column
    block = [
        [source_sheet.cell(source.start_row + row, source.start_column + column) for column in range(width)]
        for row in range(height)
    ]
    if body.get("pasteOrientation") == "TRANSPOSE":
        block = [list(line) for line in zip(*block, strict=True)]
        height, width = width, height
    sheet, target = workbook.at_grid_range(body["destination"])
    end_row = target.start_row + height * max((target.end_row - target.start_row) // height, 1)
    end_column = target.start_column + width * max((target.end_column - target.start_column) // width, 1)
    sheet.grow(end_row, end_column)
    for row, column in sheet.each(Closed(target.start_row, end_row, target.start_column, end_column)):
        copied = block[(row - target.start_row) % height][(column - target.start_column) % width]
        sheet.put(row, column, _pasted(sheet.cell(row, column), copied, kind))


def cut_paste(workbook: Workbook, body: Json) -> None:
    """Moves a block to where `destination` starts."""
    sheet, source = workbook.at_grid_range(body["source"])
    kind = body.get("pasteType") or "PASTE_NORMAL"
    start = body["destination"]
    target = workbook.sheet_by_id(int(start.get("sheetId") or 0))
    row_offset = int(start.get("rowIndex") or 0) - source.start_row
    column_offset = int(start.get("columnIndex") or 0) - source.start_column
    moved = [(row, column, sheet.cell(row, column)) for row, column in sheet.each(source)]
    for row, column, cell in moved:
        sheet.put(row, column, _pasted(cell, EMPTY, kind))
    target.grow(source.end_row + row_offset, source.end_column + column_offset)
    for row, column, cell in moved:
        place = row + row_offset, column + column_offset
        target.put(*place, _pasted(target.cell(*place), cell, kind))


def _pasted(old: Cell, new: Cell, kind: str) -> Cell:
    match kind:
        case "PASTE_NORMAL":
            return new
        case "PASTE_NO_BORDERS":
            return replace(new, format={k: v for k, v in (new.format or {}).items() if k != "borders"} or None)
        case "PASTE_VALUES":
            return replace(old, value=new.value, formula=None)
        case "PASTE_FORMULA":
            return replace(old, value=new.value, formula=new.formula)
        case "PASTE_FORMAT":
            return replace(old, format=new.format)
        case "PASTE_DATA_VALIDATION":
            return replace(old, validation=new.validation)
        case "PASTE_CONDITIONAL_FORMATTING":
            return old
        case _:
            raise invalid(f"Invalid value at 'paste_type': {kind}")


def _rank(cell: Cell) -> tuple[int, float, str]:
    if isinstance(cell.value, bool):
        return 2, float(cell.value), ""
    if isinstance(cell.value, str):
        return 1, 0.0, cell.value.casefold()
    return 0, float(cell.value or 0), ""


def _search_places(workbook: Workbook, body: Json) -> Iterator[tuple[Sheet, Closed]]:
    if body.get("range"):
        yield workbook.at_grid_range(body["range"])
    elif body.get("sheetId") is not None:
        sheet = workbook.sheet_by_id(int(body["sheetId"]))
        yield sheet, sheet.everything()
    elif body.get("allSheets"):
        yield from ((sheet, sheet.everything()) for sheet in workbook.sheets)
    else:
        raise invalid("A scope must be set: range, sheetId or allSheets.")


def _search_pattern(body: Json) -> re.Pattern[str]:
    text = body["find"] if body.get("searchByRegex") else re.escape(body["find"])
    if body.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, 0 if body.get("matchCase") else re.IGNORECASE)
    except re.error as error:
        raise invalid(f"Invalid regular expression: {error}") from error


def _template(body: Json, replacement: str) -> str | Callable[[re.Match[str]], str]:
    if body.get("searchByRegex"):
        return re.sub(r"\$(\d+)", r"\\\1", replacement)
    return lambda _: replacement


def _write_lines(sheet: Sheet, first_row: int, first_column: int, lines: list[Json], mask: Mask) -> None:
    for row_offset in range(len(lines)):
        for column_offset, data in enumerate(_values(lines, row_offset)):
            row, column = first_row + row_offset, first_column + column_offset
            if row >= sheet.row_count or column >= sheet.column_count:
                raise invalid(
                    f"Attempting to write column: {column}, row: {row}, beyond the last requested column or row."
                )
            _place(sheet, row, column, data or {}, mask)


def _place(sheet: Sheet, row: int, column: int, data: Json, mask: Mask) -> None:
    cell = with_fields(sheet.cell(row, column), data, mask)
    if sheet.is_covered(row, column):  # a value below a merged cell is dropped, its format is not
        cell = replace(cell, value=None, formula=None)
    sheet.put(row, column, cell)


def _values(lines: list[Json], index: int) -> list[Json]:
    if index >= len(lines):
        return []
    values: list[Json] = (lines[index] or {}).get("values") or []
    return values


def _mask(body: Json) -> Mask:
    if not body.get("fields"):
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = masks.parse(body["fields"])
    return mask.get("cell") or mask if set(mask) == {"cell"} else mask


HANDLERS: dict[str, Callable[[Workbook, Json], Json | None]] = {
    "updateCells": update_cells,
    "appendCells": append_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "sortRange": sort_range,
    "findReplace": find_replace,
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
}
