"""Calendars as files of any kind, read as make run reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.calendars.dates import Order
from local.calendars.model import Calendar
from local.calendars.reading import read_calendar

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
CHANNELS = ("bluesky-main", "mastodon-main")
HEADER = ["date", "time", "text", "channels"]


def read(path: Path, content: bytes | str, *, order: Order | None = None, channels: str = "") -> Calendar:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_calendar(path, zone=BERLIN, now=NOW, channels=CHANNELS, order=order, default_channels=channels)


def said(calendar: Calendar) -> list[str]:
    return [str(problem) for problem in calendar.problems]


def workbook(*rows: Sequence[Any], title: str = "Posts", change: Callable[[Any], None] | None = None) -> bytes:
    """An .xlsx file of one tab; ``change`` gets openpyxl's workbook before it is saved."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of its zip changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, change(data) if entry == name else data)
    return out.getvalue()
