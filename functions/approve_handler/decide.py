"""What a click may do to a post, pure: the post's item as it is in, the item as it shall be and what to say out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from mesh.approvals import Action, How
from mesh.ledger.items import Approval, Flag, FlagState, Head, HeadState, Hold, State, Status
from mesh.schedule_time import say_with_zone

SAY_HOW: dict[str, str] = {How.MAIL: "by a link's button", How.DEVICE: "by opening its link", How.SLACK: "in Slack"}
APPROVING = frozenset({Action.REVIEW, Action.SEND_NOW})


class Verdict(StrEnum):
    DONE = "done"
    ALREADY = "already"
    CHANGED = "changed"  # the link is of an older revision
    SPENT = "spent"  # this very link was pressed before, and something else was decided since
    GONE = "gone"
    BROKEN = "broken"  # what would be approved cannot be shown
    LEAVING = "leaving"  # too late: it is being sent or is out
    LATER = "later"  # the tables did not take it now
    OPEN = "open"  # nothing stands in the way of the button


@dataclass(frozen=True)
class Standing:
    """How a post stands to one link; ``sentence`` says it to the one who opened it."""

    verdict: Verdict
    sentence: str = ""


def standing(action: Action, status: Status | None, revision: str, heads: Sequence[Head], zone: ZoneInfo) -> Standing:
    """Whether the link's button may be pressed. ``heads`` may be empty where only the post's own item was read."""
    if status is not None and status.broken:
        return Standing(Verdict.BROKEN, "The record of this post is damaged: nothing goes out until somebody looks.")
    if status is None or status.gone_at is not None:
        return Standing(Verdict.GONE, "This post is no longer in the sheet. Nothing will go out.")
    mine = [head for head in heads if head.channel in status.channels]
    sent = [head for head in mine if head.state is HeadState.SENT]
    if status.state is State.SENT or (mine and {head.channel for head in sent}.issuperset(status.going)):
        return Standing(Verdict.LEAVING, _out(head.posted_url for head in sent))
    if action is Action.HOLD:
        return _hold_standing(status, mine, zone)
    if action is Action.RELEASE:
        return Standing(Verdict.OPEN) if status.held else Standing(Verdict.ALREADY, "This post is not on hold.")
    if status.current_revision != revision:
        return Standing(Verdict.CHANGED, "This has changed since that mail was sent.")
    if status.held is not None:
        return Standing(
            Verdict.OPEN, f"{status.held.by} put it on hold ({_when(status.held, zone)}). Approving it lifts the hold."
        )
    approval = status.approval
    if status.approved and approval is not None and (approval.now or action is Action.REVIEW):
        late = status.asked is not None and status.asked.reason == "late" and status.asked.at > approval.at
        if not late:
            return Standing(Verdict.ALREADY, f"{approval.by} approved exactly this already ({_when(approval, zone)}).")
    return Standing(Verdict.OPEN)


def _out(addresses: Iterable[str]) -> str:
    known = " ".join(address for address in addresses if address)
    return f"This post is out already: {known}" if known else "This post is out already."


def _hold_standing(status: Status, heads: Sequence[Head], zone: ZoneInfo) -> Standing:
    """A hold is the brake: it is refused only where nothing is left to stop.

    An ``unknown`` head can be stopped: looking needs no gate, but repeating does.
    """
    if status.held is not None:
        return Standing(Verdict.ALREADY, f"{status.held.by} put it on hold already ({_when(status.held, zone)}).")
    leaving = [head.channel for head in heads if head.state in {HeadState.OPEN, HeadState.SENT, HeadState.UNKNOWN}]
    stopped = any(head.state in {HeadState.UNKNOWN, HeadState.READY, HeadState.RETRY} for head in heads)
    if leaving and {head.channel for head in heads}.issuperset(status.going) and not stopped:
        return Standing(Verdict.LEAVING, "It is leaving at this moment or out already; a hold comes too late.")
    if leaving:
        return Standing(Verdict.OPEN, f"It may be out already on {', '.join(leaving)}; the hold stops the rest.")
    return Standing(Verdict.OPEN)


def lift(post_id: str, held: Hold) -> str:
    """What a page's form says back: this very hold was shown beside the button."""
    return f"{post_id} {held.at}"


def decide(
    action: Action, before: Status | None, revision: str, hand: Hold, zone: ZoneInfo, lifts: Collection[str] = ()
) -> Status | None:
    """The item after the press, or None where it changes nothing: looked at again at every try of the transaction.

    ``hand`` says who presses, how and when. ``lifts`` names the holds that the page showed: an approval lifts no other, so that a hold
    set while the page was open stays.
    """
    if before is None or standing(action, before, revision, (), zone).verdict is not Verdict.OPEN:
        return None
    match action:
        case Action.REVIEW | Action.SEND_NOW:
            if before.held is not None and lift(before.post_id, before.held) not in lifts:
                return None
            return _approved(before, revision, hand, now_please=action is Action.SEND_NOW)
        case Action.HOLD:
            state = State.SENDING if before.state is State.SENDING else State.HELD
            return before.model_copy(update={"held": hand, "state": state, "queued_for": None, "open": "1"})
        case Action.RELEASE:
            return _released(before, revision, hand.at)
        case _:
            return None


def _approved(before: Status, revision: str, hand: Hold, *, now_please: bool) -> Status:
    """The approval, the shown hold lifted, the flag to be written."""
    approval = Approval(revision=revision, by=hand.by, how=hand.how, at=hand.at, now=now_please)
    flag = _pending(before, hand.at)
    state = State.DRAFT if before.state is State.HELD else before.state
    return before.model_copy(update={"approval": approval, "held": None, "flag": flag, "state": state, "open": "1"})


def _released(before: Status, revision: str, at: str) -> Status:
    """The hold lifted; where the approval of this revision stands, its flag is written again."""
    state = State.DRAFT if before.state is State.HELD else before.state
    update: dict[str, object] = {"held": None, "state": state, "open": "1"}
    if before.approved and before.current_revision == revision:
        update["flag"] = _pending(before, at)
    return before.model_copy(update=update)


def _pending(before: Status, at: str) -> Flag:
    """To be written, or to be written again over a tick that may be there."""
    there = before.flag is not None and (before.flag.state is FlagState.WRITTEN or before.flag.again)
    return Flag(state=FlagState.PENDING, at=at, again=there)


def _when(decision: Approval | Hold, zone: ZoneInfo) -> str:
    """When, and how where that is known: "Friday 20 March, 09:00, Berlin time; in Slack"."""
    when = say_with_zone(datetime.fromisoformat(decision.at), zone)
    return f"{when}; {SAY_HOW[decision.how]}" if decision.how in SAY_HOW else when
