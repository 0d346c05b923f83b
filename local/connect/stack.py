"""A stack's side of a channel: its line in the rules doc, its secret, and the event that has it probed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import refusals
from local.connect.model import ConnectError, SignedIn
from local.operator.which import Reached
from local.refusals import Kind
from mesh.bus import Bus
from mesh.errors import BusError, MeshError
from mesh.events import Probe
from mesh.ledger import Runtime, TableNames, Tables
from mesh.ledger.runtime import REFRESHING, refresh_key
from mesh.rulebook import parse_rules
from mesh.rulebook.channels import channel_of
from mesh.rulebook.lines import split_lines
from mesh.rulebook.model import Wrong
from networks import composer

_NO_ACCOUNT = "none-yet"
_LOOK_EVERY = timedelta(seconds=1)
_WORDS = {
    Kind.DENIED: "this AWS profile may not do that",
    Kind.LEAVING: "it is marked for deletion; restore it first",
    Kind.MISSING: "there is no such bucket; is the prefix right?",
}


@dataclass(frozen=True)
class Registered:
    """What the rules doc says of a channel. ``account`` is "" where its line names none yet; ``line`` counts from 1."""

    network: str
    account: str
    host: str
    line: int = 0


def registered(rules: str, channel: str) -> Registered | None:
    """None where no line of the rules doc is this channel's. A line that lacks the account is read without it."""
    found = parse_rules(rules, default_zone="UTC")[0].channels.get(channel)
    for line in split_lines(rules):
        for text in (line.plain, f"{line.plain}, account {_NO_ACCOUNT}"):
            try:
                read = channel_of(text)
            except Wrong:
                continue
            if read.name == channel and (found is None or found == read):
                account = "" if read.account == _NO_ACCOUNT else read.account
                return Registered(read.network, account, read.host, line.number)
    return None


def rules_line(channel: str, network: str, account: str, host: str) -> str:
    """What to write into the rules doc; the host only where it is not the network's usual one."""
    usual = composer(network).declared.host
    return f"- {channel}: {network}, account {account}" + (f", {host}" if host != usual else "")


class ChannelBooks:
    """One channel of one stack. ConnectError for whatever the stack's services refuse."""

    def __init__(self, stack: Reached, channel: str) -> None:
        self.channel = channel
        self.secret_name = f"{stack.prefix}/channels/{channel}"
        self._stack = stack

    def rules(self) -> str:
        """The mirrored rules doc; "" where none was mirrored yet."""
        with _asking("the rules doc"):
            account = self._stack.client("sts").get_caller_identity()["Account"]
            bucket = f"{self._stack.prefix}-rules-source-{account}"
            s3 = self._stack.client("s3")
            try:
                body: bytes = s3.get_object(Bucket=bucket, Key="rules.txt")["Body"].read()
            except s3.exceptions.NoSuchKey:
                return ""
        return body.decode("utf-8", "replace")

    def document(self) -> dict[str, Any]:
        """The secret as it is; empty where there is none, or none that can be read: then it is written anew."""
        secrets = self._stack.client("secretsmanager")
        with _asking(f"the secret {self.secret_name}"):
            try:
                value = json.loads(secrets.get_secret_value(SecretId=self.secret_name)["SecretString"])
            except secrets.exceptions.ResourceNotFoundException:
                return {}
            except (ValueError, KeyError):
                return {}
        return value if isinstance(value, dict) else {}

    def keep(self, network: str, one: SignedIn) -> None:
        """Whatever else the secret holds stays."""
        told: dict[str, Any] = {
            "network": network,
            "account_id": one.account_id,
            "host": one.host,
            "credentials": dict(one.credentials),
        }
        with self._alone():
            kept = {name: value for name, value in self.document().items() if name != "app"}
            self._put(kept | told | ({"app": dict(one.app)} if one.app else {}))

    def forget(self) -> None:
        """Without credentials the sender says that the channel is not connected."""
        with self._alone():
            kept = {name: value for name, value in self.document().items() if name != "app"}
            self._put({**kept, "credentials": {}})

    def have_probed(self) -> str:
        """A sentence for when the event was not taken: nothing is lost by that."""
        try:
            self._bus().put([Probe(channels=[self.channel])])
        except BusError:
            return "The stack could not be told at once: it finds out by itself within an hour if the channel is paused, else within a day."
        return ""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody renews the channel's sign-in. Who does has the lock for a minute at most, and then stores over no other's.

        A profile that may not use the table writes without it: a refresh under way stores nothing where it finds another sign-in.
        """
        names = TableNames(*(f"{self._stack.prefix}-{name}" for name in ("status", "sends", "audit", "runtime")))
        runtime, lock = Runtime(Tables(self._stack.client("dynamodb")), names), refresh_key(self.channel)
        mine = False
        try:
            for _ in range(REFRESHING // _LOOK_EVERY):
                now = self._stack.now()
                mine = runtime.first(lock, now, now + REFRESHING)
                if mine:
                    break
                sleep(_LOOK_EVERY.total_seconds())
        except MeshError:
            pass
        try:
            yield
        finally:
            if mine:
                with suppress(MeshError):
                    runtime.forget(lock)

    def _bus(self) -> Bus:
        return Bus(self._stack.client("events"), self._stack.prefix)

    def _put(self, document: Mapping[str, Any]) -> None:
        secrets, text = self._stack.client("secretsmanager"), json.dumps(dict(document))
        with _asking(f"the secret {self.secret_name}", "be written: nothing was changed"):
            try:
                secrets.put_secret_value(SecretId=self.secret_name, SecretString=text)
            except secrets.exceptions.ResourceNotFoundException:
                secrets.create_secret(Name=self.secret_name, SecretString=text)


@contextmanager
def _asking(what: str, cannot: str = "be read") -> Iterator[None]:
    """Says in words what an AWS service refused. Its own message is left out: a validation error repeats what was sent."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        found = refusals.read(error)
        if not found.code:
            raise ConnectError(f"AWS cannot be asked for {what}: {found.said}.") from None
        why = found.code if found.kind is Kind.OTHER else _WORDS.get(found.kind, found.said)
        raise ConnectError(f"{what[0].upper()}{what[1:]} cannot {cannot} ({why}).") from None
