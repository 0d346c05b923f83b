"""What drafting has cost, day by day of the business's clock: counters in ``ss-runtime`` that any number of invocations add to at once.

draft-helper counts, the recap reads. A day's item goes 40 days after the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta

from mesh.errors import Conflict
from mesh.ledger.runtime import Runtime

KEPT_FOR = timedelta(days=40)


@dataclass(frozen=True)
class Day:
    """``drafts`` are wordings that a model was asked for, ``repairs`` and tries that failed are among the ``calls``.

    ``micro_usd`` is in millionths of a US dollar, without the ``unpriced`` calls, for whose model no price is known. ``cache_hits`` are
    requests that were answered from an earlier answer, at no cost.
    """

    drafts: int = 0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    micro_usd: int = 0
    unpriced: int = 0
    cache_hits: int = 0

    def __add__(self, other: Day) -> Day:
        return Day(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Day)})


def day_key(day: date) -> str:
    return f"drafts#{day.isoformat()}"


def count(runtime: Runtime, day: date, more: Day) -> None:
    """Add to the day's counters, whoever else does at the same moment."""
    runtime.add(day_key(day), _amounts(more), kept_until(day))


def count_draft(runtime: Runtime, day: date, most: int) -> bool:
    """One more draft, where there were fewer than ``most`` that day; False, and nothing counted, where there were not."""
    if most < 1:
        return False
    try:
        runtime.add(day_key(day), {"drafts": 1}, kept_until(day), below=("drafts", most))
    except Conflict:
        return False
    return True


def spent_between(runtime: Runtime, first: date, last: date, now: datetime) -> Mapping[date, Day]:
    """The days from ``first`` to ``last`` on which anything was counted: one call for a month."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = runtime.several((day_key(day) for day in days), now)
    return {
        day: Day(**{one.name: int(found[day_key(day)].get(one.name, 0)) for one in fields(Day)})
        for day in days
        if day_key(day) in found
    }


def _amounts(day: Day) -> dict[str, int]:
    return {one.name: amount for one in fields(day) if (amount := getattr(day, one.name))}


def kept_until(day: date) -> datetime:
    """From then on a day's item may be gone, and counts as gone."""
    return datetime.combine(day, time(), UTC) + KEPT_FOR
