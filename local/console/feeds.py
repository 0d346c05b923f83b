"""What is out, as everybody sees it: the networks' own posts, with the channel each stands on and its text as the network shows it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh
from local.console.stack import Stack
from mesh.cards.previews import Preview
from mesh.rulebook import Channel, parse_rules
from networks import NAMES, composer

_SHORTENED = {"x": 25, "mastodon": 30}  # how much of a long address these networks show, its scheme left out


class Feeds:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._rules = ""
        self._registered: list[Channel] = []
        self._drawn: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._told: list[dict[str, Any]] = []
        self.changes = 0
        """Rises whenever ``shown`` tells something else than before: what lands late comes without an event."""

    def routes(self) -> list[Route]:
        return [Route("/api/feeds", self.answer)]

    async def shown(self) -> list[dict[str, Any]]:
        """All posts, newest first: as the networks tell them, with ``channel``, ``pieces`` and ``fold``."""
        raw = await self._stack.feeds()
        registered = await self._channels()
        told = [self._remembered(post) for post in named(raw, registered)]
        self._drawn = {one["key"]: kept for one in told if (kept := self._drawn.get(one["key"]))}
        if told != self._told:
            self._told, self.changes = told, self.changes + 1
        return told

    async def channels(self) -> list[dict[str, str]]:
        """Every channel that the rules doc names, in its order: ``name``, ``network`` and the network's ``label``."""
        return [
            {"name": one.name, "network": one.network, "label": composer(one.network).declared.label}
            for one in await self._channels()
            if one.network in NAMES
        ]

    async def answer(self, _: Request) -> Response:
        return fresh({"feeds": await self.shown(), "channels": await self.channels()})

    async def _channels(self) -> list[Channel]:
        rules = await self._stack.rules()
        if rules != self._rules:
            self._rules, self._registered = rules, list(parse_rules(rules, default_zone="UTC")[0].channels.values())
        return self._registered

    def _remembered(self, post: dict[str, Any]) -> dict[str, Any]:
        """A post does not change once it is out: what was made of it stands as long as it is told the same."""
        key = f"{post['network']}:{post['id']}"
        known = self._drawn.get(key)
        if known is None or known[0] != post:
            known = self._drawn[key] = (post, {**post, "key": key, **as_shown(post)})
        return known[1]


def named(posts: list[dict[str, Any]], registered: list[Channel]) -> list[dict[str, Any]]:
    """The posts with the ``channel`` that the rules doc gives to their account; a network's only channel needs none; else the account."""
    by_account = {(one.network, one.account): one.name for one in registered}
    by_network: dict[str, list[str]] = {}
    for one in registered:
        by_network.setdefault(one.network, []).append(one.name)

    def channel(post: dict[str, Any]) -> str:
        found = by_account.get((post["network"], str(post.get("account_id", ""))))
        of_network = by_network.get(post["network"], [])
        return found or (of_network[0] if len(of_network) == 1 else str(post["account"]))

    return [{**post, "channel": channel(post)} for post in posts]


def as_shown(post: Mapping[str, Any]) -> dict[str, Any]:
    """``pieces`` of the text in their order, each ``{"text"}`` with ``href`` where it is an address and ``mark`` where it can be tapped;
    ``fold`` is how many stand before the network's "more", None where all of it is seen.
    """
    text, network = str(post["text"]), str(post["network"])
    record = {"record": {"facets": post["facets"]}} if "facets" in post else {}
    seen = Preview(str(post["channel"]), network, text, payload=record)
    fold = seen.fold_at
    pieces: list[dict[str, Any]] = []
    folded: int | None = None
    position = 0
    # A fold never lies within a mark, so it cuts plain text alone.
    for start, end, value in [*((one.start, one.end, one.value) for one in seen.marks), (len(text), len(text), "")]:
        for begin, stop in _cut(position, start, fold):
            if begin == fold:
                folded = len(pieces)
            pieces.append({"text": text[begin:stop]})
        if start == fold and folded is None:
            folded = len(pieces)
        if end > start:
            pieces.append(_mark(text[start:end], value, network))
        position = end
    return {"pieces": pieces, "fold": folded}


def _cut(begin: int, end: int, at: int | None) -> list[tuple[int, int]]:
    edges = [begin, at, end] if at is not None and begin < at < end else [begin, end]
    return [(one, other) for one, other in pairwise(edges) if one < other]


def _mark(text: str, value: str, network: str) -> dict[str, Any]:
    if text[:1] in "#＃@":
        return {"text": text, "mark": True}
    address = value if value.lower().startswith(("http://", "https://")) else f"https://{text}"
    if address.startswith(("http://", "https://")) and network in _SHORTENED:
        plain = text.partition("://")[2] or text
        plain = plain.removeprefix("www.")
        most = _SHORTENED[network]
        text = plain if len(plain) <= most + 1 else f"{plain[:most]}…"
    return {"text": text, "mark": True, "href": address}
