"""Woken by every event a human should hear of (README.md)."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

from mesh import clock, events, log
from mesh.approvals import Signer
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.mail import Mailer
from mesh.packages import Packages
from mesh.vault import Vault
from notifier.asking import send_cards
from notifier.post_office import PostOffice
from notifier.settings import NotifierSettings
from notifier.telling import send_everything, send_receipt, send_trouble

_log = log.logger("notifier")


@cache
def wire() -> PostOffice:
    settings = NotifierSettings.load()
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    keys = Vault(boto3.client("secretsmanager")).signing_keys(settings.signing_secret)
    return PostOffice(
        settings,
        Ledger(tables, names),
        Runtime(tables, names),
        Packages(boto3.client("s3"), settings.posts_bucket),
        Signer(keys, settings.prefix),
        Mailer(boto3.client("sesv2"), settings.mail_from),
    )


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out. What SES or the tables do not take now is raised: the event is delivered again."""
    office, now = wire(), clock.now()
    detail = events.parse(event, office.settings.prefix)
    match detail:
        case events.ReviewRequested():
            count = send_cards(office, detail, now)
        case events.Sent():  # and ss.failed, which is one
            count = send_receipt(office, detail, now)
        case events.Trouble():
            count = send_trouble(office, detail, now)
        case events.Held() | events.Released() if detail.scope == "everything":
            count = send_everything(office, detail, now)
        case _:
            count = 0
    log.line(_log, "told", trace_id=detail.trace_id, move=detail.detail_type, count=count)
    return {"mails": count}
