"""A batch's plan as a Slack message: its topics and one button. Who presses it is handed the way to its page, which is theirs alone. Pure."""

from __future__ import annotations

from collections.abc import Callable

from mesh.cards.block_parts import Block, actions, button, header, said
from mesh.cards.blocks import Message
from mesh.cards.plan_words import plan_button, plan_sentences, plan_title
from mesh.ledger.proposals import DraftState, Proposal


def plan_message(proposal: Proposal, batch_id: str, value: Callable[[str], str]) -> Message:
    """``value`` signs the button of the batch's id. The notification holds nothing of the note."""
    failed = proposal.state is DraftState.FAILED
    blocks: list[Block] = [header(plan_title(proposal))]
    for sentence in plan_sentences(proposal):
        blocks += said(sentence, bold=failed and sentence == proposal.error)
    blocks += actions([button(plan_button(proposal), "open-draft", value(batch_id), "primary")])
    return Message("No plan yet" if failed else "Your plan is ready", blocks)
