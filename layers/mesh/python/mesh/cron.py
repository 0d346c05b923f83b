"""Cron expressions as EventBridge Scheduler takes them: read, refused in words, and the days on which one fires. Pure.

``cron(minutes hours day-of-month month day-of-week year)``; Sunday is 1; one of the two day fields is ``?``
(docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html). What that page does not name (``LW``, steps of
weekdays, ``L``, ``W`` or ``#`` in a list) is refused here, so that it is told in the owner's doc and not by AWS. No library
reads this dialect: years, ``?``, ``W`` and Sunday as 1 are not those of Unix.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time

YEARS = range(1970, 2200)
MONTHS = {
    "JAN": 1,
    "FEB": 2,
    "MAR": 3,
    "APR": 4,
    "MAY": 5,
    "JUN": 6,
    "JUL": 7,
    "AUG": 8,
    "SEP": 9,
    "OCT": 10,
    "NOV": 11,
    "DEC": 12,
}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_EVERY_WEEKDAY = frozenset(range(1, 8))


@dataclass(frozen=True)
class Cron:
    """``month_day`` and ``nth`` are what depends on the month looked at, and then the two sets are empty.

    ``month_day``: "L" or "15W". ``nth``: a weekday (Sunday is 1) and which of the month's, 5 at most; 0 is its last.
    """

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]
    month_day: str = ""
    nth: tuple[int, int] | None = None


def read_cron(expression: str) -> Cron:
    """ValueError in words the owner can use, for anything that EventBridge Scheduler would refuse."""
    found = re.fullmatch(r"\s*cron\s*\(([^()]*)\)\s*", expression[:300], re.IGNORECASE)
    fields = found[1].upper().split() if found else []
    if len(fields) != 6:
        raise ValueError(
            "a cron has six parts: minutes, hours, day of month, month, day of week, year, like cron(0 9 ? * FRI *)"
        )
    minutes, hours, day, months, weekday, years = fields
    if (day == "?") == (weekday == "?"):
        raise ValueError("one of day of month and day of week is “?” and the other is not, like cron(0 9 ? * FRI *)")
    days, month_day = _month_days(day)
    weekdays, nth = _week_days(weekday)
    return Cron(
        tuple(
            time(hour, minute)
            for hour in sorted(_numbers(hours, "hours", 0, 23))
            for minute in sorted(_numbers(minutes, "minutes", 0, 59))
        ),
        days,
        _numbers(months, "month", 1, 12, MONTHS),
        weekdays,
        _numbers(years, "year", YEARS[0], YEARS[-1]),
        month_day,
        nth,
    )


def cron_days(cron: Cron, first: date, last: date) -> Iterator[date]:
    """The days from ``first`` to ``last``, both inclusive, on which it fires; in order."""
    for year in range(first.year, last.year + 1):
        if year not in cron.years:
            continue
        for month in sorted(cron.months):
            if (first.year, first.month) <= (year, month) <= (last.year, last.month):
                yield from (day for day in _days_in(cron, year, month) if first <= day <= last)


def fires_at_all(cron: Cron) -> bool:
    """False for a day that no calendar has, like 30 February, and for 29 February in years that are no leap years."""
    return next(cron_days(cron, date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)), None) is not None


def _days_in(cron: Cron, year: int, month: int) -> list[date]:
    length = calendar.monthrange(year, month)[1]
    whole = [date(year, month, day) for day in range(1, length + 1)]
    if cron.month_day == "L":
        return whole[-1:]
    if cron.month_day:
        wanted = int(cron.month_day[:-1])  # the nearest working day, but none of another month
        near = sorted((abs(day.day - wanted), day) for day in whole if day.weekday() < calendar.SATURDAY)
        return [near[0][1]] if wanted <= length else []
    if cron.nth is not None:
        weekday, nth = cron.nth
        falling = [day for day in whole if _number(day) == weekday]
        return falling[-1:] if nth == 0 else falling[nth - 1 : nth]
    return [day for day in whole if day.day in cron.days and _number(day) in cron.weekdays]


def _number(day: date) -> int:
    """Sunday is 1."""
    return day.isoweekday() % 7 + 1


def _month_days(field: str) -> tuple[frozenset[int], str]:
    if field == "L":
        return frozenset(), "L"
    if found := re.fullmatch(r"(\d{1,2})W", field):
        _numbers(found[1], "day of month", 1, 31)
        return frozenset(), field
    return frozenset(range(1, 32)) if field == "?" else _numbers(field, "day of month", 1, 31), ""


def _week_days(field: str) -> tuple[frozenset[int], tuple[int, int] | None]:
    if field == "?":
        return _EVERY_WEEKDAY, None
    if field == "L":
        return frozenset({WEEKDAYS["SAT"]}), None
    if found := re.fullmatch(r"([1-7]|[A-Z]{3})(?:L|#([1-5]))", field):
        (weekday,) = _numbers(found[1], "day of week", 1, 7, WEEKDAYS)
        return frozenset(), (weekday, int(found[2] or 0))
    if "/" in field:
        raise ValueError("the day of week takes no steps; name the days, like MON,THU")
    return _numbers(field, "day of week", 1, 7, WEEKDAYS), None


def _numbers(field: str, what: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """Lists, ranges and steps. A step without an end runs to the highest number."""

    def number(text: str) -> int:
        value = (names or {}).get(text) or (int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1)
        if not low <= value <= high:
            raise ValueError(f"“{text[:20]}” is no {what} of a cron; it goes from {low} to {high}")
        return value

    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        start, dash, end = span.partition("-")
        first = low if start == "*" and not dash else number(start)
        last = number(end) if dash else high if slash or start == "*" else first
        if last < first or (slash and not re.fullmatch(r"0*[1-9][0-9]{0,3}", step)):
            raise ValueError(f"“{part[:20]}” is no {what} of a cron; a range goes upwards, a step is 1 or more")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)
