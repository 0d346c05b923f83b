"""The web, asked with distrust: one GET, to a public address, bounded in time, bytes and redirects.

    NoAnswer         nothing that could be used came back; ``kind`` names why in a word or two, for the log
    └── NotAsked     no request was made: where it leads is not public

Names are looked up here and nowhere else, and the connection goes to an address that was looked at: a name that means something else a
moment later changes nothing.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, SimpleQueue
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from mesh.errors import Misconfigured
from networks.http import is_loopback, pinned_origin
from renderer.public_addresses import NotPublic, PublicAddress, is_public, public_address

USER_AGENT = "SocialScheduler/1.0 (reads a page once, for the link card of a post)"
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 5.0
REDIRECT_LIMIT = 3
_HEAD_LIMIT_BYTES = 200_000  # of an answer's headers, TLS and chunk marks, beyond its body
_ADDRESSES_TRIED = 3
_REDIRECTS = {301, 302, 303, 307, 308}

Resolve = Callable[[str, int], Iterable[str]]
"""A name and a port to the IP addresses it means now. OSError where it means nothing."""

Connect = Callable[[str, int, float], httpcore.NetworkStream]
"""Opens a connection to an IP address and a port within so many seconds. httpcore's exceptions where it cannot."""


class NoAnswer(Exception):
    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class NotAsked(NoAnswer):
    pass


@dataclass(frozen=True)
class Found:
    """What lies at an address: ``url`` after redirects, ``content_type`` as the server told it, ``body`` unpacked."""

    url: str
    content_type: str
    body: bytes


def look_up(name: str, port: int) -> list[str]:
    """What this computer's resolver says, IPv4 first: Lambda has no way out over IPv6."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    return sorted(addresses, key=lambda address: ":" in address)


def connect(address: str, port: int, timeout_seconds: float) -> httpcore.NetworkStream:
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout_seconds)


class Web:
    """``stand_in`` is an origin on this computer that is asked for every page (``?url=…``) where there is no internet, or a test runs.

    Misconfigured where it is anything but that. The addresses asked for are held to the same rules, only nothing is looked up.
    """

    def __init__(
        self,
        stand_in: str = "",
        *,
        resolve: Resolve = look_up,
        connect: Connect = connect,
        tls: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._stand_in = _stand_in(stand_in) if stand_in else None
        self._resolve = resolve
        self._connect = connect
        self._given_tls = tls
        self._total_seconds = total_seconds

    def get(self, url: str, *, accept: str, limit_bytes: int, until: re.Pattern[bytes] | None = None) -> Found:
        """What lies there, or NoAnswer, the only exception.

        More than ``limit_bytes`` is no answer; with ``until``, the body ends at the limit or right behind the first match, and the rest
        is never fetched.
        """
        deadline = time.monotonic() + self._total_seconds
        here = ""
        for _ in range(1 + REDIRECT_LIMIT):
            try:
                address = public_address(url, here)
            except NotPublic as refusal:
                raise NotAsked(refusal.kind) from refusal
            here = str(address)
            with _translated(), self._open(address, accept, deadline, limit_bytes) as answer:
                headers = httpx.Headers(answer.headers)
                if answer.status not in _REDIRECTS:
                    return _read(answer, headers, here, limit_bytes, until)
                url = headers.get("location", "")
                if not url:
                    raise NoAnswer(f"status {answer.status}")
        raise NoAnswer("redirects")

    @contextmanager
    def _open(
        self, address: PublicAddress, accept: str, deadline: float, limit_bytes: int
    ) -> Iterator[httpcore.Response]:
        if self._stand_in is not None:
            scheme, host, port, addresses = self._stand_in
            target = f"/?url={quote(str(address), safe='')}"
        else:
            scheme, host, port, target = address.scheme, address.host, address.port, address.target
            addresses = self._checked(address, deadline)
        line = _Line(addresses, self._connect, deadline, limit_bytes + _HEAD_LIMIT_BYTES)
        origin = httpcore.Origin(scheme.encode(), host.encode(), port)
        tls = self._tls if scheme == "https" else None
        asked = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
        shown = f"[{host}]" if ":" in host else host
        headers: dict[bytes | str, bytes | str] = {
            "host": shown if asked.port == _default_port(scheme) else f"{shown}:{port}",
            "user-agent": USER_AGENT,
            "accept": accept,
            "accept-encoding": "gzip",
            "connection": "close",
        }
        with (
            httpcore.HTTPConnection(origin, ssl_context=tls, network_backend=line) as connection,
            connection.stream("GET", asked, headers=headers, extensions={"timeout": _timeouts(deadline)}) as answer,
        ):
            yield answer

    def _checked(self, address: PublicAddress, deadline: float) -> tuple[str, ...]:
        """Where the connection may go. One address that is not public spoils the name: nobody's page lies at both."""
        if address.literal:
            return (address.host,)
        addresses = _within(deadline, lambda: tuple(self._resolve(address.host, address.port)))
        if not addresses:
            raise NoAnswer("unknown name")
        if not all(is_public(found) for found in addresses):
            raise NotAsked("address")
        return addresses[:_ADDRESSES_TRIED]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context(trust_env=False)


