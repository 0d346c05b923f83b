"""The simulation's clock: what was put off happens in the order of its time, and of two at one time the one that was put off first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any


class Queue:
    """``now`` is in seconds from the beginning."""

    def __init__(self) -> None:
        self.now = 0.0
        self.happened = 0
        self._ahead: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0

    def at(self, moment: float, do: Callable[..., None], *args: Any) -> None:
        """What lies in the past happens now."""
        self._number += 1
        heapq.heappush(self._ahead, (max(moment, self.now), self._number, do, args))

    def after(self, seconds: float, do: Callable[..., None], *args: Any) -> None:
        self.at(self.now + seconds, do, *args)

    def run(self) -> None:
        """Until nothing is ahead."""
        while self._ahead:
            self.now, _, do, args = heapq.heappop(self._ahead)
            self.happened += 1
            do(*args)
