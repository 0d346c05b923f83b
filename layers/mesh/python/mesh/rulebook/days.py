"""Blackout days as people write them: one, several, from one to another. Pure.

Taken is what can mean one day only: 2026-12-24, 24.12.2026 (dots are day first), 24/12/2026, 24 December 2026, Dec 24, 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from mesh.rulebook.model import quote

YEARS = range(2000, 2100)
_LONGEST_DAYS = 366
MONTHS = {
    **dict.fromkeys(("january", "jan", "januar", "jänner", "jaenner"), 1),
    **dict.fromkeys(("february", "feb", "februar", "febr"), 2),
    **dict.fromkeys(("march", "mar", "märz", "maerz", "mär", "mrz"), 3),
    **dict.fromkeys(("april", "apr"), 4),
    **dict.fromkeys(("may", "mai"), 5),
    **dict.fromkeys(("june", "jun", "juni"), 6),
    **dict.fromkeys(("july", "jul", "juli"), 7),
    **dict.fromkeys(("august", "aug"), 8),
    **dict.fromkeys(("september", "sep", "sept"), 9),
    **dict.fromkeys(("october", "oct", "oktober", "okt"), 10),
    **dict.fromkeys(("november", "nov"), 11),
    **dict.fromkeys(("december", "dec", "dezember", "dez"), 12),
}
NOTHING = {"none", "no", "never", "-", "keine", "keiner", "nie"}
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GERMAN = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(
    form
    for name, german in zip(_NAMES, _GERMAN, strict=True)
    for form in (name.lower(), german, name[:4].lower(), name[:3].lower(), german[:2])
)
_ISO = re.compile(r"(?P<year>\d{4})\s?[-./]\s?(?P<month>\d{1,2})\s?[-./]\s?(?P<day>\d{1,2})(?!\d)")
_FIGURES = re.compile(
    r"(?P<one>\d{1,2})\s?(?P<mark>[./-])\s?(?P<two>\d{1,2})(?!\d)(?:\s?(?P=mark)\s?(?P<year>\d+))?\.?"
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s?(?:of\s)?(?P<name>{_MONTH})\b\.?(?:,?\s?(?P<year>\d{{4}})(?!\d))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?P<name>{_MONTH})\b\.?\s?(?P<day>\d{{1,2}})(?!\d)(?:st|nd|rd|th|\.)?(?:,?\s?(?P<year>\d{{4}})(?!\d))?",
    re.IGNORECASE,
)
_RANGE = r"(?:-|→|(?:to|until|till|through|bis(?:\szum)?)\b)"
_DAY_ALONE = re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?=\s?{_RANGE})", re.IGNORECASE)
_DAY_AND_YEAR = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})(?!\d)", re.IGNORECASE)
_WAYS = (_ISO, _FIGURES, _DAY_FIRST, _MONTH_FIRST, _DAY_ALONE, _DAY_AND_YEAR)
_BEFORE = re.compile(
    rf"(?:from|vom|von|am|on|ab)?\s?(?:(?P<weekday>{_WEEKDAY})\b\.?,?)?\s?(?:the\s|den\s|der\s)?", re.IGNORECASE
)
_TO = re.compile(rf"\s?{_RANGE}\s?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;&+.]*(?:(?:and|und)\b[\s,;&+]*)?", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"[^\d:]{1,60}:\s?(?=.*\d)", re.IGNORECASE)
_LABEL = re.compile(r"\s?[:\-]?\s?[^\d,;:]*(?=[,;]|$)")
_SKIPPED = re.compile(r"[^,;]*")

Tell = Callable[[str], None]


def is_day_like(line: str) -> bool:
    """Meant as a day of a list, readable or not: a heading or a rule's name has neither figures nor "none"."""
    return line.lower() in NOTHING or any(letter.isdigit() for letter in line)


def days_in(value: str, tell: Tell) -> frozenset[date]:
    """Every day that can be read; ``tell`` hears of each that cannot, so that one mistyped date does not open the others.

    What stands in brackets, and words before a colon or behind a date, are the owner's comment.
    """
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", value.replace("\t", " ")).strip(" .\"'")
    text = " ".join(text.split())
    if text.lower() in NOTHING:
        return frozenset()
    found: set[date] = set()
    at = _past(_NAME_BEFORE, text, 0)
    while at < len(text):
        at, days = _run(text, at, tell)
        found |= days
        at = _past(_BETWEEN, text, at)
    return frozenset(found)


@dataclass(frozen=True)
class _Written:
    """A date as it stands there from ``start`` to ``end``; what is missing is 0. ``wrong`` says what is the matter with it, or ""."""

    start: int
    end: int
    day: int
    month: int = 0
    year: int = 0
    weekday: str = ""
    wrong: str = ""


