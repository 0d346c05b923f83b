"""A network as its own adapter speaks to it: the real adapter, and every one of its requests a call that may get lost, land late or stay
without an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx

from memory.network import Feed
from memory.vendors import HOST, Answered, Asked, Vendor
from networks import network
from networks.model import Declared


@dataclass(frozen=True)
class WireNetwork:
    """In the place of a ``MemoryNetwork``: ``land`` is the effect of a request whenever it comes."""

    vendor: Vendor
    feed: Feed = field(default_factory=Feed)
    host: str = HOST

    @property
    def name(self) -> str:
        return self.vendor.name

    @property
    def declared(self) -> Declared:
        return network(self.vendor.name).declared

    def account_of(self, account: str) -> str:
        return self.vendor.account_of(account)

    def fresh(self) -> WireNetwork:
        return replace(self, feed=Feed())

    def land(self, asked: Asked) -> Answered:
        return self.vendor.answer(self.feed, asked, self._owner)

    def look_again(self, asked: Asked) -> Answered:
        """From a replica that has not heard of the newest post yet."""
        before = self.feed.copy()
        before.posts = before.posts[:-1]
        return self.vendor.answer(before, asked, self._owner)

    def _owner(self, account_id: str) -> str:
        """The account of the explored business that this network knows by an id of its own."""
        known = {self.vendor.account_of(one): one for one in ("did:plc:main", "did:plc:second")}
        return known[account_id]


class Wire(httpx.BaseTransport):
    """``step(asked, effect)`` carries a request out, or does to it what befalls it."""

    def __init__(self, now: Callable[[], datetime], step: Callable[[Asked], Answered]) -> None:
        self._now, self._step = now, step

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = Asked(
            request.method,
            request.url.path,
            dict(request.url.params),
            dict(request.headers),
            request.read(),
            self._now(),
        )
        answered = self._step(asked)
        body = b"" if answered.body is None else json.dumps(answered.body).encode()
        return httpx.Response(answered.status, headers=answered.headers, content=body)


def client(now: Callable[[], datetime], step: Callable[[Asked], Answered]) -> httpx.Client:
    return httpx.Client(transport=Wire(now, step), trust_env=False)


def no_answer() -> Any:
    raise httpx.ReadTimeout("no answer came")


def after(effect: Callable[[], Any]) -> Callable[[], Any]:
    """It happened, and nobody heard of it."""

    def done() -> Any:
        effect()
        return no_answer()

    return done
