"""Slack's side of the door: a click on a message's button, and the pictures that Slack shows in it.

Slack waits three seconds for the answer to a click. Nothing is asked here that cannot answer in time: each call ends soon, and after a
while no further one is begun. What was committed by then stands; the message in the channel follows by event.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from pydantic import ConfigDict, Field, ValidationError

from approve_handler import answering
from approve_handler.commit import Desk, Pressed, announce
from approve_handler.decide import Verdict
from approve_handler.settings import ApproveSettings
from approve_handler.tampering import TAMPERED
from mesh import log
from mesh.approvals import ANSWERS, Action, Expired, Forged, How, Purpose, Signer, Token
from mesh.batches import is_batch
from mesh.bus import Bus
from mesh.door.request import Answer, mapping
from mesh.errors import Doubt, MeshError, TooOften
from mesh.ledger import Ledger, TableNames, Tables
from mesh.models import Deferred
from mesh.packages import PackageBroken, Packages
from mesh.slack import SlackSettings, escaped, signed_by_slack
from mesh.vault import Vault

if TYPE_CHECKING:
    import httpx

BODY_LIMIT_BYTES = 1_000_000  # a click brings the whole message along
_BEGUN_WITHIN_SECONDS = 1.2  # of the click: later no call is begun
_CALL = Config(connect_timeout=0.3, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 1})
_SAID_WITHIN_SECONDS, _CONNECTED_WITHIN_SECONDS = 0.4, 0.2
_START = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
_EVERYTHING = {Action.HOLD_EVERYTHING, Action.RELEASE_EVERYTHING}
_CHANGED = "This has changed since; the newest message has it."
_LATER = "It could not be saved just now. Please click again in a minute."
_OLD = "This message is too old. Tick the post in the sheet: that asks once more."
_DRAFT = "Here the draft can be changed, accepted or discarded; the link is yours alone: "
_PLAN = "Here the plan can be changed, agreed to or discarded; the link is yours alone: "
_log = log.logger("approve-handler")


class _Named(Deferred):
    model_config = ConfigDict(hide_input_in_errors=True, extra="ignore")


class _User(_Named):
    id: str


class _Pushed(_Named):
    value: str = ""


class _Click(_Named):
    """As much of an interaction's payload as is used (docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""

    type: str
    user: _User
    actions: list[_Pushed] = Field(min_length=1)
    response_url: str = ""


class InTime:
    """An AWS client whose calls are begun within a span after ``start``, or not at all: then as if the service had not answered."""

    def __init__(self, client: Any, watch: Watch) -> None:
        self._client = client
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)

        def call(**request: Any) -> Any:
            if self._watch.elapsed_seconds() > _BEGUN_WITHIN_SECONDS:
                raise ReadTimeoutError(endpoint_url=name)
            return found(**request)

        return call


class Watch:
    """Says how long ago the click came in. One click at a time: a Lambda process serves no two."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._began = time.monotonic()

    def elapsed_seconds(self) -> float:
        return time.monotonic() - self._began


@dataclass(frozen=True)
class SlackDoor:
    """``slack`` is None where Slack is not set up: then there is nothing here."""

    settings: ApproveSettings
    slack: SlackSettings | None
    buttons: Signer
    pictures: Signer
    desk: Desk
    http: httpx.Client
    watch: Watch


@cache
def wire_slack() -> SlackDoor:
    import httpx

    settings = ApproveSettings.load()
    vault = Vault(boto3.client("secretsmanager", config=_START))
    slack = SlackSettings.read(vault.document(settings.slack_secret)) if settings.slack_secret else None
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    watch = Watch()

    def client(service: str) -> InTime:
        return InTime(boto3.client(service, config=_CALL), watch)

    keys = vault.keyring(settings.signing_secret, again=Vault(client("secretsmanager")))
    prefix = settings.prefix

    desk = Desk(
        Ledger(Tables(client("dynamodb")), names),
        Packages(client("s3"), settings.posts_bucket),
        Signer(keys, prefix),
        Bus(client("events"), prefix, _log),
        ZoneInfo(settings.tz_name),
    )
    buttons, pictures = Signer(keys, prefix, Purpose.SLACK), Signer(keys, prefix, Purpose.PICTURE)
    return SlackDoor(settings, slack, buttons, pictures, desk, httpx.Client(trust_env=False), watch)


def is_slacks(event: Mapping[str, Any]) -> bool:
    path = str(event.get("rawPath") or "")
    return path == "/slack" or path.startswith("/picture/")


def respond_to_slack(door: SlackDoor, event: Mapping[str, Any], now: datetime) -> Answer | None:
    """None for what is not Slack's, forged or too old: the caller has one answer to all of it."""
    door.watch.start()
    method = str(mapping(mapping(event.get("requestContext")).get("http")).get("method") or "").upper()
    path = str(event.get("rawPath") or "")
    if path.startswith("/picture/"):
        return _picture(door, path.removeprefix("/picture/"), now) if method in {"GET", "HEAD"} else None
    headers = {str(name).lower(): str(value) for name, value in mapping(event.get("headers")).items()}
    body = _body(event)
    if door.slack is None or method != "POST" or body is None:
        return None
    if not signed_by_slack(door.slack.signing_secret, headers, body, now):
        ours = _has_our_button(door, body, now)
        log.line(_log, "refused", outcome=TAMPERED if ours else "not signed by Slack")
        return None
    click = _click(body)
    if click is None or click.type != "block_actions":
        return _taken()  # signed, and nothing of ours: Slack is not to send it again
    base = door.settings.approve_url.rstrip("/") or f"https://{_host(event)}"
    said, done = _decide(door, door.slack, click, base, now)
    told = not said or "x-slack-retry-num" in headers or _tell_clicker(door, door.slack, click.response_url, said)
    # Where nothing was saved and nobody could be told, Slack's own warning beside the button says that it did not work.
    return _taken() if done or told else Answer(503, "", "text/plain")


