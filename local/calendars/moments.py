"""Date and time of each row: from two columns, from one that holds both, typed or as text, in the business's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from local.calendars.cells import CellError, parse_time, split_moment
from local.calendars.columns import MOMENT, Columns
from local.calendars.dates import Order, Reading, decide, from_serial, parse_date
from local.calendars.model import Fault, Problem, Record, Value, filled
from local.calendars.plain_text import plain


class Moments:
    """``look_at`` sees the whole file first: one row can decide how another is read."""

    def __init__(self, columns: Columns, zone: ZoneInfo, now: datetime, told: Order | None) -> None:
        self._columns = columns
        self._zone = zone
        self._now = now
        self._reading = Reading(told, told=told is not None)

    def look_at(self, records: Sequence[Record]) -> None:
        """Decides which number of 03/04/2027 is the day, unless the owner has said so."""
        cells = [self._columns.value(record, name) for record in records for name in ("date", MOMENT)]
        texts = [split_moment(cell)[0] for cell in cells if isinstance(cell, str)]
        self._reading = decide(texts, self._reading.order if self._reading.told else None)

    @property
    def reading(self) -> Reading:
        """How 03/04/2027 is read in this file."""
        return self._reading

    def read(self, record: Record) -> tuple[str, str, list[Problem]]:
        """ISO date and HH:MM where they could be read, else the cells as they stand; and what is wrong."""
        day_cell, time_cell = self._parts(record)
        problems: list[Problem] = []
        day: date | None = None
        clock: time | None = None
        day_text, time_text = plain(day_cell, own=True).text, plain(time_cell, own=True).text
        has = self._columns.places.keys()
        try:
            if {"date", MOMENT} & has:
                day = self._day(day_cell, record)
                day_text = day.isoformat()
        except CellError as error:
            problems.append(Problem(record.number, "date", error.what, error.fix))
        try:
            if {"time", MOMENT} & has or filled(time_cell):
                clock = self._clock(time_cell, record)
                time_text = f"{clock:%H:%M}"
        except CellError as error:
            problems.append(Problem(record.number, "time", error.what, error.fix))
        if day is not None and clock is not None:
            problems += self._past(day, clock, record.number)
        return day_text, time_text, problems

    def _parts(self, record: Record) -> tuple[Value, Value]:
        """The cell of the date and that of the time; a cell that holds both is taken apart where no time stands beside it."""
        day, clock = self._columns.value(record, "date"), self._columns.value(record, "time")
        if not filled(day):
            day = self._columns.value(record, MOMENT)
        if not filled(day) or filled(clock):
            return day, clock
        return self._split(day, record)

    def _split(self, cell: Value, record: Record) -> tuple[Value, Value]:
        combined = MOMENT in self._columns.places
        if isinstance(cell, str):
            if (moment := _with_offset(cell)) is not None:
                local = moment.astimezone(self._zone)
                return local.date(), local.time()
            return split_moment(cell)
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            try:
                cell = from_serial(cell, mac_dates=record.mac_dates)
            except CellError:
                return cell, ""
        if isinstance(cell, datetime) and (combined or cell.time() != time()):
            return cell.date(), cell.time()
        return cell, ""

    def _day(self, cell: Value, record: Record) -> date:
        if isinstance(cell, Fault):
            raise CellError(cell.what, cell.fix)
        if isinstance(cell, datetime):
            cell = cell.date()
        if isinstance(cell, date):
            if not 2000 <= cell.year < 2100:
                raise CellError(f"{cell.isoformat()} is not in this century", "correct the year")
            return cell
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            return from_serial(cell, mac_dates=record.mac_dates).date()
        if isinstance(cell, time):
            raise CellError(f"{cell:%H:%M} is a time and no date", "write a date such as 2026-12-25")
        return parse_date(plain(cell).text, self._reading)

    def _clock(self, cell: Value, record: Record) -> time:
        if isinstance(cell, Fault):
            raise CellError(cell.what, cell.fix)
        if isinstance(cell, datetime):
            return cell.time()
        if isinstance(cell, time):
            return cell
        if isinstance(cell, date):
            raise CellError(f"{cell.isoformat()} is a date and no time", "write a time such as 09:00")
        if isinstance(cell, float) and not isinstance(cell, bool) and 0 <= cell < 1:
            minutes = round(cell * 1440) % 1440
            return time(minutes // 60, minutes % 60)
        if isinstance(cell, float) and cell > 366:
            return from_serial(cell, mac_dates=record.mac_dates).time()
        return parse_time(plain(cell).text)

    def _past(self, day: date, clock: time, row: int) -> list[Problem]:
        # A time in a gap or fold is off by an hour at most here; the mesh itself decides on those.
        if datetime.combine(day, clock, self._zone) >= self._now:
            return []
        today = self._now.astimezone(self._zone)
        what = f"{day.isoformat()} {clock:%H:%M} is past (it is {today:%Y-%m-%d %H:%M} now)"
        return [Problem(row, "date", what, "write a date to come")]


def _with_offset(text: str) -> datetime | None:
    """An ISO moment that names its own offset from UTC, as other programs export it."""
    if len(text) > 40 or "T" not in text.upper():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
