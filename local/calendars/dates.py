"""Dates as people and spreadsheets write them. What can mean two days is decided by the whole column, or not at all."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from local.calendars.cells import CellError, shown
from mesh.cells import read_day

_SLASHED = re.compile(r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_051  # days from 1899-12-30 to 2000-01-01 and to 2100-01-01
_EPOCH, _MAC_EPOCH = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a spreadsheet's days have no zone
_FIX = "write it like 2026-12-25 (year-month-day)"


class Order(enum.Enum):
    """Which number of 03/04/2027 is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True)
class Reading:
    """How a column's slashed dates are read. ``order`` None: nothing decides it; ``told``: its owner said so.

    ``slashed``: there are such dates.
    """

    order: Order | None = None
    told: bool = False
    mixed: bool = False
    slashed: bool = False


def decide(texts: Iterable[str], told: Order | None = None) -> Reading:
    """What the column's dates with slashes say of the order: 31/03/2027 decides it for all, unless another row contradicts."""
    orders = set()
    slashed = False
    for text in texts:
        if match := _SLASHED.fullmatch(text.strip()):
            slashed = True
            first, second = int(match[1]), int(match[3])
            if 12 < first <= 31 and 1 <= second <= 12:
                orders.add(Order.DAY_FIRST)
            elif 12 < second <= 31 and 1 <= first <= 12:
                orders.add(Order.MONTH_FIRST)
    if told is not None:
        return Reading(told, told=True, slashed=slashed)
    return Reading(orders.pop() if len(orders) == 1 else None, mixed=len(orders) == 2, slashed=slashed)


def parse_date(text: str, reading: Reading = Reading()) -> date:
    """ISO dates, 2027/03/31, 2027年3月31日, ``dd.mm.yyyy``, and months by name in six languages' spelling.

    CellError otherwise: also for a slashed date that nothing decides, and for a bare day number out of a text file.
    """
    text = text.strip()
    if not text:
        raise CellError("is empty", "write a date such as 2026-12-25")
    if match := _SLASHED.fullmatch(text):
        return _slashed(text, int(match[1]), int(match[3]), int(match[4]), reading)
    if day := read_day(text):
        return day
    if _SERIAL.fullmatch(text) and _FIRST_SERIAL <= float(text.replace(",", ".")) < _LAST_SERIAL:
        serial = from_serial(float(text.replace(",", ".")), mac_dates=False)
        raise CellError(
            f"{shown(text)} is a spreadsheet's number for a day",
            f"write {serial:%Y-%m-%d}, if that is the day it showed",
        )
    raise CellError(f"{shown(text)} is no date", _FIX)


def from_serial(number: float, *, mac_dates: bool) -> datetime:
    """A spreadsheet's day number as moment, to the second. CellError outside this century."""
    try:
        epoch = _MAC_EPOCH if mac_dates else _EPOCH
        moment = epoch + timedelta(seconds=round(number * 86_400))
    except (OverflowError, ValueError):
        raise CellError(f"{shown(f'{number:g}')} is no date", _FIX) from None
    if not 2000 <= moment.year < 2100:
        raise CellError(f"{shown(f'{number:g}')} is no date", _FIX)
    return moment


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError(f"{shown(text)} is no date", _FIX) from None


def _slashed(text: str, first: int, second: int, year: int, reading: Reading) -> date:
    order = reading.order
    if first == second:
        return _date(text, year, first, first)
    if first > 12 or second > 12:
        own = Order.DAY_FIRST if first > 12 else Order.MONTH_FIRST
        day, month = (first, second) if own is Order.DAY_FIRST else (second, first)
        if reading.told and own is not order:
            _date(text, year, month, day)
            raise CellError(
                f"{shown(text)} is {own.value}, and the dates were said to be {order.value if order else ''}",
                f"write {year}-{month:02}-{day:02}, or leave --dates away",
            )
        return _date(text, year, month, day)
    if order is not None:
        day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
        return _date(text, year, month, day)
    as_day_first, as_month_first = _date(text, year, second, first), _date(text, year, first, second)
    why = ", and other rows say both" if reading.mixed else ""
    raise CellError(
        f"{shown(text)} can be {as_day_first:%-d %B} or {as_month_first:%-d %B}{why}",
        f"write {as_day_first.isoformat()} or {as_month_first.isoformat()}",
    )
