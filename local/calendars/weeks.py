"""Where the sample's three weeks lie: around the next clock change, whenever today is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AHEAD = timedelta(days=14)
_WITHIN_DAYS = 400
_START = time(8, 0)


def next_clock_change(today: date, zone: ZoneInfo) -> date | None:
    """The first local day, 14 days ahead or more, on which the zone's offset changes; None if none for a year."""
    for n in range(_AHEAD.days, _WITHIN_DAYS):
        day = today + timedelta(days=n)
        midnights = (datetime.combine(d, time(), zone).utcoffset() for d in (day, day + timedelta(days=1)))
        if next(midnights) != next(midnights):
            return day
    return None


def first_monday(today: date, zone: ZoneInfo) -> date:
    """The Monday of week 1, later than today: the clock change lies in week 2 (on its Sunday, in Europe and America).

    A zone without clock changes starts on the Monday after next Sunday.
    """
    change = next_clock_change(today, zone)
    anchor = change if change is not None else today + _AHEAD
    return anchor - timedelta(days=anchor.weekday() + 7)


def day_of(monday: date, week: int, weekday: str) -> date:
    """``week`` counts from 1; ``weekday`` is ``Mon`` … ``Sun``."""
    return monday + timedelta(days=7 * (week - 1) + WEEKDAYS.index(weekday))


def blackout_days(monday: date) -> tuple[date, ...]:
    """Friday of week 3, which has a post to move, and the next Christmas Eve after it."""
    friday = day_of(monday, 3, "Fri")
    christmas_eve = date(friday.year, 12, 24)
    return (friday, christmas_eve if christmas_eve > friday else date(friday.year + 1, 12, 24))


def start_of(monday: date, zone: ZoneInfo) -> datetime:
    """The moment a fresh stack's clock is set to, UTC."""
    return datetime.combine(monday, _START, zone).astimezone(UTC)
