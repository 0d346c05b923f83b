"""Requests for what stands around the cells: names, protection, merges, filters, groups, conditional formats, sizes."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable

from local.sheets import a1, cells, masks
from local.sheets.cells import EMPTY
from local.sheets.wire import Json, invalid
from local.sheets.workbook import Sheet, Workbook

_CHARACTER_WIDTH_PX = 7
_LEAST_WIDTH_PX = 21


def add_named_range(workbook: Workbook, body: Json) -> Json:
    """Replies with the name and its id."""
    named = copy.deepcopy(body["namedRange"])
    if any(other["name"].casefold() == named["name"].casefold() for other in workbook.named_ranges):
        raise invalid(f"A named range with name {named['name']} already exists.")
    workbook.sheet_by_id(int(named["range"].get("sheetId") or 0))
    named.setdefault("namedRangeId", secrets.token_urlsafe(8))
    workbook.named_ranges.append(named)
    return {"namedRange": named}


def update_named_range(workbook: Workbook, body: Json) -> None:
    """`fields` names what changes."""
    named = _by_id(workbook.named_ranges, "namedRangeId", body["namedRange"]["namedRangeId"])
    named.update(masks.merge(named, body["namedRange"], masks.parse(body.get("fields") or "*")))


def delete_named_range(workbook: Workbook, body: Json) -> None:
    """GoogleError 400 for an unknown id."""
    workbook.named_ranges.remove(_by_id(workbook.named_ranges, "namedRangeId", body["namedRangeId"]))


def add_protected_range(workbook: Workbook, body: Json) -> Json:
    """Replies with the protection and its id. It is kept and shown; nobody is stopped by it here."""
    protected = {name: value for name, value in copy.deepcopy(body["protectedRange"]).items() if value is not None}
    sheet = workbook.sheet_by_id(int((protected.get("range") or {}).get("sheetId") or 0))
    protected.setdefault("protectedRangeId", secrets.randbelow(2**31 - 1))
    sheet.protected_ranges.append(protected)
    return {"protectedRange": protected}


def update_protected_range(workbook: Workbook, body: Json) -> None:
    """`fields` names what changes."""
    _, protected = _protection(workbook, body["protectedRange"]["protectedRangeId"])
    protected.update(masks.merge(protected, body["protectedRange"], masks.parse(body.get("fields") or "*")))


def delete_protected_range(workbook: Workbook, body: Json) -> None:
    """GoogleError 400 for an unknown id."""
    sheet, protected = _protection(workbook, body["protectedRangeId"])
    sheet.protected_ranges.remove(protected)


def merge_cells(workbook: Workbook, body: Json) -> None:
    """MERGE_ALL, or row by row, or column by column; values under the first cell are dropped."""
    sheet, area = workbook.at_grid_range(body["range"])
    kind = body.get("mergeType") or "MERGE_ALL"
    if kind == "MERGE_ROWS":
        areas = [
            a1.Closed(row, row + 1, area.start_column, area.end_column) for row in range(area.start_row, area.end_row)
        ]
    elif kind == "MERGE_COLUMNS":
        areas = [
            a1.Closed(area.start_row, area.end_row, column, column + 1)
            for column in range(area.start_column, area.end_column)
        ]
    else:
        areas = [area]
    sheet.merges = [merge for merge in sheet.merges if not _touches(merge, area)]
    for part in areas:
        for row, column in sheet.each(part):
            if (row, column) != (part.start_row, part.start_column):
                sheet.put(row, column, EMPTY)
        sheet.merges.append(a1.to_grid_range(sheet.sheet_id, part))


def unmerge_cells(workbook: Workbook, body: Json) -> None:
    """Takes apart every merge that the range touches."""
    sheet, area = workbook.at_grid_range(body["range"])
    sheet.merges = [merge for merge in sheet.merges if not _touches(merge, area)]


def set_basic_filter(workbook: Workbook, body: Json) -> None:
    """One per tab; a second one replaces the first. An open edge is closed at the grid's, as Google does."""
    basic_filter = {name: value for name, value in copy.deepcopy(body["filter"]).items() if value is not None}
    sheet, area = workbook.at_grid_range(basic_filter.get("range") or {})
    basic_filter["range"] = a1.to_grid_range(sheet.sheet_id, area)
    sheet.basic_filter = basic_filter


def clear_basic_filter(workbook: Workbook, body: Json) -> None:
    """Nothing happens where there is none."""
    workbook.sheet_by_id(int(body.get("sheetId") or 0)).basic_filter = None


