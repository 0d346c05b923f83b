"""The Function URL: GET and HEAD show, POST commits. Anything forged gets one and the same answer (README.md)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from approve_handler import answering
from approve_handler.commit import Desk
from approve_handler.request import (
    Answer,
    Request,
    came_from_our_page,
    form_values,
    read_request,
    security_headers,
)
from approve_handler.settings import ApproveSettings
from approve_handler.views import LIFTS, done_page, everything_page, expired_page, look_page
from mesh import clock, log
from mesh.approvals import ANSWERS, Action, Expired, Forged, Signer, Token
from mesh.bus import Bus
from mesh.cards.pages import message, refused
from mesh.errors import BusError, MeshError
from mesh.events import Detail
from mesh.ledger import Ledger, TableNames, Tables
from mesh.packages import Packages
from mesh.vault import Vault

_EVERYTHING = {Action.HOLD_EVERYTHING, Action.RELEASE_EVERYTHING}
_log = log.logger("approve-handler")
# A person waits, and the function ends after 15 s: better a page that says "again" than none.
_PATIENCE = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})


_NOT_NOW = "Please open the link again in a minute. If your press did arrive, the page will say so."


@dataclass(frozen=True)
class Wiring:
    settings: ApproveSettings
    desk: Desk


@cache
def wire() -> Wiring:
    settings = ApproveSettings.load()
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    keys = Vault(boto3.client("secretsmanager", config=_PATIENCE)).signing_keys(settings.signing_secret)
    desk = Desk(
        Ledger(Tables(boto3.client("dynamodb", config=_PATIENCE)), names),
        Packages(boto3.client("s3", config=_PATIENCE), settings.posts_bucket),
        Signer(keys, settings.prefix),
        Bus(boto3.client("events", config=_PATIENCE), settings.prefix),
        ZoneInfo(settings.tz_name),
    )
    return Wiring(settings, desk)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A Function URL's answer. What a stranger sends never raises; what AWS refuses is a plain page and a try again."""
    request = read_request(event)
    nonce = secrets.token_urlsafe(16)
    try:
        answer = respond(wire(), request, nonce, clock.now())
    except MeshError as error:
        log.line(_log, "not now", outcome=type(error).__name__)
        text = message("Not just now", [_NOT_NOW], nonce)
        answer = Answer(503, text, headers={"retry-after": "60"})
    answer = Answer(answer.status, answer.body, answer.content_type, {**security_headers(nonce), **answer.headers})
    return answer.wire(head=request.method == "HEAD")


def respond(wiring: Wiring, request: Request, nonce: str, now: datetime) -> Answer:
    """What one request gets."""
    try:
        token = wiring.desk.signer.read(request.token, now)
    except Expired:
        return Answer(410, expired_page(nonce))
    except Forged:
        log.line(_log, "refused", outcome="forged")
        return Answer(404, refused(nonce))
    if request.image:
        return _image(wiring.desk, token, request.image, nonce)
    if request.method in {"GET", "HEAD"}:
        return Answer(200, _look(wiring.desk, token, request.token, nonce, now))
    if request.method != "POST":
        return Answer(405, refused(nonce), headers={"allow": "GET, HEAD, POST"})
    if not came_from_our_page(request, wiring.settings.approve_url):
        log.line(_log, "refused", outcome="not from our page")
        return Answer(403, refused(nonce))
    return Answer(200, _press(wiring.desk, token, request, nonce, now))


def _look(desk: Desk, token: Token, text: str, nonce: str, now: datetime) -> str:
    if token.action in _EVERYTHING:
        return everything_page(desk, token, nonce, desk.everything(), pressed=False)
    if token.action in ANSWERS:
        return answering.page(desk, answering.look(desk, token, now), text, nonce)
    return look_page(desk, token, text, desk.look(token, now), nonce)


def _press(desk: Desk, token: Token, request: Request, nonce: str, now: datetime) -> str:
    if token.action in _EVERYTHING:
        _tell(desk, desk.press_everything(token, now))
        return everything_page(desk, token, nonce, desk.everything(), pressed=True)
    if token.action in ANSWERS:
        question, news = answering.press(desk, token, now)
        _tell(desk, news)
        outcome = question.standing.verdict.value
        log.line(
            _log, "pressed", post_id=token.posts[0][0], channel=token.channel, move=token.action.value, outcome=outcome
        )
        return answering.page(desk, question, request.token, nonce)
    pressed = desk.press(token, form_values(request, LIFTS), now)
    _tell(desk, pressed.news)
    for entry in pressed.seen:
        log.line(_log, "pressed", post_id=entry.post_id, move=token.action.value, outcome=entry.standing.verdict.value)
    return done_page(desk, token, request.token, pressed.seen, nonce)


def _tell(desk: Desk, news: Detail | None) -> None:
    """A lost event loses nothing but time, and what was committed is committed: the page says so all the same."""
    if news is None:
        return
    try:
        desk.tell(news)
    except BusError as error:
        log.line(_log, "event lost", trace_id=news.trace_id, move=news.detail_type, outcome=type(error).__name__)


def _image(desk: Desk, token: Token, sha256: str, nonce: str) -> Answer:
    """A picture of one of the token's packages: only what its manifest names."""
    for post_id, revision in token.posts:
        for channel in desk.packages.read(post_id, revision).channels.values():
            for image in channel.every_image:
                if image.sha256 == sha256:
                    return Answer(200, desk.packages.image(post_id, revision, sha256), image.mime)
    return Answer(404, refused(nonce))
