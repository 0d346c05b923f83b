"""When a draft would go where nobody named a time, and what a typed day and time mean. Pure; DST-safe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mesh.cells import read_clock, read_day, two_days
from mesh.schedule_time import Moment, planned_moment, say_with_zone

_AHEAD = timedelta(hours=1)
_OPENS, _CLOSES = 9, 18  # the hours of the day in which a proposal may lie; the last is 18:00
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Slot:
    """A day (ISO) and a time (HH:MM) by the business's clock. ``why`` it is another one than its owner named, "" where it is not."""

    date: str
    time: str
    why: str = ""


def proposed(day: str, clock: str, now: datetime, zone: ZoneInfo) -> Slot:
    """What the note names (ISO and HH:MM, "" where it names none), completed; the next one where that has passed or cannot be read.

    The next full hour that is an hour ahead or more, between nine and six; of a day named alone the first, a time named alone is kept.
    """
    wanted_day, wanted_clock = read_day(day), read_clock(clock)
    if wanted_day is not None and wanted_clock is not None:
        at = planned_moment(wanted_day, wanted_clock, zone).at
        if at > now:
            return Slot(wanted_day.isoformat(), f"{wanted_clock:%H:%M}")
        said = say_with_zone(at, zone, now=now)
        return _next(
            now, zone, None, wanted_clock, f"The time that was named has passed ({said}); this is the next one."
        )
    if wanted_day is not None and wanted_day < now.astimezone(zone).date():
        return _next(now, zone, None, wanted_clock, "The day that was named has passed; this is the next time.")
    return _next(now, zone, wanted_day, wanted_clock, "")


def _next(now: datetime, zone: ZoneInfo, day: date | None, clock: time | None, why: str) -> Slot:
    """The first such hour from ``now`` on, not before ``day``."""
    today = now.astimezone(zone).date()
    first = max(today, day or today)
    clocks = [clock] if clock is not None else [time(hour) for hour in range(_OPENS, _CLOSES + 1)]
    for ahead in range(3):  # a day's hours may all have passed; the next day's never have
        on = first + timedelta(days=ahead)
        for one in clocks:
            if planned_moment(on, one, zone).at >= now + _AHEAD:
                return Slot(on.isoformat(), f"{one:%H:%M}", why)
    raise AssertionError("unreachable")


def read_slot(day: str, clock: str, now: datetime, zone: ZoneInfo) -> Moment | str:
    """The moment that was typed, or a sentence on what cannot be read or has passed."""
    found, hour = read_day(day), read_clock(clock)
    if found is None or found.year not in _YEARS:
        either = two_days(day)
        if found is None and len(either) > 1:
            return f"Date: “{day}” can be two days; write it like {either[0].isoformat()}."
        return (
            f"Date: “{day[:40]}” is no date; write it like 2027-12-25."
            if day
            else "Date: choose the day it is to go out."
        )
    if hour is None:
        return (
            f"Time: “{clock[:40]}” is no time; write it like 09:00." if clock else "Time: choose when it is to go out."
        )
    moment = planned_moment(found, hour, zone)
    if moment.at <= now:
        return f"Date and time: {say_with_zone(moment.at, zone, now=now)}, has passed. Choose a later one."
    return moment


def as_written(day: str, clock: str) -> tuple[str, str]:
    """ISO and HH:MM where they can be read, else as they were typed."""
    found, hour = read_day(day), read_clock(clock)
    return (found.isoformat() if found else day, f"{hour:%H:%M}" if hour else clock)
