"""The bulk files of other schedulers, recognised by their shape.

Hootsuite's bulk composer takes a CSV file without a header: date and time, message, link; the date in one order for the
whole file, which its owner picks at the upload (mm/dd/yyyy hh:mm, dd/mm/yyyy hh:mm and others). Described, with
screenshots of the form, at jycalcano.blogspot.com/2015/07/post-8-hootsuite-bulk-messaging.html and
kim-iverson-headlee.blogspot.com/2016/08/the-business-of-writing-using-hootsuite.html (looked at in November 2026).

Buffer's has a header: Text, Image URL, Tags, Posting Time. No page of Buffer's own could be looked at for it; its words are
among the header's synonyms (``columns``), so that another order or a column more costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from local.calendars.cells import CellError, parse_time, split_moment
from local.calendars.columns import MOMENT, Columns
from local.calendars.dates import Order, Reading, parse_date
from local.calendars.model import Record, filled, width

_HOOTSUITE = (MOMENT, "text", "link")
_BUFFER = {"text", "image", MOMENT}


def hootsuite(records: Sequence[Record]) -> Columns | None:
    """The columns of a file without a header whose rows begin with date and time, and say something after it."""
    first = records[0]
    if not 2 <= width(first.cells) <= len(_HOOTSUITE) + 1 or not isinstance(first.cells[1], str):
        return None
    if not _is_moment(first) or not filled(first.cells[1]):
        return None
    return Columns({name: place for place, name in enumerate(_HOOTSUITE)})


def is_buffer(columns: Columns) -> bool:
    """Text, image and posting time, and Buffer's tags beside them."""
    return columns.places.keys() >= _BUFFER and any(name.casefold() == "tags" for name in columns.extra)


def _is_moment(record: Record) -> bool:
    cell = record.cells[0]
    if isinstance(cell, datetime):
        return True
    if not isinstance(cell, str):
        return False
    day, at = split_moment(cell)
    try:
        parse_time(at)
        parse_date(day, Reading(Order.DAY_FIRST))
    except CellError:
        try:
            parse_date(day, Reading(Order.MONTH_FIRST))
        except CellError:
            return False
    return bool(at)
