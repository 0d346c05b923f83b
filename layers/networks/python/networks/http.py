"""One request to one network: the host pin, the time and size limits, and the difference between never left and lost.

The exceptions here:

    LineTrouble
    ├── NotSent      no connection was made: the network cannot have seen the request
    └── Lost         the request may have arrived; what became of it is not known
    Stopped          carries the Outcome that ends a publish before its creating request
"""

from __future__ import annotations

import ipaddress
import json
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from networks.model import Outcome

if TYPE_CHECKING:  # whoever asks brings the client; whoever composes needs none
    import httpx

ANSWER_LIMIT_BYTES = 1_000_000
LONGEST_WAIT = timedelta(days=1)
LATE = "its answer did not come in time"
UNREADABLE = "its answer could not be read"
_CUT = "the line was cut before its answer came"
_SAID = {  # by the name of httpx's class, the nearest that the error is of
    "ConnectError": "no line to it could be had",
    "ConnectTimeout": "no line to it could be had in time",
    "PoolTimeout": "no line was free in time",
    "TimeoutException": LATE,
    "RemoteProtocolError": _CUT,
    "NetworkError": _CUT,
    "ProxyError": _CUT,
    "TransportError": "no request could be made of it",
    "HTTPError": UNREADABLE,
    "StreamError": UNREADABLE,
    "OSError": _CUT,
}


class LineTrouble(Exception):
    """A request brought no usable answer. ``kind`` names what happened in the words of the HTTP client, for the log; ``said`` in plain
    ones, for the owner."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.said = said


class NotSent(LineTrouble):
    """No connection was made."""


class Lost(LineTrouble):
    """The request may have arrived."""


class Stopped(Exception):
    """Ends a publish early: ``outcome`` is what became of it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


@dataclass(frozen=True)
class Answer:
    """What came back. ``fields`` is the JSON object in the body, empty where there is none."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, None where it is not (HTML, empty, cut, nested beyond reason)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def fields(self) -> Mapping[str, Any]:
        parsed = self.json
        return parsed if isinstance(parsed, dict) else {}

    def text_field(self, name: str) -> str:
        """A string in the JSON object, empty where it is missing or something else."""
        found = self.fields.get(name)
        return found if isinstance(found, str) else ""


@dataclass
class Budget:
    """The time all requests of one publish share; a part is kept for the creating one."""

    total_seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def left_seconds(self) -> float:
        return self.total_seconds - (time.monotonic() - self._started)

    @property
    def left_for_preparing_seconds(self) -> float:
        return self.left_seconds - min(10.0, self.total_seconds / 3)


def pinned_origin(host: str) -> str | None:
    """The one origin that may be spoken to, from an account's ``host``; None where that is no plain origin.

    https, or http on this computer only; a path, a query or a user name in it would send the token elsewhere than it
    reads.
    """
    try:
        parts = urlsplit(host)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return None
    if parts.path not in ("", "/") or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(name))):
        return None
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_token(value: str) -> bool:
    """Whether a stored token can stand in a header: visible ASCII, nothing else."""
    return bool(value) and all("!" <= character <= "~" for character in value)


def ask(
    http: httpx.Client,
    method: str,
    address: str,
    *,
    timeout_seconds: float,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    **content: Any,
) -> Answer:
    """One request, sent once, no redirect followed; at most ``ANSWER_LIMIT_BYTES`` of the answer are read.

    ``content`` goes to httpx (``json``, ``content``, ``files``, ``data``, ``params``). NotSent and Lost are all it
    raises. ``timeout_seconds`` bounds each wait, and the whole answer between two of its parts.
    """
    if timeout_seconds <= 0:
        raise NotSent("no time left", "no time was left")
    sending = {"accept": "application/json", "accept-encoding": "identity", **(headers or {})}
    if token:
        sending["authorization"] = f"Bearer {token}"
    with _before_leaving():
        request = http.build_request(method, address, headers=sending, timeout=timeout_seconds, **content)
    with _on_the_way():
        answer = http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            return _read(answer, deadline=time.monotonic() + timeout_seconds)
        finally:
            answer.close()


def said_of(error: Exception) -> str:
    """What became of a request, for the owner: no name of an error, no number of one."""
    return next(
        (_SAID[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _SAID), "the line to it failed"
    )


def reset_time(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a rate limit ends: ``retry-after`` (seconds or a date), else the network's reset header.

    ISO-8601 on real Mastodon servers, unix seconds on Bluesky and on some of Mastodon's kin. Never before ``now``; None
    where nothing sensible within a day is told.
    """
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        moment = _moment(headers.get(name, "").strip(), now, is_wait=name == "retry-after")
        if moment is not None and moment <= now + LONGEST_WAIT:
            return max(moment, now)
    return None


def plain(message: str, *never: str) -> str:
    """A network's own words made fit for the owner: one line, 200 characters, none of the strings in ``never``."""
    for secret in never:
        if secret:
            message = message.replace(secret, "…")
    line = " ".join("".join(character if character.isprintable() else " " for character in message).split())
    return line if len(line) <= 200 else line[:199] + "…"


@contextmanager
def _before_leaving() -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError) as error:
        raise NotSent(type(error).__name__, "the request could not be made") from error


@contextmanager
def _on_the_way() -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise NotSent(type(error).__name__, said_of(error)) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError) as error:
        raise Lost(type(error).__name__, said_of(error)) from error


def _read(answer: httpx.Response, deadline: float) -> Answer:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Lost("packed answer", UNREADABLE)  # asked for identity; unpacking unasked could fill the memory
    parts: list[bytes] = []
    size_bytes = 0
    for part in answer.iter_bytes():
        parts.append(part)
        size_bytes += len(part)
        if size_bytes > ANSWER_LIMIT_BYTES:
            raise Lost("giant answer", "its answer had no end")
        if time.monotonic() > deadline:
            raise Lost("slow answer", LATE)
    return Answer(answer.status_code, answer.headers, b"".join(parts))


def _moment(told: str, now: datetime, *, is_wait: bool) -> datetime | None:
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        return _date(told)
    if not math.isfinite(seconds) or seconds < 0:
        return None
    try:
        return now + timedelta(seconds=seconds) if is_wait else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _date(told: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(told)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
