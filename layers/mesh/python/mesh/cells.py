"""What a cell of the sheet says: its text, its day, its time of day. Pure; nothing here raises, whatever a cell holds.

A date or time that Sheets understood comes as a serial; one typed into a cell of plain text comes as its text, in any of the world's
ways. A day is read only where it can mean nothing else: 03/04/2027 is two days.
"""

from __future__ import annotations

import re
from datetime import date, time

from mesh.schedule_time import serial_to_date, serial_to_time

Cell = str | int | float | bool | None

_FIRST_DAY, _LAST_DAY = 36_526, 73_051  # serials of 2000-01-01 and 2100-01-01
# Half a surrogate pair is no character, and control characters are none that anybody typed: neither can be stored or sent.
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c]")


def cell_text(value: Cell) -> str:
    """As a person sees it; half characters as U+FFFD, control characters left out, line breaks as ``\\n``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _CONTROLS.sub("", _BREAKS.sub("\n", _HALVES.sub("\ufffd", str(value))))


def day_text(value: Cell) -> str:
    """ISO where it can be read, else the cell's text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return serial_to_date(value).isoformat()
        except (ValueError, OverflowError):
            return cell_text(value)
    text = cell_text(value).strip()
    found = read_day(text)
    return found.isoformat() if found else text


def clock_text(value: Cell) -> str:
    """HH:MM where it can be read, else the cell's text.

    A number is a time of day, or a moment of this age. Others were typed in a cell without a time format: 9 is not midnight. What was
    typed as 25:00 comes as a length of time, 25/24 of a day, and is told as it was typed.
    """
    if isinstance(value, float) and 1 < value < 100 and round(value, 2) != value:
        minutes = round(value * 24 * 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and (0 <= value < 1 or _FIRST_DAY <= value < _LAST_DAY)
    ):
        try:
            return serial_to_time(value).strftime("%H:%M")
        except (ValueError, OverflowError):
            return cell_text(value)
    text = cell_text(value).strip()
    found = read_clock(text)
    return found.strftime("%H:%M") if found else text


# days

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jän jänner janvier janv enero ene janeiro gennaio",
            "february feb februar february févr fév fevrier février febrero fevereiro fev febbraio",
            "march mar märz mär maerz mrz mars marzo março marco",
            "april apr avril avr abril abr aprile",
            "may mai mayo maio maggio",
            "june jun juni juin junio junho giugno",
            "july jul juli juillet juil julio julho luglio",
            "august aug août aout agosto ago",
            "september sep sept septembre septiembre setembro set settembre",
            "october oct oktober okt octobre octubre outubro out ottobre",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAY = re.compile(r"[^\W\d_]+\.?,?\s+(?=\d)")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[.日]?(?:\s?[（(].[)）])?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+)?([^\W\d_]+)\.?,?\s*(?:de\s+)?(\d{4})")
_NAMED_DAY = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def read_day(text: str) -> date | None:
    """The one day that the text can mean, or None."""
    text = text.strip().lower()
    if len(text) > 40:
        return None
    return _read_day(text) or _read_day(_WEEKDAY.sub("", text, count=1))


def _read_day(text: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _DOTTED.fullmatch(text):
        return _day(found[3], found[2], found[1])
    if _SLASHED.fullmatch(text):
        days = two_days(text)
        return days[0] if len(days) == 1 else None
    if found := _DAY_NAMED.fullmatch(text):
        return _day(found[3], str(_MONTHS.get(found[2], 0)), found[1])
    if found := _NAMED_DAY.fullmatch(text):
        return _day(found[3], str(_MONTHS.get(found[1], 0)), found[2])
    return None


def two_days(text: str) -> tuple[date, ...]:
    """The days that 03/04/2027 can be, day first and month first: two, one, or none for what is not written so."""
    found = _SLASHED.fullmatch(text.strip())
    if found is None:
        return ()
    both = (_day(found[4], found[3], found[1]), _day(found[4], found[1], found[3]))
    return tuple(dict.fromkeys(day for day in both if day is not None))


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# times of day

_SHORT_MINUTES = re.compile(r"\d[:.]\d(?!\d)")  # 9.3 is what is left of 9.30 typed as a number, or of 9.03
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:\s?[:.h時：]\s?(?P<minute>\d{2}|半)(?::\d{2})?\s?分?|\s?(?P<whole>h|時))?\s*"
    r"(?P<half>[ap]\.?\s?m\.?)?\s*(?P<word>uhr|h)?",
    re.IGNORECASE,
)


def read_clock(text: str) -> time | None:
    """A time of day, or None. An hour alone needs a word with it: 9 am, 9 Uhr, 9h."""
    if len(text) > 20 or _SHORT_MINUTES.search(text):
        return None
    found = _CLOCK.fullmatch(text.strip())
    if found is None or not (found["minute"] or found["half"] or found["word"] or found["whole"]):
        return None
    hour, minute = int(found["hour"]), 30 if found["minute"] == "半" else int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"][0].lower() == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None
