"""Receipts, troubles and the news of a hold on everything: what needs telling and no click."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mesh.approvals import ANSWERS, Action, new_nonce
from mesh.cards.email import compose_note, compose_question
from mesh.cards.model import Question, card_post, only_on
from mesh.events import Held, Released, Sent, Trouble
from mesh.ledger import Head, HeadState, Status
from mesh.packages import PackageBroken
from mesh.schedule_time import say, say_with_zone
from notifier.decide import opening, receipt
from notifier.post_office import PostOffice

_TROUBLE_SAID_FOR = timedelta(days=1)


def send_receipt(office: PostOffice, detail: Sent, now: datetime) -> int:
    """One mail per post when its last channel is settled, and again where that changes. A failure is told whatever the setting."""
    status = office.ledger.status(detail.post_id)
    if status is None:
        return 0
    heads = office.ledger.heads([status])[status.post_id]
    when = say(now, ZoneInfo(office.settings.tz_name), now=now)
    found = receipt(status, heads, _opening(office, status, heads), when)
    if found is None or (office.settings.receipts != "each" and not found.failed):
        return 0

    def compose(recipient: str) -> EmailMessage:
        sender = office.settings.mail_from
        return compose_note(
            found.title, found.sentences, sender, recipient, now, f"note.{new_nonce()}", thread=status.post_id
        )

    return office.send_all(detail, f"receipt#{status.post_id}#{found.outcome}", compose, now).sent


def _opening(office: PostOffice, status: Status, heads: tuple[Head, ...]) -> str:
    """The first words of what was sent, so that the owner knows which post this is about; "" where they cannot be read."""
    revision = next((head.revision for head in heads), "")
    try:
        return opening(office.packages.read(status.post_id, revision))
    except PackageBroken:
        return ""


def send_question(office: PostOffice, detail: Trouble, now: datetime) -> int:
    """What became of one try on one channel, with the three answers; as a plain trouble where it cannot be shown."""
    (post_id,) = detail.post_ids
    status, head, _ = office.ledger.sending(post_id, detail.channel)
    if status is None or head is None or (head.state, head.attempts) != (HeadState.UNKNOWN, detail.attempt):
        return 0  # it was settled meanwhile
    if status.answer_about(head) is not None:
        return 0
    try:
        manifest = office.packages.read(post_id, head.revision)
    except PackageBroken:
        return _send_sentence(office, detail, now)
    zone = ZoneInfo(office.settings.tz_name)
    began = say_with_zone(datetime.fromisoformat(head.since or now.isoformat()), zone)
    post = only_on(card_post(status, manifest, now), detail.channel)

    def read_image(post_id: str, sha256: str) -> bytes:
        return office.packages.image(post_id, head.revision, sha256)

    def compose(recipient: str) -> EmailMessage:
        pair = ((post_id, head.revision),)
        links = {
            action.value: office.link(action, pair, recipient, detail.trace_id, now, detail.channel, detail.attempt)
            for action in sorted(ANSWERS)
        }
        question = Question(detail.channel, began, post, links)
        return compose_question(question, office.settings.mail_from, recipient, now, read_image, f"note.{new_nonce()}")

    return office.send_all(detail, f"question#{detail.cause}", compose, now, _TROUBLE_SAID_FOR).sent


def send_trouble(office: PostOffice, detail: Trouble, now: datetime) -> int:
    """Once per cause and day; with its three answers where it asks what became of a try."""
    if detail.attempt and len(detail.post_ids) == 1:
        return send_question(office, detail, now)
    return _send_sentence(office, detail, now)


def _send_sentence(office: PostOffice, detail: Trouble, now: datetime) -> int:
    note = office.runtime.get(detail.words_key, now) if detail.words_key else None
    said = str(note["message"]) if note else detail.message

    def compose(recipient: str) -> EmailMessage:
        sender = office.settings.mail_from
        return compose_note("Something needs you", [said], sender, recipient, now, f"note.{new_nonce()}")

    key = f"trouble#{detail.cause}#{'-'.join(detail.post_ids[:3])}"
    return office.send_all(detail, key, compose, now, _TROUBLE_SAID_FOR).sent


def send_everything(office: PostOffice, detail: Held | Released, now: datetime) -> int:
    """A short note to all, with the way back in it."""
    held = isinstance(detail, Held)
    title = "Everything is on hold" if held else "Posting goes on"
    said = (
        "Nothing goes out until somebody lets it go on. Approvals stay as they are."
        if held
        else "The hold on everything was lifted; approved posts go out again."
    )
    action = Action.RELEASE_EVERYTHING if held else Action.HOLD_EVERYTHING
    label = "Let everything go on" if held else "Hold everything"

    def compose(recipient: str) -> EmailMessage:
        way_back = (label, office.link(action, (), recipient, detail.trace_id, now))
        sender = office.settings.mail_from
        return compose_note(title, [said], sender, recipient, now, f"note.{new_nonce()}", button=way_back)

    return office.send_all(detail, f"everything#{detail.trace_id}", compose, now).sent
