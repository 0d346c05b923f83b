"""Woken on Sundays at 18:00 (README.md)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from digest.decide import Gathered, Lists, lists
from digest.edges import Ports, gather, look
from digest.sending import send_mails
from digest.settings import DigestSettings
from digest.telling import MOST_WAITING, tell
from mesh import clock, log
from mesh.cards.digest import Digest
from mesh.errors import MeshError, Misconfigured
from mesh.messages.office import PostOffice
from mesh.messages.wiring import post_office, slack_room
from mesh.side_by_side import in_threads

if TYPE_CHECKING:
    from mesh.messages.slack_room import SlackRoom

_log = log.logger("digest")


@cache
def wire() -> tuple[Ports, PostOffice]:
    settings, s3 = DigestSettings.load(), boto3.client("s3")
    office = post_office(settings, s3)
    ports = Ports(
        office.ledger,
        office.runtime,
        office.packages,
        s3,
        settings.rules_bucket,
        settings.tz_name,
        settings.people,
        in_threads,
    )
    return ports, office


@cache
def wire_slack() -> SlackRoom:
    """Only where its secret is named. Misconfigured for one that lacks something."""
    return slack_room(wire()[1])


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out, and how many messages stand in Slack. The event says nothing: the clock says which week it is.

    What SES, Slack or the tables do not take now is raised, once both have had their turn: the schedule's next delivery goes on with
    the rest.
    """
    (ports, office), now = wire(), clock.now()
    found = gather(ports, now)
    listed = lists(found)
    digest = tell(found, listed, look(ports, found, listed))
    # Tries of one invocation share its id; a schedule that fired twice at once has two, and the second finds the first at it.
    cause = f"digest {digest.key} {getattr(context, 'aws_request_id', '')}"
    told, troubles = {"mails": 0, "slack": 0}, []
    try:
        told["mails"] = send_mails(office, digest, found.hold, cause, now)
    except MeshError as error:
        troubles.append(error)
    if office.settings.slack_secret:
        from mesh.slack import SlackRefused

        try:
            told["slack"] = _slack(digest, found, listed, cause, now)
        except (
            Misconfigured,
            SlackRefused,
        ) as error:  # it stays so until somebody mends it, and the mails say the same
            log.line(_log, "not in Slack", move="digest", reason=str(error))
        except MeshError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
    log.line(_log, "told", move="digest", count=told["mails"] + told["slack"])
    return told


def _slack(digest: Digest, found: Gathered, listed: Lists, cause: str, now: datetime) -> int:
    from digest.slack import post_digest

    asked = [listed.late[:MOST_WAITING], listed.waiting[:MOST_WAITING]]
    return post_digest(wire_slack(), digest, found.hold, asked, cause, now)
