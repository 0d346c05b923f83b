"""spreadsheets.values: reading and writing plain values by A1 range."""

from __future__ import annotations

from typing import Any

from local.sheets import a1, cells
from local.sheets.a1 import Box, Closed
from local.sheets.batch_structure import shift_ranges
from local.sheets.cells import Scalar
from local.sheets.wire import GoogleError, Json, invalid, one_of, only_known
from local.sheets.workbook import Sheet, Workbook

_VALUE_RANGE_FIELDS = {"range", "majorDimension", "values"}
_DIMENSIONS = ("ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED")


def read(workbook: Workbook, text: str, major: str | None, render: str, date_render: str) -> Json:
    """A ValueRange. Trailing blanks are left out, and so is `values` where all is blank."""
    sheet, box = workbook.find(text)
    _refuse_outside(sheet, box)
    return read_area(workbook, sheet, sheet.closed(box), major, render, date_render)


def read_area(workbook: Workbook, sheet: Sheet, area: Closed, major: str | None, render: str, date_render: str) -> Json:
    """A ValueRange of a known area."""
    by_columns = one_of(major, _DIMENSIONS, "major_dimension", "ROWS") == "COLUMNS"
    lines = [
        [
            cells.rendered(sheet.cell(row, column), render, date_render, workbook.locale)
            for column in range(area.start_column, area.end_column)
        ]
        if sheet.rows[row]
        else []
        for row in range(area.start_row, area.end_row)
    ]
    if by_columns:
        width = area.end_column - area.start_column
        lines = [[line[index] if line else "" for line in lines] for index in range(width)]
    trimmed = _without_trailing_blanks(lines)
    answer: Json = {
        "range": a1.to_a1(sheet.title, area),
        "majorDimension": "COLUMNS" if by_columns else "ROWS",
    }
    if trimmed:
        answer["values"] = trimmed
    return answer


def write(workbook: Workbook, text: str, body: Json, input_option: str) -> tuple[Json, Sheet, Closed]:
    """Puts a ValueRange in; returns UpdateValuesResponse (without the id) and where it went.

    null leaves a cell as it is, the empty string empties it. A range of one cell, or one that ends nowhere, grows
    with the data; data outside a closed range is refused.
    """
    body = only_known(body, _VALUE_RANGE_FIELDS, "data")
    if body.get("range") and not _same_range(workbook, str(body["range"]), text):
        raise invalid(f"Requested writing within range [{text}], but the body names [{body['range']}]")
    sheet, box = workbook.find(text)
    _refuse_outside(sheet, box)
    lines = _lines(body)
    return _put(workbook, sheet, box, lines, input_option)


def append(workbook: Workbook, text: str, body: Json, input_option: str, *, insert_rows: bool) -> Json:
    """Adds lines after the table that touches the range; AppendValuesResponse without the ids."""
    body = only_known(body, _VALUE_RANGE_FIELDS, "data")
    sheet, box = workbook.find(text)
    _refuse_outside(sheet, box)
    lines = _lines(body)
    table = _table(sheet, sheet.closed(box))
    if table is None:
        area = sheet.closed(box)
        row, column = area.start_row, area.start_column
    else:
        row, column = table.end_row, table.start_column
    if insert_rows and table is not None:
        sheet.rows[row:row] = [{} for _ in lines]
        shift_ranges(workbook, sheet, is_rows=True, at=row, delta=len(lines))
    target = Box(row, row + 1, column, column + 1)
    updates, _, _ = _put(workbook, sheet, target, lines, input_option)
    answer: Json = {"updates": updates}
    if table is not None:
        answer["tableRange"] = a1.to_a1(sheet.title, table)
    return answer


def clear(workbook: Workbook, text: str) -> str:
    """Empties the values of a range, keeping formats and validation; returns the cleared range in A1."""
    sheet, box = workbook.find(text)
    _refuse_outside(sheet, box)
    area = sheet.closed(box)
    for row in range(area.start_row, area.end_row):
        for column in list(sheet.rows[row]):
            if area.contains(row, column):
                sheet.put(row, column, cells.raw(sheet.cell(row, column), ""))
    return a1.to_a1(sheet.title, area)


