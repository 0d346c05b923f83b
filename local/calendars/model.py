"""What a calendar file becomes: rows for the sheet, the pictures they name, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from mesh.posts import COLUMNS

SHEET_HEADER = COLUMNS
THE_MESH_WRITES = ("approved", "approved for", "status")


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
class Fault:
    """A cell of a workbook that holds no value: ``what`` stands in it instead, ``fix`` mends it."""

    what: str
    fix: str


Value = str | int | float | bool | date | time | datetime | Fault
"""A cell: text from a CSV file, typed from a workbook. An empty one is ""."""


@dataclass(frozen=True)
class Record:
    """``number`` is the row as a spreadsheet counts it: the header is 1, a cell with line breaks is still one row.

    ``mac_dates``: the workbook counts its days from 1904, so that a bare number means another day.
    """

    number: int
    cells: tuple[Value, ...]
    mac_dates: bool = False


@dataclass(frozen=True)
class Calendar:
    """``rows`` map the names in ``header`` to text as a person would type it.

    Dates are ISO and times HH:MM where they could be read. ``images`` maps the names used in the image column to the
    files. ``notes`` are remarks that need no mending. ``typed`` holds, row for row, the numbers and ticks of the owner's
    own columns as a workbook had them. ``rules``, ``voice`` and ``start`` are there for a sample only;
    ``start`` is the moment a fresh stack's clock is set to. ``numbers`` are the rows' own, as ``Problem.row`` counts them;
    ``titles`` say of each column that was taken how its owner called it. ``dates``: how 03/04/2027 was read, ``day-first``,
    ``month-first`` or ``unsure``; "" where no date is written so.
    """

    rows: tuple[Mapping[str, str], ...]
    images: Mapping[str, Path] = field(default_factory=dict)
    header: tuple[str, ...] = SHEET_HEADER
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    rules: str | None = None
    voice: str | None = None
    start: datetime | None = None
    typed: tuple[Mapping[str, int | float | bool], ...] = ()
    numbers: tuple[int, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""


def filled(value: Value) -> bool:
    return bool(value.strip()) if isinstance(value, str) else True


def width(cells: tuple[Value, ...]) -> int:
    """Cells up to the last one with something in it."""
    return max((n for n, cell in enumerate(cells, start=1) if filled(cell)), default=0)
