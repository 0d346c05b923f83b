"""The digest in Slack: what the week was, and a card for each post that waits. Each message is posted once, whatever runs twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from mesh.approvals import LIFETIME
from mesh.cards.blocks import Message
from mesh.cards.digest import Digest, Press
from mesh.cards.digest_blocks import digest_messages
from mesh.cards.model import Brake, say_hold
from mesh.ledger import Status
from mesh.messages.office import Hold
from mesh.messages.slack_rendering import divided, render_card
from mesh.messages.slack_room import Render, SlackRoom
from mesh.messages.slack_standing import Reference


def post_digest(
    room: SlackRoom, digest: Digest, hold: Hold | None, asked: Sequence[Sequence[Status]], cause: str, now: datetime
) -> int:
    """How many messages stand in the channel. ``asked`` are the posts that get a card, ten at most in each of its groups; ``cause`` is
    as of ``send_mails``.

    SlackRefused passes: the mails say it too.
    """
    base = Reference(
        key=f"slack#digest#{digest.key}",
        round_id=f"digest-{digest.key}",
        reason="digest",
        expires_at=int((now + LIFETIME).timestamp()),
    )
    settings = room.office.settings
    held = say_hold(hold, ZoneInfo(settings.tz_name)) if hold is not None else ""
    brake = Brake(held=held, sheet=settings.sheet_url, compose=settings.compose_url)
    messages = digest_messages(digest, brake, lambda press: _value(room, base, press), room.hand(base).page)
    count = 0
    for number, message in enumerate(messages):
        reference = base.model_copy(update={"key": f"{base.key}#{number}", "opens": False})
        count += room.post(cause, reference, _always(message), now)
    for group, statuses in enumerate(asked):
        count += _cards(room, cause, base, f"cards{group}", statuses, now)
    return count


def _cards(room: SlackRoom, cause: str, base: Reference, name: str, statuses: Sequence[Status], now: datetime) -> int:
    """Brought up to date by whoever tells of a decision, as every card is."""
    if not statuses:
        return 0
    cards = base.model_copy(
        update={
            "key": f"{base.key}#{name}",
            "pairs": tuple((status.post_id, status.current_revision or "") for status in statuses),
            "rounds": {status.post_id: status.asked.round_id for status in statuses if status.asked is not None},
        }
    )
    return sum(
        room.post(cause, reference, lambda one: render_card(room, one, now), now)
        for reference in divided(room, cards, now)
    )


def _value(room: SlackRoom, base: Reference, press: Press) -> str:
    """Its own for each try that is asked about: two channels of one post have other answers."""
    about = {"key": f"{base.key}#{press.channel}#{press.attempt}"} if press.channel else {}
    reference = base.model_copy(update={**about, "channel_name": press.channel, "attempt": press.attempt})
    return room.hand(reference).value(press.action, press.pairs)


def _always(message: Message) -> Render:
    return lambda _: message
