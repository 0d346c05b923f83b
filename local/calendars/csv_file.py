"""A CSV file as bytes -> numbered records. Knows encodings, separators and quotation marks, nothing of posts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from local.calendars.model import CalendarError, Problem, Record

HOW_TO_SAVE = "in your spreadsheet choose File, Save as (or Download), Excel (.xlsx) or CSV UTF-8, and give that file"
LONGEST_CELL = 100_000_000  # beyond any file that is read at all
_SEPARATORS = (",", ";", "\t")


def decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text and notes on how it was read. CalendarError where it is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), (f"{name} was read as UTF-16",)
        except UnicodeDecodeError:
            raise CalendarError(f"{name} begins as UTF-16 text and breaks off; {HOW_TO_SAVE}") from None
    if b"\x00" in content:
        raise CalendarError(f"{name} has NUL bytes in it and is no text file; {HOW_TO_SAVE}")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        # cp1252 leaves five bytes undefined; one odd byte must not lose a calendar.
        note = f"{name} is not UTF-8 and was read as Windows-1252; if accents look wrong, save it as CSV UTF-8"
        return content.decode("cp1252", errors="replace"), (note,)


def read_records(text: str, separator: str | None = None) -> tuple[list[Record], list[Problem]]:
    """Every row that is not blank. A row whose quotation marks do not pair is read as one line and named."""
    with _long_cells():
        return _read_records(text, separator)


def _read_records(text: str, separator: str | None) -> tuple[list[Record], list[Problem]]:
    if match := re.match(
        r"sep=(.)\r?\n", text
    ):  # Excel writes the separator it used in a line of its own, and hides it
        separator, text = match[1], text[match.end() :]
    separator = separator or _sniffed(text)
    lines = io.StringIO(text, newline="").readlines()
    records: list[Record] = []
    problems: list[Problem] = []
    position, number = 0, 0
    while position < len(lines):
        number += 1
        reader = csv.reader((lines[n] for n in range(position, len(lines))), delimiter=separator, strict=True)
        try:
            cells = next(reader)
            position += reader.line_num
        except csv.Error:
            # An opened quotation mark would swallow every row after it.
            cells = _single_line(lines[position], separator)
            position += 1
            fix = 'put a cell with line breaks or quotes in "…" and double the quotes in it'
            problems.append(Problem(number, None, "its quotation marks do not pair", fix))
        if any(cell.strip() for cell in cells):
            records.append(Record(number, tuple(cells)))
    return records, problems


@contextmanager
def _long_cells() -> Iterator[None]:
    """The csv module stops at 131,072 characters: such a cell is to be named by its length, not to break its row."""
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(usual)


def _single_line(line: str, separator: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=separator), [])


def _sniffed(text: str) -> str:
    """The separator that splits the first line with anything in it into most cells; quoted cells do not count."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=lambda separator: len(_single_line(first, separator)))
