"""The form, its files, the note that comes of it and the page that follows the note."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from draft_helper import form_page, inspecting, intake, pages, uploads
from draft_helper.form_page import Choice, Form
from draft_helper.guests import OFFER_FOR, Door, Guest
from draft_helper.typed import Problem, Typed, draft_id, note_of, problems, read_typed
from draft_helper.visit import asked_by_our_script
from mesh import log
from mesh.approvals import Action, How, new_nonce
from mesh.batches import is_batch
from mesh.cards.pages import refused
from mesh.door.devices import Device, device_of, devices_key, person
from mesh.door.request import Answer, security_headers
from mesh.errors import TooOften
from mesh.ledger.proposals import DraftState, Proposal
from mesh.ledger.runtime import pause_key
from mesh.objects import read_object
from mesh.rulebook import Rulebook, usable_rules
from mesh.schedule_time import say_with_zone

_log = log.logger("draft-helper")


def form(guest: Guest, sent_to: str = "", device: Device | None = None) -> Answer:
    """An empty one. ``sent_to`` is the link it is sent to where that is not the page's own; ``device`` what is known already."""
    rulebook = _rulebook(guest.door)
    mine = devices_key(guest.token.recipient)
    _, kept = guest.door.parts.ledger.deciding([], [*map(pause_key, rulebook.channels), mine])
    choices = _choices(rulebook, kept)
    ticked = tuple(one.name for one in choices if not one.paused)
    typed = Typed(form=new_nonce(), channels=ticked)
    device = device or device_of(guest.claims, guest.token.recipient, kept)
    return _shown(guest, typed, choices, (), 200, sent_to=sent_to, device=device)


def _shown(
    guest: Guest,
    typed: Typed,
    choices: Sequence[Choice],
    wrong: Sequence[Problem],
    status: int,
    *,
    sent_to: str = "",
    device: Device | None = None,
) -> Answer:
    form = Form(
        sent_to=sent_to,
        upload=f"{sent_to or guest.root + guest.visit.token}/upload",
        typed=typed if typed.form else replace(typed, form=new_nonce()),
        choices=choices,
        problems=wrong,
        fresh=status == 200,
        stand_in=_stands_in(guest.door),
        foot=pages.known_device(device, guest.link(Action.FORGET, OFFER_FOR)) if device is not None else "",
    )
    origin = uploads.put_origin(guest.door.s3, guest.door.parts.settings.posts_bucket)
    policy = _policy(guest.nonce, f"'self' {origin}", "'self' blob:")
    return Answer(status, form_page.form_page(form, guest.nonce), headers=policy)


def _policy(nonce: str, connect: str, images: str = "'self'") -> dict[str, str]:
    """The doors' own policy, and that the page's script may ask us, and put files where they belong."""
    usual = security_headers(nonce)["content-security-policy"]
    return {
        "content-security-policy": usual.replace("img-src 'self'", f"img-src {images}") + f"; connect-src {connect}"
    }


def _rulebook(door: Door) -> Rulebook:
    """The mirrored rules doc; without channels where there is none yet."""
    settings = door.parts.settings
    stored = read_object(door.parts.s3, settings.rules_bucket, "rules.txt")
    text = stored.data.decode("utf-8", "replace") if stored is not None else ""
    return usable_rules(text, default_zone=settings.tz_name, with_holidays=False)


def _choices(rulebook: Rulebook, kept: intake.Kept) -> tuple[Choice, ...]:
    return tuple(Choice(name, bool((kept.get(pause_key(name)) or {}).get("since"))) for name in rulebook.channels)


def _stands_in(door: Door) -> bool:
    return bool(door.parts.settings.bedrock_url)


# a file


def upload(guest: Guest) -> Answer:
    """Where the page's script may put one file, or why not: JSON, since nobody reads it but that script."""
    settings = guest.door.parts.settings
    if guest.visit.method != "POST":
        return Answer(405, refused(guest.nonce), headers={"allow": "POST"})
    if not asked_by_our_script(guest.visit, settings.compose_url):
        log.line(_log, "refused", outcome="not from our page")
        return Answer(403, refused(guest.nonce))
    name, said, size = (guest.visit.one(field) for field in ("name", "type", "size"))
    try:
        made = uploads.ticket(guest.door.s3, settings.posts_bucket, name, said, size)
        intake.count_upload(guest.door.parts, guest.token.recipient, guest.now)
    except uploads.UploadRefused as refusal:
        return told(422, {"error": str(refusal)})
    except TooOften as trouble:
        return told(429, {"error": f"Many files were added just now. {_again(guest, trouble)}"})
    return told(200, {"id": made.upload_id, "url": made.url, "fields": dict(made.fields)})


