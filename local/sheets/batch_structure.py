"""Requests that change tabs, rows and columns, and the shift they cause in everything that names a range."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

from local.sheets import masks
from local.sheets.cells import EMPTY, Cell
from local.sheets.views import sheet_properties
from local.sheets.wire import Json, invalid
from local.sheets.workbook import DEFAULT_COLUMN_COUNT, DEFAULT_ROW_COUNT, Row, Sheet, Shift, Workbook

_WORKBOOK_PROPERTIES = ("title", "locale", "timeZone", "autoRecalc", "defaultFormat", "iterativeCalculationSettings")


def add_sheet(workbook: Workbook, body: Json) -> Json:
    """Replies with the new tab's properties."""
    properties = body.get("properties") or {}
    grid = properties.get("gridProperties") or {}
    sheet = workbook.new_sheet(
        properties.get("title") or _free_title(workbook),
        int(grid.get("rowCount") or DEFAULT_ROW_COUNT),
        int(grid.get("columnCount") or DEFAULT_COLUMN_COUNT),
        properties.get("sheetId"),
    )
    _take_properties(sheet, properties)
    workbook.sheets.insert(_position(workbook, properties.get("index")), sheet)
    return {"properties": sheet_properties(workbook, sheet)}


def delete_sheet(workbook: Workbook, body: Json) -> None:
    """The last tab cannot go."""
    sheet = workbook.sheet_by_id(int(body["sheetId"]))
    if len(workbook.sheets) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    workbook.sheets.remove(sheet)
    workbook.named_ranges = [
        named for named in workbook.named_ranges if int(named["range"].get("sheetId") or 0) != sheet.sheet_id
    ]


def duplicate_sheet(workbook: Workbook, body: Json) -> Json:
    """Replies with the copy's properties."""
    source = workbook.sheet_by_id(int(body["sourceSheetId"]))
    title = body.get("newSheetName") or _copy_title(workbook, source.title)
    twin = copied_into(workbook, source, title, body.get("newSheetId"))
    workbook.sheets.insert(_position(workbook, body.get("insertSheetIndex", 0)), twin)
    return {"properties": sheet_properties(workbook, twin)}


def copied_into(workbook: Workbook, source: Sheet, title: str, sheet_id: int | None = None) -> Sheet:
    """A copy of a tab under its own id, not yet put in."""
    blank = workbook.new_sheet(title, sheet_id=sheet_id)
    twin = source.copied()
    twin.sheet_id, twin.title = blank.sheet_id, blank.title
    for grid_range in _ranges_of(twin):
        grid_range["sheetId"] = twin.sheet_id
    return twin


def update_sheet_properties(workbook: Workbook, body: Json) -> None:
    """Title, place, size, frozen rows, colour and the like; `fields` names what changes."""
    properties = body["properties"]
    sheet = workbook.sheet_by_id(int(properties.get("sheetId") or 0))
    mask = masks.parse(body.get("fields") or "")
    if "*" in mask:
        mask = {name: {} for name in properties}
    changed = masks.merge(sheet_properties(workbook, sheet), properties, mask)
    if changed["title"] != sheet.title:
        other = workbook.sheet_by_title(changed["title"])
        if other is not None and other is not sheet:
            raise invalid(f'A sheet with the name "{changed["title"]}" already exists. Please enter another name.')
        sheet.title = changed["title"]
    if changed.get("hidden") and all(other is sheet or other.properties.get("hidden") for other in workbook.sheets):
        raise invalid("You can't hide all the sheets in a document.")
    _take_properties(sheet, changed)
    _resize(sheet, changed.get("gridProperties") or {})
    if "index" in mask:
        position = int(properties.get("index") or 0)
        before = workbook.sheets.index(sheet)
        workbook.sheets.remove(sheet)
        workbook.sheets.insert(position - 1 if position > before else position, sheet)


def update_spreadsheet_properties(workbook: Workbook, body: Json) -> None:
    """Locale and time zone are the workbook's; the title is handed to the file by the API."""
    mask = masks.parse(body.get("fields") or "")
    for name in _WORKBOOK_PROPERTIES:
        if not masks.mentions(mask, name):
            continue
        value = body["properties"].get(name)
        if name == "locale":
            workbook.locale = value or workbook.locale
        elif name == "timeZone":
            workbook.time_zone = value or workbook.time_zone
        elif value is not None:
            workbook.properties[name] = value


