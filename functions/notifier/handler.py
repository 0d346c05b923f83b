"""Woken by every event a human should hear of (README.md)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import boto3
import httpx

from mesh import clock, events, log
from mesh.approvals import Coder, Purpose, Signer
from mesh.errors import MeshError, Misconfigured
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.mail import Mailer
from mesh.messages.office import PostOffice
from mesh.messages.slack_room import SlackRoom
from mesh.packages import Packages
from mesh.slack import Slack, SlackSettings
from mesh.vault import Vault
from notifier.asking import send_cards
from notifier.drafting import send_drafts
from notifier.planning import is_of_a_plan, send_plan
from notifier.settings import NotifierSettings
from notifier.slack_cards import note
from notifier.slack_news import tell_slack
from notifier.telling import send_code, send_everything, send_receipt, send_trouble

_log = log.logger("notifier")


@cache
def wire() -> PostOffice:
    settings = NotifierSettings.load()
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    keys = Vault(boto3.client("secretsmanager")).keyring(settings.signing_secret)
    return PostOffice(
        settings,
        Ledger(tables, names),
        Runtime(tables, names),
        Packages(boto3.client("s3"), settings.posts_bucket),
        Signer(keys, settings.prefix),
        Mailer(boto3.client("sesv2"), settings.mail_from),
        Coder(keys, settings.prefix),
        Signer(keys, settings.prefix, Purpose.COMPOSE),
    )


@cache
def wire_slack() -> SlackRoom:
    """Only where its secret is named. Misconfigured for one that lacks something."""
    office = wire()
    vault = Vault(boto3.client("secretsmanager"))
    keys, prefix = vault.keyring(office.settings.signing_secret), office.settings.prefix
    slack = Slack(SlackSettings.read(vault.document(office.settings.slack_secret)), httpx.Client())
    return SlackRoom(office, slack, Signer(keys, prefix, Purpose.SLACK), Signer(keys, prefix, Purpose.PICTURE))


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out, and how many messages in Slack were posted or changed.

    What SES, Slack or the tables do not take now is raised, once both have had their turn: the event is delivered again.
    """
    office, now = wire(), clock.now()
    detail = events.parse(event, office.settings.prefix)
    told, troubles = {"mails": 0, "slack": 0}, []
    try:
        told["mails"] = _mails(office, detail, now)
    except MeshError as error:
        troubles.append(error)
    if office.settings.slack_secret:
        try:
            told["slack"] = tell_slack(wire_slack(), detail, now)
        except Misconfigured as error:  # it stays so until somebody mends the secret
            log.line(_log, "not in Slack", trace_id=detail.trace_id, reason=str(error))
            if isinstance(detail, events.ReviewRequested):
                note(office, detail, [asked.post_id for asked in detail.posts], str(error), now)
        except MeshError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
    about = {**log.about(detail), "count": told["mails"] + told["slack"]}
    log.line(_log, "told", move=detail.detail_type, **about)
    return told


def _mails(office: PostOffice, detail: events.Detail, now: datetime) -> int:
    match detail:
        case events.ReviewRequested():
            return send_cards(office, detail, now)
        case events.DraftReady() if is_of_a_plan(detail):
            return send_plan(office, detail, now)
        case events.DraftReady():
            return send_drafts(office, detail, now)
        case events.Sent():  # and ss.failed, which is one
            return send_receipt(office, detail, now)
        case events.Trouble():
            return send_trouble(office, detail, now)
        case events.CodeWanted():
            return send_code(office, detail, now)
        case events.Held() | events.Released() if detail.scope == "everything":
            return send_everything(office, detail, now)
        case _:
            return 0
