"""What a human is shown of a post: exactly what the package says, when it goes, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mesh.cards.changes import Changes
from mesh.cards.previews import Preview
from mesh.ledger.items import Approval, Status
from mesh.packages import Manifest, PackedChannel
from mesh.schedule_time import say_with_zone

REASONS = {
    "new": "",
    "changed": "Changed since you were last asked.",
    "reminder": "Due soon, and still waiting for you.",
    "tick": "Ticked in the sheet. A tick alone approves nothing; a click here does.",
    "late": "Past its time. It only goes out if you say so now.",
    "fresh": "Sent once more, because you asked for it.",
    "released": "No longer on hold, but not approved as it is now.",
    "digest": "From the weekly digest: this still waits for you.",
}

ACTIONS = {"review": "Approve", "hold": "Hold", "now": "Send now"}
ANSWERS = {"found": "Yes, it is there", "not-there": "No, it is not there", "send-again": "Not there: send it again"}
HOLD_ALL, GO_ON = "Hold everything", "Let everything go on"
COMPOSE = "Write a note for the next post"


@dataclass(frozen=True)
class CardPost:
    """One post on a card. ``links`` are signed addresses by action (``review hold now``).

    ``left_out`` says which channels it does not go to and why; ``remarks`` is what is worth knowing all the same, those that say what it
    costs (``costs``) among them. ``changes`` is what is another since the recipient was last asked. ``decided`` says that nothing is to
    be approved any more, by whom and since when: of its buttons it then has those that ``links`` still names.
    """

    post_id: str
    revision: str
    goes: str
    planned: str
    why: str
    previews: tuple[Preview, ...]
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict, hash=False)
    changes: Changes | None = None
    decided: str = ""

    @property
    def opening(self) -> str:
        """Its first words, for a subject."""
        return first_words(next((preview.text for preview in self.previews if preview.text), ""))


@dataclass(frozen=True)
class Brake:
    """What every message carries: the link that holds everything. While everything is held (``held`` says by whom and since when) the
    link that ends it. ``sheet`` is the sheet's address, or "". ``compose`` is where notes are written: a recipient's own link, or "".
    """

    hold_everything: str = ""
    release_everything: str = ""
    held: str = ""
    sheet: str = ""
    compose: str = ""


@dataclass(frozen=True)
class Card:
    """One message. ``approve_all`` is "" where there is but one post.

    While everything is on hold, ``held`` says by whom and since when, and ``release_everything`` is the link that ends it.
    """

    round_id: str
    reason: str
    posts: tuple[CardPost, ...]
    approve_all: str = ""
    hold_everything: str = ""
    release_everything: str = ""
    held: str = ""
    sheet: str = ""
    compose: str = ""

    @property
    def brake(self) -> Brake:
        return Brake(self.hold_everything, self.release_everything, self.held, self.sheet, self.compose)

    @property
    def waiting(self) -> tuple[CardPost, ...]:
        """Those that need a click."""
        return tuple(post for post in self.posts if not post.decided)


@dataclass(frozen=True)
class Question:
    """Asks what became of one try on one channel. ``links`` are signed addresses by action (``found not-there send-again``)."""

    channel: str
    began: str
    post: CardPost
    links: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def sentences(self) -> tuple[str, str]:
        return (
            f"On {self.began}, this was handed over for {self.channel}, and no answer came back that could be trusted.",
            "Please look there and say what you see. Nothing is sent again until you do.",
        )


def card_post(status: Status, manifest: Manifest, now: datetime, links: dict[str, str] | None = None) -> CardPost:
    """What one post's package says, in the owner's words and zone."""
    zone = ZoneInfo(manifest.time_zone)
    planned = datetime.fromisoformat(manifest.planned_at)
    asked = status.asked if status.asked is not None and status.asked.revision == manifest.revision else None
    goes_at = datetime.fromisoformat(asked.goes_at) if asked is not None and asked.goes_at else planned
    previews = tuple(preview_of(name, channel, manifest.link) for name, channel in manifest.channels.items())
    package = status.package
    remarks = package.remarks if package is not None and package.revision == manifest.revision else ()
    in_the_way = status.row_problems if status.current_revision == manifest.revision else ()
    moved = goes_at != planned
    return CardPost(
        post_id=manifest.post_id,
        revision=manifest.revision,
        goes=say_with_zone(goes_at, zone, now=now),
        planned=say_with_zone(planned, zone, now=now) if moved else "",
        why=asked.why if asked is not None and moved else "",
        previews=previews,
        left_out=tuple(f"Not on {one.channel}: {one.message}" for one in manifest.left_out),
        remarks=tuple(dict.fromkeys(remark.message for remark in (*in_the_way, *remarks))),
        costs=tuple(dict.fromkeys(remark.message for remark in remarks if remark.code == "costs")),
        links=links or {},
    )


def say_hold(hold: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Who held everything and since when, of the item that says it; a damaged one holds all the same."""
    by = hold.get("by") or "Somebody"
    try:
        since = f" ({say_with_zone(datetime.fromisoformat(str(hold.get('at'))), zone)})"
    except ValueError:
        since = ""
    return f"{by} held everything{since}."


def say_approval(approval: Approval, zone: ZoneInfo) -> str:
    """What a post says of itself that nobody needs to approve any more."""
    return f"Approved by {approval.by} ({say_with_zone(datetime.fromisoformat(approval.at), zone)})."


_OPENING_CHARACTERS = 50
_JOINER = "\u200d"  # not printable, but without it one emoji falls apart into several


def first_words(text: str) -> str:
    """The beginning of a text, on one line and fit for a subject."""
    line = " ".join(text.split())
    clean = "".join(char for char in line if char.isprintable() or char == _JOINER).strip()
    if len(clean) <= _OPENING_CHARACTERS:
        return clean
    head, blank, _ = clean[:_OPENING_CHARACTERS].rpartition(" ")
    return (head if blank else clean[:_OPENING_CHARACTERS]) + "…"


def only_on(post: CardPost, channel: str) -> CardPost:
    """What one channel shows of it."""
    return replace(post, previews=tuple(preview for preview in post.previews if preview.channel == channel))


def grouped(previews: tuple[Preview, ...]) -> list[tuple[str, Preview]]:
    """Channels of one network that show the very same are shown once, under all their names."""
    groups: dict[str, list[Preview]] = {}
    for preview in previews:
        groups.setdefault(repr(replace(preview, channel="")), []).append(preview)
    return [(", ".join(one.channel for one in same), same[0]) for same in groups.values()]


def preview_of(name: str, channel: PackedChannel, link: str) -> Preview:
    """``link`` is shown of its own only where neither the text nor a card shows it: a network makes a card of it."""
    unseen = "" if link in channel.text or channel.card is not None else link
    return Preview(
        channel=name,
        network=channel.network,
        text=channel.text,
        images=channel.images,
        measure=channel.measure,
        card=channel.card,
        link=unseen,
        payload=channel.payload,
    )
