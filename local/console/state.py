"""``/api/state``: all that changed since the page last asked, in one answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from local.console.mail import summary
from local.console.stack import ServerError, Stack
from mesh.rulebook import parse_rules

_Answer = TypeVar("_Answer")
_CHANNEL_LINE = re.compile(r"^\s*[-*]\s*([\w-]+)\s*:\s*(\w+)\s*,\s*account\s+([^,\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class Seen:
    """What the page has: the grid's version, last mail and event, the feeds' digest; written ``12.4.90.a1b2``."""

    grid: str = ""
    mail: int = 0
    event: int = 0
    feeds: str = ""

    @staticmethod
    def parse(text: str) -> Seen:
        parts = text.split(".")
        if len(parts) != 4 or not (parts[1].isdigit() and parts[2].isdigit()):
            return Seen()
        return Seen(parts[0], int(parts[1]), int(parts[2]), parts[3])

    def __str__(self) -> str:
        return f"{self.grid}.{self.mail}.{self.event}.{self.feeds}"


async def changed_since(stack: Stack, seen: Seen, sync: str) -> dict[str, Any]:
    """``grid`` and ``feeds`` are None where unchanged, ``mails`` and ``events`` hold the new ones alone, oldest first.

    A server that does not answer leaves its part out and puts a sentence into ``trouble``.
    """
    trouble: list[str] = []
    grid, mails, events, feeds, clock, rules = await asyncio.gather(
        _or_none(stack.grid(), trouble),
        _or_none(stack.mails(seen.mail), trouble),
        _or_none(stack.events(seen.event), trouble),
        _or_none(stack.feeds(), trouble),
        _or_none(stack.clock(), trouble),
        _or_none(stack.rules(), trouble),
    )
    digest = _digest([feeds, rules]) if feeds is not None else seen.feeds
    version = str(grid["version"]) if grid is not None else seen.grid
    now = Seen(
        version,
        max([seen.mail, *(mail["seq"] for mail in mails or ())]),
        max([seen.event, *(event["seq"] for event in events or ())]),
        digest,
    )
    return {
        "after": str(now),
        "grid": with_choices(grid, rules) if grid is not None and version != seen.grid else None,
        "mails": [summary(mail) for mail in mails or ()],
        "events": events or [],
        "feeds": named(feeds, rules or "") if feeds is not None and digest != seen.feeds else None,
        "clock": clock,
        "sync": sync,
        "trouble": sorted(set(trouble)),
    }


def with_choices(grid: dict[str, Any], rules: str | None) -> dict[str, Any]:
    """``choices``: what a cell of a column can be, from the sheet's own dropdowns; for ``channels`` what the rules doc names."""
    choices = dict(grid.get("choices") or {})
    known = list(parse_rules(rules, default_zone="UTC")[0].channels) if rules else []
    if known:
        choices["channels"] = known
    return {**grid, "choices": choices}


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


async def _or_none(question: Awaitable[_Answer], trouble: list[str]) -> _Answer | None:
    try:
        return await question
    except ServerError as error:
        trouble.append(error.sentence)
        return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
