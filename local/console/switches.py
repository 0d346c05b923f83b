"""The switchboard: what can be made to go wrong at the stack's servers, in an owner's words, and the orders that do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.orders import ENDLESS

ONCE, THRICE, UNTIL_OFF = 1, 3, 0
MARK = "console:"


@dataclass(frozen=True)
class Order:
    """What is sent to one of the servers. ``{choice}`` and ``{prefix}`` in its texts are filled in."""

    server: str
    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Switch:
    """``what`` happens to whom; what to ``expect``, and what not. ``counts``: how often it can be had, 0 until it is switched off."""

    id: str
    group: str
    label: str
    what: str
    expect: str
    orders: tuple[Order, ...]
    says: str = ""
    counts: tuple[int, ...] = (ONCE, THRICE, UNTIL_OFF)
    choices: tuple[Choice, ...] = ()
    asks: str = ""

    def name(self, choice: str = "") -> str:
        """By which the servers' books know it again."""
        return f"{MARK}{self.id}{f':{choice}' if choice else ''}"

    def shown(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("id", "group", "label", "what", "expect", "says", "asks")}
        choices = [{"value": choice.value, "label": choice.label} for choice in self.choices]
        return {**told, "counts": list(self.counts), "choices": choices}


@dataclass(frozen=True)
class Group:
    id: str
    label: str
    switches: Sequence[Switch] = field(default_factory=tuple)


def order_body(order: Order, count: int, name: str, **words: str) -> dict[str, Any]:
    """As the server wants it: with its count and name, and the words filled in."""
    filled = {key: _filled(value, words) for key, value in order.body.items()}
    return {**filled, "count": count or ENDLESS, "name": name}


def aws_fault(service: str, action: str, error: str, status: int, when: str = "before") -> dict[str, Any]:
    """Met by the mesh's own functions alone: this page reads the same tables."""
    return {
        "service": service,
        "action": action,
        "error": error,
        "status": status,
        "when": when,
        "caller": "functions",
    }


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for key, word in words.items():
            value = value.replace(f"{{{key}}}", word)
    return value


def switch_of(name: str) -> tuple[str, str]:
    """The switch's id and its choice, of an order's name; ("", "") for one that somebody else gave."""
    if not name.startswith(MARK):
        return "", ""
    the_id, _, choice = name.removeprefix(MARK).partition(":")
    return the_id, choice
