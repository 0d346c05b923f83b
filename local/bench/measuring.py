"""Two pieces of work measured in turns, so that what slows this computer down slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Beside:
    """Medians; ``noise`` is the share by which the ratio of the two differs from turn to turn."""

    ours: float
    floor: float
    noise: float

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> Beside:
        """``pairs`` are (ours, floor) of one turn each."""
        ours, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios = [one / other for one, other in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
        return cls(ours, floor, (high - low) / middle)


def beside(ours: Callable[[], object], floor: Callable[[], object], turns: int) -> Beside:
    """Milliseconds of this process's CPU, each once in every turn; both have run once before."""
    ours(), floor()
    return Beside.of([(cpu_ms(ours), cpu_ms(floor)) for _ in range(turns)])


def cpu_ms(work: Callable[[], object]) -> float:
    """Of this process, all its threads."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1_000
