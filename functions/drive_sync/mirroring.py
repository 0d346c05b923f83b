"""What the mirror holds after a read of the sheet, and which posts that changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from drive_sync.rows import SeenRow
from mesh.posts import Row

GONE_AFTER = timedelta(seconds=60)  # one absence is no deletion: the row may be on its way between two places


@dataclass(frozen=True)
class Mirror:
    """The rows to mirror, which of them changed, and which ids are missed since when."""

    rows: tuple[Row, ...]
    changed: tuple[str, ...]
    absent: Mapping[str, str] = field(default_factory=dict)


def mirror(
    identified: Iterable[SeenRow],
    last: Mapping[str, Row],
    absent: Mapping[str, str],
    held_back: frozenset[str],
    now: datetime,
) -> Mirror:
    """``held_back`` rows wait for their images and stay as they were; an id missed for a minute in two reads is gone."""
    rows: dict[str, Row] = {}
    for entry in identified:
        row = entry.row
        if row.blank or not row.post_id:
            continue
        if row.post_id in held_back:
            if row.post_id in last:
                rows[row.post_id] = last[row.post_id]
            continue
        rows[row.post_id] = replace(row, status="")
    missed = {}
    for post_id in last:
        if post_id in rows or post_id in held_back:
            continue
        since = absent.get(post_id, now.isoformat())
        if datetime.fromisoformat(since) + GONE_AFTER > now:
            missed[post_id] = since
            rows[post_id] = last[post_id]
    changed = [post_id for post_id, row in rows.items() if not _same(last.get(post_id), row)]
    changed += [post_id for post_id in last if post_id not in rows]
    return Mirror(tuple(rows.values()), tuple(sorted(changed)), missed)


def _same(before: Row | None, after: Row) -> bool:
    """Nothing of the owner's changed: tick and stamp are ours."""
    return before is not None and before.content == after.content and before.images == after.images
