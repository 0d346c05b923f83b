"""The mail that says that a batch's plan is there to be looked at, or why there is none."""

from __future__ import annotations

from email.message import EmailMessage

from mesh.cards.email import Envelope, compose_note
from mesh.cards.model import Brake
from mesh.cards.plan_words import plan_button, plan_sentences, plan_title
from mesh.ledger.proposals import Proposal


def compose_plan(proposal: Proposal, link: str, envelope: Envelope, brake: Brake) -> EmailMessage:
    """One button, which opens the plan's page."""
    return compose_note(plan_title(proposal), plan_sentences(proposal), envelope, brake, (plan_button(proposal), link))
