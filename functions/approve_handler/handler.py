"""The Function URL: GET and HEAD show, POST commits. Anything forged gets one and the same answer (README.md)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from approve_handler import answering, coding, enrolling, everything, fresh
from approve_handler.commit import Desk, Found, announce
from approve_handler.decide import APPROVING
from approve_handler.frame import LIFTS, OPENED, Frame
from approve_handler.settings import ApproveSettings
from approve_handler.slack import is_slacks, respond_to_slack, wire_slack
from approve_handler.tampering import TAMPERED, made_of_ours
from approve_handler.views import acts_at_once, done_page, look_page
from mesh import clock, log
from mesh.approvals import ANSWERS, Action, Coder, Expired, Forged, How, Purpose, Signer, Token, new_nonce
from mesh.bus import Bus
from mesh.cards.pages import message, refused
from mesh.door.devices import Claim, DeviceCookies, device_of, devices_key, new_device
from mesh.door.enrolment import enrol_or_forget
from mesh.door.request import (
    LONG_FORM_BYTES,
    Answer,
    Place,
    Request,
    came_from_our_page,
    form_values,
    in_its_own_window,
    post_named,
    read_request,
    security_headers,
    sent_by_our_page,
)
from mesh.errors import MeshError, TooOften
from mesh.later import Later
from mesh.ledger import Ledger, TableNames, Tables
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.packages import Packages
from mesh.vault import Vault

if TYPE_CHECKING:
    from approve_handler import draft_later, drafts
else:
    draft_later, drafts = Later("approve_handler.draft_later"), Later("approve_handler.drafts")

_log = log.logger("approve-handler")
# A person waits, and the function ends after 15 s: better a page that says "again" than none.
_PATIENCE = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
_OWN_PAGE_LINKS = timedelta(days=1)
_NOT_NOW = "Please open the link again in a minute. If your press did arrive, the page will say so."


@dataclass(frozen=True)
class Wiring:
    settings: ApproveSettings
    desk: Desk
    cookies: DeviceCookies
    coder: Coder
    s3: Any


@cache
def wire() -> Wiring:
    settings = ApproveSettings.load()
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    keys = Vault(boto3.client("secretsmanager", config=_PATIENCE)).keyring(settings.signing_secret)
    s3 = boto3.client("s3", config=_PATIENCE)
    desk = Desk(
        Ledger(Tables(boto3.client("dynamodb", config=_PATIENCE)), names),
        Packages(s3, settings.posts_bucket),
        Signer(keys, settings.prefix),
        Bus(boto3.client("events", config=_PATIENCE), settings.prefix, _log),
        ZoneInfo(settings.tz_name),
    )
    cookies = DeviceCookies(Signer(keys, settings.prefix, Purpose.DEVICE), settings.prefix)
    return Wiring(settings, desk, cookies, Coder(keys, settings.prefix), s3)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A Function URL's answer. What a stranger sends never raises; what AWS refuses is a plain page and a try again."""
    request = read_request(event, LONG_FORM_BYTES)
    nonce = secrets.token_urlsafe(16)
    try:
        if is_slacks(event):
            answer = respond_to_slack(wire_slack(), event, clock.now()) or Answer(404, refused(nonce))
        else:
            answer = respond(wire(), request, nonce, clock.now())
    except MeshError as error:
        log.line(_log, "not now", outcome=type(error).__name__)
        text = message("Not just now", [_NOT_NOW], nonce, alert=True)
        answer = Answer(503, text, headers={"retry-after": "60"})
    headers = {**security_headers(nonce), **answer.headers}
    return replace(answer, headers=headers).wire(head=request.method == "HEAD")


