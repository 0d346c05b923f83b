"""``/api/state``: all that changed since the page last asked, in one answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local.console.mail import summary
from local.console.stack import ServerError, Stack
from mesh.rulebook import parse_rules

Question = Callable[[], Awaitable[Any]]
"""A part of the page that is told whole when it has changed: what it shows now, in JSON. ServerError where it cannot be asked."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Seen:
    """What the page has: the grid's version, last mail and event, a digest of each part; written ``12.4.90.feeds-a1b2,coming-c3d4``."""

    grid: str = ""
    mail: int = 0
    event: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def parse(text: str) -> Seen:
        """One that nobody gave counts as nothing seen."""
        seen = text.split(".")
        if len(seen) != 4 or not (seen[1].isdigit() and seen[2].isdigit()):
            return Seen()
        parts = dict(part.split("-", 1) for part in seen[3].split(",") if "-" in part)
        return Seen(seen[0], int(seen[1]), int(seen[2]), parts)

    def __str__(self) -> str:
        parts = ",".join(f"{name}-{digest}" for name, digest in self.parts.items())
        return f"{self.grid}.{self.mail}.{self.event}.{parts}"


async def changed_since(stack: Stack, seen: Seen, sync: str, parts: Mapping[str, Question]) -> dict[str, Any]:
    """``grid`` and each of ``parts`` are None where unchanged, ``mails`` and ``events`` hold the new ones alone, oldest first.

    A server that does not answer leaves its part out and puts a sentence into ``trouble``.
    """
    trouble: list[str] = []
    grid, mails, events, clock, rules, *told = await asyncio.gather(
        _or_none(stack.grid(), trouble),
        _or_none(stack.mails(seen.mail), trouble),
        _or_none(stack.events(seen.event), trouble),
        _or_none(stack.clock(), trouble),
        _or_none(stack.rules(), trouble),
        *(_or_none(question(), trouble) for question in parts.values()),
    )
    answers = dict(zip(parts, told, strict=True))
    digests = {
        name: seen.parts.get(name, "") if answer is None else _digest(answer) for name, answer in answers.items()
    }
    version = str(grid["version"]) if grid is not None else seen.grid
    now = Seen(
        version,
        max([seen.mail, *(mail["seq"] for mail in mails or ())]),
        max([seen.event, *(event["seq"] for event in events or ())]),
        digests,
    )
    return {
        "after": str(now),
        "grid": with_choices(grid, rules) if grid is not None and version != seen.grid else None,
        "mails": [summary(mail) for mail in mails or ()],
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


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
