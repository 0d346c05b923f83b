"""Whatever answers at a network's address: nothing is taken for a refusal or a post, nothing leaks, and the call ends."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from networks.model import AttemptKey, Draft, Presence, RenewalUnclear, Result

WORDS = Draft("A very private announcement")
PATIENCE_SECONDS = 1.0


@dataclass
class Hostile:
    """Answers every request in its own way. ``sent_bytes`` is what was taken from it, ``seen`` whoever came."""

    speak: Callable[[Hostile, socket.socket], None]
    context: ssl.SSLContext | None = None
    elsewhere: str = ""
    sent_bytes: int = 0
    seen: list[bytes] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def origin(self) -> str:
        scheme = "https" if self.context else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        self.stopping.set()
        self._listener.close()

    def _serve(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError), closing(connection):
            spoken = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            self.seen.append(spoken.recv(65_536))
            self.speak(self, spoken)

    def send(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent_bytes += len(data)


def html(server: Hostile, connection: socket.socket) -> None:
    page = b"<!doctype html><title>Sign in to the hotel's network</title>"
    server.send(
        connection, b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(page) + page
    )


def refusing_html(server: Hostile, connection: socket.socket) -> None:
    page = b"<h1>400 Bad Request</h1>"
    head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(page)
    server.send(connection, head + page)


def redirect(server: Hostile, connection: socket.socket) -> None:
    where = server.elsewhere.encode()
    server.send(connection, b"HTTP/1.1 307 Temporary Redirect\r\nlocation: %s/x\r\ncontent-length: 0\r\n\r\n" % where)


def nothing(server: Hostile, connection: socket.socket) -> None:
    """No answer until the test is over."""
    server.stopping.wait(30)


def three_gigabytes(server: Hostile, connection: socket.socket) -> None:
    server.send(connection, b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3000000000\r\n\r\n")
    for _ in range(45_000):
        server.send(connection, b"x" * 65_536)


def packed(server: Hostile, connection: socket.socket) -> None:
    server.send(connection, b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00")


def no_http(server: Hostile, connection: socket.socket) -> None:
    server.send(connection, b"SSH-2.0-OpenSSH_9.6\r\n")


def somebody_elses_json(server: Hostile, connection: socket.socket) -> None:
    body = b'{"ok": true, "items": []}'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    server.send(connection, head + body)


@pytest.fixture
def elsewhere() -> Iterator[Hostile]:
    """Where a redirect leads; nobody may ever come."""
    server = Hostile(html)
    yield server
    server.stop()


@pytest.fixture(
    params=[html, refusing_html, redirect, nothing, three_gigabytes, packed, no_http, somebody_elses_json],
    ids=lambda speak: speak.__name__,
)
def hostile(request: pytest.FixtureRequest, elsewhere: Hostile) -> Iterator[Hostile]:
    server = Hostile(request.param, elsewhere=elsewhere.origin)
    yield server
    server.stop()


def test_whatever_answers_is_no_post_and_no_refusal_and_the_token_goes_nowhere_else(
    channel: Any, hostile: Hostile, elsewhere: Hostile, key: AttemptKey
) -> None:
    channel.impatient().account = replace(channel.account, host=hostile.origin)
    began = time.monotonic()
    outcome = channel.publish(WORDS, key)
    assert outcome.result in (Result.UNKNOWN, Result.RETRYABLE), outcome
    assert time.monotonic() - began < 20 * PATIENCE_SECONDS
    assert hostile.sent_bytes < 20_000_000
    assert elsewhere.seen == []
    assert_nothing_leaks(channel, outcome.detail)
    assert channel.feed() == []


@pytest.mark.parametrize("speak", [html, redirect, three_gigabytes, somebody_elses_json], ids=lambda one: one.__name__)
def test_a_look_proves_nothing_there_a_probe_is_not_well_and_nothing_is_renewed(
    channel: Any, elsewhere: Hostile, key: AttemptKey, speak: Callable[[Hostile, socket.socket], None]
) -> None:
    assert channel.publish(WORDS, key).result is Result.OK
    server = Hostile(speak, elsewhere=elsewhere.origin)
    try:
        channel.account = replace(channel.account, host=server.origin)
        found = channel.find(WORDS, key)
        assert found.presence is channel.without_asking(key), found
        probed = channel.adapter.probe(channel.http, channel.account)
        assert probed.result is not Result.OK
        with suppress(RenewalUnclear):
            assert channel.adapter.refresh(channel.http, channel.account, key.created_at) is None
        assert elsewhere.seen == []
        assert_nothing_leaks(channel, found.detail, probed.detail)
    finally:
        server.stop()


def test_a_certificate_of_another_name_is_not_spoken_to(channel: Any, key: AttemptKey, tmp_path: Path) -> None:
    server = Hostile(html, certified("somebody-else.example", tmp_path))
    try:
        channel.impatient().account = replace(channel.account, host=server.origin)
        outcome = channel.publish(WORDS, key)
        assert outcome.result is Result.RETRYABLE
        assert server.seen == []  # no request left
        assert channel.find(WORDS, key).presence is not Presence.PRESENT
    finally:
        server.stop()


def assert_nothing_leaks(channel: Any, *details: str) -> None:
    for detail in details:
        assert WORDS.text not in detail
        for name, value in channel.account.credentials.items():
            if name not in ("identifier", "client_id", "expires_at") and len(value) > 5:
                assert value not in detail


def certified(name: str, folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate that it signed itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(private, hashes.SHA256())
    )
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context
