"""What a figure is, and whether it holds its aim."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Figure:
    """One row of the table. Less is better in every one of them.

    ``name`` is its own alone, in this run and the next. With a ``floor``, in the same ``unit`` and of the same run, ``aim`` is the most
    that ``ratio`` may be; without, the most that ``value`` may be; None asks for nothing. ``noise`` is by how much of itself the figure
    differs between two runs of the same code; 0 for what is counted.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    aim: float | None = None
    detail: str = ""
    noise: float = 0.0

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def judged(self) -> float:
        """What the aim and the comparison are about."""
        return self.value if self.ratio is None else self.ratio

    @property
    def met(self) -> bool | None:
        return None if self.aim is None else self.judged <= self.aim

    def document(self) -> dict[str, Any]:
        """As ``build/bench.json`` has it."""
        rounded = {name: _rounded(getattr(self, name)) for name in ("value", "floor", "ratio", "noise")}
        return asdict(self) | rounded

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """A row of an earlier file; what an older one did not say is left out."""
        return cls(**{name: document[name] for name in cls.__dataclass_fields__ if name in document})


def _rounded(number: float | None) -> float | None:
    """Four digits say more than any of these are worth."""
    return number if number is None or number == int(number) else float(f"{number:.4g}")
