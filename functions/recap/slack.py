"""The recap in Slack: the paragraph and the figures, in one message without buttons. Pure.

Without the picture: Slack would fetch it from an address of ours, and such an address is signed.
"""

from __future__ import annotations

from mesh.cards.block_parts import header, said
from mesh.cards.blocks import Message
from recap.decide import Told

_MOST_CHANNELS = 20


def message(told: Told) -> Message:
    facts = [f"• {fact.label}: {fact.value}" + (f" ({fact.note})" if fact.note else "") for fact in told.facts]
    channels = [
        f"• {one.name}: {one.posted:,} posted, {one.on_time:,} on time" for one in told.channels[:_MOST_CHANNELS]
    ]
    if (rest := len(told.channels) - _MOST_CHANNELS) > 0:
        channels.append(f"• and {rest:,} more channels, which are in the mail")
    blocks = [header(told.headline), *said(told.paragraph), *said("\n".join(facts))]
    blocks += said("\n".join(channels)) if channels else []
    blocks += said("\n".join(told.notes), italic=True)
    return Message(told.headline, blocks)
