"""What drive-sync decides about tick and stamp, pure: what a row shows and the post's item in; the next step and the item after it out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from mesh.ledger.items import Flag, FlagState, Hold, State, Status
from mesh.posts import Row, stamp


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
    # Once it is out an untick holds nothing any more, and a tick is right only for what was approved and not held since.
    if status.state is State.SENT:
        shown = status.approved and status.held is None and _own_stamp(row)
        return FlagStep.CLEAR if (row.stamp or row.approved) and not shown else FlagStep.NONE
    wanted = (
        status.approved
        and status.held is None
        and flag is not None
        and flag.state in {FlagState.PENDING, FlagState.WRITTEN}
    )
    if not wanted or approval is None or flag is None:
        if row.stamp:
            # An edit has ended the approval meanwhile; undone, the approval would stand again without the owner's untick.
            return FlagStep.HOLD if _unticked_before(row, status, read_at) else FlagStep.CLEAR
        if row.approved:
            return FlagStep.HAND
        return FlagStep.NONE
    stamped = row.stamp == stamp(row.post_id, approval.revision)
    misplaced = bool(row.stamp) and not _own_stamp(row)
    if misplaced and not row.approved:
        return FlagStep.HOLD_MISPLACED
    if row.approved and stamped:
        return FlagStep.CONFIRM if flag.state is FlagState.PENDING else FlagStep.NONE
    noted = flag.state is FlagState.WRITTEN  # if it is not, it was written all the same: nobody else writes this stamp
    was_there = datetime.fromisoformat(flag.at) < read_at if noted else not flag.again
    if stamped and not row.approved and was_there:
        return FlagStep.HOLD
    return FlagStep.WRITE


def _own_stamp(row: Row) -> bool:
    return row.stamp.startswith(stamp(row.post_id, ""))


def _unticked_before(row: Row, status: Status, read_at: datetime) -> bool:
    """The tick that was written is gone and its stamp is still there."""
    flag = status.flag
    if row.approved or not _own_stamp(row) or status.held is not None or flag is None:
        return False
    return flag.state is FlagState.WRITTEN and datetime.fromisoformat(flag.at) < read_at


def hold_for_untick(before: Status | None, now: datetime, *, misplaced: bool = False) -> Status | None:
    """The owner's untick as a hold, unless a click came after it. ``misplaced``: it was another row's tick, got here by a sort."""
    if before is None or before.held is not None or before.flag is None or before.state is State.SENT:
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


def flag_cells(row: Row, status: Status | None, step: FlagStep) -> dict[str, str | bool]:
    """What the step writes into the row."""
    if step is FlagStep.WRITE and status is not None and status.approval is not None:
        stamped: dict[str, str | bool] = {"approved for": stamp(row.post_id, status.approval.revision)}
        # A tick that is there is not written again: its owner may take it away meanwhile.
        return stamped if row.approved else stamped | {"approved": True}
    if step in {FlagStep.CLEAR, FlagStep.HOLD, FlagStep.HOLD_MISPLACED, FlagStep.HAND}:
        return {"approved": False, "approved for": ""}
    return {}
