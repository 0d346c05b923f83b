"""Reads a calendar: a user's own .csv, .tsv or .xlsx file.

What can be read is loaded, whatever else is wrong: a cell that is wrong goes into the sheet as it stands (its row's
status will say so there too) and is named by row, column and remedy. Only a file of which nothing can be loaded is an
error.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendars import layouts
from local.calendars.cells import parse_channels, shown
from local.calendars.columns import (
    MOMENT,
    SYNONYMS,
    Columns,
    find_header,
    is_second_header,
    missing,
    read_header,
)
from local.calendars.csv_file import decode, read_records
from local.calendars.dates import Order, Reading
from local.calendars.escaping import unescaped
from local.calendars.file_kinds import Kind, kind_of
from local.calendars.model import SHEET_HEADER, Calendar, CalendarError, Problem, Record, Value, width
from local.calendars.moments import Moments
from local.calendars.pictures import Beside, InFolder
from local.calendars.plain_text import Plain, plain
from local.calendars.xlsx_file import read_tabs

_MOST_CHARACTERS = 50_000  # what a cell of Google Sheets takes
_TYPED_APART = ("date", "time", MOMENT)


def read_calendar(
    path: Path,
    *,
    zone: ZoneInfo,
    now: datetime,
    channels: Collection[str] | None,
    order: Order | None = None,
    default_channels: str = "",
) -> Calendar:
    """The user's calendar at ``path``; images are looked for beside it. CalendarError where nothing can be loaded.

    ``now`` (aware) decides what is past, in the owner's ``zone``; ``channels`` are the names the rules doc knows, None
    where nobody can tell. ``order`` is what its owner says of 03/04/2027; ``default_channels`` go into rows without any.
    """
    images = Beside(path.parent)
    return _read(_content(path), path.name, zone, now, channels, order, default_channels, images)


def read_given(
    content: bytes,
    name: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    channels: Collection[str] | None,
    there: Collection[str],
    order: Order | None = None,
    default_channels: str = "",
) -> Calendar:
    """As ``read_calendar``, of a file whose bytes are given: its pictures are those of the sheet's folder (``there``)."""
    return _read(content, name, zone, now, channels, order, default_channels, InFolder(there))


def _read(
    content: bytes,
    name: str,
    zone: ZoneInfo,
    now: datetime,
    channels: Collection[str] | None,
    order: Order | None,
    default_channels: str,
    images: Beside | InFolder,
) -> Calendar:
    if kind_of(content, name) is Kind.WORKBOOK:
        records, columns, notes = _from_workbook(content, name)
        problems: list[Problem] = []
    else:
        text, notes = decode(content, name)
        read, problems = read_records(text, "\t" if name.lower().endswith(".tsv") else None)
        records, columns, more = _table([_without_escapes(record) for record in read], name)
        notes += more
    reader = _Reader(columns, zone, now, channels, order, default_channels, images)
    return reader.calendar(records, problems, notes)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CalendarError(f"{path} is not there; give the path of an .xlsx or .csv file") from None
    except IsADirectoryError:
        raise CalendarError(f"{path} is a folder; give the .xlsx or .csv file in it") from None
    except ValueError:
        raise CalendarError(f"{shown(str(path))} is no path of a file; give that of an .xlsx or .csv file") from None
    except OSError as error:
        raise CalendarError(f"{path} cannot be read ({error.strerror}); check that you may read it") from error


def _without_escapes(record: Record) -> Record:
    return Record(record.number, tuple(unescaped(cell) if isinstance(cell, str) else cell for cell in record.cells))


def _from_workbook(content: bytes, name: str) -> tuple[list[Record], Columns, tuple[str, ...]]:
    """The tab Posts, else the first that has a header."""
    tabs = [(title, records) for title, records in read_tabs(content, name) if records]
    if not tabs:
        raise CalendarError(f"{name} is empty; write a header row (date, time, text, channels) and a row per post")
    title, records = next(((title, found) for title, found in tabs if find_header(found) is not None), tabs[0])
    rows, columns, notes = _table(records, f"{name}, tab {title}")
    others = [other for other, _ in tabs if other != title]
    if others:
        notes = (f"the tab {title} was read, not {', '.join(others[:5])}", *notes)
    return rows, columns, notes


def _table(records: Sequence[Record], name: str) -> tuple[list[Record], Columns, tuple[str, ...]]:
    """The rows under the header, what its columns are, and notes. CalendarError where there is neither header nor known layout."""
    if not records:
        raise CalendarError(f"{name} is empty; write a header line (date,time,text,channels) and a row per post")
    at = find_header(records)
    if at is None:
        columns = layouts.hootsuite(records)
        if columns is None:
            cells = shown(", ".join(str(cell) for cell in records[0].cells[: width(records[0].cells)]))
            raise CalendarError(
                f"{name}: row {records[0].number} is no header: none of date, time, text, channels is among its cells "
                f"({cells}); make the first line date,time,text,channels,image,alt text,link"
            )
        return list(records), columns, ("read as Hootsuite's bulk file: date and time, message, link",)
    columns = read_header(records[at])
    notes: list[str] = []
    if at:
        above = ", ".join(str(record.number) for record in records[:at])
        notes.append(f"the header is row {records[at].number}; left out above it: row {above}")
    rows = list(records[at + 1 :])
    while rows and is_second_header(rows[0], columns):
        notes.append(f"row {rows.pop(0).number} is a second header and was left out")
    if not rows:
        raise CalendarError(f"{name} has a header and no rows; write a row per post under it")
    if layouts.is_buffer(columns):
        notes.append("read as Buffer's bulk file: text, picture, tags, posting time")
    if columns.ignored:
        notes.append(f"not loaded, the mesh writes them: {', '.join(columns.ignored)}")
    return [*rows], replace(columns, problems=(*columns.problems, *_surplus(rows, records[at]))), tuple(notes)


