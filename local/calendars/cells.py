"""Single cells of a calendar as people write them. ``CellError`` says what is wrong and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import time

from mesh.cells import read_clock

_SEPARATORS = re.compile(r"[,;|\n、，]+")
_FIX = "write it like 09:00 or 9 am"
# A date (its last figure, or the 日 of a Japanese one), then a time after a space, a comma or a T.
_MOMENT = re.compile(
    r"(.*\d{4}(?:[-/.]\d{1,2}[-/.]\d{1,2})?|.*日)(?:T|,?\s+(?:at\s+|um\s+|à\s+)?)(\d{1,2}\s?[:.h時：]?\s?\d{0,2}.*)"
)


class CellError(ValueError):
    """``what`` is wrong with the cell, ``fix`` mends it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}; {fix}")
        self.what = what
        self.fix = fix


def shown(text: str) -> str:
    """The cell's text short enough for a sentence, on one line and printable."""
    flat = " ".join(text[:400].split()).encode("utf-8", "replace").decode()
    flat = "".join(letter if letter.isprintable() else "�" for letter in flat)
    return flat if len(flat) <= 40 else flat[:39] + "…"


def parse_time(text: str) -> time:
    """``9:00``, ``09:00``, ``9.30``, ``21h30``, ``9 am``, ``9:30 pm``, ``9 Uhr``, ``9時30分``; seconds are dropped."""
    text = text.strip()
    if not text:
        raise CellError("is empty", "write a time such as 09:00")
    clock = read_clock(text)
    if clock is None:
        raise CellError(f"{shown(text)} is no time", _FIX)
    return clock


def split_moment(text: str) -> tuple[str, str]:
    """A date cell that holds the time too (``2026-12-24 09:00``), as date and time (empty if there is none)."""
    match = _MOMENT.fullmatch(text.strip()) if len(text) < 100 else None
    return (match[1], match[2]) if match else (text, "")


def parse_channels(text: str, known: Collection[str] | None) -> tuple[str, list[str]]:
    """The channels joined by commas, in the owner's order and the known spelling; and those that are not known.

    ``known`` None: nobody can tell here, so that none is unknown.
    """
    spelling = {name.lower(): name for name in known or ()}
    names: list[str] = []
    for part in (part.strip() for part in _SEPARATORS.split(text)):
        name = spelling.get(part.lower(), part)
        if name and name not in names:
            names.append(name)
    return ", ".join(names), [name for name in names if known is not None and name.lower() not in spelling]
