"""Receipts, questions, codes and the news of a hold on everything; troubles are told together (``troubles.py``)."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mesh.approvals import ANSWERS, CODE_LIFETIME
from mesh.cards.email import compose_note, compose_question
from mesh.cards.model import Question, card_post, only_on
from mesh.events import CodeWanted, Held, Released, Sent, Trouble
from mesh.ledger import Head, HeadState, Status
from mesh.messages.office import PostOffice
from mesh.packages import PackageBroken
from mesh.schedule_time import say, say_with_zone
from notifier.decide import opening, receipt
from notifier.trouble_words import KINDS

_ASKED_FOR = timedelta(days=1)
_TEST_KEPT = timedelta(hours=1)


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

    # A failure keeps its own subject, and with it breaks Gmail's thread: as a reply it would lie folded below a mail that was answered
    # long ago, and somebody has to do something about it. Programs that go by References alone show it with the others all the same.
    about = found.title if found.failed else office.thread_subject(status.post_id, found.title, detail, now)
    hold = office.hold_on_everything()

    def compose(recipient: str) -> EmailMessage:
        envelope = office.envelope(recipient, now, thread=status.post_id, subject=about)
        return compose_note(found.title, found.sentences, envelope, office.brake(hold, recipient, detail.trace_id, now))

    return office.send_all(detail, f"receipt#{status.post_id}#{found.outcome}", compose, now).sent


def _opening(office: PostOffice, status: Status, heads: tuple[Head, ...]) -> str:
    """The first words of what was sent, so that the owner knows which post this is about; "" where they cannot be read."""
    revision = next((head.revision for head in heads), "")
    try:
        return opening(office.packages.read(status.post_id, revision))
    except PackageBroken:
        return ""


def asks(detail: Trouble) -> bool:
    """It is a question about one try, which has a message of its own."""
    return bool(detail.attempt) and len(detail.post_ids) == 1


def send_question(office: PostOffice, detail: Trouble, now: datetime) -> int | None:
    """What became of one try on one channel, with the three answers; None where it cannot be shown and is to be told as a plain trouble."""
    (post_id,) = detail.post_ids
    status, head, _ = office.ledger.sending(post_id, detail.channel)
    if status is None or head is None or (head.state, head.attempts) != (HeadState.UNKNOWN, detail.attempt):
        return 0  # it was settled meanwhile
    if status.answer_about(head) is not None:
        return 0
    try:
        manifest = office.packages.read(post_id, head.revision)
    except PackageBroken:
        return None
    zone = ZoneInfo(office.settings.tz_name)
    began = say_with_zone(datetime.fromisoformat(head.since or now.isoformat()), zone)
    post = only_on(card_post(status, manifest, now), detail.channel)

    hold = office.hold_on_everything()

    def read_image(post_id: str, revision: str, sha256: str) -> bytes:
        return office.packages.image(post_id, revision, sha256)

    # Its own subject, as a failure has: nothing more happens on that channel before somebody answers.
    def compose(recipient: str) -> EmailMessage:
        pair = ((post_id, head.revision),)
        links = {
            action.value: office.link(action, pair, recipient, detail.trace_id, now, detail.channel, detail.attempt)
            for action in sorted(ANSWERS)
        }
        question = Question(detail.channel, began, post, links)
        brake = office.brake(hold, recipient, detail.trace_id, now)
        return compose_question(question, office.envelope(recipient, now, thread=post_id), read_image, brake)

    try:
        return office.send_all(detail, f"question#{detail.cause}", compose, now, _ASKED_FOR).sent
    except PackageBroken:  # one of its images: what is asked can be answered without
        return None


def send_code(office: PostOffice, detail: CodeWanted, now: datetime) -> int:
    """The six digits, to the one whose press waits for them."""
    hold = office.hold_on_everything()

    def compose(recipient: str) -> EmailMessage:
        envelope = office.envelope(recipient, now)
        said = [
            f"The code is {office.coder.code(detail.code_id, recipient)}. It is good for ten minutes, on the page that asked for it.",
            "If nobody of you pressed a button just now, a mail scanner did: nothing was changed, and there is nothing to do.",
        ]
        return compose_note(
            "Your code for the page", said, envelope, office.brake(hold, recipient, detail.trace_id, now)
        )

    return office.send_all(detail, f"code#{detail.code_id}", compose, now, CODE_LIFETIME, detail.only_for).sent


def send_test(office: PostOffice, detail: Trouble, now: datetime) -> int:
    """To the one recipient who asked for it, and to nobody else. How it went is noted for whoever waits for it: {sent, refused}."""
    hold = office.hold_on_everything()

    def compose(recipient: str) -> EmailMessage:
        brake = office.brake(hold, recipient, detail.trace_id, now)
        return compose_note(KINDS["test"].one, [detail.message], office.envelope(recipient, now), brake)

    done = office.send_all(detail, detail.cause, compose, now, _TEST_KEPT, detail.only_for)
    refused = "; ".join(done.refused) or ("" if done.asked else f"{detail.only_for}: no recipient of this stack")
    if done.sent or refused:
        office.runtime.put(detail.cause, {"sent": done.sent, "refused": refused}, ttl=now + _TEST_KEPT)
    return done.sent


def send_everything(office: PostOffice, detail: Held | Released, now: datetime) -> int:
    """A short note to all. The way back is in the frame of it, as in every mail while everything is on hold."""
    held = isinstance(detail, Held)
    title = "Everything is on hold" if held else "Posting goes on"
    said = (
        "Nothing goes out until somebody lets it go on. Approvals stay as they are."
        if held
        else "The hold on everything was lifted; approved posts go out again."
    )
    hold = office.hold_on_everything()
    if held and hold is None:
        title, said = "Everything was on hold", "It goes on again by now: approved posts go out as planned."
    elif not held and hold is not None:
        said = "The hold on everything was lifted, but somebody has held everything again since."

    def compose(recipient: str) -> EmailMessage:
        return compose_note(
            title, [said], office.envelope(recipient, now), office.brake(hold, recipient, detail.trace_id, now)
        )

    return office.send_all(detail, f"everything#{detail.trace_id}", compose, now).sent
