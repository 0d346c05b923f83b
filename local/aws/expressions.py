"""Schedule expressions of EventBridge Scheduler: read, refuse, and find the next time. Pure; the clock is the caller's.

AWS: ``at(yyyy-mm-ddThh:mm:ss)``, ``rate(n minutes|hours|days)``, ``cron(minute hour day-of-month month day-of-week
year)`` with one of the two day fields ``?``; all three read in the schedule's own zone (user guide, "Schedule types").
MiniStack reads all in UTC and refuses nothing.
"""

from __future__ import annotations

import calendar
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, takewhile
from zoneinfo import ZoneInfo, available_timezones

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if number}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class InvalidExpressionError(ValueError):
    """The expression, or its zone, is one that AWS refuses."""


@dataclass(frozen=True)
class Once:
    """``at(...)``: one moment, UTC."""

    moment: datetime


@dataclass(frozen=True)
class Rate:
    interval: timedelta


@dataclass(frozen=True)
class Cron:
    """The fields expanded to sets; the day fields stay text, since L, W and # depend on the month looked at."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: str
    months: frozenset[int]
    days_of_week: str
    years: frozenset[int]
    zone: ZoneInfo


@lru_cache(maxsize=4096)
def parse(expression: str, zone_name: str) -> Once | Rate | Cron:
    """InvalidExpressionError in the words the console uses, for anything AWS would refuse.

    Remembered: every look for the next firing asks about every schedule, and the names of the zones are read from the disk.
    """
    zone = _zone(zone_name)
    kind, _, rest = expression.strip().partition("(")
    body = rest[:-1]
    if not rest.endswith(")") or not body:
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.")
    if kind == "at":
        return Once(_at(body, zone, expression))
    if kind == "rate":
        return Rate(_rate(body, expression))
    if kind == "cron":
        return _cron(body, zone, expression)
    raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.")


def next_after(expression: Once | Rate | Cron, moment: datetime, anchor: datetime) -> datetime | None:
    """The first firing later than ``moment``; a rate counts from ``anchor``. None when there is none. All UTC."""
    if isinstance(expression, Once):
        return expression.moment if expression.moment > moment else None
    if isinstance(expression, Rate):
        passed = (moment - anchor) // expression.interval
        return anchor + max(passed + 1, 1) * expression.interval
    return next(_cron_times(expression, moment), None)


def latest_until(expression: Rate | Cron, first: datetime, now: datetime, anchor: datetime) -> datetime:
    """Of the firings from ``first`` on, the last one not later than ``now``: many missed ticks are one firing."""
    if isinstance(expression, Rate):
        return anchor + ((now - anchor) // expression.interval) * expression.interval
    # Looks back from now in growing steps: the first missed tick may be months ago, with thousands since.
    for days in (2, 40, 400, 4000):
        start = max(first - timedelta(seconds=1), now - timedelta(days=days))
        missed = deque(takewhile(lambda moment: moment <= now, _cron_times(expression, start)), maxlen=1)
        if missed:
            return missed[0]
    return first


def _zone(name: str) -> ZoneInfo:
    # Scheduler has been seen to refuse the old US/... names, so the stricter reading is kept here.
    if name.startswith("US/") or name not in available_timezones():
        raise InvalidExpressionError(f"Invalid ScheduleExpressionTimezone {name}.")
    return ZoneInfo(name)


def _at(body: str, zone: ZoneInfo, expression: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", body):
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.")
    try:
        wall = datetime.fromisoformat(body)
    except ValueError as error:
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.") from error
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _rate(body: str, expression: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", body)
    if not found:
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.")
    return int(found[1]) * _UNITS[found[2]]


def _cron(body: str, zone: ZoneInfo, expression: str) -> Cron:
    fields = body.upper().split()
    if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.")
    try:
        cron = Cron(
            minutes=_numbers(fields[0], 0, 59),
            hours=_numbers(fields[1], 0, 23),
            days_of_month=fields[2],
            months=_numbers(fields[3], 1, 12, _MONTHS),
            days_of_week=fields[4],
            years=_numbers(fields[5], 1970, 2199),
            zone=zone,
        )
        _days_in(cron, 2024, 2)
    except (ValueError, KeyError) as error:
        raise InvalidExpressionError(f"Invalid Schedule Expression {expression}.") from error
    return cron


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    def number(text: str) -> int:
        value = (names or {}).get(text) or int(text)
        if not low <= value <= high:
            raise ValueError(f"{text} is not within {low}-{high}")
        return value

    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        start, dash, end = span.partition("-")
        first = low if start == "*" else number(start)
        last = number(end) if dash else high if step or start == "*" else first
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _days_in(cron: Cron, year: int, month: int) -> set[int]:
    """The days of this month on which the cron fires."""
    length = calendar.monthrange(year, month)[1]
    if cron.days_of_week == "?":
        return {day for part in cron.days_of_month.split(",") for day in _month_days(part, year, month, length)}
    return {day for part in cron.days_of_week.split(",") for day in _week_days(part, year, month, length)}


def _month_days(part: str, year: int, month: int, length: int) -> list[int]:
    if part == "L":
        return [length]
    if part.endswith("W"):
        wanted = length if part == "LW" else int(part[:-1])
        workdays = [day for day in range(1, length + 1) if date(year, month, day).weekday() < 5]
        return [min(workdays, key=lambda day: (abs(day - wanted), day))]
    return [day for day in _numbers(part, 1, 31) if day <= length]


def _week_days(part: str, year: int, month: int, length: int) -> list[int]:
    def falling_on(weekdays: frozenset[int]) -> list[int]:
        return [day for day in range(1, length + 1) if date(year, month, day).isoweekday() % 7 + 1 in weekdays]

    if part == "L":
        return falling_on(frozenset({7}))
    if part.endswith("L"):
        return falling_on(_numbers(part[:-1], 1, 7, _DAYS))[-1:]
    if "#" in part:
        weekday, _, nth = part.partition("#")
        return falling_on(_numbers(weekday, 1, 7, _DAYS))[int(nth) - 1 : int(nth)]
    return falling_on(_numbers(part, 1, 7, _DAYS))


def _cron_times(cron: Cron, after: datetime) -> Iterator[datetime]:
    """UTC moments later than ``after``, in order. A time in a DST gap is skipped, one in a fold comes once, at the
    first of the two.
    """
    local = after.astimezone(cron.zone).date()
    months = ((year, month) for year in sorted(cron.years) for month in sorted(cron.months))
    days = (
        date(year, month, day)
        for year, month in dropwhile(lambda pair: pair < (local.year, local.month), months)
        for day in sorted(_days_in(cron, year, month))
    )
    for today in dropwhile(lambda day: day < local, days):
        moments = []
        for hour in cron.hours:
            for minute in cron.minutes:
                wall = datetime.combine(today, time(hour, minute), cron.zone)
                moment = wall.astimezone(UTC)
                exists = moment.astimezone(cron.zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
                if exists and moment > after:
                    moments.append(moment)
        yield from sorted(moments)