def insert_dimension(workbook: Workbook, body: Json) -> None:
    """New rows or columns take format and validation from the neighbour before, or after if not inheritFromBefore."""
    sheet, is_rows, start, end = _span(workbook, body["range"])
    count = end - start
    size = sheet.row_count if is_rows else sheet.column_count
    if count < 1 or start > size:
        raise invalid(f"range.startIndex[{start}] must be inside the grid ({size}).")
    before = bool(body.get("inheritFromBefore"))
    if before and start == 0:
        raise invalid("inheritFromBefore cannot be true if inserting at the start of the grid.")
    model = start - 1 if before else start
    if is_rows:
        look = sheet.rows[model] if model < size else {}
        sheet.rows[start:start] = [_looks(look) for _ in range(count)]
    else:
        sheet.rows = [_row_widened(row, start, count, row.get(model, EMPTY)) for row in sheet.rows]
        sheet.column_count += count
    shift_ranges(workbook, sheet, is_rows, start, count)


def delete_dimension(workbook: Workbook, body: Json) -> None:
    """At least one row and one column stay."""
    sheet, is_rows, start, end = _span(workbook, body["range"])
    size = sheet.row_count if is_rows else sheet.column_count
    end = min(end, size)
    if start >= end:
        raise invalid(f"Cannot delete a {'row' if is_rows else 'column'} that doesn't exist.")
    if start == 0 and end == size:
        raise invalid(f"You can't delete all the {'rows' if is_rows else 'columns'} on the sheet.")
    if is_rows:
        del sheet.rows[start:end]
    else:
        sheet.rows = [
            {
                column - (end - start if column >= end else 0): cell
                for column, cell in row.items()
                if not start <= column < end
            }
            for row in sheet.rows
        ]
        sheet.column_count -= end - start
    shift_ranges(workbook, sheet, is_rows, start, start - end)


def append_dimension(workbook: Workbook, body: Json) -> None:
    """Blank rows or columns at the end."""
    sheet = workbook.sheet_by_id(int(body.get("sheetId") or 0))
    length = int(body["length"])
    if length < 1:
        raise invalid("length must be positive.")
    is_rows = _is_rows(body)
    sheet.grow(sheet.row_count + length * is_rows, sheet.column_count + length * (not is_rows))


def move_dimension(workbook: Workbook, body: Json) -> None:
    """destinationIndex counts before the removal, as Google counts it."""
    sheet, is_rows, start, end = _span(workbook, body["source"])
    target = int(body["destinationIndex"])
    size = sheet.row_count if is_rows else sheet.column_count
    order = list(range(size))
    moved = order[start:end]
    del order[start:end]
    at = target - (end - start) if target >= end else target
    order[at:at] = moved
    if is_rows:
        sheet.rows = [sheet.rows[index] for index in order]
    else:
        place = {old: new for new, old in enumerate(order)}
        sheet.rows = [{place[column]: cell for column, cell in row.items()} for row in sheet.rows]


def _take_properties(sheet: Sheet, properties: Json) -> None:
    own = ("sheetId", "title", "index", "gridProperties", "sheetType")
    sheet.properties = {name: copy.deepcopy(value) for name, value in properties.items() if name not in own}
    colour = (sheet.properties.get("tabColorStyle") or {}).get("rgbColor")
    if colour is not None:
        sheet.properties["tabColor"] = colour
    elif "tabColorStyle" in sheet.properties:
        sheet.properties.pop("tabColor", None)
        del sheet.properties["tabColorStyle"]
    grid = properties.get("gridProperties") or {}
    sheet.grid_properties = {
        name: value for name, value in grid.items() if name not in ("rowCount", "columnCount") and value
    }


def _resize(sheet: Sheet, grid: Json) -> None:
    row_count = int(grid.get("rowCount") or sheet.row_count)
    column_count = int(grid.get("columnCount") or sheet.column_count)
    if row_count < 1 or column_count < 1:
        raise invalid("A sheet must have at least one row and one column.")
    sheet.grow(row_count, column_count)
    del sheet.rows[row_count:]
    if column_count < sheet.column_count:
        sheet.rows = [{column: cell for column, cell in row.items() if column < column_count} for row in sheet.rows]
        sheet.column_count = column_count


