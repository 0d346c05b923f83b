"""What drive-sync decides, pure: the sheet as read and the tables' items in; ids, flags, holds and cells to write out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mesh.ledger.items import Flag, FlagState, Hold, Status
from mesh.posts import Row, stamp

GONE_AFTER = timedelta(seconds=60)  # one absence is no deletion: the row may be on its way between two places


@dataclass(frozen=True)
class SeenRow:
    """A row and where it stood when the table was read (1-based sheet row)."""

    number: int
    row: Row


# ids


def give_ids(seen: Sequence[SeenRow], last: Mapping[str, Row], new_id: Callable[[], str]) -> list[SeenRow]:
    """Every row with content gets an id of its own; a copy gets a new one and no approval.

    Of rows that share an id, the one that still has the last known content keeps it, else the uppermost. A row that lost its id gets it
    back when its content is the last known content of an id that stands nowhere.
    """
    holders: dict[str, list[SeenRow]] = defaultdict(list)
    for entry in seen:
        if entry.row.post_id and not entry.row.blank:
            holders[entry.row.post_id].append(entry)
    keeper = {post_id: _keeper(entries, last.get(post_id)).number for post_id, entries in holders.items()}
    lost = {row.content: post_id for post_id, row in last.items() if post_id not in holders}
    result = []
    for entry in seen:
        row = entry.row
        if row.blank or (row.post_id and keeper.get(row.post_id) == entry.number):
            result.append(entry)
        elif row.post_id:
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


# flags


class FlagStep(StrEnum):
    NONE = "none"
    WRITE = "write"  # the approval stands: tick and stamp
    CONFIRM = "confirm"  # tick and stamp are there already: only say so
    CLEAR = "clear"  # stamp or tick without a standing approval
    HOLD = "hold"  # the owner took the tick away
    HOLD_MISPLACED = "hold-misplaced"  # the owner took away a tick that was another row's and had got here by a sort
    HAND = "hand"  # the owner ticked what nobody approved


def flag_step(row: Row, status: Status | None, read_at: datetime) -> FlagStep:
    """What to do about one row's tick and stamp (ARCHITECTURE section 5, "Deciding"). ``read_at`` is when the read began."""
    if status is not None and status.broken:
        return FlagStep.NONE
    if status is None:
        return FlagStep.CLEAR if row.stamp or row.approved else FlagStep.NONE
    approval = status.approval
    flag = status.flag
    wanted = (
        status.approved
        and status.held is None
        and flag is not None
        and flag.state in {FlagState.PENDING, FlagState.WRITTEN}
    )
    if not wanted or approval is None or flag is None:
        if row.stamp:
            return FlagStep.CLEAR
        if row.approved:
            return FlagStep.HAND
        return FlagStep.NONE
    stamped = row.stamp == stamp(row.post_id, approval.revision)
    misplaced = bool(row.stamp) and not row.stamp.startswith(f"{row.post_id}:")
    if misplaced and not row.approved:
        return FlagStep.HOLD_MISPLACED
    if row.approved and stamped:
        return FlagStep.CONFIRM if flag.state is FlagState.PENDING else FlagStep.NONE
    noted = flag.state is FlagState.WRITTEN  # if it is not, it was written all the same: nobody else writes this stamp
    was_there = datetime.fromisoformat(flag.at) < read_at if noted else not flag.again
    if stamped and not row.approved and was_there:
        return FlagStep.HOLD
    return FlagStep.WRITE


def hold_for_untick(before: Status | None, now: datetime, *, misplaced: bool = False) -> Status | None:
    """The owner's untick as a hold, unless a click came after it. ``misplaced``: it was another row's tick, got here by a sort."""
    if before is None or before.held is not None or before.flag is None:
        return None
    pending = before.flag.state is FlagState.PENDING and (misplaced or not before.flag.again)
    if not (before.flag.state is FlagState.WRITTEN or pending):
        return None
    hold = Hold(by="the sheet's owner", how="untick", at=now.isoformat())
    return before.model_copy(update={"held": hold, "flag": _flag(FlagState.CLEARED, now), "open": "1"})


def note_flag(before: Status | None, revision: str, now: datetime) -> Status | None:
    """Flag and stamp are in the sheet, if that is still wanted for this revision."""
    if before is None or before.flag is None or before.flag.state is not FlagState.PENDING:
        return None
    if before.held is not None or not before.approved or before.current_revision != revision:
        return None
    return before.model_copy(update={"flag": _flag(FlagState.WRITTEN, now), "open": "1"})


