"""A batch's plan that is there, or could not be made: one mail to each recipient, and noted on the batch that it went out."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage

from mesh.approvals import Action
from mesh.batches import plan_digest
from mesh.cards.plan_mail import compose_plan
from mesh.events import DraftReady
from mesh.ledger import Act, CardSent, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Proposal
from mesh.messages.office import PostOffice
from notifier.decide import card_fate


def is_of_a_plan(detail: DraftReady) -> bool:
    """A batch without posts: its plan is meant."""
    return bool(detail.batch_id) and not detail.post_ids


def to_show(status: Status | None) -> Proposal | None:
    """The plan as it stands, or why there is none; None where somebody decided meanwhile."""
    proposal = status.proposal if status is not None and not status.broken and status.open == DRAFTING else None
    return proposal if proposal is not None and proposal.state in {DraftState.READY, DraftState.FAILED} else None


def to_tell(status: Status | None) -> Proposal | None:
    """The plan that people are to hear of by mail; None where all have heard."""
    proposal = to_show(status)
    if status is None or proposal is None:
        return None
    told = status.card is not None and status.card.round_id == plan_digest(proposal)
    return None if told else proposal


def send_plan(office: PostOffice, detail: DraftReady, now: datetime) -> int:
    """How many mails went out: one to each for each plan, whatever is delivered twice."""
    proposal = to_tell(office.ledger.status(detail.batch_id))
    if proposal is None:
        return 0
    digest, hold = plan_digest(proposal), office.hold_on_everything()

    def compose(recipient: str) -> EmailMessage:
        link = office.link(Action.DRAFT, ((detail.batch_id, ""),), recipient, detail.trace_id, now)
        key = hashlib.sha256(f"{detail.batch_id} {digest} {recipient}".encode()).hexdigest()[:24]
        brake = office.brake(hold, recipient, detail.trace_id, now)
        return compose_plan(proposal, link, office.envelope(recipient, now, f"plan.{key}"), brake)

    done = office.send_all(detail, f"plan#{detail.batch_id}#{digest}", compose, now)
    sent_at, sent_to, error = card_fate(done.refused, done.asked, now)
    card = CardSent(round_id=digest, sent_at=sent_at, error=error, sent_to=sent_to)
    act = Act("plan card sent" if sent_at else "plan card refused", "notifier", now, detail.trace_id)

    def noted(before: Status | None) -> Status | None:
        current = to_tell(before)
        if before is None or current is None or plan_digest(current) != digest:
            return None
        return before.model_copy(update={"card": card})

    office.ledger.change_status(detail.batch_id, act, noted)
    return done.sent
