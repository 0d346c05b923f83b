"""A workbook as spreadsheets.get shows it."""

from __future__ import annotations

import copy

from local.sheets import cells, formulas, masks
from local.sheets.a1 import Closed
from local.sheets.cells import Cell
from local.sheets.masks import Mask
from local.sheets.wire import Json
from local.sheets.workbook import Sheet, Workbook

_ROW_HEIGHT_PX = 21
_COLUMN_WIDTH_PX = 100


def spreadsheet(workbook: Workbook, title: str, ranges: list[str], mask: Mask | None, *, grid_data: bool) -> Json:
    """The whole Spreadsheet message; cells only where the mask asks for them, or without one includeGridData."""
    places = [(sheet, sheet.closed(box)) for sheet, box in (workbook.find(text) for text in ranges)]
    shown = [sheet for sheet in workbook.sheets if not places or any(sheet is place for place, _ in places)]
    with_cells = masks.mentions(mask, "sheets", "data") if mask is not None else grid_data
    sheets = []
    for sheet in shown:
        view = sheet_view(workbook, sheet)
        if with_cells:
            areas = [area for place, area in places if place is sheet] or [sheet.everything()]
            view["data"] = [_grid_data(workbook, sheet, area) for area in areas]
        sheets.append(view)
    answer: Json = {
        "spreadsheetId": workbook.spreadsheet_id,
        "properties": {
            "title": title,
            "locale": workbook.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": workbook.time_zone,
            **{name: value for name, value in workbook.properties.items() if name != "title"},
        },
        "sheets": sheets,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{workbook.spreadsheet_id}/edit",
    }
    if workbook.named_ranges:
        answer["namedRanges"] = copy.deepcopy(workbook.named_ranges)
    return answer


def sheet_view(workbook: Workbook, sheet: Sheet) -> Json:
    """A Sheet message without its cells."""
    view: Json = {"properties": sheet_properties(workbook, sheet)}
    optional: Json = {
        "merges": sheet.merges,
        "protectedRanges": sheet.protected_ranges,
        "conditionalFormats": sheet.conditional_formats,
        "basicFilter": sheet.basic_filter,
        "rowGroups": sheet.row_groups,
        "columnGroups": sheet.column_groups,
    }
    return view | {name: copy.deepcopy(value) for name, value in optional.items() if value}


def sheet_properties(workbook: Workbook, sheet: Sheet) -> Json:
    """SheetProperties; a tab not yet put in has no index."""
    properties: Json = {"sheetId": sheet.sheet_id, "title": sheet.title}
    if any(sheet is other for other in workbook.sheets):
        properties["index"] = next(index for index, other in enumerate(workbook.sheets) if other is sheet)
    return properties | {
        "sheetType": "GRID",
        "gridProperties": {
            "rowCount": sheet.row_count,
            "columnCount": sheet.column_count,
            **copy.deepcopy(sheet.grid_properties),
        },
        **copy.deepcopy(sheet.properties),
    }


def _grid_data(workbook: Workbook, sheet: Sheet, area: Closed) -> Json:
    lines: list[Json] = []
    for row in range(area.start_row, area.end_row):
        columns = [column for column in sheet.rows[row] if area.start_column <= column < area.end_column]
        line = [
            cell_data(sheet.cell(row, column), workbook.locale)
            for column in range(area.start_column, max(columns, default=-1) + 1)
        ]
        lines.append({"values": line} if line else {})
    while lines and not lines[-1]:
        lines.pop()
    data: Json = {}
    if area.start_row:
        data["startRow"] = area.start_row
    if area.start_column:
        data["startColumn"] = area.start_column
    if lines:
        data["rowData"] = lines
    data["rowMetadata"] = [
        {"pixelSize": _ROW_HEIGHT_PX, **sheet.row_properties.get(row, {})}
        for row in range(area.start_row, area.end_row)
    ]
    data["columnMetadata"] = [
        {"pixelSize": _COLUMN_WIDTH_PX, **sheet.column_properties.get(column, {})}
        for column in range(area.start_column, area.end_column)
    ]
    return data


def cell_data(cell: Cell, locale: str) -> Json:
    """A CellData message; {} for a bare cell."""
    data: Json = {}
    if cell.value is not None:
        data["userEnteredValue"] = (
            cells.to_extended(cell.value) if cell.formula is None else {"formulaValue": cell.formula}
        )
        data["effectiveValue"] = cells.to_extended(cell.value)
        if cell.error_type:
            data["effectiveValue"] = {"errorValue": {"type": cell.error_type, "message": str(cell.value)}}
        data["formattedValue"] = cells.formatted(cell, locale)
        link = formulas.link_of(cell.formula) if cell.formula is not None else None
        if link:
            data["hyperlink"] = link
    if cell.format:
        data["userEnteredFormat"] = _with_styles(cell.format)
        data["effectiveFormat"] = _with_styles(cell.format)
    if cell.validation:
        data["dataValidation"] = copy.deepcopy(cell.validation)
    if cell.note:
        data["note"] = cell.note
    return data


def _with_styles(part: Json) -> Json:
    """A copy in which every colour also stands as the newer ColorStyle, as Google gives it."""
    styled: Json = {}
    for name, value in part.items():
        styled[name] = _with_styles(value) if isinstance(value, dict) else copy.deepcopy(value)
        if name.endswith("Color") and isinstance(value, dict):
            styled.setdefault(f"{name}Style", {"rgbColor": copy.deepcopy(value)})
    return styled
