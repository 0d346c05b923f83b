"""What a server of this stack was ordered to do wrong: how often still, how often it did so, and since when.

Every server keeps such a book, and tells it in one shape, so that the console sees what is on, whoever ordered it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from local.clock import now as stack_now

ENDLESS = 1_000_000_000
"""A count that nobody lives to see used up: until it is taken back."""

_SPENT_KEPT = 40


@dataclass(kw_only=True)
class Ordered:
    """``count`` is what is left, after ``skip`` that fit are let through; ``name`` is for whoever ordered it to know it again by."""

    count: int = 1
    skip: int = 0
    name: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    taken: int = 0
    since: str = ""

    @property
    def what(self) -> str:
        """In a few words, for those who did not order it."""
        raise NotImplementedError


NOT_TOLD = frozenset({"id", "taken", "since"})
"""The fields of an order that only the book writes."""

Kind = TypeVar("Kind", bound=Ordered)


class Book(Generic[Kind]):
    """In the order in which they came. Safe for threads; ``now`` is the stack's."""

    def __init__(self, now: Callable[[], datetime] = stack_now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._orders: list[Kind] = []

    def __bool__(self) -> bool:
        return any(order.count for order in self._orders)

    def add(self, order: Kind) -> Kind:
        order.since = self._now().isoformat()
        with self._lock:
            self._orders.append(order)
            spent = [one for one in self._orders if not one.count]
            for old in spent[:-_SPENT_KEPT]:
                self._orders.remove(old)
        return order

    def take(self, fits: Callable[[Kind], bool]) -> Kind | None:
        """The first that is left and fits, counted down. What one of them lets through is let through by all."""
        with self._lock:
            for order in self._orders:
                if order.count and fits(order):
                    if order.skip:
                        order.skip -= 1
                        return None
                    order.count -= 1
                    order.taken += 1
                    return order
        return None

    def waiting(self) -> list[Kind]:
        with self._lock:
            return [order for order in self._orders if order.count]

    def every(self) -> list[Kind]:
        """With those that are used up or taken back, of which the last are kept."""
        with self._lock:
            return list(self._orders)

    def take_back(self, the_id: str) -> bool:
        """It meets nothing more, and stays among those that are used up. Whether one of this id was left."""
        with self._lock:
            found = [order for order in self._orders if order.id == the_id and order.count]
            for order in found:
                order.count = 0
        return bool(found)

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()


def told(orders: Iterable[Ordered], where: str) -> list[dict[str, Any]]:
    """For the console: ``left`` is None where it goes on until it is taken back."""
    return [
        {
            "id": order.id,
            "where": where,
            "name": order.name,
            "what": order.what,
            "left": order.count if order.count < ENDLESS // 2 else None,
            "taken": order.taken,
            "since": order.since,
        }
        for order in orders
    ]
