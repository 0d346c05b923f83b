"""Trouble on demand: what a test can order for the next calls, and how each kind of it is carried out.

```
answer   an error as Google words it, by `status` and `reason`, with a Retry-After or without
html     an error page in HTML, as Google's front end sends it (502 unless `status` says otherwise)
hang     no answer, until the client leaves
close    the connection is closed before any byte of an answer
cut      the status and half of the body, then the connection is closed
drip     the whole answer, but its body takes `drip_seconds`
```

`when` is `before` (the call has no effect) or `after` (it has, and its client does not learn of it). `cut` and `drip`
without a `status` let the call's own answer through, after its effect.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.orders import NOT_TOLD, Book, Ordered
from local.sheets.hanging_up import hang_up
from local.sheets.refusals import REASONS, front_end_page, refusal
from local.sheets.wire import Json, error_response, invalid, only_known

HOWS = ("answer", "html", "hang", "close", "cut", "drip")
_DRIPS = 20
_FRONT_END_STATUS = 502


@dataclass
class Fault(Ordered):
    """For the next `count` calls whose "METHOD path" the pattern is found in. No status and `answer`: only slow."""

    match: str
    how: str = "answer"
    status: int | None = None
    reason: str | None = None
    retry_after_seconds: float | None = None
    retry_after_as: str = "seconds"
    when: str = "before"
    slow_seconds: float = 0.0
    drip_seconds: float = 1.0

    @property
    def what(self) -> str:
        done = self.how if self.how != "answer" else f"{self.status or f'slow by {self.slow_seconds:g} s'}"
        return f"{self.match}: {done}{' after the effect' if self.when == 'after' else ''}"


def parse_fault(body: Json) -> Fault:
    """GoogleError 400, in words, for an unknown field, a bad pattern, or what does not go together."""
    given = only_known(body, set(Fault.__dataclass_fields__) - NOT_TOLD)
    try:
        fault = Fault(**given)
        re.compile(fault.match)
    except (TypeError, re.error) as error:
        raise invalid(f"no fault: {error}") from error
    own_answer = fault.how in ("cut", "drip") and fault.status is None
    if own_answer:
        fault.when = str(given.get("when", "after"))
    if fault.when not in ("before", "after") or (fault.status is not None and not 400 <= fault.status <= 599):
        raise invalid("no fault: `when` is before or after, `status` is 400 to 599")
    if fault.how not in HOWS:
        raise invalid(f"no fault: `how` is one of {', '.join(HOWS)}")
    if own_answer and fault.when == "before":
        raise invalid(f"no fault: {fault.how} before the effect needs the `status` of the answer")
    if fault.reason is not None and fault.reason not in REASONS:
        raise invalid(f"no fault: `reason` is one of {', '.join(REASONS)}")
    if fault.retry_after_as not in ("seconds", "date"):
        raise invalid("no fault: `retry_after_as` is seconds or date")
    return fault


class FaultBook:
    """The faults still to come, in the order in which they were ordered."""

    def __init__(self) -> None:
        self.book: Book[Fault] = Book()

    def add(self, fault: Fault) -> None:
        self.book.add(fault)

    def clear(self) -> None:
        self.book.clear()

    def pending(self) -> list[Json]:
        """The faults with what is left of their counts."""
        return [asdict(fault) for fault in self.book.waiting()]

    def take(self, line: str) -> Fault | None:
        """The first fault that fits the call, counted down."""
        return self.book.take(lambda fault: re.search(fault.match, line) is not None)


async def carry_out(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send, now: datetime) -> None:
    """Answers the call as the fault says; `send` is the server's own or a wrapper of it with `__wrapped__`."""
    await asyncio.sleep(fault.slow_seconds)
    if fault.how == "answer" and fault.status is None:
        await app(scope, receive, send)
        return
    own_answer: list[Message] = []
    if fault.when == "after":
        await app(scope, receive, _kept_in(own_answer))
    match fault.how:
        case "hang":
            await _until_the_client_leaves(receive)
        case "close":
            await hang_up(send)
        case _:
            messages = own_answer if fault.status is None and fault.how != "html" else await _error(fault, scope, now)
            await _pass_on(fault, messages, send)


async def _error(fault: Fault, scope: Scope, now: datetime) -> list[Message]:
    status = fault.status or _FRONT_END_STATUS
    headers = _retry_after(fault, now)
    if fault.how == "html":
        answer: Response = HTMLResponse(front_end_page(status), status_code=status, headers=headers)
    else:
        answer = error_response(refusal(status, fault.reason, scope["path"]), scope["path"], headers)
    messages: list[Message] = []
    await answer(scope, _nothing_to_read, _kept_in(messages))
    return messages


def _retry_after(fault: Fault, now: datetime) -> dict[str, str]:
    """Both forms that RFC 9110 has for it: seconds and a date."""
    if fault.retry_after_seconds is None:
        return {}
    if fault.retry_after_as == "seconds":
        return {"Retry-After": f"{fault.retry_after_seconds:g}"}
    return {"Retry-After": format_datetime(now + timedelta(seconds=fault.retry_after_seconds), usegmt=True)}


async def _pass_on(fault: Fault, messages: list[Message], send: Send) -> None:
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    await send(start)
    match fault.how:
        case "cut":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await hang_up(send)
        case "drip":
            step = -(-len(body) // _DRIPS) or 1
            for at in range(0, len(body), step):
                await send({"type": "http.response.body", "body": body[at : at + step], "more_body": True})
                await asyncio.sleep(fault.drip_seconds / _DRIPS)
            await send({"type": "http.response.body", "body": b""})
        case _:
            await send({"type": "http.response.body", "body": body})


async def _until_the_client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _kept_in(messages: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        messages.append(message)

    return keep


async def _nothing_to_read() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