def add_conditional_format_rule(workbook: Workbook, body: Json) -> None:
    """At `index`, first by default."""
    rule = copy.deepcopy(body["rule"])
    sheet = workbook.sheet_by_id(int(rule["ranges"][0].get("sheetId") or 0))
    sheet.conditional_formats.insert(int(body.get("index") or 0), rule)


def delete_conditional_format_rule(workbook: Workbook, body: Json) -> Json:
    """Replies with the rule that went."""
    sheet = workbook.sheet_by_id(int(body.get("sheetId") or 0))
    index = int(body.get("index") or 0)
    if index >= len(sheet.conditional_formats):
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    return {"rule": sheet.conditional_formats.pop(index)}


def update_dimension_properties(workbook: Workbook, body: Json) -> None:
    """Sizes and hidden rows or columns."""
    span = body.get("range") or {}
    sheet = workbook.sheet_by_id(int(span.get("sheetId") or 0))
    is_rows = span.get("dimension") == "ROWS"
    properties = sheet.row_properties if is_rows else sheet.column_properties
    size = sheet.row_count if is_rows else sheet.column_count
    end = size if span.get("endIndex") is None else int(span["endIndex"])
    mask = masks.parse(body.get("fields") or "*")
    for index in range(int(span.get("startIndex") or 0), min(end, size)):
        properties[index] = masks.merge(properties.get(index) or {}, body.get("properties") or {}, mask)


def auto_resize_dimensions(workbook: Workbook, body: Json) -> None:
    """Columns take the width of their longest text, roughly; rows stay, there is no wrapping here."""
    span = body.get("dimensions") or {}
    sheet = workbook.sheet_by_id(int(span.get("sheetId") or 0))
    if span.get("dimension") != "COLUMNS":
        return
    end = sheet.column_count if span.get("endIndex") is None else int(span["endIndex"])
    for column in range(int(span.get("startIndex") or 0), min(end, sheet.column_count)):
        longest = max(
            (len(cells.formatted(row[column], workbook.locale)) for row in sheet.rows if column in row), default=0
        )
        if longest:
            width_px = max(longest * _CHARACTER_WIDTH_PX, _LEAST_WIDTH_PX)
            sheet.column_properties[column] = {**sheet.column_properties.get(column, {}), "pixelSize": width_px}


def add_dimension_group(workbook: Workbook, body: Json) -> Json:
    """Replies with all groups of that dimension."""
    sheet, groups, name = _groups(workbook, body["range"])
    span = body["range"]
    depth = 1 + sum(
        1
        for group in groups
        if group["range"]["startIndex"] <= span["startIndex"] and span["endIndex"] <= group["range"]["endIndex"]
    )
    groups.append({"range": {**span, "sheetId": sheet.sheet_id}, "depth": depth})
    return {name: copy.deepcopy(groups)}


def delete_dimension_group(workbook: Workbook, body: Json) -> Json:
    """GoogleError 400 where no such group is."""
    _, groups, name = _groups(workbook, body["range"])
    span = body["range"]
    for group in groups:
        edges = group["range"]
        if (edges["startIndex"], edges["endIndex"]) == (span["startIndex"], span["endIndex"]):
            groups.remove(group)
            return {name: copy.deepcopy(groups)} if groups else {}
    raise invalid("Cannot remove dimension group depth to range with no groups.")


def _touches(merge: Json, area: a1.Closed) -> bool:
    box = a1.from_grid_range(merge)
    return (
        box.start_row < area.end_row
        and (box.end_row or 0) > area.start_row
        and box.start_column < area.end_column
        and (box.end_column or 0) > area.start_column
    )


def _groups(workbook: Workbook, span: Json) -> tuple[Sheet, list[Json], str]:
    sheet = workbook.sheet_by_id(int(span.get("sheetId") or 0))
    return sheet, sheet.row_groups if span.get("dimension") == "ROWS" else sheet.column_groups, "dimensionGroups"


def _protection(workbook: Workbook, protected_range_id: int) -> tuple[Sheet, Json]:
    for sheet in workbook.sheets:
        for protected in sheet.protected_ranges:
            if protected["protectedRangeId"] == int(protected_range_id):
                return sheet, protected
    raise invalid(f"No protected range with ID: {protected_range_id}")


def _by_id(items: list[Json], name: str, wanted: str) -> Json:
    for item in items:
        if item[name] == wanted:
            return item
    raise invalid(f"No named range with id: {wanted}")


HANDLERS: dict[str, Callable[[Workbook, Json], Json | None]] = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addConditionalFormatRule": add_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
}
