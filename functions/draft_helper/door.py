"""The compose page's door: GET and HEAD show, POST takes a note. Anything forged gets one and the same answer (README.md).

A link is good for many notes, and for nothing else; what came of a note is shown to whoever wrote it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from draft_helper import noting, pages
from draft_helper.guests import OWN_PAGE_LINKS, Door, Guest, open_door, token_for
from draft_helper.typed import as_mapping, read_typed
from draft_helper.visit import Place, Visit, pressed_here, read_visit
from mesh import clock, log
from mesh.approvals import Action, Expired, Forged
from mesh.cards.pages import refused
from mesh.door.devices import device_of, devices_key, new_device, on_list
from mesh.door.enrolment import enrol_or_forget
from mesh.door.request import Answer, security_headers
from mesh.errors import MeshError

_log = log.logger("draft-helper")
_DEVICE_ACTIONS = frozenset({Action.ENROL, Action.FORGET})


def visit(event: dict[str, Any]) -> dict[str, Any]:
    """A Function URL's answer. What a stranger sends never raises; what AWS refuses is a plain page that gives back what was typed."""
    seen = read_visit(event)
    nonce = secrets.token_urlsafe(16)
    try:
        answer = respond(open_door(), seen, nonce, clock.now())
    except MeshError as error:
        log.line(_log, "not now", outcome=type(error).__name__)
        answer = Answer(503, pages.not_now_page(_typed_words(seen), nonce), headers={"retry-after": "60"})
        if seen.place is Place.UPLOAD:
            answer = noting.told(
                503, {"error": "The file could not be added just now. Remove it and add it again in a minute."}
            )
    headers = {**security_headers(nonce), **answer.headers}
    return replace(answer, headers=headers).wire(head=seen.method == "HEAD")


def respond(door: Door, seen: Visit, nonce: str, now: datetime) -> Answer:
    """What one request gets."""
    if seen.place is Place.ROOT:
        return _root(door, seen, nonce, now)
    try:
        token, expired = door.signer.read(seen.token, now), False
    except Expired as error:
        token, expired = error.token, True
    except Forged:
        log.line(_log, "refused", outcome="forged")
        return Answer(404, refused(nonce))
    if token.action not in _DEVICE_ACTIONS | {Action.COMPOSE} or seen.place is Place.NOWHERE:
        return Answer(404, refused(nonce))
    settings = door.parts.settings
    recipient = on_list(settings.recipients, token.recipient)
    if not recipient:
        return Answer(403, pages.not_yours_page(nonce))
    if expired and seen.place is Place.UPLOAD:
        return noting.told(410, {"error": "This link is too old: open the one at the end of your newest mail."})
    if expired:
        return Answer(410, pages.expired_page(_typed_words(seen), nonce))
    guest = Guest(door, seen, token.model_copy(update={"recipient": recipient}), nonce, now, seen.up)
    if token.action in _DEVICE_ACTIONS:
        return _device(guest) if seen.place is Place.FORM else Answer(404, refused(nonce))
    if seen.place is Place.UPLOAD:
        return noting.upload(guest)
    if seen.method in {"GET", "HEAD"}:
        return noting.progress(guest) if seen.place is Place.DRAFT else noting.form(guest)
    if seen.method != "POST" or seen.place is Place.DRAFT:
        ways = "GET, HEAD" if seen.place is Place.DRAFT else "GET, HEAD, POST"
        return Answer(405, refused(nonce), headers={"allow": ways})
    if not pressed_here(seen, settings.compose_url):
        log.line(_log, "refused", outcome="not from our page")
        return Answer(403, pages.not_from_our_page(_typed_words(seen), nonce))
    if seen.too_long:
        return Answer(413, pages.too_long_page(nonce))
    return noting.take(guest)


def _typed_words(seen: Visit) -> dict[str, str]:
    return dict(as_mapping(read_typed(seen))) if seen.place is Place.FORM and seen.method == "POST" else {}


def _root(door: Door, seen: Visit, nonce: str, now: datetime) -> Answer:
    """The form for a device that is known; for everybody else one and the same page, and no mail to anybody."""
    if seen.method not in {"GET", "HEAD"}:
        return Answer(405, refused(nonce), headers={"allow": "GET, HEAD"})
    recipients = door.parts.settings.recipients
    claims = [claim for claim in door.cookies.claims(seen.request.cookies, now) if on_list(recipients, claim.recipient)]
    if not claims:
        return Answer(200, pages.strangers_page(nonce))
    _, kept = door.parts.ledger.deciding([], [devices_key(claim.recipient) for claim in claims])
    for claim in claims:
        device = device_of([claim], claim.recipient, kept)
        if device is not None:
            recipient = on_list(recipients, claim.recipient)
            guest = Guest(door, seen, token_for(Action.COMPOSE, recipient, now + OWN_PAGE_LINKS), nonce, now)
            return noting.form(guest, door.signer.sign(guest.token), device)
    return Answer(200, pages.strangers_page(nonce))


# the device


def _device(guest: Guest) -> Answer:
    """Makes this device known for notes, or lets it go; only by a press."""
    enrols, visit_ = guest.token.action is Action.ENROL, guest.visit
    home = guest.link(Action.COMPOSE, OWN_PAGE_LINKS)
    if visit_.method in {"GET", "HEAD"}:
        shown = pages.device_page(home, guest.nonce, enrols=enrols, done=False, spent=False)
        return Answer(200, shown)
    if visit_.method != "POST":
        return Answer(405, refused(guest.nonce), headers={"allow": "GET, HEAD, POST"})
    if not pressed_here(visit_, guest.door.parts.settings.compose_url):
        return Answer(403, pages.not_from_our_page({}, guest.nonce))
    token, ledger = guest.token, guest.door.parts.ledger
    _, kept = ledger.deciding([], [devices_key(token.recipient), f"nonce#{token.nonce}"])
    device = new_device(token, visit_.request.headers.get("user-agent", ""), guest.now)
    device = replace(device, name=f"{device.name}, for notes")
    outcome = enrol_or_forget(ledger, token, kept, guest.claims, guest.door.cookies, device, guest.now, notes=True)
    log.line(_log, "device", move=token.action.value, outcome="spent" if outcome.spent else "done")
    shown = pages.device_page(home, guest.nonce, enrols=enrols, done=True, spent=outcome.spent)
    return Answer(200, shown, cookies=(outcome.cookie,) if outcome.cookie else ())