def _looks(row: Row) -> Row:
    bare = {column: replace(cell, value=None, formula=None, note=None) for column, cell in row.items()}
    return {column: cell for column, cell in bare.items() if not cell.is_bare}


def _row_widened(row: Row, at: int, count: int, model: Cell) -> Row:
    widened = {column + (count if column >= at else 0): cell for column, cell in row.items()}
    look = replace(model, value=None, formula=None, note=None)
    if not look.is_bare:
        widened |= dict.fromkeys(range(at, at + count), look)
    return widened


def _span(workbook: Workbook, dimension_range: Json) -> tuple[Sheet, bool, int, int]:
    sheet = workbook.sheet_by_id(int(dimension_range.get("sheetId") or 0))
    is_rows = _is_rows(dimension_range)
    size = sheet.row_count if is_rows else sheet.column_count
    start = int(dimension_range.get("startIndex") or 0)
    end = dimension_range.get("endIndex")
    return sheet, is_rows, start, size if end is None else int(end)


def _is_rows(body: Json) -> bool:
    dimension = body.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid(f"dimension must be ROWS or COLUMNS, not {dimension!r}.")
    return bool(dimension == "ROWS")


def shift_ranges(workbook: Workbook, sheet: Sheet, is_rows: bool, at: int, delta: int) -> None:
    """Moves every range of this tab, and drops those that a deletion left empty."""
    sheet.shifts.append(Shift(is_rows, at, delta))
    start_name, end_name = ("startRowIndex", "endRowIndex") if is_rows else ("startColumnIndex", "endColumnIndex")

    def moved(edge: int, is_end: bool) -> int:
        if delta >= 0:
            return edge + delta if edge > at or (edge == at and not is_end) else edge
        return max(at, edge + delta) if edge > at else edge

    def survives(grid_range: Json) -> bool:
        if grid_range.get(start_name) is not None:
            grid_range[start_name] = moved(int(grid_range[start_name]), is_end=False)
        if grid_range.get(end_name) is not None:
            grid_range[end_name] = moved(int(grid_range[end_name]), is_end=True)
            return int(grid_range[end_name]) > int(grid_range.get(start_name) or 0)
        return True

    sheet.merges = [merge for merge in sheet.merges if survives(merge)]
    sheet.protected_ranges = [item for item in sheet.protected_ranges if survives(item.get("range") or {})]
    for rule in sheet.conditional_formats:
        rule["ranges"] = [grid_range for grid_range in rule["ranges"] if survives(grid_range)]
    sheet.conditional_formats = [rule for rule in sheet.conditional_formats if rule["ranges"]]
    if sheet.basic_filter and not survives(sheet.basic_filter.get("range") or {}):
        sheet.basic_filter = None
    workbook.named_ranges = [
        named
        for named in workbook.named_ranges
        if int(named["range"].get("sheetId") or 0) != sheet.sheet_id or survives(named["range"])
    ]
    properties = sheet.row_properties if is_rows else sheet.column_properties
    kept = {
        moved(index, is_end=False): value
        for index, value in properties.items()
        if delta >= 0 or not at <= index < at - delta
    }
    properties.clear()
    properties.update(kept)


def _ranges_of(sheet: Sheet) -> list[Json]:
    ranges = [*sheet.merges, *(item["range"] for item in sheet.protected_ranges if "range" in item)]
    ranges += [grid_range for rule in sheet.conditional_formats for grid_range in rule["ranges"]]
    ranges += [group["range"] for group in (*sheet.row_groups, *sheet.column_groups)]
    return ranges + ([sheet.basic_filter["range"]] if sheet.basic_filter and "range" in sheet.basic_filter else [])


def _free_title(workbook: Workbook) -> str:
    number = len(workbook.sheets) + 1
    while workbook.sheet_by_title(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def _copy_title(workbook: Workbook, title: str) -> str:
    candidate, number = f"Copy of {title}", 2
    while workbook.sheet_by_title(candidate):
        candidate, number = f"Copy of {title} {number}", number + 1
    return candidate


def _position(workbook: Workbook, index: int | None) -> int:
    return len(workbook.sheets) if index is None else min(int(index), len(workbook.sheets))


HANDLERS: dict[str, Callable[[Workbook, Json], Json | None]] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "appendDimension": append_dimension,
    "moveDimension": move_dimension,
}
