"""Woken by every event a human should hear of (README.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import boto3

from mesh import clock, events, log
from mesh.approvals import LIFETIME, Action, Signer, Token, new_nonce
from mesh.cards.email import compose_card, compose_note
from mesh.cards.model import Card, CardPost, card_post
from mesh.ledger import Act, Ledger, Runtime, Status, TableNames, Tables
from mesh.mail import Mailer, MailRefused
from mesh.packages import Packages
from mesh.schedule_time import say
from mesh.vault import Vault
from notifier.decide import note_card, receipt, to_show
from notifier.settings import NotifierSettings

_SAID_FOR = timedelta(days=14)
_AT_WORK = timedelta(seconds=50)  # longer than the function may run, shorter than Lambda's first retry
_TROUBLE_SAID_FOR = timedelta(days=1)
_log = log.logger("notifier")


@dataclass(frozen=True)
class Wiring:
    settings: NotifierSettings
    ledger: Ledger
    runtime: Runtime
    packages: Packages
    signer: Signer
    mailer: Mailer


@cache
def wire() -> Wiring:
    settings = NotifierSettings.load()
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    keys = Vault(boto3.client("secretsmanager")).signing_keys(settings.signing_secret)
    return Wiring(
        settings,
        Ledger(tables, names),
        Runtime(tables, names),
        Packages(boto3.client("s3"), settings.posts_bucket),
        Signer(keys, settings.prefix),
        Mailer(boto3.client("sesv2"), settings.mail_from),
    )


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out."""
    detail = events.parse(event)
    count = notify(wire(), detail, clock.now())
    log.line(_log, "told", trace_id=detail.trace_id, move=detail.detail_type, count=count)
    return {"mails": count}


def notify(wiring: Wiring, detail: events.Detail, now: datetime) -> int:
    """One event's messages. An event that needs none gives none."""
    match detail:
        case events.ReviewRequested():
            return send_cards(wiring, detail, now)
        case events.Sent():
            return send_receipt(wiring, detail, now)
        case events.Trouble():
            return send_trouble(wiring, detail, now)
        case events.Held() | events.Released() if detail.scope == "everything":
            return send_everything(wiring, detail, now)
        case _:
            return 0


def send_cards(wiring: Wiring, detail: events.ReviewRequested, now: datetime) -> int:
    """One message per recipient; a recipient SES refuses is noted on the posts, the others still get theirs."""
    statuses = wiring.ledger.statuses(asked.post_id for asked in detail.posts)
    shown = to_show(detail, statuses)
    if not shown:
        return 0
    sent, errors = 0, []
    for recipient in wiring.settings.people:
        try:
            _send_card(wiring, detail, shown, recipient, now)
        except MailRefused as error:
            errors.append(f"{recipient}: {error}")
        else:
            sent += 1
    sent_at = now.isoformat() if sent else None
    act = Act("card sent" if sent else "card refused", "notifier", now, detail.trace_id)
    for status in shown:
        wiring.ledger.change_status(
            status.post_id, act, lambda before: note_card(before, detail.round_id, sent_at, "; ".join(errors))
        )
    return sent


def _send_card(
    wiring: Wiring, detail: events.ReviewRequested, shown: list[Status], recipient: str, now: datetime
) -> None:
    marker = f"card#{detail.round_id}#{shown[0].post_id}#{recipient}"
    if not wiring.runtime.begin(marker, _owner(detail), now, now + _AT_WORK):
        return
    revisions = {status.post_id: status.current_revision or "" for status in shown}

    def read_image(post_id: str, sha256: str) -> bytes:
        return wiring.packages.image(post_id, revisions[post_id], sha256)

    card = _card(wiring, detail, shown, recipient, now)
    wiring.mailer.send(compose_card(card, wiring.settings.mail_from, recipient, now, read_image))
    wiring.runtime.done(marker, now + _SAID_FOR)  # after sending: a crash in between says it twice rather than never


