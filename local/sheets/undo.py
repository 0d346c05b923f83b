"""Taking back one act of the owner's, as a sheet's undo does: the cells as they were, and nothing that others wrote since.

An act is known by the tab before and after it, and by where rows or columns of the one came from in the other. Rows that
others put in or took out since move its places along. A cell that no longer holds what the act left there stays as it is.
What Google does with a sort into which somebody else wrote is not documented; here whatever a row holds by now goes
back with it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from local.sheets.cells import EMPTY
from local.sheets.workbook import FURNITURE, Row, Sheet, Shift

Held = TypeVar("Held")
Origin = Sequence[int | None]
"""For each row (column) after the act its index before it; None: put in by the act."""


@dataclass(frozen=True)
class Act:
    """`rows` and `columns` are None where each stayed in its place. No act moves both."""

    before: Sheet
    after: Sheet
    rows: Origin | None = None
    columns: Origin | None = None


def take_back(sheet: Sheet, act: Act) -> None:
    """Changes `sheet`, a copy of the tab as it is now."""
    since = sheet.shifts[len(act.after.shifts) :]
    rows = _places(len(act.after.rows), [shift for shift in since if shift.of_rows])
    columns = _places(act.after.column_count, [shift for shift in since if not shift.of_rows])
    for name in (*FURNITURE, "title"):
        if getattr(sheet, name) == getattr(act.after, name):
            setattr(sheet, name, copy.deepcopy(getattr(act.before, name)))
    _cells(sheet, act, rows, columns)
    if act.rows is not None:
        _rows(sheet, act, act.rows, rows)
    if act.columns is not None:
        _columns(sheet, act, act.columns, columns, rows)
    if not since:
        sheet.shifts = list(act.before.shifts)


def _places(count: int, shifts: list[Shift]) -> list[int | None]:
    """Where each row (column) of back then is now."""
    places: list[int | None] = list(range(count))
    for shift in shifts:
        places = [None if place is None else shift.moved(place) for place in places]
    return places


def _cells(sheet: Sheet, act: Act, rows: list[int | None], columns: list[int | None]) -> None:
    came_from = act.columns if act.columns is not None else range(act.after.column_count)
    for index, left in enumerate(act.after.rows):
        origin = act.rows[index] if act.rows is not None else index
        row = rows[index]
        if origin is None or row is None or (left is act.before.rows[origin] and act.columns is None):
            continue
        for column, place in enumerate(columns):
            source = came_from[column]
            if place is None or source is None:
                continue
            old, new = act.before.rows[origin].get(source, EMPTY), left.get(column, EMPTY)
            if old != new and sheet.cell(row, place) == new:
                sheet.put(row, place, old)


def _rows(sheet: Sheet, act: Act, origins: Origin, places: list[int | None]) -> None:
    lines: list[tuple[int | None, Row]] = [(None, row) for row in sheet.rows]
    for place, origin in zip(places, origins, strict=True):
        if place is not None and origin is not None:
            lines[place] = origin, lines[place][1]
    put_in = {place for place, origin in zip(places, origins, strict=True) if origin is None and place is not None}
    for place in sorted(put_in, reverse=True):
        del lines[place]
        sheet.shifts.append(Shift(True, place, -1))
    lines = _in_order(lines)
    for origin in sorted(set(range(len(act.before.rows))) - set(origins)):
        at = _after_the_one_before([label for label, _ in lines], origin)
        lines.insert(at, (origin, act.before.rows[origin]))
        sheet.shifts.append(Shift(True, at, 1))
    sheet.rows = [row for _, row in lines]


def _columns(sheet: Sheet, act: Act, origins: Origin, places: list[int | None], rows: list[int | None]) -> None:
    now: list[tuple[int | None, int | None]] = [(None, column) for column in range(sheet.column_count)]
    for place, origin in zip(places, origins, strict=True):
        if place is not None and origin is not None:
            now[place] = origin, place
    put_in = {place for place, origin in zip(places, origins, strict=True) if origin is None and place is not None}
    now = _in_order([entry for place, entry in enumerate(now) if place not in put_in])
    for origin in sorted(set(range(act.before.column_count)) - set(origins)):
        now.insert(_after_the_one_before([label for label, _ in now], origin), (origin, None))
    back_then = {place: index for index, place in enumerate(rows) if place is not None}
    made = []
    for index, row in enumerate(sheet.rows):
        old = act.before.rows[back_then[index]] if index in back_then else {}
        line = {}
        for column, (origin, place) in enumerate(now):
            cell = row.get(place) if place is not None else old.get(origin) if origin is not None else None
            if cell is not None:
                line[column] = cell
        made.append(line)
    sheet.rows, sheet.column_count = made, len(now)


def _in_order(entries: list[tuple[int | None, Held]]) -> list[tuple[int | None, Held]]:
    """Those with a label in the order of their labels, in the places that they have; the others where they are."""
    labelled = iter(sorted((entry for entry in entries if entry[0] is not None), key=lambda entry: entry[0] or 0))
    return [entry if entry[0] is None else next(labelled) for entry in entries]


def _after_the_one_before(labels: list[int | None], wanted: int) -> int:
    earlier = [(label, at) for at, label in enumerate(labels) if label is not None and label < wanted]
    return max(earlier)[1] + 1 if earlier else 0
