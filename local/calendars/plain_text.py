"""A cell of any kind as the text a person would have typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from local.calendars.model import Fault, Value

# Nobody sees these and no service takes them: NUL and its kind, halves of an emoji, and what Unicode says is no character.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Plain:
    """``what`` is wrong with the cell, "" where nothing is; ``fix`` mends it."""

    text: str
    what: str = ""
    fix: str = ""


def plain(value: Value, *, own: bool = False) -> Plain:
    """``own``: a column that only its owner reads, in which a date is as good as any other content."""
    if isinstance(value, Fault):
        return Plain("", value.what, value.fix)
    if isinstance(value, str):
        return _fit(value)
    if isinstance(value, bool):
        return Plain("TRUE" if value else "FALSE")
    if isinstance(value, float):
        return Plain(str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value))
    if isinstance(value, int):
        return Plain(str(value))
    written = _written(value)
    if own:
        return Plain(written)
    return Plain(
        written,
        f"is a date or time of the spreadsheet's, {written}",
        "if that is not what you wrote, make the cell's format Text and write it again",
    )


def _written(value: date | time | datetime) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime) and value.time() != time():
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}"


def _fit(text: str) -> Plain:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fit = _UNFIT.sub("", text).strip()
    if fit == text.strip():
        return Plain(fit)
    count = len(_UNFIT.findall(text))
    noun = "character that nobody can see" if count == 1 else "characters that nobody can see"
    return Plain(fit, f"has {count} {noun} (NUL, or half an emoji)", "look at the text again; they were left out")
