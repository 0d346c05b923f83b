"""What a message in Slack says in place of its buttons, pure: the post as it stands in, a sentence out, "" while a click is wanted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from mesh.cards.blocks import Message, Share
from mesh.ledger.items import Approval, CardSent, Head, HeadState, Hold, Says, Status
from mesh.messages.standing import asks_late
from mesh.models import Deferred
from mesh.schedule_time import say_with_zone

_ANSWERED = {Says.FOUND: "it is there", Says.NOT_THERE: "it is not there", Says.SEND_AGAIN: "send it again"}
_LONGEST_DETAIL = 200
CHANGED = "This has changed since."
"""How the sentence begins about a post that is not what was asked about any more."""


class Reference(Deferred):
    """One message in Slack, as ``ss-runtime`` keeps it: where it stands, and all that its rendering needs beside the tables.

    ``pairs`` are (post_id, revision) of what it shows, ``instead_of`` the revision each was asked about before, ``rounds`` the asking that
    it repeats for each where that is not ``round_id``: a digest shows what was asked before. ``channel_name`` and
    ``attempt`` are of a question's try. ``shown`` is the digest of what stands there now; ``gone``: it cannot be changed any more.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    key: str
    round_id: str
    reason: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    instead_of: dict[str, str] = Field(default_factory=dict)
    rounds: dict[str, str] = Field(default_factory=dict)
    piece: int = 0
    pieces: int = 1
    opens: bool = True
    expires_at: int
    pictures: bool = True
    channel_name: str = ""
    attempt: int = 0
    began: str = ""
    channel: str = ""
    ts: str = ""
    shown: str = ""
    gone: bool = False

    @property
    def share(self) -> Share:
        return Share(tuple(post_id for post_id, _ in self.pairs), self.piece, self.pieces, self.opens)

    def showing(self, message: Message) -> Self:
        return self.model_copy(update={"shown": digest(message)})


def digest(message: Message) -> str:
    """The same for the same message."""
    told: list[Any] = [message.text, message.blocks]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def decided(status: Status | None, heads: Sequence[Head], reference: Reference, revision: str, zone: ZoneInfo) -> str:
    """About one post of a card."""
    if status is None or status.gone_at is not None:
        return "This post is no longer in the sheet. Nothing will go out."
    if status.broken:
        return "The record of this post is damaged: nothing goes out until somebody looks."
    outcome = _outcome(status, heads, revision)
    if outcome:
        return outcome
    if status.current_revision != revision:
        newer = status.asked is not None and status.asked.revision == status.current_revision
        return f"{CHANGED} " + (
            "The newest message has it." if newer else "A new message asks as soon as its new preview is made."
        )
    if status.held is not None:
        return f"{status.held.by} put it on hold ({_when(status.held, zone)}). Its page releases it."
    asked, approval = status.asked, status.approval
    if status.approved and approval is not None and not asks_late(status):
        goes = "It goes out within a minute or two." if approval.now else "It goes out as planned."
        return f"Approved by {approval.by} ({_when(approval, zone)}). {goes}"
    if asked is not None and asked.round_id != reference.rounds.get(status.post_id, reference.round_id):
        return "The newest message asks about this."
    return ""


_TRIED = {HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN, HeadState.FAILED}


def _outcome(status: Status, heads: Sequence[Head], revision: str) -> str:
    """What became of it, channel by channel, once this revision was tried or all of it is out; "" before."""
    mine = [head for head in heads if head.channel in status.going]
    out = {head.channel for head in mine if head.state is HeadState.SENT}
    tried = [head for head in mine if head.revision == revision and head.state in _TRIED]
    if not tried and not (mine and out.issuperset(status.going)):
        return ""
    if asks_late(status) and all(head.state is HeadState.FAILED for head in tried):
        return ""  # it is asked since whether it is still to go out
    return "\n".join(_of_channel(head) for head in mine)


def _of_channel(head: Head) -> str:
    match head.state:
        case HeadState.SENT:
            return f"Posted on {head.channel}: {head.posted_url}".removesuffix(": ")
        case HeadState.FAILED:
            return f"Not posted on {head.channel}. {head.detail[:_LONGEST_DETAIL] or 'The network refused it.'}"
        case HeadState.OPEN:
            return f"Going out on {head.channel} now."
        case HeadState.UNKNOWN:
            return f"It may be out on {head.channel}; that is being looked into."
        case _:
            return f"Still to go on {head.channel}."


def decided_question(status: Status | None, head: Head | None, reference: Reference, zone: ZoneInfo) -> str:
    """About one try."""
    if status is None or head is None or status.broken or head.state is HeadState.BROKEN:
        return "This post is not known any more."
    if head.state is HeadState.SENT:
        return f"It was found, it is out: {head.posted_url}".removesuffix(": ")
    ((_, revision),) = reference.pairs
    if (head.attempts, head.revision, head.state) != (reference.attempt, revision, HeadState.UNKNOWN):
        return "It was decided since what became of this try."
    given = status.answer_about(head)
    if given is None:
        return ""
    when = say_with_zone(datetime.fromisoformat(given.at), zone)
    return f"{given.by} has answered ({when}): {_ANSWERED[given.says]}."


def note_slack(before: Status | None, round_id: str, error: str, now: datetime) -> Status | None:
    """The card's fate as far as Slack is concerned, added to the mails': one that got through is delivered."""
    if before is None or before.asked is None or before.asked.round_id != round_id:
        return None
    card = before.card if before.card is not None and before.card.round_id == round_id else CardSent(round_id=round_id)
    if error:
        sentence = f"Slack: {error}"
        if sentence in card.error:
            return None
        after = card.model_copy(update={"error": "; ".join(part for part in (card.error, sentence) if part)})
    else:
        if card.sent_at is not None:
            return None
        after = CardSent(round_id=round_id, sent_at=now.isoformat())
    return before.model_copy(update={"card": after, "open": "1"})


def _when(decision: Approval | Hold, zone: ZoneInfo) -> str:
    return say_with_zone(datetime.fromisoformat(decision.at), zone)