def respond(wiring: Wiring, request: Request, nonce: str, now: datetime) -> Answer:
    """What one request gets."""
    if request.place in {Place.POST, Place.DRAFT, Place.ROOT}:
        return _posts_own_page(wiring, request, nonce, now)
    try:
        token, expired = wiring.desk.signer.read(request.token, now), False
    except Expired as error:
        token, expired = error.token, True
    except Forged:
        ours = made_of_ours(wiring.desk, wiring.settings, request.token, now)
        log.line(_log, "refused", outcome=TAMPERED if ours else "forged")
        return Answer(404, refused(nonce))
    if not wiring.settings.one_of_us(token.recipient):
        said = ["The address it was sent to is not among those who approve any more."]
        return Answer(403, message("This link is no longer yours", said, nonce, alert=True))
    if token.action is Action.COMPOSE or (token.action is Action.DRAFT and len(token.posts) != 1):
        return Answer(404, refused(nonce))  # signed by no version of ours
    if token.action is Action.DRAFT:
        request = drafts.with_long_form(request)
    if expired:
        return _expired(wiring, request, token, nonce, now)
    if request.upload:
        return drafts.upload(wiring.desk, token, request.upload, wiring.s3, wiring.settings.posts_bucket, nonce)
    if request.image:
        return _image(wiring.desk, token, request.image, nonce)
    if request.method not in {"GET", "HEAD", "POST"}:
        return Answer(405, refused(nonce), headers={"allow": "GET, HEAD, POST"})
    if request.method in {"GET", "HEAD"}:
        return _look(wiring, token, request, nonce, now)
    opened = bool(form_values(request, OPENED))
    if not (sent_by_our_page if opened else came_from_our_page)(request, wiring.settings.approve_url):
        log.line(_log, "refused", outcome="not from our page")
        return Answer(403, _not_from_our_page(nonce))
    try:
        return _press(wiring, token, request, nonce, now, opened=opened)
    except MeshError as error:
        if token.action is not Action.DRAFT:
            raise
        log.line(_log, "not now", outcome=type(error).__name__)
        return Answer(503, draft_later.not_now_page(request, nonce), headers={"retry-after": "60"})


def _not_from_our_page(nonce: str) -> str:
    said = [
        "Nothing was changed: this did not come from a press of this page's own button.",
        "Please open the link from your mail in a browser, and press the button there.",
    ]
    return message("Please press the button on the page", said, nonce, alert=True)


# a link


def _frame(
    wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime, *, pressed: bool = False
) -> tuple[Frame, Found, tuple[Claim, ...]]:
    """All that can be read of the link at once, and what stands around its page."""
    extra = [devices_key(token.recipient), f"nonce#{token.nonce}"]
    if token.action is Action.FRESH:
        extra += [limit.key for limit in fresh.recipient_limits(token.recipient)]
    shows = token.action in {Action.HOLD, Action.RELEASE} and not pressed  # the brake itself waits for no package
    packages = token.action in APPROVING or shows
    found = wiring.desk.find(token, extra, packages=packages)
    claims = wiring.cookies.claims(request.cookies, now)
    device = device_of(claims, token.recipient, found.kept)
    frame = Frame(wiring.desk, token, request.token, nonce, now, found.everything, device)
    return frame, found, claims


def _look(wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime) -> Answer:
    """A link opened. Where that is enough, the page brings the script that presses its button."""
    if token.action in ANSWERS:
        frame, question = _question(wiring, token, request, nonce, now)
        return Answer(200, answering.page(frame, question))
    frame, found, _ = _frame(wiring, token, request, nonce, now)
    if token.action in everything.ACTIONS:
        return Answer(200, everything.everything_page(frame, found.everything, pressed=False))
    if token.action in enrolling.ACTIONS:
        return Answer(200, enrolling.look_page(frame, found))
    if token.action is Action.FRESH:
        return Answer(200, fresh.fresh_page(frame))
    if token.action is Action.DRAFT:
        return drafts.answer(frame, found, None)
    seen = wiring.desk.look(token, now, found)
    shown = all(entry.view is not None for entry in seen)
    if request.method == "GET" and shown and in_its_own_window(request) and acts_at_once(frame, seen):
        return Answer(200, look_page(frame.acting_at_once(), seen))
    return Answer(200, look_page(frame, seen))


