"""The command as typed, over moto's secrets, with hands at the browser that press what a person would press."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from moto_mesh import REGION, RULES_BUCKET, MotoMesh
from scripted_vendors import Vendor

from local.connect import command
from local.operator.which import Reached
from mesh import clock
from mesh.events import Probe
from networks import network
from networks.model import Account, Outcome, Result


@dataclass
class Hands:
    """Opens what the command opens, presses ``decision``, and goes where ``twist`` says that the answer leads."""

    decision: str = "allow"
    account: str = ""
    twist: Callable[[str], Sequence[str]] = lambda address: [address]
    headers: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        self._threads.append(threading.Thread(target=self._go, args=(address,), daemon=True))
        self._threads[-1].start()
        return True

    def answer_to(self, address: str) -> str:
        """The address that the network's page leads to."""
        with _a_browser() as http:
            page = http.get(address)
            assert page.status_code == 200, page.text
            hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
            accounts = re.findall(r'name="account" value="([^"]*)"', page.text)
            form = {name: unescape(value) for name, value in hidden.items()}
            form |= {"decision": self.decision, "account": self.account or accounts[0]}
            answer = http.post(address, data=form)
            assert answer.status_code == 302, answer.text
            return answer.headers["location"]

    def _go(self, address: str) -> None:
        for where in self.twist(self.answer_to(address)):
            with _a_browser() as http:
                try:
                    self.shown.append(http.get(where, headers=self.headers).text)
                except httpx.HTTPError as error:
                    self.shown.append(type(error).__name__)

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(10)


def _a_browser() -> httpx.Client:
    """Without the certificates of the world, which take longer to read than a sign-in: everything is on this computer."""
    return httpx.Client(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class Adapter:
    """Stands where a network's adapter is: only its probe is used."""

    def __init__(self) -> None:
        self.probed: list[Account] = []
        self.outcome = Outcome(Result.OK)

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        self.probed.append(account)
        return self.outcome


@dataclass
class ConnectDesk:
    mesh: MotoMesh
    patch: pytest.MonkeyPatch
    output: pytest.CaptureFixture[str]
    hands: Hands = field(default_factory=Hands)
    adapter: Adapter = field(default_factory=Adapter)
    typed: int | None = None
    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    seen: str = ""
    broken: dict[str, Exception] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.patch.setattr(
            command, "reached", lambda options: Reached("ss", "the test's stack", self._client, self.now)
        )
        self.patch.setattr(command.webbrowser, "open", lambda address: self.hands(address))
        self.patch.setattr(command, "at_this_terminal", self._terminal)
        self.patch.setattr(command, "network", lambda name: self.adapter)

    def now(self) -> datetime:
        return clock.now()

    def really(self) -> None:
        """The probe is made by the adapter that posts."""
        self.patch.setattr(command, "network", network)

    def app(self, client_id: str, secret: str) -> None:
        self.patch.setenv("CONNECT_CLIENT_ID", client_id)
        self.patch.setenv("CONNECT_SECRET", secret)

    def run(self, channel: str, *options: str) -> int:
        """The exit code; ``seen`` is everything that was printed."""
        port = () if "--redirect" in options else ("--port", "0")
        code = command.main([channel, *port, *options])
        self.hands.wait()
        told = self.output.readouterr()
        self.seen = told.out + told.err
        return code

    def secret(self, channel: str) -> dict[str, Any] | None:
        try:
            found = self.mesh.secrets.get_secret_value(SecretId=f"ss/channels/{channel}")
        except self.mesh.secrets.exceptions.ResourceNotFoundException:
            return None
        document: dict[str, Any] = json.loads(found["SecretString"])
        return document

    def rules(self, *lines: str) -> None:
        self.mesh.put_rules("\n".join(["Time zone: Europe/Berlin", "Channels", *lines]))

    def _terminal(self) -> tuple[Callable[[str], str] | None, Callable[[str], str] | None, int | None]:
        def ask(question: str) -> str:
            self.asked.append(question)
            return self.answers.pop(0)

        return (ask, ask, self.typed) if self.answers else (None, None, self.typed)

    def _client(self, service: str) -> Any:
        if service == "sts":  # moto's own account is not the one that the mesh's buckets are named by
            return _Caller()
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=REGION)
        return _Breaking(self._clients[service], self.broken)


class _Caller:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": RULES_BUCKET.rpartition("-")[2]}


class _Breaking:
    """A client of which the named operations fail."""

    def __init__(self, client: Any, broken: dict[str, Exception]) -> None:
        self._client, self._broken = client, broken

    def __getattr__(self, name: str) -> Any:
        if name in self._broken:

            def fail(**_: Any) -> Any:
                raise self._broken[name]

            return fail
        return getattr(self._client, name)


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


BEFORE: dict[str, Any] = {
    "network": "x",
    "account_id": "55",
    "host": "https://api.x.com",
    "credentials": {"access_token": "a-token-from-before", "refresh_token": "its-refresh-token"},
}


def unchanged(desk: ConnectDesk, vendor: Vendor, *words: str, code: int) -> None:
    """It ended with these words, said nothing secret, and x-main's secret is as it was."""
    assert code == 1, desk.seen
    shown = desk.seen + "".join(desk.hands.shown)
    for said in words:
        assert said in desk.seen
    secrets = [*vendor.given, *BEFORE["credentials"].values()]
    assert [secret for secret in secrets if secret in shown] == []
    assert "Traceback" not in shown
    assert desk.secret("x-main") in (BEFORE, None)
    assert desk.mesh.events_of(Probe) == []
