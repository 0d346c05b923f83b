"""When a recurring post comes: its days and times by the business's own clock. Pure; every moment is aware."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mesh.cron import cron_days, read_cron
from mesh.rulebook.model import Template
from mesh.schedule_time import planned_moment

_DAY = timedelta(days=1)
_FIRST, _LAST = date.min + 2 * _DAY, date.max - 2 * _DAY  # a moment near the calendar's ends has no place in every zone


def occurrences(template: Template, after: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[date, time]]:
    """Wall-clock dates and times whose moments are later than ``after`` and not later than ``until``, in order of those moments.

    So two spans that meet give each occurrence once. A time that the clocks skip is listed as the owner wrote it and goes out an
    hour on, one that comes twice is listed once, as ``planned_moment`` means them: EventBridge itself would leave the first out.
    Windows and blackout days are not looked at. ValueError for a naive time.
    """
    for moment in (after, until):
        if moment.utcoffset() is None:
            raise ValueError(f"a time without a zone names no moment: {moment.isoformat()}")
    after, until = after.astimezone(UTC), until.astimezone(UTC)
    if until <= after:
        return []
    # A zone is at most a day away from UTC, and a skipped time at most a day later than it says.
    first = min(max(after.date(), _FIRST + 2 * _DAY) - 2 * _DAY, _LAST)
    last = max(min(until.date(), _LAST - _DAY) + _DAY, _FIRST)
    found = {
        (planned_moment(day, clock, zone).at, day, clock)
        for cron in map(read_cron, template.crons)
        for day in cron_days(cron, first, last)
        for clock in cron.times
    }
    return [(day, clock) for at, day, clock in sorted(found) if after < at <= until]


def times_on(template: Template, day: date) -> tuple[time, ...]:
    """The wall-clock times of one day, in order; none on a day on which it does not come."""
    crons = map(read_cron, template.crons)
    return tuple(sorted({clock for cron in crons if next(cron_days(cron, day, day), None) for clock in cron.times}))


def turn_of(template: Template, day: date, clock: time) -> int:
    """How many of the template's own times lie before this one, by the clock on the wall, since Monday 1 January 2024.

    The same for the same time whoever asks when, and one more for the next: a list of words that take turns goes by it. Another schedule
    counts otherwise.
    """
    years = sum(_times_between(template.crons, date(year, 1, 1), date(year, 12, 31)) for year in range(2024, day.year))
    this_year = _times_between(template.crons, date(day.year, 1, 1), day - _DAY) if day.year >= 2024 else 0
    return years + this_year + sum(other < clock for other in times_on(template, day))


@lru_cache(maxsize=4096)
def _times_between(crons: tuple[str, ...], first: date, last: date) -> int:
    """Both days inclusive; each wall-clock time once."""
    days: dict[date, set[time]] = {}
    for cron in map(read_cron, crons):
        for day in cron_days(cron, first, last):
            days.setdefault(day, set()).update(cron.times)
    return sum(map(len, days.values()))
