"""Clients and settings, made once per process when the first schedule fires."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3

from mesh.approvals import Coder, Signer, Token
from mesh.converse.model import Model, config
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.mail import Mailer
from mesh.messages.office import PostOffice
from mesh.packages import Packages
from mesh.side_by_side import in_threads
from mesh.vault import Vault
from recap.gathering import Books
from recap.settings import RecapSettings
from recap.writing import NEEDED_MILLISECONDS, READ_SECONDS, Writer

if TYPE_CHECKING:
    from mesh.messages.slack_room import SlackRoom


class NoKey(Signer):
    """This function has no right to the signing key: what it sends carries no signed link."""

    def __init__(self) -> None: ...

    def sign(self, token: Token) -> str:
        raise NotImplementedError("a recap carries no signed link")


@dataclass(frozen=True)
class Parts:
    settings: RecapSettings
    ledger: Ledger
    runtime: Runtime
    office: PostOffice
    books: Books
    writer: Writer


@cache
def wire() -> Parts:
    settings = RecapSettings.load()
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    ledger, runtime = Ledger(tables, names), Runtime(tables, names)
    packages = Packages(boto3.client("s3"), settings.posts_bucket)
    mailer, key = Mailer(boto3.client("sesv2"), settings.mail_from, settings.mail_set), NoKey()
    office = PostOffice(settings, ledger, runtime, packages, key, mailer, Coder([], settings.prefix))
    return Parts(
        settings,
        ledger,
        runtime,
        office,
        Books(packages, in_threads),
        Writer(settings, runtime, lambda: _model(settings)),
    )


def _model(settings: RecapSettings) -> Model:
    return Model(settings.bedrock(config(READ_SECONDS)), settings.model, settings.guardrail, NEEDED_MILLISECONDS)


@cache
def wire_slack() -> SlackRoom:
    """Only where its secret is named. Misconfigured for one that lacks something."""
    import httpx

    from mesh.messages.slack_room import SlackRoom
    from mesh.slack import Slack, SlackSettings

    office, key = wire().office, NoKey()
    document = Vault(boto3.client("secretsmanager")).document(office.settings.slack_secret)
    return SlackRoom(office, Slack(SlackSettings.read(document), httpx.Client()), key, key)