def _press(wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime, *, opened: bool) -> Answer:
    """A press, once it is known to be its recipient's where the business wants a code for that."""
    if opened or wiring.settings.first_press != "code" or token.action not in coding.WANTED_FOR:
        return _pressed(wiring, token, request, nonce, now, opened=opened)
    desk, claims = wiring.desk, wiring.cookies.claims(request.cookies, now)
    keys = [HOLD_EVERYTHING, devices_key(token.recipient), coding.code_key(token)]
    _, kept = desk.ledger.deciding([], [*keys, *(limit.key for limit in coding.code_limits(token))])
    if device_of(claims, token.recipient, kept) is not None:
        return _pressed(wiring, token, request, nonce, now, opened=False)
    given = "".join(form_values(request, coding.CODE))
    if not given or not coding.right(wiring.coder, token, kept, given, desk, now):
        if given:  # with the try that was counted
            _, kept = desk.ledger.deciding([], [*kept, *keys])
        frame = Frame(desk, token, request.token, nonce, now, Found(kept=kept).everything)
        again = bool(form_values(request, coding.AGAIN))
        carried = [(LIFTS, one) for one in sorted(form_values(request, LIFTS))]
        if token.action is Action.DRAFT:
            carried = drafts.carried(request)
        log.line(_log, "asked for a code", move=token.action.value, outcome="wrong" if given else "asked")
        return Answer(200, coding.page(frame, kept, carried, tried=bool(given), again=again))
    agent = request.headers.get("user-agent", "")
    enrol = coding.enrolling_token(token)
    cookie = enrol_or_forget(
        desk.ledger, enrol, kept, claims, wiring.cookies, new_device(enrol, agent, now), now
    ).cookie
    enrolled = replace(request, cookies=coding.with_cookie(request.cookies, cookie)) if cookie else request
    answer = _pressed(wiring, token, enrolled, nonce, now, opened=False)
    return replace(answer, cookies=(*answer.cookies, cookie)) if cookie else answer


def _pressed(wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime, *, opened: bool) -> Answer:
    """``opened``: the page's script sent it, so that it counts only where opening the link is enough; else the page shows its button."""
    desk = wiring.desk
    if opened and token.action not in {Action.REVIEW, Action.HOLD}:
        return _look(wiring, token, request, nonce, now)
    if token.action in ANSWERS:
        return Answer(200, _answer(wiring, token, request, nonce, now))
    if token.action in everything.ACTIONS:
        return Answer(200, _press_everything(wiring, token, request, nonce, now))
    frame, found, claims = _frame(wiring, token, request, nonce, now, pressed=True)
    if token.action in enrolling.ACTIONS:
        agent = request.headers.get("user-agent", "")
        page, cookie = enrolling.press(frame, found, claims, wiring.cookies, agent)
        return Answer(200, page, cookies=(cookie,) if cookie else ())
    if token.action is Action.DRAFT:
        return drafts.answer(frame, found, request)
    if token.action is Action.FRESH:
        return Answer(200, fresh.press_page(frame, found, wiring.settings.one_of_us(token.recipient)))
    if opened and not acts_at_once(frame, desk.stand(token, found)):
        return Answer(200, look_page(frame, desk.look(token, now, found)))
    how = How.DEVICE if opened else How.MAIL
    pressed = desk.press(token, form_values(request, LIFTS), now, how, found)
    announce(desk, pressed.news)
    for entry in pressed.seen:
        log.line(_log, "pressed", post_id=entry.post_id, move=token.action.value, outcome=entry.standing.verdict.value)
    return Answer(200, done_page(frame, pressed.seen, how))


def _question(
    wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime
) -> tuple[Frame, answering.Question]:
    """The try and what stands around its page, read at the same time."""
    (frame, _, _), question = wiring.desk.together(
        [
            lambda: _frame(wiring, token.model_copy(update={"posts": ()}), request, nonce, now),
            lambda: answering.look(wiring.desk, token, now),
        ]
    )
    return replace(frame, token=token), question


def _answer(wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime) -> str:
    frame, question = _question(wiring, token, request, nonce, now)
    question, news = answering.press(wiring.desk, token, now, question=question)
    announce(wiring.desk, news)
    outcome = question.standing.verdict.value
    post_id = token.posts[0][0]
    log.line(_log, "pressed", post_id=post_id, channel=token.channel, move=token.action.value, outcome=outcome)
    return answering.page(frame, question)


def _press_everything(wiring: Wiring, token: Token, request: Request, nonce: str, now: datetime) -> str:
    desk = wiring.desk
    claims = wiring.cookies.claims(request.cookies, now)
    frame = Frame(desk, token, request.token, nonce, now)
    try:
        hold, kept, news = desk.change_everything(token, now, keys=[devices_key(token.recipient)])
    except TooOften as trouble:
        return everything.too_often_page(frame, trouble)
    announce(desk, news)
    log.line(_log, "pressed", move=token.action.value, outcome="done" if news is not None else "already")
    frame = replace(frame, device=device_of(claims, token.recipient, kept))
    return everything.everything_page(frame, hold, pressed=True)


