"""``posts.csv``: drive-sync's mirror of the owner's rows, which everybody but the gate reads instead of the sheet. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mesh.posts import COLUMNS, OVERRIDE_PREFIX, Row, read_row

_MIRRORED = tuple(name for name in COLUMNS if name != "status")
_FIELD_LIMIT = 10_000_000  # csv's own limit of 131,072 is below what twenty long file names and their hashes can need


def write_csv(rows: Iterable[Row]) -> bytes:
    """RFC 4180, UTF-8, owner's columns, flag, stamp and image hashes; same rows, same bytes."""
    ordered = list(rows)
    names = sorted({name for row in ordered for name in row.overrides})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_MIRRORED, "image hashes", *(OVERRIDE_PREFIX + name for name in names)])
    for row in ordered:
        hashes = json.dumps(dict(sorted(row.images.items())), ensure_ascii=False) if row.images else ""
        writer.writerow([*_cells(row), hashes, *(row.overrides.get(name, "") for name in names)])
    return out.getvalue().encode("utf-8", "surrogatepass")


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


def read_csv(data: bytes) -> Iterator[Row]:
    """What ``write_csv`` wrote."""
    csv.field_size_limit(_FIELD_LIMIT)
    for cells in csv.DictReader(io.StringIO(data.decode("utf-8", "surrogatepass"), newline="")):
        row = read_row({name: value for name, value in cells.items() if name is not None})
        yield replace(row, images=json.loads(cells.get("image hashes") or "{}"))
