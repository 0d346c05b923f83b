"""Faults on order: the next N requests that match are answered wrongly, late or not at all.

``do`` is one of

    status          the given status, headers and body; nothing happens
    html empty huge a page, nothing, or three megabytes in place of the answer
    cut             the effect, and half of its answer
    timeout-before  no effect and no answer          timeout-after   the effect and no answer
    hold-before     waits for a release, then the effect and its answer: an effect that lands late
    hold-after      the effect, then waits for a release before answering

``effect`` overrides whether the request takes effect: by default not for ``status``, ``html`` and ``timeout-before``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.orders import Book, Ordered

_NO_EFFECT = frozenset({"status", "html", "timeout-before"})
KINDS = _NO_EFFECT | {"empty", "huge", "cut", "timeout-after", "hold-before", "hold-after"}


class BadFaultError(ValueError):
    """An order that cannot be understood; the message says what is wrong."""


@dataclass
class Fault(Ordered):
    """An order. ``match`` is searched in ``METHOD /path``; ``count`` requests are left to spoil."""

    match: re.Pattern[str]
    do: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    effect: bool | None = None
    seconds: float = 120.0

    @property
    def what(self) -> str:
        done = f"{self.do} {self.status}" if self.status else self.do
        return f"{self.match.pattern or 'every request'}: {done}{' with the effect' if self.has_effect else ''}"

    @property
    def has_effect(self) -> bool:
        return self.effect if self.effect is not None else self.do not in _NO_EFFECT

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "match": self.match.pattern,
            "do": self.do,
            "count": self.count,
            "status": self.status,
            "effect": self.has_effect,
        }


@dataclass
class _Held:
    request: str
    fault_id: str
    released: bool = False


class Faults:
    """The orders of one origin, and the requests that wait because of them. Safe for threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.book: Book[Fault] = Book()
        self._held: list[_Held] = []
        self._stopping = False

    def order(self, told: Mapping[str, Any]) -> Fault:
        """Adds a fault. BadFaultError where the order makes no sense."""
        known = {"match", "do", "count", "status", "headers", "body", "effect", "seconds", "name"}
        if told.get("do") not in KINDS or set(told) - known:
            raise BadFaultError(f"do must be one of {sorted(KINDS)}, and only {sorted(known)} are known")
        try:
            fault = Fault(
                match=re.compile(str(told.get("match", ""))),
                do=told["do"],
                count=int(told.get("count", 1)),
                status=int(told.get("status", 0)),
                headers={str(name): str(value) for name, value in dict(told.get("headers") or {}).items()},
                body=told.get("body"),
                effect=None if told.get("effect") is None else bool(told["effect"]),
                seconds=float(told.get("seconds", 120.0)),
                name=str(told.get("name", "")),
            )
        except (re.error, ValueError, TypeError) as error:
            raise BadFaultError(str(error)) from error
        return self.book.add(fault)

    def take(self, request: str) -> Fault | None:
        """The first order that wants this request, counted down."""
        return self.book.take(lambda fault: fault.match.search(request) is not None)

    def listed(self) -> list[dict[str, Any]]:
        return [fault.shown() for fault in self.book.every()]

    def clear(self) -> None:
        """Forgets every order and lets everything go that waits."""
        self.book.clear()
        with self._changed:
            self._release()

    def remove(self, the_id: str) -> bool:
        """Ends this one, and lets go what waits because of it; whether there was one."""
        found = self.book.take_back(the_id)
        with self._changed:
            for held in self._held:
                held.released = held.released or held.fault_id == the_id
            self._held = [held for held in self._held if not held.released]
            self._changed.notify_all()
        return found

    def hold(self, fault: Fault, request: str) -> None:
        """Waits here until released, at most ``fault.seconds``."""
        held = _Held(request, fault.id)
        with self._changed:
            self._held.append(held)
            self._changed.notify_all()
            self._changed.wait_for(lambda: held.released or self._stopping, fault.seconds)
            if held in self._held:
                self._held.remove(held)

    def linger(self, seconds: float) -> None:
        """Waits without showing up as held: a request that gets no answer."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)

    def release(self) -> int:
        """Lets every held request go; how many there were."""
        with self._changed:
            return self._release()

    def holding(self, timeout_seconds: float) -> list[dict[str, str]]:
        """The requests held now; waits for the first one, at most ``timeout_seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._held) or self._stopping, timeout_seconds)
            return [{"request": held.request, "fault": held.fault_id} for held in self._held]

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _release(self) -> int:
        for held in self._held:
            held.released = True
        count = len(self._held)
        self._held.clear()
        self._changed.notify_all()
        return count