def _has_our_button(door: SlackDoor, body: bytes, now: datetime) -> bool:
    """A button of our own, which no stranger has, in a request that Slack's secret does not vouch for: the secret may be wrong."""
    click = _click(body)
    try:
        return click is not None and bool(door.buttons.read(click.actions[0].value, now))
    except (Forged, Expired):
        return False


def _host(event: Mapping[str, Any]) -> str:
    return str(mapping(event.get("requestContext")).get("domainName") or "")


def _taken() -> Answer:
    return Answer(200, "", "text/plain")


def _body(event: Mapping[str, Any]) -> bytes | None:
    """The raw bytes, which the signature is over; None for more than Slack sends, and for what is no base64."""
    text = str(event.get("body") or "")
    if len(text) > BODY_LIMIT_BYTES * 4 // 3 + 4:
        return None
    try:
        data = (
            base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode("utf-8", "replace")
        )
    except (binascii.Error, ValueError):
        return None
    return data if len(data) <= BODY_LIMIT_BYTES else None


def _click(body: bytes) -> _Click | None:
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=10)
        return _Click.model_validate(json.loads(fields.get("payload", [""])[0]))
    except (ValueError, ValidationError, RecursionError):
        return None


def _decide(door: SlackDoor, slack: SlackSettings, click: _Click, base: str, now: datetime) -> tuple[str, bool]:
    """What to tell the clicker alone ("" where the message itself will say it), and whether nothing is left to be saved."""
    recipient = door.settings.one_of_us(slack.address_of(click.user.id))
    if not recipient:
        log.line(_log, "refused", outcome="not a recipient")
        return _unknown(door.settings, click.user.id), True
    try:
        token = door.buttons.read(click.actions[0].value, now)
    except Expired:
        return _OLD, True
    except Forged:
        log.line(_log, "refused", outcome="forged")
        return _OLD, True
    token = token.model_copy(update={"recipient": recipient})
    if token.action is Action.DRAFT:  # words are changed on a page: who clicked is handed a link of their own
        said = _PLAN if is_batch(token.posts[0][0]) else _DRAFT
        return f"{said}{base}/{door.desk.fresh(token, Action.DRAFT, token.posts)}", True
    try:
        return _press(door.desk, token, now), True
    except TooOften as error:
        return str(error), True
    except MeshError as error:
        log.line(_log, "not now", outcome=type(error).__name__)
        return _LATER, False


def _unknown(settings: ApproveSettings, user_id: str) -> str:
    people = ", ".join(address.strip() for address in settings.recipients.split(",") if address.strip())
    return (
        f"You cannot decide here yet: your member id {user_id} is not among those who approve."
        f" Whoever looks after the scheduler can add it to its Slack secret; ask {people}."
    )


def _press(desk: Desk, token: Token, now: datetime) -> str:
    """The very commit that a mail's button makes. "" where it was done: the message follows by event."""
    if token.action in _EVERYTHING:
        news = desk.press_everything(token, now, How.SLACK)
        announce(desk, news)
        already = "Everything is on hold already." if token.action is Action.HOLD_EVERYTHING else "Nothing is on hold."
        return "" if news is not None else already
    if token.action in ANSWERS:
        question, answered = answering.press(desk, token, now, How.SLACK)
        announce(desk, answered)
        return question.standing.sentence or "Noted."
    pressed = desk.press(token, (), now, How.SLACK)
    announce(desk, pressed.news)
    for entry in pressed.seen:
        log.line(_log, "pressed", post_id=entry.post_id, move=token.action.value, outcome=entry.standing.verdict.value)
    return _not_done(pressed)


def _not_done(pressed: Pressed) -> str:
    """A line for each post that the click did not decide."""
    lines = []
    for entry in pressed.seen:
        match entry.standing.verdict:
            case Verdict.DONE:
                continue
            case Verdict.CHANGED:
                said = _CHANGED
            case Verdict.SPENT:
                said = "This button was used already, and something else was decided since."
            case Verdict.LATER:
                said = _LATER
            case Verdict.OPEN if entry.status is not None and entry.status.held is not None:
                said = f"{entry.status.held.by} put it on hold. Open its page to approve it all the same."
            case _:
                said = entry.standing.sentence or _LATER
        name = f"{entry.view.goes}: " if len(pressed.seen) > 1 and entry.view is not None else ""
        lines.append(f"{name}{said}")
    return "\n".join(dict.fromkeys(lines))


def _tell_clicker(door: SlackDoor, slack: SlackSettings, response_url: str, text: str) -> bool:
    """To the one who clicked, and to nobody else. Best effort: only to Slack itself, and briefly."""
    if not slack.may_be_answered(response_url):
        return False
    import httpx

    within = httpx.Timeout(_SAID_WITHIN_SECONDS, connect=_CONNECTED_WITHIN_SECONDS)
    body = {"response_type": "ephemeral", "replace_original": False, "text": escaped(text)}
    try:
        with door.http.stream("POST", response_url, json=body, timeout=within) as answer:
            return answer.status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _picture(door: SlackDoor, text: str, now: datetime) -> Answer | None:
    """The one picture that the address was signed for; its bytes are what their hash says."""
    try:
        token = door.pictures.read(text, now)
        ((post_id, revision),) = token.posts
        data = door.desk.packages.image(post_id, revision, token.nonce)
    except (Expired, Forged, PackageBroken, ValueError):
        return None
    except Doubt:
        return Answer(503, "", "text/plain", {"retry-after": "5"})
    mime = next((kind for start, kind in _PICTURES.items() if data.startswith(start)), "")
    return Answer(200, data, mime) if mime else None
