"""What a new owner's Drive holds: a folder, an empty post sheet, and the rules and voice documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.sheets import cells
from local.sheets.cells import EMPTY, Cell
from local.sheets.drive_file import DOCUMENT, FOLDER
from local.sheets.wire import Json, invalid
from local.sheets.workbook import DEFAULT_COLUMN_COUNT, DEFAULT_ROW_COUNT, Row, Sheet
from local.sheets.workspace import Places, Workspace

HEADER = (
    "post_id",
    "date",
    "time",
    "text",
    "channels",
    "image",
    "alt text",
    "link",
    "approved",
    "approved for",
    "status",
    "note",
)
CHECKBOX: Json = {"condition": {"type": "BOOLEAN"}, "strict": True, "showCustomUi": True}
_LOOKS = {
    "date": replace(EMPTY, format={"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}),
    "time": replace(EMPTY, format={"numberFormat": {"type": "TIME", "pattern": "hh:mm"}}),
    "approved": replace(EMPTY, validation=CHECKBOX),
}
_TYPED_COLUMNS = ("date", "time", "approved")


def furnish(workspace: Workspace) -> None:
    """For a workspace that has nothing yet."""
    folder = workspace.add_file("Social posts", FOLDER, [])
    workbook = workspace.add_workbook("Posts", [folder.file_id], tab="Posts")
    rules = workspace.add_file("Rules", DOCUMENT, [folder.file_id], b"")
    voice = workspace.add_file("Voice", DOCUMENT, [folder.file_id], b"")
    workspace.places = Places(workbook.spreadsheet_id, folder.file_id, rules.file_id, voice.file_id)
    load_rows(workbook.sheets[0], list(HEADER), [], workbook.locale)


def load_rows(sheet: Sheet, header: list[str], rows: list[list[Any]], locale: str) -> None:
    """Fills the tab afresh. Dates, times and ticks are read as if typed; other texts are taken as they are.

    An importer that typed everything would turn a post that begins with `=` into a formula.
    """
    if not header or not all(isinstance(name, str) for name in header):
        raise invalid("header must be a list of column names")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise invalid("rows must be a list of lists of values")
    row_count = max(DEFAULT_ROW_COUNT, len(rows) + 1)
    sheet.rows = [{} for _ in range(row_count)]
    sheet.column_count = max(DEFAULT_COLUMN_COUNT, len(header))
    sheet.grid_properties["frozenRowCount"] = 1
    sheet.merges, sheet.protected_ranges, sheet.conditional_formats, sheet.basic_filter = [], [], [], None
    for column, name in enumerate(header):
        sheet.put(0, column, cells.raw(EMPTY, name))
    looks = blank_row(header)
    for row in range(1, row_count):
        sheet.rows[row] = dict(looks)
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values[: len(header)]):
            if value is not None and value != "":
                sheet.put(row, column, _loaded(sheet.cell(row, column), header[column], value, locale))


def blank_row(header: list[str]) -> Row:
    """The look of a row without content: formats and the checkbox."""
    return {column: _LOOKS[name] for column, name in enumerate(header) if name in _LOOKS}


def _loaded(cell: Cell, column_name: str, value: Any, locale: str) -> Cell:
    if column_name in _TYPED_COLUMNS:
        return cells.user_entered(cell, value, locale)
    return cells.raw(cell, value)
