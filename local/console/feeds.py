"""What is out, as everybody sees it: the networks' own posts, with the channel each stands on."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh
from local.console.stack import Stack

_CHANNEL_LINE = re.compile(r"^\s*[-*]\s*([\w-]+)\s*:\s*(\w+)\s*,\s*account\s+([^,\s]+)", re.MULTILINE)


class Feeds:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def routes(self) -> list[Route]:
        return [Route("/api/feeds", self.answer)]

    async def shown(self) -> list[dict[str, Any]]:
        """All posts, newest first."""
        return named(await self._stack.feeds(), await self._stack.rules())

    async def answer(self, _: Request) -> Response:
        return fresh({"feeds": await self.shown()})


def named(posts: list[dict[str, Any]], rules: str) -> list[dict[str, Any]]:
    """The posts with the ``channel`` that the rules doc gives to their account; else the account itself.

    The doc holds account ids: Bluesky's stands in the post's address (``at://did:…``); a network's only channel needs
    none.
    """
    lines = _CHANNEL_LINE.findall(rules)
    by_account: dict[Any, str] = {account: channel for channel, _, account in lines}
    by_network: dict[Any, list[str]] = {
        network: [channel for channel, other, _ in lines if other == network] for _, network, _ in lines
    }

    def channel(post: dict[str, Any]) -> str:
        for account in (post.get("account_id"), post["account"], str(post["id"]).removeprefix("at://").split("/")[0]):
            if account in by_account:
                return by_account[account]
        channels = by_network.get(post["network"], [])
        return channels[0] if len(channels) == 1 else str(post["account"])

    return [{**post, "channel": channel(post)} for post in posts]
