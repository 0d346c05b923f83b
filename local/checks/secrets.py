"""The secrets of a stack: there, and as the functions want them. None is ever said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from local.checks.key_kinds import other_kind
from local.checks.looking import Subject, looking
from local.checks.model import Finding, State
from local.operator.rotating import compose_name, secret_name
from mesh.errors import Misconfigured
from mesh.rulebook import Channel
from mesh.vault import Vault

_NEAR = timedelta(days=3)
_EMPTY = ""


def text_of(client: Any, name: str) -> str | None:
    """None where there is no such secret, "" for one that is empty."""
    try:
        return str(client.get_secret_value(SecretId=name).get("SecretString", _EMPTY))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    try:
        client.describe_secret(SecretId=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return _EMPTY


def drive_key(subject: Subject) -> tuple[list[Finding], dict[str, Any] | None]:
    """The key that drive-sync signs in with at Google, for whoever asks Google next."""
    fix = f"{subject.setup} KEY=service-account.json puts it there"
    name = f"{subject.prefix}/drive/sa"
    found, document = service_account(subject, "secret drive/sa", name, absent=subject.deploy, other=fix)
    if document is not None:
        found.append(Finding("secret drive/sa", State.GOOD, "is there and can be read"))
    return found, document


def service_account(
    subject: Subject, called: str, name: str, *, absent: str, other: str
) -> tuple[list[Finding], dict[str, Any] | None]:
    """The key in the secret ``name``, or what is wrong with it. ``absent`` and ``other``: the fixes where there is none, or no such key."""
    found: list[Finding] = []
    document: dict[str, Any] | None = None
    with looking(called, "secretsmanager:GetSecretValue", found):
        text = text_of(subject.client("secretsmanager"), name)
        read = parsed(text)
        if not text:
            said = "is not there" if text is None else "is empty"
            found.append(Finding(called, State.BAD, said, absent if text is None else other))
        elif kind := other_kind(read):
            found.append(Finding(called, State.BAD, f"is {kind}, and no key of a service account", other))
        elif not all(isinstance(read.get(one), str) for one in ("client_email", "private_key", "token_uri")):
            found.append(Finding(called, State.BAD, "is a key that lacks something", other))
        else:
            document = read
    return found, document


def signing_keys(subject: Subject) -> list[Finding]:
    """Those that decisions are signed with, and those of the links that notes are written behind."""
    found: list[Finding] = []
    for name, secret in (("signing keys", secret_name), ("keys of notes", compose_name)):
        with looking(name, "secretsmanager:GetSecretValue", found):
            try:
                keys = Vault(subject.client("secretsmanager")).signing_keys(secret(subject.prefix))
            except Misconfigured:
                fix = f"make rotate-signing-key REVOKE=1{subject.beside} makes a new one; links that are out end"
                found.append(Finding(name, State.BAD, "hold no key of at least 32 characters", fix))
            else:
                found.append(Finding(name, State.GOOD, f"{len(keys)} in use"))
    return found


def channels(subject: Subject, wanted: Mapping[str, Channel]) -> list[Finding]:
    """A sign-in for each channel of the rules doc, that it is the one the doc names, and how long it lasts."""
    found: list[Finding] = []
    for name, channel in wanted.items():
        with looking(f"channel {name}", "secretsmanager:GetSecretValue", found):
            text = text_of(subject.client("secretsmanager"), f"{subject.prefix}/channels/{name}")
            found.append(channel_judged(channel, text, subject.now(), f"make connect CHANNEL={name}{subject.beside}"))
    return found


def channel_judged(channel: Channel, text: str | None, now: datetime, connect: str) -> Finding:
    name = f"channel {channel.name}"
    if not text:
        return Finding(name, State.BAD, "is not signed in yet", connect)
    document = parsed(text)
    if not isinstance(document, dict) or not isinstance(document.get("credentials"), dict):
        return Finding(name, State.BAD, "its secret cannot be read", connect)
    if not document["credentials"]:
        return Finding(name, State.BAD, "was signed out", connect)
    for what, there, meant in (
        ("network", document.get("network"), channel.network),
        ("account", document.get("account_id"), channel.account),
        ("server", str(document.get("host", "")).rstrip("/"), channel.host.rstrip("/")),
    ):
        if there != meant:
            said = f"the rules doc names the {what} {meant}, the sign-in is for {there}: nothing is sent"
            return Finding(name, State.BAD, said, f"correct the rules doc, or {connect}")
    return _lasting(name, document["credentials"], now, connect)


def _lasting(name: str, credentials: Mapping[str, Any], now: datetime, connect: str) -> Finding:
    try:
        ends = datetime.fromisoformat(str(credentials.get("expires_at", "")))
    except ValueError:
        return Finding(name, State.GOOD, "is signed in")
    if credentials.get("refresh_token") or ends.tzinfo is None:
        return Finding(name, State.GOOD, "is signed in, and renews itself")
    if ends <= now:
        return Finding(name, State.BAD, "its sign-in has ended", connect)
    if ends - now < _NEAR:
        return Finding(name, State.DOUBTFUL, f"its sign-in ends {ends:%d %B}", connect)
    return Finding(name, State.GOOD, f"is signed in until {ends:%d %B %Y}")


def parsed(text: str | None) -> Any:
    """None for what is no JSON."""
    read: Callable[[str], Any] = json.loads
    try:
        return read(text or "null")
    except ValueError:
        return None
