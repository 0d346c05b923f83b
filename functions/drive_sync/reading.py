"""What is read of the sheet and of the tables before anything is written: the tab, and the items of the rows that may need something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from drive_sync.parts import Parts
from drive_sync.rows import SeenRow
from drive_sync.steady import Steady
from drive_sync.writer import quoted
from mesh.errors import MeshError
from mesh.google import GoogleRefused, NotShared
from mesh.ledger import Ledger, Status
from mesh.posts import Row
from mesh.sheet import SheetBroken, Table, read_table, renamed


def read_tab(parts: Parts, steady: Steady, header: tuple[str, ...], trouble: Callable[[str, str], None]) -> Table:
    """The tab as it stands; ``header`` is as it was when it was last read.

    SheetBroken, in the owner's words, where it cannot be read as a plan of posts; ``trouble`` takes what is wrong and stops nothing.
    """
    try:
        values = steady(lambda: parts.google.values(parts.sheet_id, quoted(parts.tab)))
    except NotShared:
        raise
    except GoogleRefused as refused:
        raise _no_tab(parts, refused) from refused
    table = read_table(values)
    for was, is_now in renamed(header, table.header):
        raise SheetBroken(
            f"The column “{was}” is gone, and “{is_now}” stands in its place. If it was renamed, call it “{was}” again; "
            "if it is not wanted any more, empty it and leave its name."
        )
    if table.doubled:
        names = ", ".join(f"“{name}”" for name in table.doubled)
        message = (
            f"There are two columns called {names} in the sheet: the first one counts. Give the other another name."
        )
        trouble(f"sheet-doubled#{'#'.join(table.doubled)[:80]}", message)
    return table


def _no_tab(parts: Parts, refused: GoogleRefused) -> MeshError:
    titles = [tab.title for tab in parts.google.tabs(parts.sheet_id)]
    if parts.tab in titles:
        return refused
    there = ", ".join(f"“{title}”" for title in titles[:10])
    return SheetBroken(
        f"The sheet has no tab called “{parts.tab}” any more; there is {there}. Call the tab with the posts “{parts.tab}” again."
    )


def known_items(
    ledger: Ledger,
    rows: Sequence[SeenRow],
    identified: Sequence[SeenRow],
    unshown: Mapping[str, Status],
    open_ones: Mapping[str, Status],
    before: Mapping[str, Row],
    *,
    every_row: bool,
) -> dict[str, Status]:
    """The items of every row that has something to say or to compare.

    Those are the unshown ones, rows with no sentence, rows with a tick or stamp that is new or whose post is open, and rows
    that do not show what was last written there (a write meant for another row hit them); once a day every row is compared.
    """
    wanted = set(unshown)
    look = set()
    for was, entry in zip(rows, identified, strict=True):
        row, post_id = entry.row, entry.row.post_id
        if not post_id or row.blank:
            continue
        known, last = open_ones.get(post_id), before.get(post_id)
        ticked = (row.stamp or row.approved) and (
            known is not None or last is None or (last.approved, last.stamp) != (row.approved, row.stamp)
        )
        strange = known is not None and (
            (known.shown is not None and known.shown.text != was.row.status)
            or (known.cleared and not (row.approved and row.stamp))
        )
        if ticked or strange or not row.status:
            wanted.add(post_id)
        elif every_row:
            look.add(post_id)
    found = ledger.statuses({*wanted, *look})
    told = {entry.row.post_id: entry.row.status for entry in rows}
    return {
        post_id: status
        for post_id, status in found.items()
        if post_id in wanted or status.shown is None or status.shown.text != told.get(post_id)
    }
