"""What a calendar file becomes: rows for the sheet, the pictures they name, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

SHEET_HEADER = (
    "post_id", "date", "time", "text", "channels", "image", "alt text", "link", "approved", "approved for", "status",
    "note",
)  # fmt: skip


class CalendarError(ValueError):
    """Nothing of the file can be loaded. The message names the file, what is wrong and how to mend it."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, and how to mend it.

    ``row`` is the number a spreadsheet shows beside the row (the header is row 1), or None for the file as a whole;
    ``column`` is the sheet's name of the column, or None where the row as a whole is meant.
    """

    row: int | None
    column: str | None
    what: str
    fix: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"row {self.row}" if self.row else "", self.column or "") if part)
        return f"{place}: {self.what}; {self.fix}" if place else f"{self.what}; {self.fix}"


@dataclass(frozen=True)
class Calendar:
    """``rows`` map the names in ``header`` to text as a person would type it.

    Dates are ISO and times HH:MM where they could be read. ``images`` maps the names used in the image column to the
    files. ``notes`` are remarks that need no mending. ``rules``, ``voice`` and ``start`` are there for a sample only;
    ``start`` is the moment a fresh stack's clock is set to.
    """

    rows: tuple[Mapping[str, str], ...]
    images: Mapping[str, Path] = field(default_factory=dict)
    header: tuple[str, ...] = SHEET_HEADER
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    rules: str | None = None
    voice: str | None = None
    start: datetime | None = None
