"""Rows that accepted drafts and recurring posts want in the sheet: put in once, below the others, not approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from drive_sync.parts import Parts
from drive_sync.rows import RowInsert, missing_columns, row_to_insert
from drive_sync.writing import BY
from mesh.google import Tab
from mesh.ledger import Act, Status
from mesh.sheet import Table

_LANDS_WITHIN = timedelta(minutes=3)  # an insertion without an answer is there by then, or never


def insert_wanted(parts: Parts, trace_id: str, table: Table, statuses: Mapping[str, Status]) -> bool:
    """True where rows were put in, and the sheet is to be read again for them.

    The try is noted before it is made: one without an answer is given time to land before another. A channel's own text that has no
    column yet gets one first: without it the text would be lost, and the channel would say everybody's.
    """
    there = {row.row.post_id for row in table.rows}
    now = parts.clock()
    missing = missing_columns(
        (
            one.wanted
            for one in statuses.values()
            if one.wanted is not None and one.awaited and one.post_id not in there
        ),
        table.header,
    )
    if missing:
        tab = _tab(parts)
        if tab is None:
            return False
        parts.writer.add_columns(tab, table, missing)
        return True
    rows: list[RowInsert] = []
    for post_id, status in statuses.items():
        wanted = status.wanted
        if wanted is None or not status.awaited:
            continue
        if post_id in there:
            _note(parts, trace_id, post_id, "row inserted", now, inserted_at=now.isoformat())
            continue
        on_its_way = wanted.tried_at and datetime.fromisoformat(wanted.tried_at) + _LANDS_WITHIN > now
        if not on_its_way and _note(parts, trace_id, post_id, "row being inserted", now, tried_at=now.isoformat()):
            rows.append(row_to_insert(post_id, wanted))
    if not rows:
        return False
    tab = _tab(parts)
    if tab is None:
        return False
    parts.writer.insert(tab, table, rows)
    return True


def _tab(parts: Parts) -> Tab | None:
    return next((one for one in parts.google.tabs(parts.sheet_id) if one.title == parts.tab), None)


def _note(parts: Parts, trace_id: str, post_id: str, action: str, now: datetime, **moments: str) -> bool:
    """False where it is not wanted any more, or was put in meanwhile."""

    def change(before: Status | None) -> Status | None:
        if before is None or before.wanted is None or not before.awaited:
            return None
        return before.model_copy(update={"wanted": before.wanted.model_copy(update=moments), "open": "1"})

    act = Act(action=action, by=BY, at=now, trace_id=trace_id)
    return parts.ledger.change_status(post_id, act, change) is not None
