"""A batch's plan in Slack: posted once for each plan, beside the mails; the message stays as it is."""

from __future__ import annotations

from datetime import datetime

from mesh.approvals import LIFETIME, Action
from mesh.batches import plan_digest
from mesh.cards.blocks import Message
from mesh.cards.plan_blocks import plan_message
from mesh.events import DraftReady
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference
from notifier.planning import to_show


def post_plan(room: SlackRoom, detail: DraftReady, now: datetime) -> int:
    """How many messages stand in the channel. SlackRefused passes: the mails say it too."""
    proposal = to_show(room.office.ledger.status(detail.batch_id))
    if proposal is None:
        return 0
    reference = Reference(
        key=f"slack#plan#{detail.batch_id}#{plan_digest(proposal)}",
        round_id=detail.trace_id,
        pairs=(),
        expires_at=int((now + LIFETIME).timestamp()),
    )

    def render(one: Reference) -> Message:
        hand = room.hand(one)
        return plan_message(proposal, detail.batch_id, lambda batch_id: hand.value(Action.DRAFT, ((batch_id, ""),)))

    return int(room.post(detail, reference, render, now))
