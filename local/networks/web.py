"""A small HTTP server whose answers can be spoilt: what a request and an answer are, and how one is carried out.

Threads and sockets rather than a framework, because the faults need the socket: an answer cut in the middle, or never
given.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from local.loopback import is_foreign
from local.networks.faults import Fault, Faults

BODY_LIMIT_BYTES = 40_000_000
HUGE_BYTES = 3_000_000


@dataclass(frozen=True)
class Request:
    """One request. ``path`` without the query; header names in lower case; ``origin`` is the server's own address."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    origin: str

    def asked(self, name: str, otherwise: str = "") -> str:
        """A query parameter's last value."""
        return self.query.get(name, [otherwise])[-1]

    @property
    def token(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object in the body, empty where there is none."""
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers or {})


def as_html(page: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, page.encode(), "text/html; charset=utf-8", headers or {})


Route = tuple[str, re.Pattern[str], Callable[..., Answer]]


def route(method: str, pattern: str, handle: Callable[..., Answer]) -> Route:
    """``handle(request, **named groups)`` for requests whose path is the whole pattern."""
    return method, re.compile(pattern), handle


class Origin(ThreadingHTTPServer):
    """One origin on 127.0.0.1. ``missing`` answers what no route takes."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, routes: list[Route], missing: Callable[[Request], Answer], faults: Faults) -> None:
        self.routes, self.missing, self.faults = routes, missing, faults
        super().__init__(("127.0.0.1", port), _Exchange)

    def server_bind(self) -> None:
        socket.socket.setsockopt(self.socket, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, request: Request) -> Answer:
        for method, pattern, handle in self.routes:
            found = pattern.fullmatch(request.path)
            if found and (method == request.method or (method == "GET" and request.method == "HEAD")):
                return handle(request, **found.groupdict())
        return self.missing(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is everyday here; anything else still shows in the log."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin
    timeout = 60
    disable_nagle_algorithm: ClassVar[bool] = True

    def do_any(self) -> None:
        request = self._request()
        if request is None:
            return
        local = request.path.startswith("/_local/")
        if local and is_foreign(request.headers.get("host", ""), request.headers.get("origin", "")):
            self._give(as_json({"error": "this answers to pages and programs of this computer only"}, 403))
            return
        fault = None if local else self.server.faults.take(f"{request.method} {request.path}")
        if fault is None:
            self._give(self.server.answer(request))
        else:
            self._spoil(fault, request)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_any  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent: stdout is for the ready line."""

    def _request(self) -> Request | None:
        try:
            length = int(self.headers.get("content-length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_LIMIT_BYTES or self.headers.get("transfer-encoding"):
            self.close_connection = True
            self._give(as_json({"error": "PayloadTooLarge", "message": "request entity too large"}, 413))
            return None
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        return Request(self.command, parts.path, query, headers, self.rfile.read(length), self.server.origin)

    def _spoil(self, fault: Fault, request: Request) -> None:
        faults = self.server.faults
        if fault.do == "hold-before":
            faults.hold(fault, f"{request.method} {request.path}")
        answer = self.server.answer(request) if fault.has_effect else None
        if fault.do == "hold-after":
            faults.hold(fault, f"{request.method} {request.path}")
        match fault.do:
            case "timeout-before" | "timeout-after":
                faults.linger(fault.seconds)
                self.close_connection = True
            case "cut":
                self._give(answer or as_json({}), cut=True)
            case "hold-after" | "hold-before":
                self._give(answer or as_json({}))
            case _:
                self._give(_instead(fault))

    def _give(self, answer: Answer, *, cut: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in {"content-type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        self.close_connection = self.close_connection or cut


def _instead(fault: Fault) -> Answer:
    """The answer that stands in for the real one."""
    match fault.do:
        case "html":
            page = fault.body if isinstance(fault.body, str) else "<!doctype html><title>Just a moment</title>"
            return as_html(page, fault.status or 200, fault.headers)
        case "empty":
            return Answer(fault.status or 200, b"", headers=fault.headers)
        case "huge":
            return Answer(fault.status or 200, b'{"padding": "' + b"x" * HUGE_BYTES + b'"}', headers=fault.headers)
        case _:
            body = fault.body if fault.body is not None else {"error": "InternalServerError", "message": "as ordered"}
            if isinstance(body, str):
                return Answer(fault.status or 500, body.encode(), "text/plain; charset=utf-8", fault.headers)
            return as_json(body, fault.status or 500, fault.headers)
