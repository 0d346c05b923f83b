"""AWS errors on order: the next N calls that match are answered with an error, before or after they took effect."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ministack.core.router import detect_service

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
class Fault:
    """``action`` "*" is every action of the service, ``match`` is looked for in the request body, ``when`` is ``before`` or
    ``after`` the effect, ``skip`` how many that match are let through first, ``count`` what is left to fail.
    """

    service: str
    action: str
    error: str
    count: int = 1
    skip: int = 0
    status: int = 400
    when: str = "before"
    match: str | None = None
    message: str = "injected by /_local/faults"
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def __post_init__(self) -> None:
        if self.when not in ("before", "after"):
            raise ValueError("when is before or after")
        if self.count < 1:
            raise ValueError("count is at least 1")
        if self.skip < 0:
            raise ValueError("skip is not negative")

    def fits(self, call: Call, text: str) -> bool:
        """``text`` is the call's body."""
        return self.service == call.service and self.action in {"*", call.action} and (self.match or "") in text


@dataclass(frozen=True)
class Call:
    """One AWS call, as far as a fault needs to know it. ``service`` is the SigV4 name (dynamodb, s3, secretsmanager,
    ses ...).
    """

    service: str
    action: str
    protocol: str
    body: bytes


def read_call(method: str, path: str, headers: Mapping[str, str], query: dict[str, list[str]], body: bytes) -> Call:
    """What is called. S3 actions other than object reads and writes are named by method alone."""
    target = headers.get("x-amz-target", "")
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    service = scope[1] if scope else str(detect_service(method, path, dict(headers), query))
    if target:
        return Call(service, target.rsplit(".", 1)[-1], "json", body)
    if service == "s3":
        return Call("s3", _S3_ACTIONS.get(method, method), "xml", body)
    for (name, verb, pattern), action in _REST_ACTIONS.items():
        if (name, verb) == (service, method) and re.fullmatch(pattern, path):
            return Call(service, action, "json", body)
    form = re.search(rb"(?:^|&)Action=(\w+)", body)
    return Call(service, form[1].decode() if form else method, "xml" if form else "json", body)


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    @property
    def any(self) -> bool:
        return bool(self._faults)

    def add(self, order: dict[str, Any]) -> str:
        """The new fault's id. TypeError or ValueError for an order that makes no sense."""
        fault = Fault(**order)
        with self._lock:
            self._faults.append(fault)
        return fault.id

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, call: Call) -> Fault | None:
        """The fault this call meets, counted down; one used up goes. A call that is let through is let through by all."""
        text = call.body.decode(errors="replace")
        with self._lock:
            for fault in self._faults:
                if fault.fits(call, text):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    fault.count -= 1
                    if not fault.count:
                        self._faults.remove(fault)
                    return fault
        return None


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
