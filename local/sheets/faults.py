"""Trouble on demand and a record of calls: what tests use to see how a client copes, and how often it called.

Both concern the API and the token endpoint only, never the owner's side. The owner's side has no sign-in,
so pages of other origins are kept from it here.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.clock import now
from local.sheets.wire import GoogleError, Json, error_response, invalid, only_known

MAX_CALLS_KEPT = 10_000
_SECRET_PARAMETERS = ("access_token", "key", "oauth_token")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_MESSAGES = {
    403: "The caller does not have permission",
    429: "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}


@dataclass
class Fault:
    """Answers `status` to the next `count` calls whose "METHOD path" the pattern is found in.

    `when="after"` lets the call take effect first. No status: the call is only slow.
    """

    match: str
    count: int = 1
    status: int | None = None
    retry_after_seconds: float | None = None
    when: str = "before"
    slow_seconds: float = 0.0


def parse_fault(body: Json) -> Fault:
    """GoogleError 400 for an unknown field, a bad pattern or a status that is no error."""
    given = only_known(body, set(Fault.__dataclass_fields__))
    try:
        fault = Fault(**given)
        re.compile(fault.match)
    except (TypeError, re.error) as error:
        raise invalid(f"no fault: {error}") from error
    if fault.when not in ("before", "after") or (fault.status is not None and not 400 <= fault.status <= 599):
        raise invalid("no fault: `when` is before or after, `status` is 400 to 599")
    return fault


class CallBook:
    """The calls seen since the start, numbered from 1, and the faults still to come."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._calls: deque[Json] = deque(maxlen=MAX_CALLS_KEPT)
        self._count = 0

    def after(self, number: int) -> list[Json]:
        """The calls with a higher number."""
        return [call for call in self._calls if call["n"] > number]

    def pending(self) -> list[Json]:
        """The faults with what is left of their counts."""
        return [asdict(fault) for fault in self.faults]

    def take(self, line: str) -> Fault | None:
        """The first fault that fits the call, counted down."""
        for fault in self.faults:
            if re.search(fault.match, line):
                fault.count -= 1
                if fault.count <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def note(self, method: str, path: str, query: str, status: int) -> None:
        """Writes one call down, without credentials."""
        self._count += 1
        kept = [(name, value) for name, value in parse_qsl(query) if name not in _SECRET_PARAMETERS]
        self._calls.append(
            {
                "n": self._count,
                "at": now().isoformat(),
                "method": method,
                "path": path,
                "query": urlencode(kept),
                "status": status,
            }
        )


class Gate:
    """ASGI: every call to the API passes here."""

    def __init__(self, app: ASGIApp, book: CallBook):
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        receive = await _read_whole(receive)
        if scope["path"].startswith("/owner"):
            foreign = _is_foreign(dict(scope["headers"]))
            refused = GoogleError(403, "The owner's side answers to pages and programs of this computer only.")
            answer = error_response(refused, scope["path"]) if foreign else self._app
            await answer(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, noting, self._book.take(f"{method} {path}"))
        finally:
            self._book.note(method, path, scope["query_string"].decode("latin-1"), status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, fault: Fault | None) -> None:
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.slow_seconds:
            await asyncio.sleep(fault.slow_seconds)
        if fault.status is None:
            await self._app(scope, receive, send)
            return
        if fault.when == "after":
            await self._app(scope, receive, _unheard)
        headers = {} if fault.retry_after_seconds is None else {"Retry-After": f"{fault.retry_after_seconds:g}"}
        error = GoogleError(fault.status, _MESSAGES.get(fault.status, "An error on demand."))
        await error_response(error, scope["path"], headers)(scope, receive, send)


async def _read_whole(receive: Receive) -> Receive:
    """Take the whole body before anything is answered, and hand it on.

    An answer given earlier makes the server close the connection, and a client that has just reused it sees it broken off.
    """
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    waiting: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _is_foreign(headers: dict[bytes, bytes]) -> bool:
    """A web page elsewhere, by its Origin, or by a name of its own that it made point to this computer."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    return any(urlsplit(address).hostname not in _LOOPBACK_NAMES for address in (origin, f"//{host}") if address)


async def _unheard(_: Message) -> None:
    """The answer of a call whose client never hears it."""
