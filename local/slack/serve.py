"""``python -m local slack``: the workspace on a port of its own."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from local.networks.faults import BadFaultError, Faults
from local.networks.web import Answer, Origin, Request, as_html, as_json, route
from local.orders import told
from local.slack.clicking import Clicks
from local.slack.web_api import WebApi
from local.slack.workspace import RefusedError, Workspace

_PAGE = Path(__file__).parent / "page"
_POLICY = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}


class LocalSlack:
    """Started and stopped. Port 0 takes a free one. ``/_local/`` is for the stack and for tests, and never spoilt."""

    def __init__(self, folder: Path | None, port: int = 0) -> None:
        self.workspace = Workspace(folder)
        self.faults = Faults()
        self.clicks = Clicks(self.workspace)
        self.server = Origin(
            port,
            [
                *WebApi(self.workspace).routes(),
                route("GET", "/", lambda request: as_html((_PAGE / "channel.html").read_text(), headers=_POLICY)),
                route("GET", r"/page/(?P<name>(channel|blocks)\.(css|js))", self._file),
                route("POST", "/_local/app", lambda request: as_json(self.workspace.app(request.fields))),
                route("GET", "/_local/feed", lambda request: as_json(self.workspace.feed(request.asked("after")))),
                route("GET", "/_local/version", lambda request: as_json({"version": self.workspace.version})),
                route("POST", "/_local/click", self._click),
                route("POST", "/_local/delete", self._delete),
                route("POST", "/_local/faults", self._order),
                route("DELETE", "/_local/faults", self._clear),
                route("GET", "/_local/orders", self._orders),
                route("DELETE", "/_local/orders/(?P<the_id>[0-9a-f]+)", self._take_back),
                route("GET", "/_local/health", lambda request: as_json({"ready": True})),
            ],
            lambda request: as_json({"ok": False, "error": "unknown_method"}, 404),
            self.faults,
        )
        self.clicks.origin = self.server.origin

    @property
    def origin(self) -> str:
        return self.server.origin

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.clicks.close()
        self.faults.stop()
        self.server.stop()

    def _file(self, request: Request, name: str) -> Answer:
        kind = "text/css" if name.endswith("css") else "text/javascript"
        return Answer(200, (_PAGE / name).read_bytes(), f"{kind}; charset=utf-8")

    def _click(self, request: Request) -> Answer:
        """``{ts, action_id, user, position}``. Only from our own page or from a program: another site's page may not press."""
        told = request.fields
        if request.headers.get("origin", self.origin) != self.origin:
            return as_json({"error": "not from here"}, 403)
        try:
            position = int(told.get("position", 0))
            return as_json(
                self.clicks.press(str(told.get("ts")), str(told.get("action_id")), str(told.get("user")), position)
            )
        except (RefusedError, ValueError, TypeError) as error:
            return as_json({"error": str(error)}, 400)

    def _delete(self, request: Request) -> Answer:
        """Somebody deletes a message."""
        try:
            self.workspace.delete(str(request.fields.get("ts")))
        except RefusedError as error:
            return as_json({"error": error.code}, 400)
        return as_json({})

    def _order(self, request: Request) -> Answer:
        try:
            return as_json(self.faults.order(request.fields).shown(), 201)
        except BadFaultError as error:
            return as_json({"error": str(error)}, 400)

    def _clear(self, request: Request) -> Answer:
        self.faults.clear()
        return as_json([])

    def _orders(self, request: Request) -> Answer:
        return as_json({"orders": told(self.faults.book.every(), "slack")})

    def _take_back(self, request: Request, the_id: str) -> Answer:
        return as_json({"removed": self.faults.remove(the_id)})


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one otherwise")
    parser.add_argument("--state", type=Path, help="folder to keep the messages in; without it they are forgotten")
    options = parser.parse_args(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    slack = LocalSlack(options.state, options.port)
    slack.start()
    print(json.dumps({"ready": True, "port": slack.server.server_port, "url": slack.origin}), flush=True)
    stopping.wait()
    slack.stop()
    return 0