def _run(text: str, at: int, tell: Tell) -> tuple[int, set[date]]:
    """One date or range at ``at``, and where it ends: always further on."""
    first = _written(text, at)
    to = _TO.match(text, first.end) if first else None
    last = _written(text, to.end()) if to else None
    if first is None or (to is not None and last is None and "-" not in to[0]):
        end = max(_past(_SKIPPED, text, at), at + 1)
        tell(f"{quote(text[at:end].strip())} is no date; write it like 2026-12-24, or 2026-12-24 to 2027-01-02")
        return end, set()
    end = _past(_LABEL, text, (last or first).end)
    said = text[first.start : (last or first).end]
    if last is not None:
        if not last.year and not last.wrong:
            tell(f"{quote(said)}: of which year? Write both days in full, like 2026-12-24 to 2027-01-02")
            return end, set()
        first = _completed(first, last)
        if first.month and not last.month:
            last = _Written(last.start, last.end, last.day, first.month, last.year, last.weekday, last.wrong)
    ends = [_day(written, text[written.start : written.end], tell) for written in (first, last) if written]
    days = [day for day in ends if day is not None]
    if len(days) < len(ends):
        return end, set()
    length = (days[-1] - days[0]).days
    if length < 0:
        tell(f"{quote(said)} ends before it begins; write it like {days[1]} to {days[0]}")
    elif length > _LONGEST_DAYS:
        tell(f"{quote(said)} is {length + 1} days; the longest is {_LONGEST_DAYS}: look at the years")
    else:
        return end, {days[0] + timedelta(days=passed) for passed in range(length + 1)}
    return end, set()


def _written(text: str, at: int) -> _Written | None:
    before = _BEFORE.match(text, at)
    start = before.end() if before else at
    for way in _WAYS:
        found = way.match(text, start)
        if found is None or (way is _FIGURES and found["mark"] == "-" and not found["year"]):
            continue
        if way is _FIGURES:
            return _in_figures(found, at)
        parts = found.groupdict()
        month = MONTHS[parts["name"].lower()] if "name" in parts else int(parts.get("month") or 0)
        weekday = (before["weekday"] or "").lower() if before else ""
        return _Written(at, found.end(), int(parts["day"]), month, int(parts.get("year") or 0), weekday)
    return None


def _in_figures(found: re.Match[str], at: int) -> _Written:
    """Dots are day first. Of slashes and dashes one number has to be above 12, or both the same, to tell day from month."""
    one, two, year = int(found["one"]), int(found["two"]), found["year"] or ""
    day, month = (two, one) if found["mark"] != "." and two > 12 >= one else (one, two)
    wrong = ""
    if year and len(year) != 4:
        wrong = (
            f"{quote(found[0])}: write the year in full, like {_iso(2000 + int(year[-2:]), month, day) or '2026-12-24'}"
        )
    elif found["mark"] != "." and one != two and max(one, two) <= 12:
        full = int(year or 0)
        both = (
            [f"{when.day} {when:%B}" for when in (date(2000, two, one), date(2000, one, two)) if one and two]
            if one and two
            else []
        )
        if both:
            choice = (
                f"; write {_iso(full, two, one)} or {_iso(full, one, two)}" if full else "; write it like 2026-12-24"
            )
            wrong = f"{quote(found[0])} may be {both[0]} or {both[1]}{choice}"
    return _Written(at, found.end(), day, month, 0 if wrong else int(year or 0), wrong=wrong)


def _completed(first: _Written, last: _Written) -> _Written:
    """ "24-26 December 2026", "24 December - 2 January 2027": the first takes what it lacks from the last."""
    month = first.month or last.month
    turned = (month, first.day) > (last.month or month, last.day)
    year = first.year or (last.year - turned if last.year else 0)
    return _Written(first.start, first.end, first.day, month, year, first.weekday, first.wrong)


def _day(written: _Written, said: str, tell: Tell) -> date | None:
    said = said.strip()
    found = _date(written.year, written.month, written.day)
    if written.wrong:
        tell(written.wrong)
    elif not written.month or (not written.year and _date(2000, written.month, written.day)):
        lacks, month, day = ("year", written.month, written.day) if written.month else ("month and year", 12, 24)
        tell(f"{quote(said)}: of which {lacks}? Write it in full, like 2026-{month:02}-{day:02}")
    elif found is None:
        tell(f"{quote(said)} is no date: there is no such day; write it like 2026-12-24")
    elif found.year not in YEARS:
        tell(f"{quote(said)} is not in this century; correct the year")
    elif written.weekday and _names(found) and not any(name.startswith(written.weekday[:2]) for name in _names(found)):
        tell(f"{quote(said)}: that day is a {found:%A}; correct the day or the date, or leave the weekday out")
    else:
        return found
    return None


def _names(day: date) -> tuple[str, str]:
    return _NAMES[day.weekday()].lower(), _GERMAN[day.weekday()]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(year: int, month: int, day: int) -> str:
    found = _date(year, month, day)
    return found.isoformat() if found else ""


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
