"""How close together posts went out on one channel, and whether that was closer than the rules in force allow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from local.week_rules import Doc

TEN_MINUTES = timedelta(minutes=10)
_AT_ONCE = timedelta(seconds=130)  # what is due in under two minutes is sent at once: so much closer two may come
_LATE = timedelta(minutes=2)
_APART_WHEN_LATE = timedelta(minutes=1)  # where the owner asked for no gap, late ones still do not come all at once


@dataclass(frozen=True)
class Out:
    """One public post. ``stray``: the network carried its request out when it liked."""

    channel: str
    number: int
    at: datetime
    late: timedelta
    stray: bool = False


@dataclass(frozen=True)
class Distance:
    """Two neighbours on a channel, and the least distance that the rules want between them."""

    first: Out
    second: Out
    wanted: timedelta

    @property
    def span(self) -> timedelta:
        return self.second.at - self.first.at

    @property
    def too_close(self) -> bool:
        return self.span < self.wanted


def distances(outs: Iterable[Out], doc: Doc) -> list[Distance]:
    """Every two neighbours of every channel; strays left out. An edit of the rules counts once it must have been seen."""
    found = []
    for channel in _by_channel(outs):
        for first, second in pairwise(channel):
            gap = min(rules.gap for moment in (first.at, second.at) for rules in doc.around(moment))
            both_late = first.late > _LATE and second.late > _LATE
            wanted = max(gap - _AT_ONCE, _APART_WHEN_LATE if both_late else timedelta())
            found.append(Distance(first, second, wanted))
    return found


def most_within(outs: Iterable[Out], span: timedelta = TEN_MINUTES) -> int:
    """The largest number that went out on one channel within ``span``."""
    most = 0
    for channel in _by_channel(outs):
        for number, first in enumerate(channel):
            most = max(most, sum(one.at < first.at + span for one in channel[number:]))
    return most


def _by_channel(outs: Iterable[Out]) -> Iterator[list[Out]]:
    kept = sorted((one for one in outs if not one.stray), key=lambda one: one.at)
    for name in sorted({one.channel for one in kept}):
        yield [one for one in kept if one.channel == name]
