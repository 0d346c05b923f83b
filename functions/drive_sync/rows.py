"""Rows and their ids, and which cells of them are to be written. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from drive_sync.decide import FlagStep, flag_cells, flag_step
from mesh.cells import Cell
from mesh.ledger.items import Status, Wanted
from mesh.posts import OVERRIDE_PREFIX, Row, is_post_id, stamp
from mesh.schedule_time import date_to_serial, time_to_serial

OURS = frozenset({"post_id", "approved", "approved for", "status"})  # the columns that drive-sync writes


@dataclass(frozen=True)
class SeenRow:
    """A row and where it stood when the table was read (1-based sheet row)."""

    number: int
    row: Row


def give_ids(
    seen: Sequence[SeenRow], last: Mapping[str, Row], new_id: Callable[[], str], known: Collection[str] = ()
) -> list[SeenRow]:
    """Every row with content gets an id of its own; a copy gets a new one and no approval.

    Of rows that share an id, the one that still has the last known content keeps it, else the uppermost. A row that lost its id gets it
    back when its content is the last known content of an id that stands nowhere; so does a row with an id that nobody knows (``known``:
    ids with an item): a write meant for another row put it there. What can be no id of ours counts as none.
    """
    holders: dict[str, list[SeenRow]] = defaultdict(list)
    for entry in seen:
        if is_post_id(entry.row.post_id) and not entry.row.blank:
            holders[entry.row.post_id].append(entry)
    keeper = {post_id: _keeper(entries, last.get(post_id)).number for post_id, entries in holders.items()}
    lost = {row.content: post_id for post_id, row in last.items() if post_id not in holders}
    result = []
    for entry in seen:
        row = entry.row
        strange = row.post_id not in last and row.post_id not in known
        if not row.blank and row.post_id in keeper and strange and row.content in lost:
            result.append(replace(entry, row=replace(row, post_id=lost.pop(row.content))))
        elif row.blank or (row.post_id and keeper.get(row.post_id) == entry.number):
            result.append(entry)
        elif is_post_id(row.post_id):
            result.append(replace(entry, row=replace(row, post_id=new_id(), approved=False, stamp="")))
        else:
            result.append(replace(entry, row=replace(row, post_id=lost.pop(row.content, "") or new_id())))
    return result


def _keeper(entries: Sequence[SeenRow], known: Row | None) -> SeenRow:
    if known is not None:
        for entry in entries:
            if entry.row.content == known.content:
                return entry
    return entries[0]


@dataclass(frozen=True)
class RowWrite:
    """Cells of one row. The row is known again by ``post_id`` or, where that is being given, by ``content``."""

    number: int
    post_id: str
    content: str
    cells: Mapping[str, str | bool]
    gives_id: bool = False
    step: FlagStep = FlagStep.NONE

    @property
    def key(self) -> str:
        """What the row is known by from one run to the next."""
        return self.content if self.gives_id else self.post_id


# A row emptied by its owner is a post no more: what is written there next is another one, whatever became of the first.
_EMPTIED: Mapping[str, str | bool] = {"post_id": "", "approved": False, "approved for": "", "status": ""}


def plan_writes(
    seen: Sequence[SeenRow],
    identified: Sequence[SeenRow],
    statuses: Mapping[str, Status],
    sentences: Mapping[str, str],
    read_at: datetime,
    last: Mapping[str, Row],
) -> list[RowWrite]:
    """Every cell that is not as it should be, and nothing else. ``last`` are the mirrored rows by id."""
    writes = []
    for was, entry in zip(seen, identified, strict=True):
        row = entry.row
        if row.blank and row.post_id and row.post_id not in last:
            writes.append(RowWrite(entry.number, row.post_id, row.content, _EMPTIED, gives_id=True))
        if row.blank or not row.post_id:
            continue
        cells: dict[str, str | bool] = {}
        gives_id = was.row.post_id != row.post_id
        status = statuses.get(row.post_id)
        if gives_id:
            cells["post_id"] = row.post_id
            if was.row.post_id:  # a copy brought its original's tick, stamp and status along
                cells |= {"approved": False, "approved for": "", "status": ""}
        step = FlagStep.NONE if status is None and _left_alone(row, last) else flag_step(row, status, read_at)
        cells |= flag_cells(row, status, step)
        text = sentences.get(row.post_id)
        if text is not None and text != was.row.status:
            cells["status"] = text
        if cells or step is not FlagStep.NONE:
            writes.append(RowWrite(entry.number, row.post_id, row.content, cells, gives_id, step))
    return writes


def _left_alone(row: Row, last: Mapping[str, Row]) -> bool:
    """Its own tick and stamp as they stood at the last look, and no item that was read: its post is closed, as a posted one."""
    before = last.get(row.post_id)
    same = before is not None and (before.approved, before.stamp) == (row.approved, row.stamp)
    return same and row.approved and row.stamp.startswith(stamp(row.post_id, ""))


class Landed(Enum):
    """What became of a write, by the row that Google showed after it."""

    HIT = auto()
    MOVED = auto()  # another row had come to stand there
    REFUSED = auto()  # the right row, and a cell of it did not take what was written


def landed(write: RowWrite, after: Row, cells: Mapping[str, Cell]) -> Landed:
    """``after`` is the row as it stood after the write, ``cells`` the same by column."""
    right = after.content == write.content if write.gives_id else after.post_id == write.post_id
    if not right:
        return Landed.MOVED
    kept = all((cells.get(name) or "") == (value or "") for name, value in write.cells.items())
    return Landed.HIT if kept else Landed.REFUSED


def undone(write: RowWrite) -> RowWrite:
    """What was written into another row is cleared there and derived again by the next look.

    Tick and stamp stay for that look: the stamp names the post it was meant for, so that an owner's untick in between can be told.
    """
    cells = {name: "" for name in write.cells if name not in {"approved", "approved for"}}
    return replace(write, cells=cells, step=FlagStep.NONE)


# rows that are to be put in


@dataclass(frozen=True)
class RowInsert:
    """A new row's cells by column: days and times as Sheets' serials, so that they are dates and times there."""

    post_id: str
    cells: Mapping[str, Cell]


def row_to_insert(post_id: str, wanted: Wanted) -> RowInsert:
    """Not approved, whatever it came from."""
    day, clock = datetime.fromisoformat(wanted.date).date(), datetime.fromisoformat(f"2000-01-01T{wanted.time}").time()
    cells: dict[str, Cell] = {
        "post_id": post_id,
        "date": date_to_serial(day),
        "time": time_to_serial(clock),
        "text": wanted.text,
        "channels": wanted.channels,
        "image": wanted.image,
        "alt text": wanted.alt,
        "link": wanted.link,
        "approved": False,
        "note": wanted.note,
        **{f"{OVERRIDE_PREFIX}{channel}": text for channel, text in wanted.texts.items()},
    }
    return RowInsert(post_id, cells)


def missing_columns(wanted: Iterable[Wanted], header: Collection[str]) -> list[str]:
    """The columns that rows to be put in have a text for and the sheet has none, in the order they are named."""
    names = (f"{OVERRIDE_PREFIX}{channel}" for one in wanted for channel, text in one.texts.items() if text)
    return [name for name in dict.fromkeys(names) if name not in header]
