"""``/api/state``: all that changed since the page last asked, in one answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local.console import mails
from local.console.stack import ServerError, Stack, place_of
from mesh.rulebook import parse_rules

Question = Callable[[], Awaitable[Any]]
"""A part of the page that is told whole when it has changed: what it shows now, in JSON. ServerError where it cannot be asked."""

_Answer = TypeVar("_Answer")


class Life:
    """Which life of the stack the answers are from: mails and events of a fresh stack count from 1 again, and nothing that a page
    has of another life may be mixed with them. It ends with the console's process, and where the sheet's version goes back.
    """

    def __init__(self) -> None:
        self.name = secrets.token_hex(4)
        self.version = 0

    def saw(self, version: int, before: int) -> None:
        """The sheet's version as it was told, and as it was known when it was asked: answers overtake each other."""
        if version < before and self.version == before:
            self.name = secrets.token_hex(4)
            self.version = version
        elif version >= before:
            self.version = max(self.version, version)


@dataclass(frozen=True)
class Seen:
    """What the page has: of which life, the grid's version, last mail and event, a digest of each part.

    Written ``a9f3.12.4.90.feeds-a1b2,coming-c3d4``.
    """

    life: str = ""
    grid: str = ""
    mail: int = 0
    event: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def parse(text: str) -> Seen:
        """One that nobody gave counts as nothing seen."""
        seen = text.split(".")
        if len(seen) != 5 or not all(number.isdecimal() and number.isascii() for number in seen[2:4]):
            return Seen()
        parts = dict(part.split("-", 1) for part in seen[4].split(",") if "-" in part)
        return Seen(seen[0], seen[1], int(seen[2]), int(seen[3]), parts)

    def __str__(self) -> str:
        parts = ",".join(f"{name}-{digest}" for name, digest in self.parts.items())
        return f"{self.life}.{self.grid}.{self.mail}.{self.event}.{parts}"


async def changed_since(
    stack: Stack, seen: Seen, sync: str, parts: Mapping[str, Question], life: Life
) -> dict[str, Any]:
    """``grid`` and each of ``parts`` are None where unchanged, ``mails`` and ``events`` hold the new ones alone, oldest first; of the
    mails a page that has none gets the newest, and ``outbox`` tells how many there are (None where none came).

    A server that does not answer leaves its part out and puts a sentence into ``trouble``, and so does a part that fails by itself: the
    others are told all the same. What a page saw in another life of the
    stack is no use to it: it is told which life this is, and nothing else, and begins anew.
    """
    if seen.life and seen.life != life.name:
        return {"life": life.name}
    trouble: list[str] = []
    before = life.version
    grid, outbox, events, clock, *told = await asyncio.gather(
        _or_none(stack.grid(), trouble),
        _or_none(mails.since(stack, seen.mail), trouble),
        _or_none(stack.events(seen.event), trouble),
        _or_none(stack.clock(), trouble),
        *(_part(name, question, trouble) for name, question in parts.items()),
    )
    if grid is not None:
        life.saw(grid["version"], before)
        if seen.life not in ("", life.name):
            return {"life": life.name}
    answers = dict(zip(parts, told, strict=True))
    digests = {
        name: seen.parts.get(name, "") if answer is None else _digest(answer) for name, answer in answers.items()
    }
    version = str(grid["version"]) if grid is not None else seen.grid
    changed = grid is not None and version != seen.grid
    # The rules are a file beside the sheet: its version covers them.
    rules = await _or_none(stack.rules(), trouble) if changed else None
    came = outbox["mails"] if outbox is not None else []
    now = Seen(
        life.name,
        version,
        max([seen.mail, *(mail["seq"] for mail in came)]),
        max([seen.event, *(event["seq"] for event in events or ())]),
        digests,
    )
    return {
        "life": life.name,
        "after": str(now),
        "grid": with_choices(grid, rules) if grid is not None and changed else None,
        "mails": came,
        "outbox": {"count": outbox["count"], "first": outbox["first"]} if outbox is not None and came else None,
        "events": events or [],
        **{name: answer if digests[name] != seen.parts.get(name) else None for name, answer in answers.items()},
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


async def _or_none(question: Awaitable[_Answer], trouble: list[str]) -> _Answer | None:
    try:
        return await question
    except ServerError as error:
        trouble.append(error.sentence)
        return None


async def _part(name: str, question: Question, trouble: list[str]) -> Any:
    """As ``_or_none``, and what nobody foresaw of a part is told too."""
    try:
        return await _or_none(question(), trouble)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not take the sheet from the page
        trouble.append(f"Not up to date: {name} ({place_of(error)}). It is a fault of ours.")
        return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
