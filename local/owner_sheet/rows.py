"""Rows of a calendar put at the end of the tab Posts: once, in one step, and looked at afterwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from local.calendars.model import THE_MESH_WRITES, Calendar
from local.owner_sheet.connection import Json, SheetError, Spreadsheet
from local.owner_sheet.found import TAB
from mesh.cells import Cell
from mesh.posts import Row
from mesh.schedule_time import date_to_serial, time_to_serial
from mesh.sheet import SheetBroken, Table, read_table

_LEFT_OUT = {"post_id", *THE_MESH_WRITES}  # the scheduler gives ids; an id out of a file could be another row's
_MOST_CELLS = 10_000_000  # of a spreadsheet at Google
_PUT = 2000  # rows in one request: a body of some 3 MB


@dataclass(frozen=True)
class Added:
    """``first_row`` is the first new row's number in the sheet, 0 where none was added."""

    added: int
    left_out: int
    first_row: int


Key = tuple[str, str, str, tuple[str, ...]]


def add_rows(sheet: Spreadsheet, calendar: Calendar) -> Added:
    """Adds the calendar's rows but for those that are there: same date, time, text and channels, as often as there.

    SheetError; a row is either there as a whole or not at all. Five calls: three reads, the write, the look afterwards.
    """
    properties = _tab(sheet)
    values = sheet.values(TAB)
    table = _read(values)
    there = Counter(key_of(row.row) for row in table.rows if not row.row.blank)
    wanted: list[int] = []
    for number, row in enumerate(calendar.rows):
        key = _calendar_key(row)
        if there[key]:
            there[key] -= 1
        else:
            wanted.append(number)
    left_out = len(calendar.rows) - len(wanted)
    if not wanted:
        return Added(0, left_out, 0)
    start = max((row.number for row in table.rows if not row.row.blank), default=table.header_number)
    requests, titles = _requests(properties, table, start, calendar, wanted)
    before = _count(table)
    sheet.update(requests)
    _look_again(sheet, calendar, wanted, before, titles)
    return Added(len(wanted), left_out, start + 1)


def _tab(sheet: Spreadsheet) -> Json:
    found = sheet.read("sheets(properties(sheetId,title,gridProperties))").get("sheets") or []
    for tab in found:
        properties: Json = tab.get("properties") or {}
        if properties.get("title") == TAB:
            return properties
    names = ", ".join(str((tab.get("properties") or {}).get("title", "")) for tab in found)
    raise SheetError(f"there is no tab {TAB} (there: {names}); run setup-sheet first, or rename the right tab to {TAB}")


def _read(values: Sequence[Sequence[Cell]]) -> Table:
    try:
        return read_table(values)
    except SheetBroken as error:
        raise SheetError(f"the tab {TAB} cannot be read: {error}; run setup-sheet first") from error


def key_of(row: Row) -> Key:
    """Rows with the same key are one row twice."""
    return _made_key(row.date, row.time, row.text, row.channels)


def _calendar_key(row: Mapping[str, str]) -> Key:
    return _made_key(*(row.get(name, "") for name in ("date", "time", "text", "channels")))


def _made_key(day: str, clock: str, text: str, channels: str) -> Key:
    names = {name for part in re.split(r"[,;\n]", channels) if (name := part.strip().lower())}
    return day.strip(), clock.strip(), text.replace("\r\n", "\n").replace("\r", "\n").strip(), tuple(sorted(names))


def _count(table: Table) -> Counter[Key]:
    return Counter(key_of(row.row) for row in table.rows)