def _card(wiring: Wiring, detail: events.ReviewRequested, shown: list[Status], recipient: str, now: datetime) -> Card:
    posts: list[CardPost] = []
    for status in shown:
        manifest = wiring.packages.read(status.post_id, status.current_revision or "")
        pair = ((status.post_id, manifest.revision),)
        links = {
            action.value: _link(wiring, action, pair, recipient, detail.round_id, now)
            for action in (Action.REVIEW, Action.HOLD, Action.SEND_NOW)
        }
        posts.append(card_post(status, manifest, now, links))
    every = tuple((post.post_id, post.revision) for post in posts)
    return Card(
        round_id=detail.round_id,
        reason=detail.reason,
        posts=tuple(posts),
        approve_all=_link(wiring, Action.REVIEW, every, recipient, detail.round_id, now) if len(every) > 1 else "",
        hold_everything=_link(wiring, Action.HOLD_EVERYTHING, (), recipient, detail.round_id, now),
        sheet=wiring.settings.sheet_url,
    )


def _link(
    wiring: Wiring, action: Action, posts: tuple[tuple[str, str], ...], recipient: str, round_id: str, now: datetime
) -> str:
    token = Token(
        action=action,
        posts=posts,
        recipient=recipient,
        round_id=round_id,
        nonce=new_nonce(),
        expires_at=int((now + LIFETIME).timestamp()),
    )
    return f"{wiring.settings.approve_url.rstrip('/')}/{wiring.signer.sign(token)}"


def send_receipt(wiring: Wiring, detail: events.Sent, now: datetime) -> int:
    """One mail per post, when its last channel is settled."""
    if wiring.settings.receipts != "each":
        return 0
    status = wiring.ledger.status(detail.post_id)
    if status is None:
        return 0
    zone = ZoneInfo(wiring.settings.tz_name)
    text = receipt(status, wiring.ledger.heads([status])[status.post_id], say(now, zone, now=now))
    if text is None:
        return 0
    outcome = "-".join(sorted({sentence.partition(":")[0] for sentence in text.sentences}))
    key = f"receipt#{status.post_id}#{status.approval.revision if status.approval else ''}#{outcome}"
    return _tell_all(wiring, detail, text.title, text.sentences, key, now, _SAID_FOR)


def send_trouble(wiring: Wiring, detail: events.Trouble, now: datetime) -> int:
    """Once per cause and day."""
    key = f"trouble#{detail.cause}#{'-'.join(detail.post_ids[:3])}"
    return _tell_all(wiring, detail, "Something needs you", [detail.message], key, now, _TROUBLE_SAID_FOR)


def send_everything(wiring: Wiring, detail: events.Held | events.Released, now: datetime) -> int:
    held = isinstance(detail, events.Held)
    title = "Everything is on hold" if held else "Posting goes on"
    body = (
        "Nothing goes out until somebody releases it."
        if held
        else "The hold on everything was lifted; approved posts go out again."
    )
    return _tell_all(wiring, detail, title, [body], f"everything#{detail.trace_id}", now, _SAID_FOR)


def _tell_all(
    wiring: Wiring,
    detail: events.Detail,
    title: str,
    sentences: list[str],
    key: str,
    now: datetime,
    said_for: timedelta,
) -> int:
    """Said once per recipient."""
    sent = 0
    for recipient in wiring.settings.people:
        marker = f"{key}#{recipient}"
        if not wiring.runtime.begin(marker, _owner(detail), now, now + _AT_WORK):
            continue
        mail = compose_note(title, sentences, wiring.settings.mail_from, recipient, now, f"note.{new_nonce()}")
        try:
            wiring.mailer.send(mail)
        except MailRefused:
            continue
        wiring.runtime.done(marker, now + said_for)
        sent += 1
    return sent


def _owner(detail: events.Detail) -> str:
    """One event's deliveries share it: what a crashed one began, its redelivery may go on with; another event may not."""
    return hashlib.sha256(f"{detail.detail_type}{detail.model_dump_json()}".encode()).hexdigest()
