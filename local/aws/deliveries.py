"""What EventBridge and EventBridge Scheduler deliver: everything once, unless it was ordered otherwise.

Stopped, they take events and let schedules fall due, and hand on nothing. When they go on, what has waited for no longer than every rule
and schedule of the template allows is delivered in its order; what is older is dropped, as at AWS. A kind of event, or a schedule, can also
be lost or doubled for the next few times: delivery is at least once, and a dropped event is what the sweep is there for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from local.aws.clock import StackClock
from local.aws.faults import made
from local.orders import Book, Ordered

LONGEST_WAIT = timedelta(seconds=900)  # MaximumEventAgeInSeconds of every rule and schedule in template.yaml
_MOST_TIMES = 5


@dataclass
class Spoilt(Ordered):
    """``kind`` is a detail-type or a schedule's name, or with a ``*`` at its end how they begin (``ss.*``).

    The next ``count`` of it are handed on ``times`` times: 0 for lost, 2 for doubled.
    """

    kind: str
    times: int

    def __post_init__(self) -> None:
        if not 0 <= self.times <= _MOST_TIMES or self.count < 1:
            raise ValueError(f"times is 0 to {_MOST_TIMES} and count at least 1")

    def fits(self, kind: str) -> bool:
        return kind.startswith(self.kind[:-1]) if self.kind.endswith("*") else kind == self.kind

    @property
    def what(self) -> str:
        return f"{self.kind} {'is lost' if not self.times else f'comes {self.times} times'}"


@dataclass(frozen=True)
class _Parked:
    at: datetime
    context: Context
    deliver: Callable[[], None]


class Deliveries:
    """Thread-safe."""

    def __init__(self, clock: StackClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._stopped = False
        self._parked: list[_Parked] = []
        self.book: Book[Spoilt] = Book(clock.now)

    def hand_on(self, kind: str, deliver: Callable[[], None]) -> None:
        """Call ``deliver`` as often as is due: usually once, now."""
        with self._lock:
            if self._stopped:
                self._parked.append(_Parked(self._clock.now(), copy_context(), deliver))
                return
            times = self._times(kind)
        for _ in range(times):
            deliver()

    def _times(self, kind: str) -> int:
        order = self.book.take(lambda order: order.fits(kind))
        return 1 if order is None else order.times

    @property
    def stopped(self) -> bool:
        return self._stopped

    def stop(self) -> None:
        with self._lock:
            self._stopped = True

    def go_on(self) -> dict[str, int]:
        """How many that waited are ``delivered`` now, and how many were too old and are ``dropped``."""
        with self._lock:
            self._stopped = False
            parked, self._parked = self._parked, []
            now = self._clock.now()
        young = [one for one in parked if now - one.at <= LONGEST_WAIT]
        for one in young:
            one.context.run(one.deliver)
        return {"delivered": len(young), "dropped": len(parked) - len(young)}

    def spoil(self, order: dict[str, Any]) -> str:
        """The order's id. TypeError or ValueError for one that makes no sense."""
        return self.book.add(Spoilt(**made(order))).id

    def clear(self) -> None:
        """Forget what was ordered; what is stopped stays so."""
        self.book.clear()

    def shown(self) -> dict[str, Any]:
        with self._lock:
            orders = [asdict(order) for order in self.book.waiting()]
            return {"stopped": self._stopped, "waiting": len(self._parked), "spoilt": orders}
