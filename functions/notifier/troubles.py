"""Troubles on their way to people: gathered in ``ss-runtime``, and told together when it is time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

from mesh import log
from mesh.approvals import LIFETIME
from mesh.cards.blocks import Message
from mesh.errors import Conflict, MeshError, Misconfigured
from mesh.events import Trouble
from mesh.ledger.book import pause_with_jitter
from mesh.messages.office import PostOffice
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference
from mesh.slack import SlackRefused
from notifier import gathering
from notifier.gathering import Book, Claim
from notifier.trouble_mail import compose_troubles, troubles_message
from notifier.trouble_words import Entry

BOOK = "troubles"
_TRIES = 8
_SLACK_HAS = timedelta(minutes=3)  # Lambda delivers again after one minute, and after two more
_log = log.logger("notifier")

Room = Callable[[], SlackRoom]  # Misconfigured where Slack's secret lacks something


def hear_trouble(office: PostOffice, room: Room | None, detail: Trouble, now: datetime) -> dict[str, int]:
    """Gather it, and tell what is to be told by now."""
    return _tell(
        office, room, _changed(office, lambda book: _with_claim(gathering.noted(book, detail, now), now), now), now
    )


def tell_troubles(office: PostOffice, room: Room | None, now: datetime) -> dict[str, int]:
    """Tell what is to be told by now: what no later event asks for, and what an invocation that died has left."""
    return _tell(office, room, _changed(office, lambda book: _with_claim(book, now), now), now)


def _with_claim(book: Book, now: datetime) -> tuple[Book, Claim | None]:
    taken = gathering.claimed(book, now)
    return (book, None) if taken is None else (taken, taken.claim)


def _changed(office: PostOffice, change: Callable[[Book], tuple[Book, Claim | None]], now: datetime) -> Claim | None:
    """The claim that ``change`` took. One read where nothing changes; Conflict where others keep changing it: delivered again."""
    for number in range(_TRIES):
        item = office.runtime.get(BOOK, now)
        before = Book.of(item)
        after, claim = change(before)
        if after == before:
            return claim
        try:
            office.runtime.swap(BOOK, after.item(), int(item["version"]) if item else 0)
        except Conflict:
            pause_with_jitter(number)
            continue
        return claim
    raise Conflict(f"{BOOK}: too many at once")


def _tell(office: PostOffice, room: Room | None, claim: Claim | None, now: datetime) -> dict[str, int]:
    """The claim's message to everybody who has not got it yet, then noted as told: a crash in between says it twice at worst."""
    told, reached = {"mails": 0, "slack": 0}, False
    if claim is None:
        return told
    entries = [_entry(office, one, now) for one in claim.entries]
    failed: list[MeshError] = []
    try:
        told["mails"], reached = _mailed(office, claim, entries, now)
    except MeshError as error:
        failed.append(error)
    try:  # neither waits for the other: while SES takes nothing, Slack says it
        if room is not None:
            told["slack"] = _posted(room, claim, entries, now, patient=reached)
    except MeshError as error:
        failed.append(error)
    if failed:  # whoever comes next goes on where this one stopped
        _changed(office, lambda book: (gathering.released(book, claim.name, now), None), now)
        raise failed[0]
    after = gathering.settled if reached or told["slack"] else gathering.given_back
    _changed(office, lambda book: (after(book, claim.name, now), None), now)
    if not (reached or told["slack"]):
        log.line(_log, "nobody to tell", reason="every recipient was refused", count=len(entries))
    return told


def _entry(office: PostOffice, one: gathering.Waiting, now: datetime) -> Entry:
    note = office.runtime.get(one.words_key, now) if one.words_key else None
    return Entry(one.cause, str(note.get("message") or one.message) if note else one.message, one.before, one.ended)


def _mailed(office: PostOffice, claim: Claim, entries: list[Entry], now: datetime) -> tuple[int, bool]:
    """How many mails went out, and whether anybody has it by now."""
    posts = {post_id for one in claim.entries for post_id in one.post_ids}
    thread = posts.pop() if len(posts) == 1 and len(claim.entries) == 1 else ""
    hold = office.hold_on_everything()

    def compose(recipient: str) -> EmailMessage:
        brake = office.brake(hold, recipient, claim.name, now)
        return compose_troubles(entries, claim.more, office.envelope(recipient, now, thread=thread), brake)

    done = office.send_all(claim.name, f"troubles#{claim.name}", compose, now)
    return done.sent, len(done.refused) < done.asked


def _posted(room: Room, claim: Claim, entries: list[Entry], now: datetime, *, patient: bool) -> int:
    """Whether it stands in Slack. What Slack does not take now is tried again for some minutes; then, if anybody has it by mail
    (``patient``), the troubles that came since must not wait for it any longer."""
    reference = Reference(
        key=f"slack#troubles#{claim.name}",
        round_id=claim.name,
        pairs=(),
        expires_at=int((now + LIFETIME).timestamp()),
    )

    def render(_: Reference) -> Message:
        return troubles_message(entries, claim.more)

    try:
        return int(room().post(claim.name, reference, render, now))
    except (SlackRefused, Misconfigured) as error:  # it stays so until somebody mends it; the mails say it too
        log.line(_log, "not in Slack", reason=str(error))
    except MeshError as error:
        if not patient or now < datetime.fromisoformat(claim.at) + _SLACK_HAS:
            raise
        log.line(_log, "not in Slack", reason=str(error))
    return 0
