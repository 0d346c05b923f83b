"""``posts.csv``: drive-sync's mirror of the owner's rows, which everybody but the gate reads instead of the sheet. Pure.

The header ends with the column ``sealed``, for which no row has a cell, and the last record counts the rows: ``end: 123 rows``, which is
no post_id. So a file that was cut anywhere is known, and known from one that was written before there were seals. The seal is part of
the content, since what lies beside an object in S3 is lost when somebody loads it down and up again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh.errors import Damaged, MeshError
from mesh.posts import COLUMNS, OVERRIDE_PREFIX, Row, read_row

LONGEST_BYTES = 100_000_000  # 100,000 rows of twice the usual length: some seconds of a scheduler's run
_MIRRORED = tuple(name for name in COLUMNS if name != "status")
_HASHES = "image hashes"
_SEALED = "sealed"
_FIELD_LIMIT = 10_000_000  # csv's own limit of 131,072 is below what twenty long file names and their hashes can need
_LOOK_EVERY = 256  # rows


class TooLong(MeshError):
    """The rows would make a longer file than anybody reads."""


def write_csv(rows: Iterable[Row]) -> bytes:
    """RFC 4180, UTF-8, owner's columns, flag, stamp and image hashes, sealed; same rows, same bytes. TooLong above ``LONGEST_BYTES``."""
    ordered = list(rows)
    names = sorted({name for row in ordered for name in row.overrides})
    out = io.BytesIO()
    text = io.TextIOWrapper(out, "utf-8", "surrogatepass", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_MIRRORED, _HASHES, *(OVERRIDE_PREFIX + name for name in names), _SEALED])
    for number, row in enumerate(ordered):
        hashes = json.dumps(dict(sorted(row.images.items())), ensure_ascii=False) if row.images else ""
        writer.writerow([*_cells(row), hashes, *(row.overrides.get(name, "") for name in names)])
        if number % _LOOK_EVERY == 0 and out.tell() > LONGEST_BYTES:
            break
    writer.writerow([_seal(len(ordered))])
    if out.tell() > LONGEST_BYTES:
        raise TooLong(f"{len(ordered):,} rows make more than {LONGEST_BYTES // 1_000_000} MB")
    return out.getvalue()


def _seal(count: int) -> str:
    return f"end: {count} rows"


def _cells(row: Row) -> list[str]:
    return [
        row.post_id,
        row.date,
        row.time,
        row.text,
        row.channels,
        row.image,
        row.alt,
        row.link,
        "TRUE" if row.approved else "FALSE",
        row.stamp,
        row.note,
    ]


@dataclass(frozen=True)
class Layout:
    """Which column stands where. A record is a list of cells; ``row`` makes a row of it."""

    names: tuple[str, ...]
    sealed: bool

    @property
    def post_id(self) -> int:
        return self.names.index("post_id")

    @property
    def date(self) -> int:
        return self.names.index("date")

    @property
    def channels(self) -> int:
        return self.names.index("channels")

    def row(self, record: Sequence[str]) -> Row:
        """Damaged where the hashes of its images are none."""
        cells: dict[str, Any] = dict(zip(self.names, record, strict=False))
        try:
            images = json.loads(cells.get(_HASHES) or "{}")
        except ValueError as error:
            raise Damaged("a row of it is garbled") from error
        return replace(read_row(cells), images=images)


def read_csv(data: bytes) -> Iterator[Row]:
    """What ``write_csv`` wrote, now or in an earlier version. Damaged where it is cut or is something else."""
    layout, found = records(lines(io.BytesIO(data)), older=True)
    return (layout.row(record) for record in found)


def refuse_long(length_bytes: int, longest_bytes: int = LONGEST_BYTES) -> None:
    """Damaged, before anything of it is read."""
    if length_bytes > longest_bytes:
        size, most = length_bytes / 1e6, longest_bytes // 1_000_000
        raise Damaged(f"it has {size:,.0f} MB, and {most} MB is the most that is read")


def lines(stream: Any) -> Iterator[str]:
    """A stream of bytes as the lines that ``records`` takes."""
    return io.TextIOWrapper(stream, "utf-8", "surrogatepass", newline="")


def records(found: Iterable[str], *, older: bool = False) -> tuple[Layout, Iterator[list[str]]]:
    """The layout, and the rows' records one by one, however many there are.

    Damaged, at once or at the end of the rows: nothing of what came before may be relied on then. With ``older`` a file from before
    there were seals is read as far as it goes.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(found, strict=True)
    with _Telling():
        names = tuple(name.strip().lower() for name in next(reader, ()))
    sealed = names[-1:] == (_SEALED,)
    layout = Layout(names[:-1] if sealed else names, sealed)
    if not {"post_id", "date", "channels"}.issubset(layout.names):
        raise Damaged("it is no calendar, or its first line is missing")
    if not sealed and not older:
        raise Damaged("it was written by an earlier version", older=True)
    return layout, _rows(reader, layout)


def _rows(reader: Iterator[list[str]], layout: Layout) -> Iterator[list[str]]:
    width, count = len(layout.names), 0
    with _Telling():
        for record in reader:
            if len(record) == width:
                count += 1
                yield record
            elif layout.sealed:
                _end(record, reader, count)
                return
            elif record:  # of an earlier version: what a later column would hold is not there
                yield (record + [""] * width)[:width]
    if layout.sealed:
        raise Damaged("it ends in the middle")


def _end(record: list[str], reader: Iterator[list[str]], count: int) -> None:
    if record != [_seal(count)]:
        raise Damaged("rows of it are missing or garbled")
    if any(reader):
        raise Damaged("it goes on behind its end")


class _Telling:
    """What reading runs into, in words."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnicodeDecodeError):
            raise Damaged("it is no text") from error
        if isinstance(error, csv.Error):
            raise Damaged("it ends in the middle, or is garbled") from error
