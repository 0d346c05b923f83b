"""Where the clock's buttons lead. Pure: ``now``, the sheet and the next schedule in, a moment in UTC out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mesh.schedule_time import planned_moment

ROUTINE = ("drive-sync", "sweep", "draft-sweep", "template-sweep", "troubles")
"""The schedules of every few minutes: whatever they find, nobody waits for them."""


def tomorrow_at_nine(now: datetime, zone: ZoneInfo) -> datetime:
    """09:00 on the owner's next day."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(9), zone).astimezone(UTC)


def day_at(day: str, at: str, zone: ZoneInfo) -> datetime:
    """A day (ISO) and a time (HH:MM) of the owner's clock; one in a gap moves forward, a fold's first is meant. ValueError if none."""
    return planned_moment(date.fromisoformat(day), time.fromisoformat(at), zone).at


def next_weekday(now: datetime, weekday: int, at: str, zone: ZoneInfo) -> datetime:
    """The next time it is ``at`` on a ``weekday`` (0 is Monday): today's too, while it lies ahead. ValueError where there is none such."""
    if not 0 <= weekday <= 6:
        raise ValueError(f"no day of the week: {weekday}")
    today = now.astimezone(zone).date()
    day = today + timedelta(days=(weekday - today.weekday()) % 7)
    clock = time.fromisoformat(at)
    moment = planned_moment(day, clock, zone).at
    return moment if moment > now else planned_moment(day + timedelta(days=7), clock, zone).at


def planned(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[datetime]:
    """The planned moments of the rows that have one, in UTC. A time in a gap moves forward; of a fold the first."""
    moments = []
    for row in rows:
        try:
            day, at = date.fromisoformat(str(row.get("date", ""))), time.fromisoformat(str(row.get("time", "")))
        except ValueError:
            continue
        moments.append(datetime.combine(day, at, zone).astimezone(UTC))
    return moments


def next_thing(
    now: datetime,
    rows: Iterable[Mapping[str, Any]],
    zone: ZoneInfo,
    schedule: Mapping[str, Any] | None,
    routine: set[str],
) -> datetime | None:
    """The next planned post or schedule, whichever is first. ``routine`` schedules do not count.

    ``schedule`` is the launcher's ``{"at", "schedule"}`` or None. None where nothing is ahead.
    """
    ahead = [moment for moment in planned(rows, zone) if moment > now]
    if schedule and schedule["schedule"] not in routine:
        ahead.append(datetime.fromisoformat(schedule["at"]))
    return min(ahead, default=None)