def _expired(wiring: Wiring, request: Request, token: Token, nonce: str, now: datetime) -> Answer:
    """Whatever was asked of it, it only says how things stand."""
    if request.image or request.upload:
        return Answer(404, refused(nonce))
    if token.action is Action.DRAFT:
        frame, found, _ = _frame(wiring, token, request, nonce, now)
        return Answer(410, drafts.look(replace(frame, expired=True), found))
    bare = token.model_copy(update={"action": Action.FRESH})
    frame, found, _ = _frame(wiring, bare, request, nonce, now)
    frame = replace(frame, expired=True)
    if token.action in everything.ACTIONS or not token.posts:
        return Answer(410, everything.expired_page(frame))
    asked = fresh.as_it_is_now(token, found, now)
    seen = wiring.desk.look(asked, now, replace(found, manifests={}))
    return Answer(410, fresh.expired_page(replace(frame, token=asked), seen))


def _image(desk: Desk, token: Token, sha256: str, nonce: str) -> Answer:
    """A picture of one of the token's packages: only what its manifest names."""
    for post_id, revision in token.posts:
        manifest = desk.manifest((post_id, revision), Action.REVIEW)
        for channel in manifest.channels.values() if manifest is not None else ():
            for image in channel.every_image:
                if image.sha256 == sha256:
                    return Answer(200, desk.packages.image(post_id, revision, sha256), image.mime)
    return Answer(404, refused(nonce))


# a post's own page


def _posts_own_page(wiring: Wiring, request: Request, nonce: str, now: datetime) -> Answer:
    """The post for a device of ours; for everybody else a page on which nothing depends on whether there is such a post, or draft."""
    root, draft = request.place is Place.ROOT, request.place is Place.DRAFT
    if request.method == "POST" and not draft:
        if not came_from_our_page(request, wiring.settings.approve_url):
            return Answer(403, _not_from_our_page(nonce))
        post_id = post_named(request) if root else request.post_id
        return Answer(200, fresh.strangers_press(wiring.desk, post_id, nonce, now))
    if request.method not in {"GET", "HEAD"}:
        return Answer(405, refused(nonce), headers={"allow": "GET, HEAD" if draft else "GET, HEAD, POST"})
    claims = wiring.cookies.claims(request.cookies, now)
    ours = [claim for claim in claims if wiring.settings.one_of_us(claim.recipient)]
    page = _for_device(wiring, request, ours, nonce, now) if ours and not root else None
    strangers = fresh.strangers_draft_page(request.post_id, nonce) if draft else fresh.strangers_page(nonce, root)
    return Answer(200, page or strangers)


def _for_device(wiring: Wiring, request: Request, claims: list[Claim], nonce: str, now: datetime) -> str | None:
    """None where no device of these is on its recipient's list any more."""
    desk = wiring.desk
    first = Token(
        action=Action.REVIEW,
        posts=((request.post_id, ""),),
        recipient=claims[0].recipient,
        round_id=f"r_{new_nonce()}",
        nonce=new_nonce(),
        expires_at=int((now + _OWN_PAGE_LINKS).timestamp()),
    )
    found = desk.find(first, [devices_key(claim.recipient) for claim in claims], packages=False)
    for claim in claims:
        device = device_of([claim], claim.recipient, found.kept)
        if device is not None:
            mine = first.model_copy(update={"recipient": wiring.settings.one_of_us(claim.recipient)})
            if drafts.waits(found.statuses.get(request.post_id)):
                bare = mine.model_copy(update={"action": Action.DRAFT})
                frame = Frame(desk, bare, "", nonce, now, found.everything, device)
                return drafts.look(fresh.on_its_page(frame, "../"), found)
            token = fresh.as_it_is_now(mine, found, now)
            frame = Frame(desk, token, "", nonce, now, found.everything, device)
            (entry,) = desk.look(token, now, replace(found, manifests={}))
            return fresh.own_page(fresh.on_its_page(frame, "../"), entry)
    return None
