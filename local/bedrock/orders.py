"""What the stand-in is told to do wrong: by ``[[words]]`` in a note, or for the next requests through ``/_local/orders``.

``[[throttle 2]]`` twice, ``[[throttle]]`` each time. Beside the refusals of ``errors.py``:

    refuse guardrail    the answer was filtered, or stopped by the guardrail
    malformed  no tool  a tool call of the wrong shape, or words in its place
    cut off             the answer ends at the most tokens
    too long            words that fit no channel, until they are sent back; "too long twice": then too
    lie                 a month's paragraph with figures of its own; a draft or a plan as ever
    hang  slow          no answer at all; one after as many seconds as the number says
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from local.bedrock.errors import BY_NAME
from local.orders import Book, Ordered

_ORDER = re.compile(r"\[\[\s*([a-z0-9 ]+?)\s*\]\]", re.IGNORECASE)
_COUNT = re.compile(r"^(?P<name>.*?\S)\s+(?P<count>\d+)$")
NAMES = frozenset(
    {
        *BY_NAME,
        "refuse",
        "guardrail",
        "malformed",
        "no tool",
        "cut off",
        "too long",
        "too long twice",
        "lie",
        "hang",
        "slow",
    }
)


class UnknownOrderError(ValueError):
    """An order that nobody knows; the message names those that are."""


@dataclass(frozen=True)
class Order:
    """``number`` is how often, or how many seconds; None where none was said."""

    name: str
    number: int | None = None


@dataclass
class Standing(Ordered):
    """An order for the next requests, ``count`` of them."""

    order: Order

    @property
    def what(self) -> str:
        return f"the next requests: {self.order.name}"


def order_of(words: str) -> Order:
    words = " ".join(words.lower().split())
    if words in NAMES:
        return Order(words)
    found = _COUNT.match(words)
    if found is not None and found["name"] in NAMES:
        return Order(found["name"], int(found["count"]))
    raise UnknownOrderError(f"{words!r} is no order; there are: {', '.join(sorted(NAMES))}")


def without_orders(text: str) -> str:
    return _ORDER.sub("", text).strip()


class Orders:
    """Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.book: Book[Standing] = Book()
        self._done: Counter[str] = Counter()

    def add(self, orders: Sequence[str]) -> list[str]:
        """For the next requests, one each. UnknownOrderError, and none is added, where one is unknown."""
        known = [order_of(one) for one in orders]
        for one in known:
            self.book.add(Standing(one))
        return [one.order.name for one in self.book.waiting()]

    def stand(self, words: str, count: int, name: str) -> str:
        """One order for as many of the next requests; its id. UnknownOrderError."""
        if count < 1:
            raise UnknownOrderError("count is at least 1")
        return self.book.add(Standing(order_of(words), count=count, name=name)).id

    def clear(self) -> None:
        self.book.clear()
        with self._lock:
            self._done.clear()

    def take(self, asked: str) -> Order | None:
        """What is to be done wrong with a request of these words. Orders that nobody knows are words like others."""
        standing = self.book.take(lambda _: True)
        if standing is not None:
            return standing.order
        with self._lock:
            for words in _ORDER.findall(asked):
                try:
                    order = order_of(words)
                except UnknownOrderError:
                    continue
                if order.number is None or order.name == "slow":
                    return order
                key = f"{order.name}#{asked}"
                if self._done[key] < order.number:
                    self._done[key] += 1
                    return order
        return None
