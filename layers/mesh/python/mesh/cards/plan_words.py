"""What mail and Slack say of a batch's plan, or of why there is none. Pure."""

from __future__ import annotations

from mesh.cards.model import first_words
from mesh.ledger.proposals import STAND_IN, DraftState, Proposal

STAND_IN_PLANNED = "The stand-in of this computer made this plan, not a model."


def plan_title(proposal: Proposal) -> str:
    """Its subject, and the headline of it."""
    about = first_words(proposal.note.text)
    if proposal.state is DraftState.FAILED:
        return f"No plan yet: {about}"
    count = len(proposal.plan)
    return f"Your plan is ready: {count} {'post' if count == 1 else 'posts'} – {about}"


def plan_sentences(proposal: Proposal) -> list[str]:
    """What the mail says, and what Slack says."""
    if proposal.state is DraftState.FAILED:
        return [proposal.error or "The plan could not be made.", "Your note is kept."]
    topics = [f"{number}. {first_words(one.topic)}" for number, one in enumerate(proposal.plan, start=1)]
    return [
        *([proposal.error] if proposal.error else []),
        "\n".join(topics),
        f"{STAND_IN_PLANNED if proposal.planner == STAND_IN else 'AI proposed this from your note.'} Look at it, change what you like, and say"
        " when the posts are to be drafted: nothing is written yet.",
    ]


def plan_button(proposal: Proposal) -> str:
    return "Look at your note" if proposal.state is DraftState.FAILED else "Look at the plan"
