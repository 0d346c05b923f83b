"""Trying again within one run: a few times, for a short while, and never past the time there is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mesh.errors import Doubt, Throttled

TRIES = 3
_FIRST_WAIT_SECONDS = 1.0
_KEPT_SECONDS = 20.0  # what is left of a run for what comes after a wait

Answer = TypeVar("Answer")


def _spread() -> float:
    return random.uniform(0.7, 1.3)


@dataclass(frozen=True)
class Steady:
    """``remaining_seconds`` is what the run has left; ``sleep`` and ``spread`` are there to be replaced."""

    remaining_seconds: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[], float] = _spread

    def __call__(self, ask: Callable[[], Answer]) -> Answer:
        """``ask``, which changes nothing, up to ``TRIES`` times while it raises a Doubt; then that Doubt."""
        for number in range(TRIES - 1):
            try:
                return ask()
            except Doubt as doubt:
                if not self.may_try_again(doubt, number):
                    raise
        return ask()

    def may_try_again(self, doubt: Doubt, number: int) -> bool:
        """Waits as long as the other side asked, else longer each time; False at once where the run has no time for that."""
        asked = doubt.after_seconds if isinstance(doubt, Throttled) else None
        wait = max(asked or 0.0, _FIRST_WAIT_SECONDS * 2**number * self.spread())
        if number >= TRIES - 1 or wait + _KEPT_SECONDS > self.remaining_seconds():
            return False
        self.sleep(wait)
        return True