def told(status: int, said: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(said), "application/json")


def _again(guest: Guest, trouble: TooOften) -> str:
    return f"It works again at {say_with_zone(trouble.again_at, guest.door.parts.zone, now=guest.now)}."


# the note


def take(guest: Guest) -> Answer:
    """Stored, then answered with the address of its own page, so that a reload sends nothing twice; or the form again with what to mend."""
    door, typed, recipient = guest.door, read_typed(guest.visit), guest.token.recipient
    post_id = draft_id(typed, recipient)
    rulebook = _rulebook(door)
    limits = [limit.key for limit in intake.note_limits(recipient)]
    keys = [*limits, *map(pause_key, rulebook.channels)]
    statuses, kept = door.parts.ledger.deciding([post_id], keys)
    choices = _choices(rulebook, kept)
    if post_id in statuses:
        return _see(guest, post_id)
    wrong = problems(typed, rulebook, door.parts.zone, guest.now)
    if wrong:
        return _refused(guest, typed, choices, wrong)
    found, wrong = inspecting.inspect_all(door.parts.s3, door.parts.settings.posts_bucket, typed.added)
    if wrong:
        good = {one.upload_id for one in found}
        left = replace(typed, added=tuple(one for one in typed.added if one.upload_id in good))
        return _refused(guest, left, choices, wrong)
    note = note_of(typed, found, recipient, guest.now)
    try:
        taken = intake.take(door.parts, post_id, note, How.MAIL, statuses, kept, guest.now)
    except TooOften as trouble:
        said = f"Many notes were written just now. {_again(guest, trouble)}"
        return _refused(guest, typed, choices, (Problem("", said),), 429)
    outcome = ("done" if taken.told else "done, not told") if taken.new else "already"
    count = len(note.uploads)
    log.line(
        _log, "note", trace_id=taken.trace_id, post_id=post_id, move=note.source.value, outcome=outcome, count=count
    )
    return _see(guest, post_id)


def _refused(
    guest: Guest, typed: Typed, choices: Sequence[Choice], wrong: Sequence[Problem], status: int = 422
) -> Answer:
    log.line(_log, "note", outcome="to be mended", count=len(wrong))
    return _shown(guest, typed, choices, wrong, status)


def _see(guest: Guest, post_id: str) -> Answer:
    """A relative address: whatever stands before this function knows its own name."""
    return Answer(303, "", headers={"location": f"{guest.root}{guest.visit.token}/draft/{post_id}"})


def progress(guest: Guest) -> Answer:
    """Shown to the recipient who wrote the note, and to nobody else."""
    door, recipient = guest.door, guest.token.recipient
    post_id = guest.visit.post_id
    statuses, kept = door.parts.ledger.deciding([post_id], [devices_key(recipient)])
    proposal = statuses[post_id].proposal if post_id in statuses else None
    if proposal is None or person(proposal.note.by) != person(recipient):
        return Answer(404, refused(guest.nonce))
    device = device_of(guest.claims, recipient, kept)
    foot = (
        pages.offer(guest.link(Action.ENROL, OFFER_FOR))
        if device is None
        else pages.known_device(device, guest.link(Action.FORGET, OFFER_FOR))
    )
    link = "" if proposal.state is DraftState.REQUESTED else _draft_link(guest, post_id, proposal)
    again = f"{guest.root}{guest.visit.token}"
    shown = pages.progress_page(
        proposal, link, again, door.parts.zone, guest.now, guest.nonce, stand_in=_stands_in(door), foot=foot
    )
    return Answer(200, shown, headers=_policy(guest.nonce, "'self'"))


def _draft_link(guest: Guest, post_id: str, proposal: Proposal) -> str:
    """The draft's own page, or the post's that was made of it: it knows a device that decides, and signs nothing for anybody else
    (docs/decisions/0040)."""
    is_row = proposal.state is DraftState.ACCEPTED and not is_batch(post_id)
    return f"{guest.door.parts.settings.approve_url.rstrip('/')}/{'post' if is_row else 'draft'}/{post_id}"
