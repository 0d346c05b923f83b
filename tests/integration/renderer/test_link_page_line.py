"""The guarded line to the web, over real sockets on this computer: the time it takes, the bytes, TLS."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server, socket

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.networks.serve import Networks
from renderer.link_page import Page, fetch_image, read_page
from renderer.web import NoAnswer, NotAsked, Web

HERE = "93.184.215.14"
PAGE = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!doctype html><head><title>Apple cake</title></head><body>"
_SIGNS = x509.KeyUsage(  # which Python asks an authority for since 3.13
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
Talk = Callable[[socket, threading.Event], None]


@contextmanager
def server(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on this computer whose every connection is ``talk``'s; it ends with the test."""
    over = threading.Event()
    talking: list[threading.Thread] = []
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def serve(line: socket) -> None:
            try:
                with line if tls is None else tls.wrap_socket(line, server_side=True) as wrapped:
                    talk(wrapped, over)
            except OSError:
                pass  # hung up on

        def accept() -> None:
            while not over.is_set():
                try:
                    line, _ = listener.accept()
                except TimeoutError:
                    continue
                line.settimeout(5)
                talking.append(threading.Thread(target=serve, args=(line,)))
                talking[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            for thread in (accepting, *talking):
                thread.join()


def web(port: int, *, total_seconds: float = 5.0, tls: ssl.SSLContext | None = None) -> Web:
    """The web as it is, only that the public address it is told lies on this computer."""

    def connect(address: str, asked_port: int, timeout_seconds: float) -> httpcore.NetworkStream:
        assert (address, asked_port in (80, 443)) == (HERE, True)
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", port, timeout=timeout_seconds)

    return Web(resolve=lambda name, port: [HERE], connect=connect, tls=tls, total_seconds=total_seconds)


def say(*parts: bytes, pause_seconds: float = 0, again: bytes = b"") -> Talk:
    """Takes the request, says each part and then ``again`` for ever, with a pause behind each."""

    def talk(line: socket, over: threading.Event) -> None:
        line.recv(65_536)
        for part in parts:
            line.sendall(part)
            over.wait(pause_seconds)
        while again and not over.is_set():
            line.sendall(again)
            over.wait(pause_seconds)

    return talk


def test_a_page_comes_over_a_real_connection() -> None:
    with server(say(PAGE)) as port:
        assert read_page("http://cafe.example/", web(port)) == Page("Apple cake")


@pytest.mark.parametrize(
    "talk",
    [
        lambda line, over: over.wait(10),
        say(pause_seconds=0.02, again=b"H"),
        say(b"HTTP/1.1 200 OK\r\n", pause_seconds=0.02, again=b"x-padding: a\r\n"),
        say(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<title>a</title>", pause_seconds=0.02, again=b"<"),
        say(b"", b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", pause_seconds=0.2),
    ],
    ids=["silent", "a byte at a time", "headers without end", "a body without end", "slow redirects"],
)
def test_whoever_takes_too_long_is_left(talk: Talk) -> None:
    with server(talk) as port:
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="slow"):
            web(port, total_seconds=0.5).get("http://cafe.example/", accept="*/*", limit_bytes=1_000_000)
        assert 0.3 < time.monotonic() - began < 3


def test_a_slow_handshake_ends_with_the_time() -> None:
    with server(lambda line, over: over.wait(10)) as port:
        began = time.monotonic()
        assert read_page("https://cafe.example/", web(port, total_seconds=0.4)) is None
        assert time.monotonic() - began < 3


def test_a_slow_resolver_ends_with_the_time() -> None:
    over = threading.Event()

    def resolve(name: str, port: int) -> list[str]:
        over.wait(10)
        return [HERE]

    began = time.monotonic()
    with pytest.raises(NoAnswer, match="slow name"):
        Web(resolve=resolve, total_seconds=0.3).get("http://cafe.example/", accept="*/*", limit_bytes=10)
    over.set()
    assert time.monotonic() - began < 3


def test_a_page_whose_head_came_is_read_though_the_rest_never_does() -> None:
    with server(say(PAGE, pause_seconds=10)) as port:
        began = time.monotonic()
        assert read_page("http://cafe.example/", web(port)) == Page("Apple cake")
        assert time.monotonic() - began < 3


def test_of_ten_gigabytes_one_megabyte_is_read() -> None:
    sent_bytes = 0

    def talk(line: socket, over: threading.Event) -> None:
        nonlocal sent_bytes
        line.recv(65_536)
        line.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 10000000000\r\n\r\n<title>a</title>"
        )
        while not over.is_set():
            line.sendall(b" " * 65_536)
            sent_bytes += 65_536

    with server(talk) as port:
        assert read_page("http://cafe.example/", web(port)) == Page("a")
        assert fetch_image("http://cafe.example/a.png", web(port)) is None
    assert sent_bytes < 10_000_000  # what was read, and what lay in the system's own buffers


def test_nobody_there_is_no_page() -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert read_page("http://cafe.example/", web(port)) is None


@pytest.mark.parametrize(
    "name", ["localhost", "localhost.localdomain", "127.0.0.1", "[::1]", "0x7f000001", "2130706433"]
)
def test_a_server_on_this_computer_is_never_reached_without_a_stand_in(name: str) -> None:
    reached = threading.Event()
    with server(lambda line, over: reached.set()) as port:
        asked = Web(resolve=lambda name, port: ["127.0.0.1"])
        for url in (f"http://{name}/", f"http://{name}:{port}/"):
            with pytest.raises(NotAsked):
                asked.get(url, accept="*/*", limit_bytes=10)
    assert not reached.is_set()


# TLS


class Authority:
    """Signs certificates for names; ``trusted`` is what a client needs that believes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of this test")])
        self._certificate = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0), _SIGNS)

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self._certificate.public_bytes(serialization.Encoding.PEM).decode())

    def server(self, name: str, days: int = 1) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._signed(subject, key, x509.SubjectAlternativeName([x509.DNSName(name)]), days=days)
        file = self._folder / f"{name}.pem"
        pem = serialization.Encoding.PEM
        unencrypted = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(signed.public_bytes(pem) + unencrypted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType, days: int = 1
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + timedelta(days=days)
        builder = (
            x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=30))
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        for extension in extensions:
            critical = not isinstance(extension, x509.SubjectAlternativeName)
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_tls_asks_for_the_name_and_not_for_the_address_it_connects_to(authority: Authority) -> None:
    names: list[str | None] = []
    tls = authority.server("cafe.example")
    tls.sni_callback = lambda line, name, context: names.append(name)
    with server(say(PAGE), tls) as port:
        assert read_page("https://cafe.example/", web(port, tls=authority.trusted)) == Page("Apple cake")
        assert read_page("https://cafe.example./", web(port, tls=authority.trusted)) == Page("Apple cake")
    assert names == ["cafe.example", "cafe.example"]


def test_a_certificate_for_another_name_is_no_page(authority: Authority) -> None:
    with server(say(PAGE), authority.server("other.example")) as port:
        assert read_page("https://cafe.example/", web(port, tls=authority.trusted)) is None


def test_a_certificate_that_has_run_out_is_no_page(authority: Authority) -> None:
    with server(say(PAGE), authority.server("cafe.example", days=-1)) as port:
        assert read_page("https://cafe.example/", web(port, tls=authority.trusted)) is None


def test_a_certificate_nobody_vouches_for_is_no_page(authority: Authority) -> None:
    with server(say(PAGE), authority.server("cafe.example")) as port:
        assert read_page("https://cafe.example/", web(port)) is None


def test_a_server_without_tls_is_no_page_for_https() -> None:
    with server(say(PAGE)) as port:
        assert read_page("https://cafe.example/", web(port)) is None


# The stand-in of the local stack


def test_the_local_stack_s_web_has_a_page_and_a_picture_for_any_link() -> None:
    networks = Networks(None)
    networks.start()
    try:
        local = Web(networks["web"])
        page = read_page("https://cafe-moewe.example/menu/apple-cake", local)
        assert page is not None
        assert page.title == "Apple cake – cafe-moewe.example"
        assert page.description
        picture = fetch_image(page.image, local)
        assert picture is not None
        assert picture.startswith(b"\x89PNG")
        assert fetch_image(page.image, local) == picture
        assert read_page("https://cafe-moewe.example/missing-cake", local) is None
        assert read_page("http://localhost/apple-cake", local) is None
    finally:
        networks.stop()