class _Line(httpcore.NetworkBackend):
    """Connects to the addresses it was given, whatever name it is told, and ends with the deadline or the byte budget."""

    def __init__(self, addresses: tuple[str, ...], connect: Connect, deadline: float, budget_bytes: int) -> None:
        self._addresses, self._connect = addresses, connect
        self._deadline, self._budget_bytes = deadline, budget_bytes

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        until = min(self._deadline, time.monotonic() + CONNECT_SECONDS)
        trouble: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._connect(address, port, _left(until, httpcore.ConnectTimeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Stream(stream, self._deadline, self._budget_bytes)
        raise trouble


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at one deadline, however little at a time the other side sends."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float, budget_bytes: int) -> None:
        self._stream, self._deadline, self._budget_bytes = stream, deadline, budget_bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))
        self._budget_bytes -= len(data)
        if self._budget_bytes < 0:
            raise httpcore.ReadError("giant answer")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline, self._budget_bytes)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _read(
    answer: httpcore.Response, headers: httpx.Headers, url: str, limit_bytes: int, until: re.Pattern[bytes] | None
) -> Found:
    if answer.status != 200:
        raise NoAnswer(f"status {answer.status}")
    content_type = headers.get("content-type", "")
    told = headers.get("content-length", "")
    if until is None and told.isdecimal() and len(told) < 20 and int(told) > limit_bytes:
        raise NoAnswer("too large")
    body = bytearray()
    for part in _unpacked(answer.iter_stream(), headers.get("content-encoding", ""), limit_bytes + 1):
        searched = max(0, len(body) - 64)  # a match may lie across two parts
        body += part
        if until is not None and (match := until.search(body, searched)):
            del body[match.end() :]
            break
        if len(body) > limit_bytes:
            if until is None:
                raise NoAnswer("too large")
            del body[limit_bytes:]
            break
    return Found(url, content_type, bytes(body))


def _unpacked(parts: Iterable[bytes], encoding: str, step_bytes: int) -> Iterator[bytes]:
    """The body as it was before packing, at most ``step_bytes`` at a time: a thousandfold of what came never lies in memory."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from parts
        return
    if encoding not in ("gzip", "x-gzip"):
        raise NoAnswer("packed otherwise")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    for part in parts:
        packed = part
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, step_bytes)
            packed = unpacker.unconsumed_tail


def _within(deadline: float, ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """A name's addresses; the system's resolver knows no time limit of its own, so it is left behind when it takes too long."""
    told: SimpleQueue[tuple[str, ...] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            told.put(ask())
        except Exception as error:  # noqa: BLE001 - carried over to the one who waits
            told.put(error)

    threading.Thread(target=run, name="look-up", daemon=True).start()
    try:
        answer = told.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty as error:
        raise NoAnswer("slow name") from error
    if isinstance(answer, Exception):
        raise NoAnswer("unknown name") from answer
    return answer


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except NoAnswer:
        raise
    except httpcore.TimeoutException as error:
        raise NoAnswer("slow") from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        OSError,  # ssl.SSLError among them
        ValueError,
        zlib.error,
    ) as error:
        raise NoAnswer(type(error).__name__) from error


def _stand_in(origin: str) -> tuple[str, str, int, tuple[str, ...]]:
    """Scheme, host, port and address of a server on this computer."""
    pinned = pinned_origin(origin)
    parts = urlsplit(pinned or "")
    if parts.scheme != "http" or not parts.hostname or not parts.port or not is_loopback(parts.hostname):
        raise Misconfigured(
            f"LINK_PAGES must be an origin on this computer such as http://127.0.0.1:8080, not {origin!r}"
        )
    address = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return parts.scheme, parts.hostname, parts.port, (address,)


def _timeouts(deadline: float) -> dict[str, float]:
    left = max(0.001, deadline - time.monotonic())
    return dict.fromkeys(("connect", "read", "write", "pool"), left)


def _left(deadline: float, otherwise: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise otherwise("the time is up")
    return left


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
