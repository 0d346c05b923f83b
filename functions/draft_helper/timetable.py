"""When planned posts would go: spread over the days by code, by the rules and by the hours at which the business usually posts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mesh.posts import Row
from mesh.rulebook import Rulebook
from mesh.schedule_time import effective_time, planned_moment

_DAY = timedelta(days=1)
_APART = timedelta(hours=2)  # from any other post, where a day leaves that much room
_FURTHER = 60  # days beyond the span, where that has no minute left
_USUAL_HOURS = 3
_DEFAULT = time(10)
_STEP = timedelta(minutes=30)


def timetable(
    count: int, span: int, rulebook: Rulebook, rows: Sequence[Row], now: datetime, zone: ZoneInfo
) -> tuple[tuple[date, time], ...]:
    """``count`` wall-clock dates and times in order, from tomorrow on over ``span`` days: within the window, off closed days, at the hours
    of the other rows, away from them and from each other.

    Beyond the span only where that leaves too few minutes; fewer than ``count`` only where the rules leave none at all.
    """
    if now.utcoffset() is None:
        raise ValueError(f"a time without a zone names no moment: {now.isoformat()}")
    tomorrow = now.astimezone(zone).date() + _DAY
    taken = _taken(rows, zone, tomorrow)
    days = [day for day in _days(tomorrow, max(1, span)) if not rulebook.closed_on(day)]
    further = [day for day in _days(tomorrow + _DAY * max(1, span), _FURTHER) if not rulebook.closed_on(day)]
    if not days:
        days = further[: max(1, span)]
    if not days:
        return ()
    clocks = _usual(rows)
    found: list[tuple[date, time]] = []
    for number, day in enumerate(_spread(count, days, {moment.astimezone(zone).date() for moment in taken})):
        around = [day, *sorted((other for other in days if other != day), key=lambda other: abs(other - day)), *further]
        chosen = _first_free(
            around, clocks[number % len(clocks) :] + clocks[: number % len(clocks)], rulebook, taken, now, zone
        )
        if chosen is None:
            break
        taken.append(planned_moment(*chosen, zone).at)
        found.append(chosen)
    return tuple(sorted(found))


def _days(first: date, count: int) -> list[date]:
    return [first + _DAY * number for number in range(count)]


def _spread(count: int, days: Sequence[date], busy: set[date]) -> Iterator[date]:
    """Evenly, and next to a day that has a post already rather than on it."""
    used: set[date] = set()
    for number in range(count):
        at = (2 * number + 1) * len(days) // (2 * count) if count <= len(days) else number * len(days) // count
        near = sorted(range(len(days)), key=lambda other: (abs(other - at), other))[:3]
        reach = [days[other] for other in near if abs(other - at) <= (1 if count <= len(days) // 2 else 0)] or [
            days[at]
        ]
        day = next((one for one in reach if one not in busy | used), days[at])
        used.add(day)
        yield day


def _usual(rows: Sequence[Row]) -> list[time]:
    """The hours at which rows usually go, the most usual first."""
    clocks = Counter(clock for row in rows if (clock := _clock(row.time)) is not None)
    usual = [clock for clock, often in sorted(clocks.items(), key=lambda item: (-item[1], item[0])) if often > 1]
    return usual[:_USUAL_HOURS] or [_DEFAULT]


def _first_free(
    days: Sequence[date],
    clocks: Sequence[time],
    rulebook: Rulebook,
    taken: Sequence[datetime],
    now: datetime,
    zone: ZoneInfo,
) -> tuple[date, time] | None:
    """The first day that has a minute: at a usual hour, else anywhere in the window; two hours from others, else by the minimum gap."""
    for apart in (max(_APART, rulebook.minimum_gap), max(_STEP, rulebook.minimum_gap)):
        for day in days:
            for clock in (*clocks, *_others(clocks[0])):
                moment = planned_moment(day, clock, zone)
                if moment.note or any(abs(moment.at - other) < apart for other in taken):
                    continue
                if effective_time(moment.at, rulebook, now=now).at == moment.at:
                    return day, clock
    return None


def _others(near: time) -> list[time]:
    """Every half hour of a day, those near the usual hour first."""
    minutes = near.hour * 60 + near.minute
    halves = sorted(range(0, 24 * 60, int(_STEP.total_seconds() // 60)), key=lambda one: (abs(one - minutes), one))
    return [time(one // 60, one % 60) for one in halves]


def _taken(rows: Sequence[Row], zone: ZoneInfo, first: date) -> list[datetime]:
    found = []
    for row in rows:
        clock = _clock(row.time)
        try:
            day = date.fromisoformat(row.date)
        except ValueError:
            continue
        if clock is not None and day >= first - _DAY:
            found.append(planned_moment(day, clock, zone).at)
    return found


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
