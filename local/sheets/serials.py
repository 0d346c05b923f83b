"""Sheets' days since 1899-12-30 (2020-01-01 is 43831; a time is a fraction), and reading typed text as such."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from local.sheets.locales import Locale, locale_of

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates and times are wall-clock, without a zone
SECONDS_PER_DAY = 86_400

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})\Z")
_WITHOUT_YEAR = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(\.?)\Z")
_KANJI = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日\Z")
_DAY_FIRST_NAME = re.compile(r"(\d{1,2})\.?(?: de )?[ -/]?([^\W\d_]{3,10})\.?(?: de )?[ -/]?,? ?(\d{4})\Z")
_MONTH_FIRST_NAME = re.compile(r"([^\W\d_]{3,10})\.? (\d{1,2}),? (\d{4})\Z")
_TIME = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?\Z")
_FULL_HOUR = re.compile(r"(\d{1,2})\s*([AaPp][Mm])\Z")
_KANJI_TIME = re.compile(r"(午前|午後)?(\d{1,2})(?:時(?:(\d{1,2})分)?|:(\d{2}))\Z")

Typed = tuple[float, str, str]
"""Serial, number-format type and pattern."""


def from_date(day: date) -> int:
    return (day - EPOCH.date()).days


def to_datetime(serial: float) -> datetime:
    """The wall-clock moment, to the second. OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(seconds=round(serial * SECONDS_PER_DAY))


def default_date_pattern(locale: str) -> str:
    """How a date is shown that was typed in the locale's own way."""
    return locale_of(locale).date_pattern


def typed(text: str, locale: str, this_year: int) -> Typed | None:
    """What a sheet of that locale makes of typed text: a date, a time, both, or (None) neither.

    A date without a year is one of `this_year`. 24 hours and more are a duration, as in Sheets: 25:00 is 25/24.
    """
    text, rules = text.strip(), locale_of(locale)
    day = _day(text, rules, this_year)
    if day:
        return float(from_date(day[0])), "DATE", day[1]
    clock = _clock(text)
    if clock:
        return clock[0], "TIME", clock[1]
    head, _, tail = text.replace("T", " ", 1).rpartition(" ")
    if tail.lower() in ("am", "pm"):
        head, _, clock_text = head.rpartition(" ")
        tail = f"{clock_text} {tail}"
    day, clock = _day(head.rstrip(","), rules, this_year), _clock(tail)
    if day and clock and clock[0] < 1:
        return from_date(day[0]) + clock[0], "DATE_TIME", f"{day[1]} {clock[1]}"
    return None


def _day(text: str, rules: Locale, this_year: int) -> tuple[date, str] | None:
    iso = _ISO.match(text)
    if iso:
        pattern = "yyyy-mm-dd" if "-" in text else rules.date_pattern
        return _dated(int(iso[1]), int(iso[2]), int(iso[3]), pattern)
    kanji = _KANJI.match(text)
    if kanji:
        pattern = "yyyy年m月d日" if kanji[1] else "m月d日"
        return _dated(int(kanji[1] or this_year), int(kanji[2]), int(kanji[3]), pattern)
    return _by_numbers(text, rules, this_year) or _by_name(text, rules)


def _by_numbers(text: str, rules: Locale, this_year: int) -> tuple[date, str] | None:
    whole = _NUMERIC.match(text)
    if whole:
        first, second, last = int(whole[1]), int(whole[3]), int(whole[4])
        if rules.order == "ymd" and len(whole[4]) == 2:
            return _dated(2000 + first, second, last, rules.date_pattern)
        year = last if len(whole[4]) == 4 else 2000 + last
        month, day = (second, first) if rules.order == "dmy" else (first, second)
        return _dated(year, month, day, rules.date_pattern)
    short = _WITHOUT_YEAR.match(text)
    if not short or short[2] not in rules.separators or (short[4] and rules.separators[0] != "."):
        return None
    if short[2] == "." and rules.decimal == ".":
        return None  # 3.5 is a number
    first, second = int(short[1]), int(short[3])
    month, day = (second, first) if rules.order == "dmy" else (first, second)
    return _dated(this_year, month, day, rules.short_pattern)


def _by_name(text: str, rules: Locale) -> tuple[date, str] | None:
    named = _DAY_FIRST_NAME.match(text)
    if named:
        return _dated(int(named[3]), rules.month(named[2]), int(named[1]), rules.date_pattern)
    named = _MONTH_FIRST_NAME.match(text)
    if named:
        return _dated(int(named[3]), rules.month(named[1]), int(named[2]), rules.date_pattern)
    return None


def _dated(year: int, month: int, day: int, pattern: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), pattern
    except ValueError:
        return None  # 13/25/2026 stays text, as in Sheets


def _clock(text: str) -> tuple[float, str] | None:
    found = _TIME.match(text)
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        pattern = ("hh" if len(found[1]) == 2 else "h") + ":mm" + (":ss" if found[3] else "")
        return _time(hour, minute, second, (found[4] or "").lower(), pattern)
    full = _FULL_HOUR.match(text)
    if full:
        return _time(int(full[1]), 0, 0, full[2].lower(), "h:mm")
    kanji = _KANJI_TIME.match(text)
    if kanji and (kanji[1] or "時" in text):
        half = {"午前": "am", "午後": "pm"}.get(kanji[1] or "", "")
        return _time(int(kanji[2]), int(kanji[3] or kanji[4] or 0), 0, half, "h:mm")
    return None


def _time(hour: int, minute: int, second: int, half: str, pattern: str) -> tuple[float, str] | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour, pattern = hour % 12 + (12 if half == "pm" else 0), pattern + " am/pm"
    if minute > 59 or second > 59:
        return None
    if hour > 23:
        pattern = "[h]:mm" + (":ss" if pattern.endswith("ss") else "")
    return (hour * 3600 + minute * 60 + second) / SECONDS_PER_DAY, pattern
