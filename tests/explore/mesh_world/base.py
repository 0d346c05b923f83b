"""The worlds that scenarios begin in, made once by the real handlers: rows become packages, cards, approvals and bookings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from memory.network import MemoryNetwork
from memory.wire import WireNetwork
from PIL import Image

from mesh.approvals import Action, Signer, Token
from mesh.cells import Cell
from mesh.events import Retry, Send
from mesh_world.world import CHANNELS, DUE, MeshWorld, rules_text

Kind = MemoryNetwork | WireNetwork
SIGNING_KEY = "a-signing-key-of-forty-characters-0123456"
ORIGIN = "https://approve.example.test"
LABELS = {
    Action.REVIEW: "Approve",
    Action.HOLD: "Hold",
    Action.SEND_NOW: "Send now",
    Action.HOLD_EVERYTHING: "Hold everything",
}
ANSWER_LABELS = {
    Action.FOUND: "Yes, it is there",
    Action.NOT_THERE: "No, it is not there",
    Action.SEND_AGAIN: "Not there: send it again",
}
OWNERS = ("date", "time", "text", "channels", "image", "alt text", "link", "note")


def furnished(kind: Kind | None = None, *, tokens: bool = False) -> MeshWorld:
    """No rows yet; the rules doc, the secrets and the folder are there."""
    return furnish(MeshWorld(kind), tokens=tokens)


def furnish(world: MeshWorld, *, tokens: bool = False) -> MeshWorld:
    kind = world.kind
    world.bare_sheet.write_doc("Rules", rules_text(kind))
    keys = json.dumps({"keys": [SIGNING_KEY]})
    world.bare_secrets.create_secret(Name="ss/approval/signing-secret", SecretString=keys)
    world.bare_secrets.create_secret(Name="ss/compose/signing-secret", SecretString=keys)
    for channel, account in CHANNELS.items():
        document = {
            "network": kind.name,
            "account_id": kind.account_of(account),
            "host": kind.host,
            "credentials": {"access_jwt": "access-1", "refresh_jwt": "refresh-1", "access_token": "access-1"},
        }
        world.bare_secrets.create_secret(Name=f"ss/channels/{channel}", SecretString=json.dumps(document))
        if tokens:
            world.kind.feed.tokens[account] = "access-1"
            world.kind.feed.refreshing[account] = "refresh-1"
    return world


def row(world: MeshWorld, at: datetime, **cells: str) -> None:
    wall = at.astimezone(ZoneInfo("Europe/Berlin"))
    world.bare_sheet.add_row({"date": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "channels": "main"} | cells)


def pump(world: MeshWorld, minutes: int, *, polls: bool = True) -> None:
    """Time goes by without any trouble: syncs, sweeps, bookings, deliveries."""
    for minute in range(minutes):
        world._fire()
        if polls and minute % 5 == 0:
            world._poll(minute)
        world._deliver(twice=False)
        world.now += timedelta(minutes=1)


def remember(world: MeshWorld) -> None:
    """The owner's cells as they stand are what the owner wanted."""
    for post_id in world.bare_sheet.post_ids():
        cells = world.bare_sheet.cells(post_id)
        assert cells is not None
        world.owners_cells[post_id] = {name: cells.get(name) for name in OWNERS}


def edit(world: MeshWorld, post_id: str, column: str, value: Cell) -> None:
    """By the owner's own hand."""
    world.bare_sheet.edit(post_id, column, value)
    if column in OWNERS:
        world.owners_cells[post_id] = {**(world.owners_cells[post_id] or {}), column: value}


def links(world: MeshWorld, labels: Mapping[Action, str] = LABELS) -> dict[Action, str]:
    """The newest mail's signed links that have these labels. The brake is in every mail: of several labels it tells none apart."""
    telling = [label for action, label in labels.items() if action is not Action.HOLD_EVERYTHING] or labels.values()
    for _, raw in reversed(world.bare_mail.sent):
        found = _links(raw)
        if any(label in found for label in telling):
            return {action: found[label] for action, label in labels.items() if label in found}
    raise AssertionError("no mail has such a link")


@cache
def _links(raw: bytes) -> dict[str, str]:
    """By label, as a mail's text has them."""
    body = message_from_bytes(raw, policy=default).get_body(("plain",))  # type: ignore[attr-defined]
    text = body.get_content().replace("\r\n", "\n") if body is not None else ""
    return dict(re.findall(r"^(.+): (https://\S+)$", text, re.MULTILINE))


def request(link: str, method: str = "POST") -> dict[str, Any]:
    """What the Function URL is handed when the button is pressed, or the link opened."""
    headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    return {
        "version": "2.0",
        "rawPath": link.removeprefix(ORIGIN),
        "headers": headers,
        "requestContext": {"http": {"method": method}, "domainName": "x.on.aws"},
        "body": "go=1",
    }


def press(world: MeshWorld, link: str, name: str = "owner") -> None:
    answer = world.invoke("approve-handler", request(link), name)
    assert answer["statusCode"] == 200, answer["statusCode"]


