"""A small proxy between an adapter and a real server: it can do to a request what only a bad line does.

The real servers cannot lose an answer on purpose. Here a function may take the next request that creates, decide when it is
passed on, and what becomes of the answer.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30.0
_CREATES = ("com.atproto.repo.putRecord", "/api/v1/statuses")
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Passing:
    """A request on its way."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return urlsplit(self.path).path.rpartition("/")[2]

    @property
    def creates(self) -> bool:
        return self.method == "POST" and urlsplit(self.path).path.endswith(_CREATES)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


PassOn = Callable[[], Reply]
Twist = Callable[[Passing, PassOn], Reply | None]
"""None breaks the connection without an answer."""


@dataclass
class Between:
    """``script`` takes the next creating requests, one each; ``seen`` is every request, in the order of arrival."""

    target: str
    script: list[Twist] = field(default_factory=list)
    seen: list[Passing] = field(default_factory=list)
    origin: str = ""
    _busy: int = 0
    _turn: threading.Condition = field(default_factory=threading.Condition)

    @property
    def creating(self) -> list[Passing]:
        return [passing for passing in self.seen if passing.creates]

    def named(self, name: str) -> list[Passing]:
        return [passing for passing in self.seen if passing.name == name]

    def handle(self, passing: Passing) -> Reply | None:
        with self._turn:
            self._busy += 1
            self.seen.append(passing)
            twist = self.script.pop(0) if passing.creates and self.script else None
        try:
            return twist(passing, lambda: self.pass_on(passing)) if twist else self.pass_on(passing)
        finally:
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()

    def wait_until_answered(self) -> None:
        """Until the real server has answered everything, whether anybody still wants to know or not."""
        with self._turn:
            assert self._turn.wait_for(lambda: self._busy == 0, PATIENCE_SECONDS), "the real server did not answer"

    def pass_on(self, passing: Passing) -> Reply:
        parts = urlsplit(self.target)
        assert parts.hostname == "127.0.0.1"
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(passing.method, passing.path, passing.body or None, passing.headers)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
            return Reply(answer.status, headers, answer.read())
        finally:
            connection.close()


class Held:
    """A twist that keeps a request, or its answer, until ``let_go``."""

    def __init__(self, *, before: bool = False) -> None:
        self._before = before
        self._arrived, self._released, self._through = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, passing: Passing, pass_on: PassOn) -> Reply | None:
        if self._before:
            self._hold()
        reply = pass_on()
        self._through.set()
        if not self._before:
            self._hold()
        return reply

    def wait_until_held(self) -> None:
        assert self._arrived.wait(PATIENCE_SECONDS), "nothing arrived"

    def let_go(self) -> None:
        """Returns when the real server has answered."""
        self._released.set()
        assert self._through.wait(PATIENCE_SECONDS), "the real server did not answer"

    def _hold(self) -> None:
        self._arrived.set()
        self._released.wait(PATIENCE_SECONDS)


def answer_lost(passing: Passing, pass_on: PassOn) -> Reply | None:
    """It takes effect, and the line breaks before the answer."""
    pass_on()
    return None


def never_arrived(passing: Passing, pass_on: PassOn) -> Reply | None:
    """The line breaks before the server sees anything; whoever sent it cannot know."""
    return None


def broken_after_effect(passing: Passing, pass_on: PassOn) -> Reply | None:
    """It takes effect, and something in front of the server answers 500."""
    pass_on()
    return Reply(500, {"content-type": "application/json"}, b'{"error": "Internal Server Error"}')


@contextlib.contextmanager
def standing_between(target: str) -> Iterator[Between]:
    between = Between(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            reply = between.handle(Passing(self.command, self.path, headers, body))
            self.close_connection = True
            if reply is None:
                return
            with contextlib.suppress(ConnectionError):  # whoever asked may be dead by now: that is what this is for
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(reply.body)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - the names are the base class's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    between.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield between
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_SECONDS)