def note_cleared(before: Status | None, now: datetime) -> Status | None:
    """Flag and stamp are out of the sheet; a pending one stays pending."""
    if before is None or before.flag is None or before.flag.state is not FlagState.WRITTEN:
        return None
    if before.approved and before.held is None:
        return None
    return before.model_copy(update={"flag": _flag(FlagState.CLEARED, now), "open": "1"})


def note_hand(before: Status | None, now: datetime) -> Status | None:
    """A tick by hand: it asks for a card."""
    if before is None or (before.approved and before.held is None):
        return None
    return before.model_copy(update={"flag": _flag(FlagState.HAND, now), "open": "1"})


def _flag(state: FlagState, now: datetime) -> Flag:
    return Flag(state=state, at=now.isoformat())


# what to write


@dataclass(frozen=True)
class RowWrite:
    """Cells of one row. The row is known again by ``post_id`` or, where that is being given, by ``content``."""

    number: int
    post_id: str
    content: str
    cells: Mapping[str, str | bool]
    gives_id: bool = False
    step: FlagStep = FlagStep.NONE


def plan_writes(
    seen: Sequence[SeenRow],
    identified: Sequence[SeenRow],
    statuses: Mapping[str, Status],
    sentences: Mapping[str, str],
    read_at: datetime,
) -> list[RowWrite]:
    """Every cell that is not as it should be, and nothing else."""
    writes = []
    for was, entry in zip(seen, identified, strict=True):
        row = entry.row
        if row.blank or not row.post_id:
            continue
        cells: dict[str, str | bool] = {}
        gives_id = was.row.post_id != row.post_id
        status = statuses.get(row.post_id)
        if gives_id:
            cells["post_id"] = row.post_id
            if was.row.post_id:  # a copy brought its original's tick, stamp and status along
                cells |= {"approved": False, "approved for": "", "status": ""}
        step = flag_step(row, status, read_at)
        cells |= _flag_cells(row, status, step)
        text = sentences.get(row.post_id)
        if text is not None and text != was.row.status:
            cells["status"] = text
        if cells or step is not FlagStep.NONE:
            writes.append(RowWrite(entry.number, row.post_id, row.content, cells, gives_id, step))
    return writes


def _flag_cells(row: Row, status: Status | None, step: FlagStep) -> dict[str, str | bool]:
    if step is FlagStep.WRITE and status is not None and status.approval is not None:
        stamped: dict[str, str | bool] = {"approved for": stamp(row.post_id, status.approval.revision)}
        # A tick that is there is not written again: its owner may take it away meanwhile.
        return stamped if row.approved else stamped | {"approved": True}
    if step in {FlagStep.CLEAR, FlagStep.HOLD, FlagStep.HOLD_MISPLACED, FlagStep.HAND}:
        return {"approved": False, "approved for": ""}
    return {}


# the mirror


@dataclass(frozen=True)
class Mirror:
    """The rows to mirror, which of them changed, and which ids are missed since when."""

    rows: tuple[Row, ...]
    changed: tuple[str, ...]
    absent: Mapping[str, str] = field(default_factory=dict)


def mirror(
    identified: Iterable[SeenRow],
    last: Mapping[str, Row],
    absent: Mapping[str, str],
    held_back: frozenset[str],
    now: datetime,
) -> Mirror:
    """``held_back`` rows wait for their images and stay as they were; an id missed for a minute in two reads is gone."""
    rows: dict[str, Row] = {}
    for entry in identified:
        row = entry.row
        if row.blank or not row.post_id:
            continue
        if row.post_id in held_back:
            if row.post_id in last:
                rows[row.post_id] = last[row.post_id]
            continue
        rows[row.post_id] = replace(row, status="")
    missed = {}
    for post_id in last:
        if post_id in rows or post_id in held_back:
            continue
        since = absent.get(post_id, now.isoformat())
        if datetime.fromisoformat(since) + GONE_AFTER > now:
            missed[post_id] = since
            rows[post_id] = last[post_id]
    changed = [post_id for post_id, row in rows.items() if not _same(last.get(post_id), row)]
    changed += [post_id for post_id in last if post_id not in rows]
    return Mirror(tuple(rows.values()), tuple(sorted(changed)), missed)


def _same(before: Row | None, after: Row) -> bool:
    """Nothing of the owner's changed: tick and stamp are ours."""
    return before is not None and before.content == after.content and before.images == after.images