def _requests(
    properties: Json, table: Table, start: int, calendar: Calendar, wanted: Sequence[int]
) -> tuple[list[Json], list[str]]:
    """Rows and columns are inserted and then filled: what the owner types meanwhile moves aside and is not written over."""
    number = int(properties.get("sheetId") or 0)
    grid = properties.get("gridProperties") or {}
    row_count, column_count = int(grid.get("rowCount") or 0), int(grid.get("columnCount") or 0)
    titles = list(table.header)
    used = {name for index in wanted for name in calendar.rows[index]} - _LEFT_OUT
    new = [name for name in calendar.header if name in used and name.lower() not in titles]
    if (row_count + len(wanted)) * (column_count + len(new)) > _MOST_CELLS:
        raise SheetError(
            f"the sheet would have more than {_MOST_CELLS:,} cells, which Google does not allow; make a new one"
        )
    requests: list[Json] = []
    if new:
        if len(titles) >= column_count:
            requests.append({"appendDimension": {"sheetId": number, "dimension": "COLUMNS", "length": 1}})
        requests.append(_insert(number, "COLUMNS", len(titles), len(new), before=False))
        cells = [{"userEnteredValue": {"stringValue": name}} for name in new]
        requests.append(_fill(number, table.header_number - 1, len(titles), [cells], "userEnteredValue"))
        titles += [name.lower() for name in new]
    if start >= row_count:
        requests.append({"appendDimension": {"sheetId": number, "dimension": "ROWS", "length": 1}})
    # A row under the header takes after the row below it, any other after its neighbour above: both are posts.
    requests.append(_insert(number, "ROWS", start, len(wanted), before=start > table.header_number))
    lines = [_cells(calendar, index, titles) for index in wanted]
    for offset in range(0, len(lines), _PUT):
        part = lines[offset : offset + _PUT]
        requests.append(_fill(number, start + offset, 0, part, "userEnteredValue"))
    return requests, titles


def _insert(number: int, dimension: str, start: int, count: int, *, before: bool) -> Json:
    span = {"sheetId": number, "dimension": dimension, "startIndex": start, "endIndex": start + count}
    return {"insertDimension": {"range": span, "inheritFromBefore": before}}


def _fill(number: int, row: int, column: int, lines: Sequence[Sequence[Json]], fields: str) -> Json:
    start = {"sheetId": number, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": list(line)} for line in lines], "fields": fields}}


def _cells(calendar: Calendar, index: int, titles: Sequence[str]) -> list[Json]:
    row = {name.lower(): value for name, value in calendar.rows[index].items()}
    typed = {name.lower(): value for name, value in (calendar.typed[index] if calendar.typed else {}).items()}
    cells: list[Json] = []
    for place, title in enumerate(titles):
        known = row.get(title) if title not in _LEFT_OUT and titles.index(title) == place else None
        cells.append({} if not known else {"userEnteredValue": _value(title, known, typed.get(title))})
    return cells


def _value(title: str, text: str, typed: int | float | bool | None) -> Json:
    """Never a formula: what begins with = goes in as text."""
    if isinstance(typed, bool):
        return {"boolValue": typed}
    if typed is not None:
        return {"numberValue": typed}
    if title == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return {"numberValue": date_to_serial(date.fromisoformat(text))}
    if title == "time" and re.fullmatch(r"\d{2}:\d{2}", text):
        return {"numberValue": time_to_serial(time.fromisoformat(text))}
    return {"stringValue": text}


def _look_again(
    sheet: Spreadsheet, calendar: Calendar, wanted: Sequence[int], before: Counter[Any], titles: Sequence[str]
) -> None:
    """Whether every row stands there as it was meant. Somebody may have moved a column in the very same second."""
    table = _read(sheet.values(TAB))
    missing = Counter(_calendar_key(calendar.rows[index]) for index in wanted)
    missing.subtract(_count(table) - before)
    lost = sum(count for count in missing.values() if count > 0)
    if lost or list(table.header[: len(titles)]) != list(titles):
        raise SheetError(
            f"the rows are in, but the sheet was changed at the same moment: {lost or 'none'} of {len(wanted)} do not stand "
            "as in the file; look at the last rows, and put right or delete what is in the wrong column"
        )
