"""Sheets' days since 1899-12-30 (2020-01-01 is 43831; a time is a fraction), and reading typed text as such."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates and times are wall-clock, without a zone
SECONDS_PER_DAY = 86_400

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\Z")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\Z")
_DAY_FIRST_NAME = re.compile(r"(\d{1,2})\.?[ -]([A-Za-z]{3,9})\.?[ -](\d{4})\Z")
_MONTH_FIRST_NAME = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})\Z")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?\Z")

Typed = tuple[float, str, str]
"""Serial, number-format type and pattern."""


def from_date(day: date) -> int:
    return (day - EPOCH.date()).days


def to_datetime(serial: float) -> datetime:
    """The wall-clock moment, to the second. OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(seconds=round(serial * SECONDS_PER_DAY))


def default_date_pattern(locale: str) -> str:
    """How a date is shown that was typed in the locale's own way."""
    if locale == "en_US":
        return "M/d/yyyy"
    return "dd.MM.yyyy" if _language(locale) in ("de", "pl", "ru", "cs", "da", "fi", "nb", "tr") else "dd/MM/yyyy"


def typed(text: str, locale: str) -> Typed | None:
    """What a sheet of that locale makes of typed text: a date, a time, both, or (None) neither."""
    text = text.strip()
    day = _day(text, locale)
    if day:
        return float(from_date(day[0])), "DATE", day[1]
    clock = _clock(text)
    if clock:
        return clock[0], "TIME", clock[1]
    head, _, tail = text.replace("T", " ", 1).partition(" ")
    day, clock = _day(head, locale), _clock(tail.strip())
    if day and clock:
        return from_date(day[0]) + clock[0], "DATE_TIME", f"{day[1]} {clock[1]}"
    return None


def _day(text: str, locale: str) -> tuple[date, str] | None:
    iso = _ISO.match(text)
    if iso:
        return _dated(int(iso[1]), int(iso[2]), int(iso[3]), "yyyy-mm-dd")
    pattern = default_date_pattern(locale)
    numeric = _NUMERIC.match(text)
    if numeric:
        first, second, year = int(numeric[1]), int(numeric[2]), _full_year(numeric[3])
        month, day = (first, second) if locale == "en_US" else (second, first)
        return _dated(year, month, day, pattern)
    named = _DAY_FIRST_NAME.match(text)
    if named:
        return _dated(int(named[3]), _month(named[2]), int(named[1]), pattern)
    named = _MONTH_FIRST_NAME.match(text)
    if named:
        return _dated(int(named[3]), _month(named[1]), int(named[2]), pattern)
    return None


def _dated(year: int, month: int, day: int, pattern: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), pattern
    except ValueError:
        return None  # 13/25/2026 stays text, as in Sheets


def _clock(text: str) -> tuple[float, str] | None:
    found = _TIME.match(text)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    pattern = ("hh" if len(found[1]) == 2 else "h") + ":mm" + (":ss" if found[3] else "")
    if found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
        pattern += " am/pm"
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (hour * 3600 + minute * 60 + second) / SECONDS_PER_DAY, pattern


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _language(locale: str) -> str:
    return locale.partition("_")[0]
