"""``python -m local bedrock``: the stand-in on a port of its own."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from local.bedrock import converse
from local.bedrock.errors import BY_NAME, RefusedError
from local.bedrock.orders import Order, Orders, UnknownOrderError
from local.bedrock.writing import far_too_long, note_of, recap, written
from local.networks.faults import BadFaultError, Faults
from local.networks.web import Answer, Origin, Request, as_json, route
from local.orders import told

_HANGS_SECONDS = 300.0
_CALLS_KEPT = 1_000
_WRONG_SHAPE = {"text": ["this", "is", "no", "text"], "posts": "nor is this a plan", "paragraph": 7}


class LocalBedrock:
    """Started and stopped. Port 0 takes a free one. ``/_local/`` is for the stack and for tests."""

    def __init__(self, port: int = 0) -> None:
        self.faults = Faults()
        self.orders = Orders()
        self.calls: list[dict[str, Any]] = []
        self.server = Origin(
            port,
            [
                route("POST", r"/model/(?P<model>[^/]+)/converse", self._converse),
                route("POST", "/_local/orders", self._order),
                route("DELETE", "/_local/orders", self._forget),
                route("GET", "/_local/orders", self._orders),
                route("DELETE", "/_local/orders/(?P<the_id>[0-9a-f]+)", self._take_back),
                route("GET", "/_local/calls", lambda request: as_json(self.calls)),
                route("POST", "/_local/faults", self._fault),
                route("DELETE", "/_local/faults", self._no_faults),
                route("GET", "/_local/health", lambda request: as_json({"ready": True})),
            ],
            lambda request: RefusedError(
                "UnknownOperationException", 404, "There is Converse here, and nothing else."
            ).answer(),
            self.faults,
        )

    @property
    def origin(self) -> str:
        return self.server.origin

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.faults.stop()
        self.server.stop()

    def _converse(self, request: Request, model: str) -> Answer:
        try:
            asked = converse.read(unquote(model), request.fields)
            order = self.orders.take(note_of(asked))
            self._remember(asked, order)
            return as_json(self._done(asked, order))
        except RefusedError as refused:
            return refused.answer()

    def _done(self, asked: converse.Asked, order: Order | None) -> dict[str, Any]:
        name = order.name if order is not None else ""
        if name in BY_NAME:
            raise BY_NAME[name]
        match name:
            case "hang":
                self.faults.linger(_HANGS_SECONDS)
            case "slow":
                self.faults.linger(float(order.number or 1) if order is not None else 1.0)
            case "refuse" | "guardrail":
                stop = "content_filtered" if name == "refuse" else "guardrail_intervened"
                return converse.in_words(asked, "Sorry, this cannot be answered.", stop)
            case "no tool":
                return converse.in_words(asked, "Here is a post for you!", "end_turn")
            case "malformed":
                return converse.answered(asked, _WRONG_SHAPE)
            case "cut off":
                return converse.answered(asked, {}, "max_tokens")
            case "too long" if asked.turn == 0:
                return converse.answered(asked, far_too_long(asked))
            case "too long twice":
                return converse.answered(asked, far_too_long(asked))
            case "lie" if asked.tool == "recap":
                return converse.answered(asked, recap(asked, lying=True))
        return converse.answered(asked, written(asked))

    def _remember(self, asked: converse.Asked, order: Order | None) -> None:
        """No words of the note: only what kind of request it was."""
        told = {
            "model": asked.model,
            "tool": asked.tool,
            "turn": asked.turn,
            "images": asked.images,
            "documents": asked.documents,
            "tokens_in": asked.tokens_in,
            "order": order.name if order is not None else "",
        }
        self.calls = [*self.calls[-_CALLS_KEPT:], told]

    def _order(self, request: Request) -> Answer:
        """``{"next": ["throttle", "refuse"]}``: one for each of the next requests. ``{"do": "throttle", "count": 3}``: one for them all."""
        asked, fields = request.fields.get("next"), request.fields
        try:
            if "do" in fields:
                the_id = self.orders.stand(str(fields["do"]), int(fields.get("count", 1)), str(fields.get("name", "")))
                return as_json({"id": the_id}, 201)
            if not isinstance(asked, list):
                raise UnknownOrderError('say {"next": ["throttle", …]}')  # noqa: TRY301 - answered like the unknown ones
            return as_json({"next": self.orders.add([str(one) for one in asked])}, 201)
        except (UnknownOrderError, TypeError, ValueError) as error:
            return as_json({"error": str(error)}, 400)

    def _orders(self, request: Request) -> Answer:
        return as_json({"orders": told([*self.orders.book.every(), *self.faults.book.every()], "bedrock")})

    def _take_back(self, request: Request, the_id: str) -> Answer:
        return as_json({"removed": self.orders.book.take_back(the_id) or self.faults.remove(the_id)})

    def _forget(self, request: Request) -> Answer:
        self.orders.clear()
        return as_json({"next": []})

    def _fault(self, request: Request) -> Answer:
        try:
            return as_json(self.faults.order(request.fields).shown(), 201)
        except BadFaultError as error:
            return as_json({"error": str(error)}, 400)

    def _no_faults(self, request: Request) -> Answer:
        self.faults.clear()
        return as_json([])


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local bedrock", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one otherwise")
    parser.add_argument("--state", help="taken and not used: it keeps nothing")
    options = parser.parse_args(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    bedrock = LocalBedrock(options.port)
    bedrock.start()
    print(json.dumps({"ready": True, "port": bedrock.server.server_port, "url": bedrock.origin}), flush=True)
    stopping.wait()
    bedrock.stop()
    return 0