def signed(world: MeshWorld, action: Action, post_id: str) -> str:
    """A link as a mail would carry it, for one post as it stands."""
    token = Token(
        action=action,
        posts=((post_id, world.status(post_id)["package"]["revision"]),),
        recipient="ada@example.test",
        round_id="r_signed",
        nonce=f"n-{action}-{post_id}",
        expires_at=int((world.now + timedelta(days=30)).timestamp()),
    )
    return f"{ORIGIN}/{Signer([SIGNING_KEY], 'ss').sign(token)}"


def post_ids(world: MeshWorld) -> list[str]:
    return world.bare_sheet.post_ids()


def released(world: MeshWorld) -> MeshWorld:
    """Ready to be raced in: what was random before never comes again."""
    world.phase = "race"
    return world


@cache
def png(number: int) -> bytes:
    """A small PNG; another number has other bytes."""
    file = BytesIO()
    Image.new("RGB", (64, 48), (40 * number % 256, 90, 200 - 30 * number % 200)).save(file, "PNG")
    return file.getvalue()


@cache
def asked_world(
    count: int = 1, channels: str = "main", kind: Kind | None = None, tokens: bool = False, picture: bool = False
) -> MeshWorld:
    """Rows with packages, their card sent an hour before the first is due; nobody has pressed anything."""
    world = furnished(kind.fresh() if kind is not None else None, tokens=tokens)
    shown = {"image": "cake.png", "alt text": "An apple cake"} if picture else {}
    if picture:
        world.bare_sheet.put_image("cake.png", png(1))
    for number in range(count):
        row(world, DUE, text=f"Apple cake number {number + 1}", channels=channels, **shown)
    world.now = DUE - timedelta(hours=1, minutes=20)
    pump(world, 20)
    remember(world)
    assert all(world.status(post_id).get("card") for post_id in post_ids(world)), "the card was not sent"
    return world


@cache
def asking_world() -> MeshWorld:
    """The scheduler has asked for a card, and the event that says so is still on its way."""
    world = furnished()
    row(world, DUE, text="Apple cake number 1")
    world.now = DUE - timedelta(hours=1, minutes=20)
    world.withholds = frozenset({"notifier"})
    while not world.withheld:
        pump(world, 1)
    world.withholds = frozenset()
    remember(world)
    return world


@cache
def approved_world(
    count: int = 1, channels: str = "main", kind: Kind | None = None, tokens: bool = False, picture: bool = False
) -> MeshWorld:
    """All approved an hour before they are due; the flags are still to be written."""
    world = asked_world(count, channels, kind, tokens, picture).copy()
    world.phase = "approved"
    signed = links(world)
    if count == 1:
        press(world, signed[Action.REVIEW])
    else:
        press(world, links(world, {Action.REVIEW: f"Approve all {count} you see here"})[Action.REVIEW])
    return world


@cache
def booked_world(
    count: int = 1, channels: str = "main", kind: Kind | None = None, tokens: bool = False, picture: bool = False
) -> MeshWorld:
    """Flagged, stamped and booked, half an hour before they are due."""
    world = approved_world(count, channels, kind, tokens, picture).copy()
    world.phase = "booked"
    pump(world, 30)
    assert len(world.bare_schedules.times()) == len(world.heads()) > 0, "nothing is booked"
    return world


@cache
def due_world(
    count: int = 1, channels: str = "main", kind: Kind | None = None, tokens: bool = False, picture: bool = False
) -> MeshWorld:
    """At their minute, with what the bookings said on its way: see ``sends``."""
    world = booked_world(count, channels, kind, tokens, picture).copy()
    world.phase = "due"
    while world.now < DUE:
        pump(world, 1)
    world.bare_bus.entries.clear()
    world.bare_schedules.due()
    return world


def sends(world: MeshWorld) -> list[dict[str, Any]]:
    """The event that each head's booking has put on the bus."""
    found = []
    for head in sorted(world.heads(), key=lambda one: str(one["post_channel"])):
        post_id, _, channel = str(head["post_channel"]).partition("#")
        model = Send if head["attempts"] == 0 else Retry
        event = model(
            post_id=post_id,
            channel=channel,
            revision=head["revision"],
            attempt=int(head["attempts"]) + 1,
            trace_id="t_due",
        )
        found.append(world.envelope(event))
    return found


@cache
def doubtful_world(kind: Kind | None = None) -> MeshWorld:
    """The request got lost, the post is on hold since, and the owner was asked what became of it."""
    world = due_world(kind=kind).copy()
    world.phase = "doubtful"
    feed = world.kind.feed
    world.losing = True
    (event,) = sends(world)
    world.invoke("sender", event, "sender-0")
    assert feed.posts == ()
    assert world.lost_request is not None
    press(world, links(world)[Action.HOLD])
    for _ in range(15):
        pump(world, 1)
        if world.heads()[0].get("asked_at"):
            break
    assert world.heads()[0]["state"] == "unknown", world.heads()
    pump(world, 1)
    return world
