"""Single cells of a calendar as people write them. ``CellError`` says what is wrong and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, time

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jän jänner", "february feb februar", "march mar märz mär maerz mrz", "april apr",
            "may mai", "june jun juni", "july jul juli", "august aug", "september sep sept", "october oct oktober okt",
            "november nov", "december dec dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_DAY_MONTH = re.compile(r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})\.?\s+([^\W\d]+)\.?,?\s+(\d{4})")
_MONTH_DAY = re.compile(r"(?:[^\W\d]+,\s+)?([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?::\d{2})?(?:\s*(am|pm|uhr))?", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})\s*(am|pm|uhr)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;|\n]+")


class CellError(ValueError):
    """``what`` is wrong with the cell, ``fix`` mends it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}; {fix}")
        self.what = what
        self.fix = fix


def shown(text: str) -> str:
    """The cell's text short enough for a sentence, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


def parse_date(text: str) -> date:
    """ISO dates, ``dd.mm.yyyy``, ``4 December 2026`` (English or German), ``December 4, 2026``.

    Slashes only where it is certain which number is the day.
    """
    text = text.strip()
    if not text:
        raise CellError("is empty", "write a date such as 2026-12-25")
    if match := _ISO.fullmatch(text):
        return _date(text, int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.fullmatch(text):
        return _date(text, int(match[3]), int(match[2]), int(match[1]))
    if match := _SLASHED.fullmatch(text):
        return _slashed(text, int(match[1]), int(match[2]), int(match[3]))
    if (match := _DAY_MONTH.fullmatch(text)) and (month := _MONTHS.get(match[2].lower())):
        return _date(text, int(match[3]), month, int(match[1]))
    if (match := _MONTH_DAY.fullmatch(text)) and (month := _MONTHS.get(match[1].lower())):
        return _date(text, int(match[3]), month, int(match[2]))
    raise CellError(f"{shown(text)} is no date", "write it like 2026-12-25 (year-month-day)")


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError(f"{shown(text)} is no date", "write it like 2026-12-25 (year-month-day)") from None


def _slashed(text: str, first: int, second: int, year: int) -> date:
    if first <= 12 and second <= 12 and first != second:
        as_day_first, as_month_first = _date(text, year, second, first), _date(text, year, first, second)
        raise CellError(
            f"{shown(text)} can be {as_day_first:%-d %B} or {as_month_first:%-d %B}",
            f"write {as_day_first.isoformat()} or {as_month_first.isoformat()}",
        )
    month, day = (second, first) if first > 12 else (first, second)
    return _date(text, year, month, day)


def parse_time(text: str) -> time:
    """``9:00``, ``09:00``, ``9.30``, ``9 am``, ``9:30 pm``, ``9 Uhr``; seconds are dropped."""
    text = " ".join(text.replace(".m.", "m").split())
    if not text:
        raise CellError("is empty", "write a time such as 09:00")
    if match := _CLOCK.fullmatch(text):
        return _time(text, int(match[1]), int(match[2]), match[3])
    if match := _HOUR.fullmatch(text):
        return _time(text, int(match[1]), 0, match[2])
    raise CellError(f"{shown(text)} is no time", "write it like 09:00 or 9 am")


def _time(text: str, hour: int, minute: int, half: str | None) -> time:
    half = (half or "").lower()
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise CellError(f"{shown(text)} is no time", "write it like 09:00 or 9 am")
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise CellError(f"{shown(text)} is no time", "write it like 09:00 or 9 am") from None


def split_moment(text: str) -> tuple[str, str]:
    """A date cell that holds the time too (``2026-12-24 09:00``), as date and time (empty if there is none)."""
    match = re.fullmatch(r"(.*\d{4}(?:-\d{1,2}-\d{1,2})?)(?:T|,?\s+)(\d{1,2}[:.]\d{2}(?::\d{2})?.*)", text.strip())
    return (match[1], match[2]) if match else (text, "")


def parse_channels(text: str, known: Collection[str]) -> tuple[str, list[str]]:
    """The channels joined by commas, in the owner's order and the known spelling; and those that are not known."""
    spelling = {name.lower(): name for name in known}
    names: list[str] = []
    for part in (part.strip() for part in _SEPARATORS.split(text)):
        name = spelling.get(part.lower(), part)
        if name and name not in names:
            names.append(name)
    return ", ".join(names), [name for name in names if name.lower() not in spelling]
