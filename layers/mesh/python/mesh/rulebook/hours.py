"""Times of day and the posting window, as people write them. Pure.

A bare hour counts on the 24-hour clock, as everywhere in the sheet. What could mean two things is told with both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from mesh.rulebook.model import Wrong, quote

_WORDS = {
    **dict.fromkeys(("noon", "midday", "mittag", "mittags"), time(12)),
    **dict.fromkeys(("midnight", "mitternacht", "mitternachts"), time(0)),
}
_FIGURES = (
    r"(?P<hour{n}>\d{{1,2}})(?:(?:[:.h]|\s?uhr\s?)(?P<minute{n}>\d{{2}})(?!\d))?"
    r"(?:\s?(?P<half{n}>[ap]\.?\s?m\b\.?)|\s?o'?\s?clock|\s?(?P<uhr{n}>uhr|h)\b)?"
)
_TIME = r"(?:(?:12\s)?(?P<word{n}>noon|midday|midnight|mittags?|mitternachts?)\b|" + _FIGURES + ")"
_ONE = re.compile(_TIME.format(n=""))
_TWO = re.compile(
    rf"(?:from|between|von|zwischen|ab)?\s*{_TIME.format(n='1')}"
    rf"\s*(?:-|to|until|till|bis|and|und)\s*{_TIME.format(n='2')}(?:\s(?:daily|every day|täglich|jeden tag))?"
)
_ALWAYS = {
    "always",
    "none",
    "no",
    "any time",
    "anytime",
    "all day",
    "24/7",
    "immer",
    "jederzeit",
    "ganztägig",
    "keine",
    "keins",
    "-",
}
_NEVER = {"never", "nie", "niemals"}


@dataclass(frozen=True)
class Found:
    """A time in a longer phrase, from ``start`` to ``end``. ``plain``: nothing but the hour says that it is a time."""

    at: time
    start: int
    end: int
    plain: bool


def times_in(text: str) -> Iterator[Found]:
    """Every time of day in a phrase of small letters, the bare hours too. Wrong for 25:00 and 13 am."""
    for found in _ONE.finditer(text):
        if found.start() and text[found.start() - 1] in ".:0123456789":
            continue
        half, hour = found["half"], found["hour"]
        if half and found["minute"] and int(hour) > 12 and half == "am":  # German: "18:30 am 15."
            half = None
        end = found.end() if half or not found["half"] else found.start("half")
        marked = bool(half or found["word"] or found["minute"] or found["uhr"] or "clock" in found[0])
        if not marked and int(hour) > 24:
            continue  # a year, or a part of one
        yield Found(_clock(found["word"], hour, found["minute"], half), found.start(), end, plain=not marked)


def window_of(value: str) -> tuple[time, time] | None:
    """Opening and closing; None for always. A closing of 00:00 is midnight, one before the opening is on the next day."""
    text = value.lower()
    if text in _ALWAYS:
        return None
    if text in _NEVER:
        raise Wrong(
            f"{quote(value)} would let nothing out at all; write “always”, or hold everything on the review page"
        )
    found = _TWO.fullmatch(text)
    if found is None:
        if len(_TWO.findall(text)) > 1 or re.search(r"[,;/&]|\b(?:and|und)\b", text):
            raise Wrong(
                f"{quote(value)}: a day has one posting window, the same on all days; write it like 07:00-21:00"
            )
        raise Wrong(f"{quote(value)} is no posting window; write it like 07:00-21:00")
    _refuse_doubt(found, value)
    ends = [_clock(found[f"word{n}"], found[f"hour{n}"], found[f"minute{n}"], found[f"half{n}"]) for n in "12"]
    if ends[0] == ends[1] != time(0):
        raise Wrong(f"{quote(value)} opens and closes at the same minute; write 00:00-24:00 for the whole day")
    return None if ends[0] == ends[1] else (ends[0], ends[1])


def _refuse_doubt(found: re.Match[str], value: str) -> None:
    """ "7-9pm" and "9-5" could be two windows each."""
    first, last = found["hour1"], found["hour2"]
    if first is None or last is None:
        return
    halves = [found["half1"], found["half2"]]
    if any(halves) and not all(halves) and 0 < int(last if halves[0] else first) <= 12:
        raise Wrong(f"{quote(value)}: morning or evening? Write am or pm behind both, like 7am-9pm, or 07:00-21:00")
    bare = not any((*halves, *(found[name] for name in ("minute1", "minute2", "uhr1", "uhr2"))))
    if bare and 0 < int(last) < int(first) <= 12:
        day, night = f"{int(first):02}:00-{int(last) + 12:02}:00", f"{int(first):02}:00-{int(last):02}:00"
        raise Wrong(f"{quote(value)}: until when? Write {day}, or {night} if it goes on over midnight")


def _clock(word: str | None, hour: str | None, minute: str | None, half: str | None) -> time:
    if word:
        return _WORDS[word]
    hours, minutes = int(hour or 0), int(minute or 0)
    said = f"{hour}:{minute}" if minute else f"{hour}"
    if half:
        if not 1 <= hours <= 12 or minutes > 59:
            raise Wrong(f"{said} {half[0]}m is no time of day; write it like 9am or 07:00")
        return time(hours % 12 + (12 if half.startswith("p") else 0), minutes)
    if (hours, minutes) == (24, 0):
        return time(0)
    if hours > 23 or minutes > 59:
        raise Wrong(f"{said} is no time of day; write it like 07:00")
    return time(hours, minutes)