def _put(
    workbook: Workbook, sheet: Sheet, box: Box, lines: list[list[Any]], input_option: str
) -> tuple[Json, Sheet, Closed]:
    height, width = len(lines), max((len(line) for line in lines), default=0)
    _refuse_overflow(sheet, box, height, width)
    sheet.grow(box.start_row + height, box.start_column + width)
    touched_rows: set[int] = set()
    touched_columns: set[int] = set()
    count = 0
    for row, line in enumerate(lines, box.start_row):
        for column, value in enumerate(line, box.start_column):
            if value is None:
                continue
            old = sheet.cell(row, column)
            entered = (
                cells.raw(old, value) if input_option == "RAW" else cells.user_entered(old, value, workbook.locale)
            )
            if not sheet.is_covered(row, column):  # a write below a merged cell is taken and dropped
                sheet.put(row, column, entered)
            touched_rows.add(row)
            touched_columns.add(column)
            count += 1
    area = Closed(box.start_row, box.start_row + max(height, 1), box.start_column, box.start_column + max(width, 1))
    answer: Json = {"updatedRange": a1.to_a1(sheet.title, area)}
    if count:
        answer |= {"updatedRows": len(touched_rows), "updatedColumns": len(touched_columns), "updatedCells": count}
    return answer, sheet, area


def _lines(body: Json) -> list[list[Any]]:
    lines = body.get("values") or []
    if not isinstance(lines, list) or not all(isinstance(line, list) for line in lines):
        raise invalid("Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)")
    if one_of(body.get("majorDimension"), _DIMENSIONS, "data.major_dimension", "ROWS") != "COLUMNS":
        return lines
    height = max((len(line) for line in lines), default=0)
    return [[line[index] if index < len(line) else None for line in lines] for index in range(height)]


def _refuse_outside(sheet: Sheet, box: Box) -> None:
    if box.start_row >= sheet.row_count or box.start_column >= sheet.column_count:
        raise _outside(sheet, box)


def _outside(sheet: Sheet, box: Box) -> GoogleError:
    end_row, end_column = box.end_row or box.start_row + 1, box.end_column or box.start_column + 1
    shown = a1.to_a1(sheet.title, Closed(box.start_row, end_row, box.start_column, end_column))
    return invalid(
        f"Range ({shown}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    )


def _refuse_overflow(sheet: Sheet, box: Box, height: int, width: int) -> None:
    if box.is_one_cell:
        return
    if (box.end_row or 0) > sheet.row_count or (box.end_column or 0) > sheet.column_count:
        raise _outside(sheet, box)
    end_row = box.end_row if box.end_row is not None else box.start_row + height
    end_column = box.end_column if box.end_column is not None else box.start_column + width
    asked = a1.to_a1(sheet.title, Closed(box.start_row, end_row or 1, box.start_column, end_column or 1))
    if box.start_row + height > end_row:
        raise invalid(f"Requested writing within range [{asked}], but tried writing to row [{end_row + 1}]")
    if box.start_column + width > end_column:
        letters = a1.column_letters(end_column)
        raise invalid(f"Requested writing within range [{asked}], but tried writing to column [{letters}]")


def _same_range(workbook: Workbook, first: str, second: str) -> bool:
    one, other = workbook.find(first), workbook.find(second)
    return one[0] is other[0] and one[1] == other[1]


def _table(sheet: Sheet, area: Closed) -> Closed | None:
    """The block of filled cells that touches the area, grown until blanks surround it; the last one there."""
    last_row = sheet.last_filled_row(area)
    if last_row < 0:
        return None
    column = max(_filled(sheet, last_row, area.start_column, area.end_column))
    top, bottom, left, right = last_row, last_row + 1, column, column + 1
    while True:
        while top > 0 and _filled(sheet, top - 1, left - 1, right + 1):
            top -= 1
        while bottom < sheet.row_count and _filled(sheet, bottom, left - 1, right + 1):
            bottom += 1
        found = [
            column
            for row in range(max(top - 1, 0), min(bottom + 1, sheet.row_count))
            for column in _filled(sheet, row, left - 1, right + 1)
        ]
        grown = min(left, *found), max(right, *(column + 1 for column in found))
        if grown == (left, right):
            return Closed(top, bottom, left, right)
        left, right = grown


def _filled(sheet: Sheet, row: int, start_column: int, end_column: int) -> list[int]:
    return [
        column for column, cell in sheet.rows[row].items() if not cell.is_blank and start_column <= column < end_column
    ]


def _without_trailing_blanks(lines: list[list[Scalar]]) -> list[list[Scalar]]:
    for line in lines:
        while line and line[-1] == "":
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines
