"""A card's messages in Slack, rendered from the tables as they are, the first time and each time after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mesh.cards.blocks import Message, message, shares
from mesh.cards.model import Card, CardPost, card_post, say_hold
from mesh.ledger import Status
from mesh.messages.office import SAID_FOR
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference, decided
from mesh.packages import PackageBroken

_BROKEN = "Its preview is damaged, so it cannot be shown. Change the row a little: a new preview is made and a new message asks."


def divided(room: SlackRoom, base: Reference, now: datetime) -> list[Reference]:
    """One reference per message. As the first delivery divided the card, so it stays."""
    plan = [
        {"posts": list(share.posts), "piece": share.piece, "pieces": share.pieces}
        for share in shares(_card(room, base, now), room.hand(base))
    ]
    values = {"plan": plan, "pairs": [list(pair) for pair in base.pairs], "expires_at": base.expires_at}
    stands = room.office.runtime.agree(f"{base.key}#plan", values, now, now + SAID_FOR)
    revisions = {str(post_id): str(revision) for post_id, revision in stands["pairs"]}
    return [
        base.model_copy(
            update={
                "key": f"{base.key}#{number}",
                "pairs": tuple((post_id, revisions[post_id]) for post_id in map(str, share["posts"])),
                "piece": int(share["piece"]),
                "pieces": int(share["pieces"]),
                "opens": number == 0,
                "expires_at": int(stands["expires_at"]),
            }
        )
        for number, share in enumerate(stands["plan"])
    ]


def render_card(room: SlackRoom, reference: Reference, now: datetime) -> Message:
    """One message of a card, from the tables as they are."""
    return message(_card(room, reference, now), reference.share, room.hand(reference))


def _card(room: SlackRoom, reference: Reference, now: datetime) -> Card:
    office = room.office
    zone = ZoneInfo(office.settings.tz_name)
    statuses = office.ledger.statuses(post_id for post_id, _ in reference.pairs)
    heads = office.ledger.heads(statuses.values())
    hold = office.hold_on_everything()
    posts = []
    for post_id, revision in reference.pairs:
        status = statuses.get(post_id)
        said = decided(status, heads.get(post_id, ()), reference, revision, zone)
        posts.append(_post(room, reference, status or Status(post_id=post_id), revision, said, now))
    return Card(
        round_id=reference.round_id,
        reason=reference.reason,
        posts=tuple(posts),
        held=say_hold(hold, zone) if hold is not None else "",
        sheet=office.settings.sheet_url,
        compose=office.settings.compose_url,
    )


def _post(room: SlackRoom, reference: Reference, status: Status, revision: str, said: str, now: datetime) -> CardPost:
    try:
        manifest = room.office.packages.read(status.post_id, revision)
    except PackageBroken:
        return CardPost(status.post_id, revision, "A post", "", "", (), decided=said or _BROKEN)
    changes = room.office.changes(manifest, reference.instead_of.get(status.post_id, ""))
    return replace(card_post(status, manifest, now), decided=said, changes=changes)
