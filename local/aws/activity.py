"""What is queued or running, counted exactly, so that a test or a story can wait for the end of everything instead of
sleeping.

A count is raised before the work that follows is let go of: an event put by a function is queued before the put is
answered, hence while the function itself still counts. So a total of nought means nothing more will happen by itself.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Activity:
    """Thread-safe. Labels say what is busy (``lambda ss-sender``)."""

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()
        self._changed = threading.Condition()

    def begin(self, label: str) -> None:
        with self._changed:
            self._busy[label] += 1

    def end(self, label: str) -> None:
        with self._changed:
            self._busy[label] -= 1
            if self._busy[label] <= 0:
                del self._busy[label]
            self._changed.notify_all()

    @contextmanager
    def during(self, label: str) -> Iterator[None]:
        self.begin(label)
        try:
            yield
        finally:
            self.end(label)

    def busy(self) -> list[str]:
        with self._changed:
            return self._counted()

    def wait(self, timeout_seconds: float, also: Callable[[], list[str]]) -> list[str]:
        """What is still busy when everything has ended (then empty) or the time is up. ``also`` names work that is not
        counted here: it is asked first, since what it names may only turn into counted work.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            other = also()
            with self._changed:  # until it waits: an end in between would wake nobody
                counted = self._counted()
                left = deadline - time.monotonic()
                if not (other or counted) or left <= 0:
                    return other + counted
                self._changed.wait(min(left, 0.05 if other else 1.0))

    def _counted(self) -> list[str]:
        return [f"{label} x{count}" if count > 1 else label for label, count in sorted(self._busy.items())]
