"""Drafts that are ready, or could not be made: one mail to each recipient for all of an event's, and noted on each that it went out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mesh.approvals import Action
from mesh.cards.draft_mail import compose_drafts
from mesh.cards.drafts import DraftCard, draft_post
from mesh.events import DraftReady
from mesh.ledger import Act, CardSent, Status
from mesh.ledger.proposals import DRAFTING, DraftState
from mesh.messages.office import PostOffice
from notifier.decide import card_fate


@dataclass(frozen=True)
class ToTell:
    """The drafts of one event that a card is about, in its order. ``key`` is what the card is sent once under, whatever is delivered.

    ``planned`` is how many posts the batch's plan had. ``told``: their card by mail is noted on each of them.
    """

    key: str
    statuses: Sequence[Status]
    planned: int = 0
    told: bool = False


# pure


def round_of(status: Status) -> str:
    """The card that this draft wants as it is, by what it tells: that it is there, or that it could not be made. "" for none.

    Other wordings are asked for on the page, where whoever asked is waiting: neither they nor their failure are another card.
    """
    proposal = status.proposal
    if proposal is None or status.broken or status.open != DRAFTING:
        return ""
    if proposal.state is DraftState.FAILED:
        return "" if proposal.wordings and status.card is not None else "draft-failed"
    return "draft-ready" if proposal.state is DraftState.READY else ""


def to_tell(detail: DraftReady, statuses: Mapping[str, Status]) -> ToTell:
    """Those that are neither decided nor taken up again meanwhile, under a key of all of them: a delivery that ended between two notes
    sends none twice.
    """
    found = [statuses[post_id] for post_id in dict.fromkeys(detail.post_ids) if post_id in statuses]
    rounds = {status.post_id: round_of(status) for status in found}
    wanted = [status for status in found if rounds[status.post_id]]
    if not wanted:
        return ToTell("", ())
    noted_on_all = all(one.card is not None and one.card.round_id == rounds[one.post_id] for one in wanted)
    told = " ".join(f"{status.post_id}:{rounds[status.post_id]}" for status in wanted)
    batch = statuses.get(detail.batch_id)
    plan = batch.proposal.plan if batch is not None and batch.proposal is not None else ()
    key = f"drafts#{detail.batch_id or wanted[0].post_id}#{hashlib.sha256(told.encode()).hexdigest()[:20]}"
    return ToTell(key, wanted, len(plan), noted_on_all)


def noted(before: Status | None, round_id: str, sent_at: str | None, error: str, sent_to: int) -> Status | None:
    """The card's fate on the draft's item; it stays where it is on the index."""
    if before is None or round_of(before) != round_id:
        return None
    card = CardSent(round_id=round_id, sent_at=sent_at, error=error, sent_to=sent_to)
    return None if before.card == card else before.model_copy(update={"card": card})


# the tables


def gathered(office: PostOffice, detail: DraftReady) -> ToTell:
    """One read for the drafts and their batch."""
    ids = [*detail.post_ids, *([detail.batch_id] if detail.batch_id else [])]
    return to_tell(detail, office.ledger.statuses(ids))


def send_drafts(office: PostOffice, detail: DraftReady, now: datetime) -> int:
    """How many mails went out."""
    found = gathered(office, detail)
    if not found.statuses or found.told:
        return 0
    hold = office.hold_on_everything()
    card = card_of(office, found, now)

    def compose(recipient: str) -> EmailMessage:
        def link(post_id: str) -> str:
            return office.link(Action.DRAFT, ((post_id, ""),), recipient, detail.trace_id, now)

        posts = tuple(replace(post, link=link(post.post_id)) for post in card.posts)
        mine = replace(card, posts=posts, brake=office.brake(hold, recipient, detail.trace_id, now))
        key = hashlib.sha256(f"{found.key}{recipient}".encode()).hexdigest()[:24]
        return compose_drafts(mine, office.envelope(recipient, now, f"draft.{key}"))

    done = office.send_all(detail, found.key, compose, now)
    sent_at, sent_to, error = card_fate(done.refused, done.asked, now)
    for status in found.statuses:
        note(office, detail, status, sent_at, error, sent_to, now)
    return done.sent


def card_of(office: PostOffice, found: ToTell, now: datetime) -> DraftCard:
    """But for the links, which are each recipient's own."""
    zone = ZoneInfo(office.settings.tz_name)
    return DraftCard(tuple(draft_post(status, zone, now) for status in found.statuses), planned=found.planned)


def note(
    office: PostOffice,
    detail: DraftReady,
    status: Status,
    sent_at: str | None,
    error: str,
    sent_to: int,
    now: datetime,
) -> None:
    act = Act("draft card sent" if sent_at else "draft card refused", "notifier", now, detail.trace_id)
    wanted = round_of(status)
    office.ledger.change_status(status.post_id, act, lambda before: noted(before, wanted, sent_at, error, sent_to))
