"""Woken by every event a human should hear of (README.md)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from mesh import clock, events, log
from mesh.errors import MeshError, Misconfigured
from mesh.later import Later
from mesh.messages.office import PostOffice
from mesh.messages.wiring import post_office, slack_room
from notifier.asking import send_cards
from notifier.decide import SES
from notifier.settings import NotifierSettings
from notifier.telling import asks, send_code, send_everything, send_question, send_receipt, send_test

if TYPE_CHECKING:
    from mesh.messages.slack_room import SlackRoom
    from notifier import bounces, drafting, planning, slack_cards, slack_news, troubles
else:
    drafting, planning, troubles = (Later(f"notifier.{name}") for name in ("drafting", "planning", "troubles"))
    bounces, slack_cards, slack_news = (Later(f"notifier.{name}") for name in ("bounces", "slack_cards", "slack_news"))

TICK = "troubles"  # how the template's schedule calls itself
_log = log.logger("notifier")


@cache
def wire() -> PostOffice:
    return post_office(NotifierSettings.load(), boto3.client("s3"))


@cache
def wire_slack() -> SlackRoom:
    """Only where its secret is named. Misconfigured for one that lacks something."""
    return slack_room(wire())


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out, and how many messages in Slack were posted or changed.

    What SES, Slack or the tables do not take now is raised, once both have had their turn: the event is delivered again.
    """
    office, now = wire(), clock.now()
    room = wire_slack if office.settings.slack_secret else None
    if event.get("tick") == TICK:
        return troubles.tell_troubles(office, room, now)
    if event.get("source") == SES:
        return bounces.hear_return(office, room, event, now)
    detail = events.parse(event, office.settings.prefix)
    told = _told(office, room, detail, now)
    about = {**log.about(detail), "count": told["mails"] + told["slack"]}
    log.line(_log, "told", move=detail.detail_type, **about)
    return told


def _told(office: PostOffice, room: troubles.Room | None, detail: events.Detail, now: datetime) -> dict[str, int]:
    if isinstance(detail, events.Trouble) and detail.only_for:
        return {"mails": send_test(office, detail, now), "slack": 0}
    if isinstance(detail, events.Trouble) and not asks(detail):
        return troubles.hear_trouble(office, room, detail, now)
    told: dict[str, int] = {"mails": 0, "slack": 0}
    failed: list[MeshError] = []
    try:
        mails = _mails(office, detail, now)
        if mails is None and isinstance(detail, events.Trouble):
            return troubles.hear_trouble(office, room, detail, now)
        told["mails"] = mails or 0
    except MeshError as error:
        failed.append(error)
    if room is not None:
        try:
            told["slack"] = slack_news.tell_slack(room(), detail, now)
        except Misconfigured as error:  # it stays so until somebody mends the secret
            log.line(_log, "not in Slack", trace_id=detail.trace_id, reason=str(error))
            if isinstance(detail, events.ReviewRequested):
                slack_cards.note(office, detail, [asked.post_id for asked in detail.posts], str(error), now)
        except MeshError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return told


def _mails(office: PostOffice, detail: events.Detail, now: datetime) -> int | None:
    match detail:
        case events.ReviewRequested():
            return send_cards(office, detail, now)
        case events.DraftReady() if planning.is_of_a_plan(detail):
            return planning.send_plan(office, detail, now)
        case events.DraftReady():
            return drafting.send_drafts(office, detail, now)
        case events.Sent():  # and ss.failed, which is one
            return send_receipt(office, detail, now)
        case events.Trouble():
            return send_question(office, detail, now)
        case events.CodeWanted():
            return send_code(office, detail, now)
        case events.Held() | events.Released() if detail.scope == "everything":
            return send_everything(office, detail, now)
        case events.Approved() | events.Held() | events.Released():
            bounces.hear_from(office, detail.post_ids, now)
            return 0
        case _:
            return 0
