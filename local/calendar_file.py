"""A CSV file as bytes -> numbered records. Knows encodings, separators and quotation marks, nothing of posts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from local.calendar_model import CalendarError, Problem

LARGEST_FILE_BYTES = 20_000_000
_SEPARATORS = (",", ";", "\t")
_KNOWN_BINARIES = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}
_HOW_TO_SAVE = "in your spreadsheet choose File, Save as (or Download), CSV UTF-8, and give that file"


@dataclass(frozen=True)
class Record:
    """``number`` is the row as a spreadsheet counts it: the header is 1, a cell with line breaks is still one row."""

    number: int
    cells: tuple[str, ...]


def decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text and notes on how it was read. CalendarError where it is no text, empty or too large."""
    if len(content) > LARGEST_FILE_BYTES:
        raise CalendarError(
            f"{name} is {len(content) / 1e6:.0f} MB, more than a calendar ever is "
            f"({LARGEST_FILE_BYTES // 1_000_000} MB); give the calendar alone"
        )
    if not content.strip():
        raise CalendarError(f"{name} is empty; write a header line (date,time,text,channels) and a row per post")
    for start, kind in _KNOWN_BINARIES.items():
        if content.startswith(start):
            raise CalendarError(f"{name} is {kind}, not a CSV file; {_HOW_TO_SAVE}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), (f"{name} was read as UTF-16",)
        except UnicodeDecodeError:
            raise CalendarError(f"{name} begins as UTF-16 text and breaks off; {_HOW_TO_SAVE}") from None
    if b"\x00" in content:
        raise CalendarError(f"{name} is no text file; {_HOW_TO_SAVE}")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        # cp1252 leaves five bytes undefined; one odd byte must not lose a calendar.
        note = f"{name} is not UTF-8 and was read as Windows-1252; if accents look wrong, save it as CSV UTF-8"
        return content.decode("cp1252", errors="replace"), (note,)


def read_records(text: str, separator: str | None = None) -> tuple[list[Record], list[Problem]]:
    """Every row that is not blank. A row whose quotation marks do not pair is read as one line and named."""
    separator = separator or _sniffed(text)
    lines = io.StringIO(text, newline="").readlines()
    records: list[Record] = []
    problems: list[Problem] = []
    position, number = 0, 0
    while position < len(lines):
        number += 1
        reader = csv.reader(lines[position:], delimiter=separator, strict=True)
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


def _single_line(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=separator))
    except csv.Error:  # a field beyond the csv module's limit of 131,072 characters
        return line.rstrip("\r\n").split(separator)


def _sniffed(text: str) -> str:
    """The separator that splits the first line with anything in it into most cells; quoted cells do not count."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=lambda separator: len(_single_line(first, separator)))


def width(cells: Sequence[str]) -> int:
    """Cells up to the last one with something in it."""
    return max((n for n, cell in enumerate(cells, start=1) if cell.strip()), default=0)