def _surplus(rows: Sequence[Record], header: Record) -> list[Problem]:
    titles = max(width(header.cells), 1)
    found = []
    for record in rows:
        cells = width(record.cells)
        if cells > len(header.cells) or (
            cells > titles and any(isinstance(c, str) for c in record.cells[titles:cells])
        ):
            what = f"has {cells} cells under a header of {titles}"
            fix = 'put a cell that holds the separator in "…"; the cells beyond were left out'
            found.append(Problem(record.number, None, what, fix))
    return found


class _Reader:
    """Row by row, with what has been seen so far: ids, pictures."""

    def __init__(
        self,
        columns: Columns,
        zone: ZoneInfo,
        now: datetime,
        channels: Collection[str] | None,
        order: Order | None,
        default_channels: str,
        images: Beside | InFolder,
    ) -> None:
        self._columns = columns
        self._moments = Moments(columns, zone, now, order)
        self._channels = channels
        self._default_channels = default_channels
        self._images = images
        self._ids: dict[str, int] = {}

    def calendar(self, records: Sequence[Record], problems: list[Problem], notes: tuple[str, ...]) -> Calendar:
        self._moments.look_at(records)
        problems = [*problems, *self._columns.problems, *missing(self._columns)]
        rows: list[dict[str, str]] = []
        typed: list[dict[str, int | float | bool]] = []
        for record in records:
            values, numbers, found = self._row(record)
            rows.append({name: value for name, value in values.items() if value})
            typed.append(numbers)
            problems += found
        if "channels" not in self._columns.places and not self._default_channels:
            notes = (
                *notes,
                "there is no column channels: write into each row where it goes (import can do it: --channels)",
            )
        header = SHEET_HEADER + self._columns.extra
        return Calendar(
            tuple(rows),
            self._images.found,
            header,
            tuple(sorted(problems, key=_by_row)),
            notes,
            typed=tuple(typed),
            numbers=tuple(record.number for record in records),
            titles=self._columns.titles,
            dates=_dates(self._moments.reading),
        )

    def _row(self, record: Record) -> tuple[dict[str, str], dict[str, int | float | bool], list[Problem]]:
        values: dict[str, str] = {}
        numbers: dict[str, int | float | bool] = {}
        problems: list[Problem] = []
        for column in self._columns.places:
            if column in _TYPED_APART:
                continue
            cell = self._columns.value(record, column)
            said = self._plain(column, cell)
            values[column] = said.text
            if said.what:
                problems.append(Problem(record.number, column, said.what, said.fix))
            if column not in SYNONYMS and isinstance(cell, int | float):
                numbers[column] = cell
        problems += self._check_id(values, record.number)
        day, clock, found = self._moments.read(record)
        values["date"], values["time"] = day, clock
        problems += found
        if "text" in values and not (values["text"] or values.get("image") or values.get("link")):
            problems.append(Problem(record.number, "text", "is empty", "write what the post says"))
        problems += self._check_channels(values, record.number)
        if values.get("image"):
            values["image"], wrong = self._images.check(values["image"], record.number)
            problems += wrong
        return values, numbers, problems

    def _plain(self, column: str, cell: Value) -> Plain:
        said = plain(cell, own=column not in SYNONYMS)
        if len(said.text) > _MOST_CHARACTERS:
            what = f"has {len(said.text):,} characters, and a cell of the sheet takes {_MOST_CHARACTERS:,}"
            return Plain("", what, "shorten it; the cell was left out")
        return said

    def _check_id(self, values: dict[str, str], row: int) -> Sequence[Problem]:
        post_id = values.get("post_id", "")
        if not post_id:
            return ()
        if post_id not in self._ids:
            self._ids[post_id] = row
            return ()
        values["post_id"] = ""
        what = f"{shown(post_id)} is the id of row {self._ids[post_id]} too"
        return (Problem(row, "post_id", what, "empty the cell; this row was loaded without it and gets its own"),)

    def _check_channels(self, values: dict[str, str], row: int) -> Sequence[Problem]:
        text = values.get("channels") or self._default_channels
        if not text:
            return ()
        values["channels"], unknown = parse_channels(text, self._channels)
        known = sorted(self._channels or ())
        choice = f"write one of {', '.join(known)}, or add it to the rules" if known else "add it to the rules"
        return [Problem(row, "channels", f"{shown(channel)} is no channel here", choice) for channel in unknown]


def _dates(reading: Reading) -> str:
    if not reading.slashed:
        return ""
    return reading.order.value if reading.order is not None else "unsure"


def _by_row(problem: Problem) -> int:
    return problem.row or 0
