"""What is shared and can run out: places, requests a minute, requests a second. Each remembers how often it said no, and when first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_MINUTE = 60.0


@dataclass
class Allowance:
    """``name`` is a quota's key: several of one name (a project each) are told of as one."""

    name: str
    asked: int = 0
    refused: int = 0
    refused_first: float | None = None

    def said(self, now: float, wanted: int, granted: int) -> int:
        self.asked += wanted
        if granted < wanted:
            self.refused += wanted - granted
            if self.refused_first is None:
                self.refused_first = now
        return granted


@dataclass
class Places(Allowance):
    """Invocations at a time. ``warm`` processes are kept: a place that nobody is in starts warm."""

    limit: int = 1_000
    taken: int = 0
    most: int = 0

    def take(self, now: float, wanted: int = 1) -> int:
        """How many of them there is a place for."""
        granted = self.said(now, wanted, min(wanted, self.limit - self.taken))
        self.taken += granted
        self.most = max(self.most, self.taken)
        return granted

    def give(self, count: int = 1) -> None:
        self.taken -= count


@dataclass
class Minutes(Allowance):
    """So many in each minute of the clock, as Google counts."""

    limit: float = 300
    _minute: int = -1
    _used: float = 0.0

    def left(self, now: float, wanted: float = 1) -> bool:
        minute = int(now // _MINUTE)
        return minute != self._minute or self._used + wanted <= self.limit

    def use(self, now: float, wanted: float = 1) -> None:
        minute = int(now // _MINUTE)
        if minute != self._minute:
            self._minute, self._used = minute, 0.0
        self._used += wanted
        self.asked += 1

    def refuse(self, now: float) -> None:
        self.said(now, 1, 0)


def take_all(now: float, wanted: list[tuple[Minutes, float]]) -> bool:
    """Of each, or of none: a request counts against the service account and against its project."""
    for minutes, count in wanted:
        if not minutes.left(now, count):
            minutes.refuse(now)
            return False
    for minutes, count in wanted:
        minutes.use(now, count)
    return True


@dataclass
class Tokens(Allowance):
    """``a_second`` come in, and ``ready`` lie there at most. Whoever finds none is turned away."""

    a_second: float = 50.0
    ready: float = 50.0
    _level: float = math.inf
    _at: float = 0.0

    def take(self, now: float) -> bool:
        self._level = min(self.ready, self._level + (now - self._at) * self.a_second)
        self._at = now
        if self.said(now, 1, int(self._level >= 1)):
            self._level -= 1
            return True
        return False


@dataclass
class Line(Allowance):
    """``a_second`` pass; whoever comes sooner waits for their turn, and is late rather than turned away."""

    a_second: float = 1_000.0
    longest_wait: float = 0.0
    _free: float = field(default=0.0)

    def turn(self, now: float, count: int = 1) -> float:
        """When the last of ``count`` has passed."""
        self.asked += count
        begins = max(now, self._free)
        self._free = begins + count / self.a_second
        waited = begins - now
        if waited > 1.0 and self.refused_first is None:
            self.refused_first = now
        if waited > 1.0:
            self.refused += count
        self.longest_wait = max(self.longest_wait, waited)
        return self._free
