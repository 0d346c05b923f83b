"""Columns that moved between our read and our write: what was hit by it, and what stood there before. Pure.

A write goes to places, and a sheet's columns can be moved, put in or taken out at any moment. So each write brings the header along as it
stood then; where that is another one, what was written is taken back before anything else is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from drive_sync.rows import OURS, RowWrite
from mesh.cells import Cell
from mesh.sheet import SheetRow, Table


def strayed(write: RowWrite, table: Table, header: Sequence[str], after: Sequence[Cell]) -> dict[int, Cell] | None:
    """What to put back, by column index: the owner's cells as they were read, "" for what is ours.

    ``header`` and ``after`` are the header and the row as they stood right after the write. Empty where nothing strayed; None where a cell
    of the owner's was hit in a row that was not there when the sheet was read: what it held nobody knows.
    """
    hit = {
        place: header[place] if place < len(header) else ""
        for name in write.cells
        if (place := table.column(name)) >= len(header) or header[place] != name
    }
    owners = [name for name in hit.values() if name and name not in OURS]
    source = _as_read(write, table, header, after, set(hit)) if owners else None
    if owners and source is None:
        return None
    return {
        place: (source.cells.get(name) if source is not None and name in owners else None) or ""
        for place, name in hit.items()
    }


def _as_read(
    write: RowWrite, table: Table, header: Sequence[str], after: Sequence[Cell], hit: set[int]
) -> SheetRow | None:
    """The row that was hit, as it was read: the one that is equal in all the owner's cells that were not hit."""
    kept = {
        name: (after[place] if place < len(after) else None) or None
        for place, name in enumerate(header)
        if name and name not in OURS and place not in hit
    }
    candidates = sorted(table.rows, key=lambda row: row.number != write.number)
    return next((row for row in candidates if all(row.cells.get(name) == value for name, value in kept.items())), None)
