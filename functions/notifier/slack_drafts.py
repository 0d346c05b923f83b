"""Drafts in Slack: posted once, beside the mails. What is decided about them is said on their page; the messages stay as they are."""

from __future__ import annotations

from datetime import datetime

from mesh.approvals import LIFETIME, Action
from mesh.cards.blocks import Message
from mesh.cards.draft_blocks import draft_messages
from mesh.events import DraftReady
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference
from notifier.drafting import card_of, gathered


def post_drafts(room: SlackRoom, detail: DraftReady, now: datetime) -> int:
    """How many messages stand in the channel. SlackRefused passes: the mails say it too."""
    found = gathered(room.office, detail)
    if not found.statuses:
        return 0
    base = Reference(
        key=f"slack#{found.key}", round_id=detail.trace_id, pairs=(), expires_at=int((now + LIFETIME).timestamp())
    )
    card = card_of(room.office, found, now)

    def messages(reference: Reference) -> list[Message]:
        hand = room.hand(reference)
        return draft_messages(card, lambda post_id: hand.value(Action.DRAFT, ((post_id, ""),)))

    def part(reference: Reference) -> Message:
        there = messages(reference)
        return there[min(reference.piece, len(there) - 1)]

    count = 0
    for number, _ in enumerate(messages(base)):
        reference = base.model_copy(update={"key": f"{base.key}#{number}", "piece": number})
        count += room.post(detail, reference, part, now)
    return count
