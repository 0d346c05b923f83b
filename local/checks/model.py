"""What a check says. A check asks, changes nothing and raises nothing: what it could not ask is a finding too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    GOOD = "good"
    BAD = "bad"
    """It will not work, or does not."""
    DOUBTFUL = "doubtful"
    """It works, and a person should look at it."""
    UNKNOWN = "unknown"
    """It could not be asked."""
    LATER = "later"
    """It depends on something that is not there yet."""


@dataclass(frozen=True)
class Finding:
    """``name`` is what was looked at, ``said`` what was found, ``fix`` the next step where it is not good; no secret in any of them."""

    name: str
    state: State
    said: str
    fix: str = ""

    @property
    def stops(self) -> bool:
        """A deployment would fail on it, or harm."""
        return self.state is State.BAD
