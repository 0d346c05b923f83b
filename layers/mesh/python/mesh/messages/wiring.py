"""The post office and the channel in Slack as a function has them: made once per process, by who is woken first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from mesh.approvals import Coder, Purpose, Signer
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.mail import Mailer
from mesh.messages.office import PostOffice
from mesh.messages.settings import OfficeSettings
from mesh.packages import Packages
from mesh.vault import Vault

if TYPE_CHECKING:
    from mesh.messages.slack_room import SlackRoom


def post_office(settings: OfficeSettings, s3: Any) -> PostOffice:
    """``s3`` is a client: the packages are read by it."""
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    vault = Vault(boto3.client("secretsmanager"))
    keys = vault.keyring(settings.signing_secret)
    composing = vault.keyring(settings.compose_secret) if settings.compose_secret else None
    return PostOffice(
        settings,
        Ledger(tables, names),
        Runtime(tables, names),
        Packages(s3, settings.posts_bucket),
        Signer(keys, settings.prefix),
        Mailer(boto3.client("sesv2"), settings.mail_from, settings.mail_set),
        Coder(keys, settings.prefix),
        Signer(composing, settings.prefix, Purpose.COMPOSE) if composing else None,
    )


def slack_room(office: PostOffice) -> SlackRoom:
    """Only where its secret is named. Misconfigured for one that lacks something."""
    import httpx

    from mesh.messages.slack_room import SlackRoom
    from mesh.slack import Slack, SlackSettings

    vault = Vault(boto3.client("secretsmanager"))
    keys, prefix = vault.keyring(office.settings.signing_secret), office.settings.prefix
    slack = Slack(SlackSettings.read(vault.document(office.settings.slack_secret)), httpx.Client())
    return SlackRoom(office, slack, Signer(keys, prefix, Purpose.SLACK), Signer(keys, prefix, Purpose.PICTURE))
