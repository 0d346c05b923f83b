"""Every call passes here: quotas, faults and the record of calls concern the APIs and the token endpoint only.

The owner's side has none of it. It has no sign-in either, so pages of other origins are kept from it here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.clock import now
from local.loopback import is_foreign
from local.sheets import faults
from local.sheets.calls import CallBook, Recorder
from local.sheets.faults import FaultBook
from local.sheets.quotas import Quotas
from local.sheets.wire import GoogleError, error_response


@dataclass
class Trouble:
    """What the owner's side sets and the gate keeps to."""

    book: CallBook = field(default_factory=CallBook)
    faults: FaultBook = field(default_factory=FaultBook)
    quotas: Quotas = field(default_factory=Quotas)
    recorder: Recorder | None = None


class Gate:
    """ASGI."""

    def __init__(self, app: ASGIApp, trouble: Trouble):
        self._app = app
        self._trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        receive, request_body = await _read_whole(receive)
        if scope["path"].startswith("/owner"):
            foreign = _is_foreign(dict(scope["headers"]))
            refused = GoogleError(403, "The owner's side answers to pages and programs of this computer only.")
            answer = error_response(refused, scope["path"]) if foreign else self._app
            await answer(scope, receive, send)
            return
        seen = _Seen(send, keep_body=self._trouble.recorder is not None)
        try:
            await self._answer(scope, receive, seen.send)
        finally:
            self._note(scope, request_body, seen)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        fault = self._trouble.faults.take(f"{method} {path}")
        if fault is not None:
            await faults.carry_out(fault, self._app, scope, receive, send, now())
            return
        user = parse_qs(scope["query_string"].decode("latin-1")).get("quotaUser", [""])[0]
        refused = self._trouble.quotas.refusal(method, path, user, now())
        answer = error_response(refused, path) if refused else self._app
        await answer(scope, receive, send)

    def _note(self, scope: Scope, request_body: bytes, seen: _Seen) -> None:
        call = scope["method"], scope["path"], scope["query_string"].decode("latin-1"), seen.status
        self._trouble.book.note(*call)
        if self._trouble.recorder is not None:
            self._trouble.recorder.call(*call, request_body, b"".join(seen.body))


class _Seen:
    """What went out: status (0 for nothing) and, where wanted, the body."""

    def __init__(self, send: Send, *, keep_body: bool) -> None:
        self.status = 0
        self.body: list[bytes] = []

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif keep_body and message["type"] == "http.response.body":
                self.body.append(message.get("body", b""))
            await send(message)

        wrapped: Any = noting
        wrapped.__wrapped__ = send
        self.send: Send = wrapped


async def _read_whole(receive: Receive) -> tuple[Receive, bytes]:
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
    body = b"".join(parts)
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed, body


def _is_foreign(headers: dict[bytes, bytes]) -> bool:
    return is_foreign(headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin", b"").decode("latin-1"))
