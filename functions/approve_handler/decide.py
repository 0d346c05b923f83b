"""What a click may do to a post, pure: the post's item as it is in, the item as it shall be and what to say out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mesh.approvals import Action
from mesh.ledger.items import Approval, Flag, FlagState, Head, HeadState, Hold, State, Status


class Verdict(StrEnum):
    DONE = "done"
    ALREADY = "already"
    CHANGED = "changed"  # the link is of an older revision
    GONE = "gone"
    LEAVING = "leaving"  # too late to hold: it is being sent or is out
    OPEN = "open"  # nothing stands in the way of the button


@dataclass(frozen=True)
class Standing:
    """How a post stands to one link; ``sentence`` says it to the one who opened it."""

    verdict: Verdict
    sentence: str = ""


def standing(action: Action, status: Status | None, revision: str, heads: Sequence[Head]) -> Standing:
    """Whether the link's button may still be pressed."""
    if status is None or status.gone_at is not None:
        return Standing(Verdict.GONE, "This post is no longer in the sheet. Nothing will go out.")
    mine = [head for head in heads if head.channel in status.channels]
    if mine and all(head.state is HeadState.SENT for head in mine) and len(mine) == len(status.channels):
        return Standing(Verdict.LEAVING, "This post is out already: " + " ".join(head.posted_url for head in mine))
    if action is Action.HOLD:
        return _hold_standing(status, mine)
    if action is Action.RELEASE:
        if status.held is None:
            return Standing(Verdict.ALREADY, "This post is not on hold.")
        return Standing(Verdict.OPEN)
    if status.current_revision != revision:
        return Standing(Verdict.CHANGED, "This has changed since that mail was sent.")
    approval = status.approval
    if (
        status.approved
        and status.held is None
        and approval is not None
        and (approval.now or action is not Action.SEND_NOW)
    ):
        late = status.asked is not None and status.asked.reason == "late" and status.asked.at > approval.at
        if not late:
            return Standing(Verdict.ALREADY, f"{approval.by} approved exactly this already ({_clock(approval.at)}).")
    return Standing(Verdict.OPEN)


def _hold_standing(status: Status, heads: Sequence[Head]) -> Standing:
    if status.held is not None:
        return Standing(Verdict.ALREADY, f"{status.held.by} put it on hold already ({_clock(status.held.at)}).")
    if any(head.state in {HeadState.OPEN, HeadState.UNKNOWN} for head in heads):
        return Standing(
            Verdict.LEAVING, "It is leaving at this moment; a hold comes too late for the channel being sent."
        )
    return Standing(Verdict.OPEN)


def approve(
    before: Status | None, revision: str, by: str, how: str, *, now_please: bool, at: datetime
) -> Status | None:
    """The approval, any hold lifted, the flag to be written; None where the revision is not the current one."""
    if before is None or before.gone_at is not None or before.current_revision != revision:
        return None
    approval = Approval(revision=revision, by=by, how=how, at=at.isoformat(), now=now_please)
    flag = Flag(state=FlagState.PENDING, at=at.isoformat())
    state = State.DRAFT if before.state is State.HELD else before.state
    return before.model_copy(update={"approval": approval, "held": None, "flag": flag, "state": state, "open": "1"})


def hold(before: Status | None, by: str, how: str, at: datetime) -> Status | None:
    """On hold; drive-sync takes flag and stamp away."""
    if before is None or before.held is not None:
        return None
    state = before.state if before.state in {State.SENDING, State.SENT} else State.HELD
    held = Hold(by=by, how=how, at=at.isoformat())
    return before.model_copy(update={"held": held, "state": state, "queued_for": None, "open": "1"})


def release(before: Status | None, revision: str, at: datetime) -> Status | None:
    """The hold lifted; where the approval of this revision stands, its flag is written again."""
    if before is None or before.held is None:
        return None
    update: dict[str, object] = {"held": None, "state": State.DRAFT, "open": "1"}
    if before.approved and before.current_revision == revision:
        update["flag"] = Flag(state=FlagState.PENDING, at=at.isoformat())
    return before.model_copy(update=update)


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d %b %H:%M} UTC"
