"""AWS errors on order: the next N calls that match are answered with an error, before or after they took effect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ministack.core.router import detect_service

from local.aws.callers import caller_of
from local.orders import NOT_TOLD, Book, Ordered

_REST_ACTIONS = {
    ("ses", "POST", r"/v2/email/outbound-emails"): "SendEmail",
    ("scheduler", "POST", r"/schedules/[^/]+"): "CreateSchedule",
    ("scheduler", "GET", r"/schedules/[^/]+"): "GetSchedule",
    ("scheduler", "PUT", r"/schedules/[^/]+"): "UpdateSchedule",
    ("scheduler", "DELETE", r"/schedules/[^/]+"): "DeleteSchedule",
    ("scheduler", "GET", r"/schedules/?"): "ListSchedules",
    ("lambda", "POST", r"/.*/functions/[^/]+/invocations"): "Invoke",
    ("bedrock", "POST", r"/model/.+/converse"): "Converse",
}
_S3_ACTIONS = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}


@dataclass
class Fault(Ordered):
    """``action`` "*" is every action of the service, ``match`` is looked for in the request body, ``when`` is ``before`` or
    ``after`` the effect. ``part``, for PutEvents alone: the last of its entries is refused, the others are taken. ``caller``: "*" for
    whoever calls, "functions" for the mesh's own, so that nobody who looks on uses the order up.
    """

    service: str
    action: str
    error: str
    status: int = 400
    when: str = "before"
    match: str | None = None
    message: str = "injected by /_local/faults"
    caller: str = "*"

    def __post_init__(self) -> None:
        if self.when not in ("before", "after", "part"):
            raise ValueError("when is before, after or part")
        if self.when == "part" and (self.service, self.action) != ("events", "PutEvents"):
            raise ValueError("only PutEvents is refused in part")
        if self.caller not in ("*", "functions"):
            raise ValueError("caller is * or functions")
        if self.count < 1:
            raise ValueError("count is at least 1")
        if self.skip < 0:
            raise ValueError("skip is not negative")

    def fits(self, call: Call, text: str) -> bool:
        """``text`` is the call's body."""
        if self.caller == "functions" and not call.caller:
            return False
        return self.service == call.service and self.action in {"*", call.action} and (self.match or "") in text

    @property
    def what(self) -> str:
        return f"{self.service} {self.action}: {self.error} {'for a part' if self.when == 'part' else f'{self.when} the effect'}"


@dataclass(frozen=True)
class Call:
    """One AWS call, as far as a fault needs to know it. ``service`` is the SigV4 name (dynamodb, s3, secretsmanager,
    ses ...). ``caller`` is the function it comes from, "" for anybody else.
    """

    service: str
    action: str
    protocol: str
    body: bytes
    caller: str = ""


def read_call(method: str, path: str, headers: Mapping[str, str], query: dict[str, list[str]], body: bytes) -> Call:
    """What is called. S3 actions other than object reads and writes are named by method alone."""
    target = headers.get("x-amz-target", "")
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    service = scope[1] if scope else str(detect_service(method, path, dict(headers), query))
    caller = caller_of(headers.get("user-agent", ""))
    if target:
        return Call(service, target.rsplit(".", 1)[-1], "json", body, caller)
    if service == "s3":
        return Call("s3", _S3_ACTIONS.get(method, method), "xml", body, caller)
    for (name, verb, pattern), action in _REST_ACTIONS.items():
        if (name, verb) == (service, method) and re.fullmatch(pattern, path):
            return Call(service, action, "json", body, caller)
    form = re.search(rb"(?:^|&)Action=(\w+)", body)
    return Call(service, form[1].decode() if form else method, "xml" if form else "json", body, caller)


class Faults:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.book: Book[Fault] = Book(now)

    @property
    def any(self) -> bool:
        return bool(self.book)

    def add(self, order: dict[str, Any]) -> str:
        """The new fault's id. TypeError or ValueError for an order that makes no sense."""
        return self.book.add(Fault(**made(order))).id

    def list(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.book.waiting()]

    def clear(self) -> None:
        self.book.clear()

    def take(self, call: Call) -> Fault | None:
        """The fault this call meets, counted down. A call that is let through is let through by all."""
        text = call.body.decode(errors="replace")
        return self.book.take(lambda fault: fault.fits(call, text))


def made(order: dict[str, Any]) -> dict[str, Any]:
    """What somebody may say of an order. ValueError for what only the book knows."""
    if NOT_TOLD & order.keys():
        raise ValueError(f"nobody orders {', '.join(sorted(NOT_TOLD))}")
    return order


def without_last(body: bytes) -> bytes:
    """A PutEvents request less its last entry; empty where that was the only one."""
    asked = json.loads(body)
    kept = asked.get("Entries", [])[:-1]
    return json.dumps({**asked, "Entries": kept}).encode() if kept else b""


def in_part(fault: Fault, taken: bytes) -> bytes:
    """The answer to a whole PutEvents of which the last entry was refused; ``taken`` is the answer for the others, or nothing."""
    entries = json.loads(taken)["Entries"] if taken else []
    refused = {"ErrorCode": fault.error, "ErrorMessage": fault.message}
    failed = sum("ErrorCode" in one for one in entries) + 1
    return json.dumps({"FailedEntryCount": failed, "Entries": [*entries, refused]}).encode()


def error_answer(fault: Fault, call: Call) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body in the protocol of the call."""
    if call.protocol == "xml":
        document = f"<Error><Code>{fault.error}</Code><Message>{fault.message}</Message></Error>"
        if call.service != "s3":
            document = f"<ErrorResponse>{document}</ErrorResponse>"
        return fault.status, [(b"content-type", b"application/xml")], document.encode()
    answer: dict[str, Any] = {"__type": fault.error, "message": fault.message}
    if fault.error == "TransactionCanceledException":
        items = json.loads(call.body).get("TransactItems", [])
        # boto3 reads the reasons in the order of the items; a conflict on the first is the usual one.
        answer["CancellationReasons"] = [
            {"Code": "TransactionConflict" if n == 0 else "None"} for n in range(len(items))
        ]
    headers = [(b"content-type", b"application/x-amz-json-1.0"), (b"x-amzn-errortype", fault.error.encode())]
    return fault.status, headers, json.dumps(answer).encode()
