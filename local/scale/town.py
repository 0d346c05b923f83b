"""The businesses, and what they have due in an hour that is the worst of the day. Pure but for the seed.

People plan for full hours: a quarter of all posts is for nine, a fifth each for noon and five, the rest for the half hours between eight
and eight. So the herd is at nine in the zone that most are in, on every channel at once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from local.cost.business import MONTH_DAYS

SEED = 20261122
_HERDS = {9.0: 0.25, 12.0: 0.20, 17.0: 0.20}
_FIRST, _LAST = 8.0, 20.0
GAP_SECONDS = 300.0
"""Between two posts of a business on a channel, as a rules doc has it."""

HOURS_EAST = (("Europe/Berlin", 1.0, 0.45), ("Europe/London", 0.0, 0.15), ("America/New_York", -5.0, 0.20),
              ("America/Los_Angeles", -8.0, 0.10), ("Asia/Singapore", 8.0, 0.10))  # fmt: skip
"""Zones, on a winter's day, and how many of a thousand and more are in each; fewer are neighbours, all in the first."""
NEIGHBOURS = 1_000

BEGINS_UTC, ENDS_UTC = 7.75, 9.25
"""Nine in Berlin, London's nine and Singapore's five are in it. What is due in it is followed to its end."""

_LONG = (ENDS_UTC - BEGINS_UTC) * 3600


@dataclass(frozen=True)
class Business:
    number: int
    hours_east: float
    posts: tuple[float, ...]
    """Seconds from the hour's beginning, in order."""


def _slots() -> list[tuple[float, float]]:
    """Local hours, and the share of posts up to and with each."""
    halves = [_FIRST + number / 2 for number in range(int((_LAST - _FIRST) * 2))]
    plain = [hour for hour in halves if hour not in _HERDS]
    each = (1 - sum(_HERDS.values())) / len(plain)
    found, total = [], 0.0
    for hour in halves:
        total += _HERDS.get(hour, each)
        found.append((hour, total))
    return found


_SLOTS = _slots()


def businesses(count: int, posts_a_month: int, seed: int = SEED, *, all_at_nine: bool = False) -> Iterator[Business]:
    """The same count, posts and seed give the same town; of neighbours a larger one begins with the smaller one's businesses.

    ``all_at_nine``: the worst day, on which every one of them has a post for nine.
    """
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        draw = chance.random()
        east = HOURS_EAST[0][1] if count < NEIGHBOURS else _zone(draw)
        posts = _due(chance, posts_a_month, east)
        if all_at_nine:
            posts = tuple(sorted({*posts, *_within(9.0, east)}))
        yield Business(number, east, posts)


def _zone(draw: float) -> float:
    for _, east, share in HOURS_EAST:
        draw -= share
        if draw < 0:
            return east
    return HOURS_EAST[-1][1]


def _due(chance: random.Random, posts_a_month: int, hours_east: float) -> tuple[float, ...]:
    whole, rest = divmod(posts_a_month / MONTH_DAYS, 1)
    posts = int(whole) + (chance.random() < rest)
    hours = sorted(_slot(chance.random()) for _ in range(posts))
    found: list[float] = []
    last = float("-inf")
    for hour in hours:
        moment = max((hour - hours_east - BEGINS_UTC) * 3600, last + GAP_SECONDS)
        last = moment
        if 0 <= moment < _LONG:
            found.append(moment)
    return tuple(found)


def _within(hour: float, hours_east: float) -> Iterator[float]:
    moment = (hour - hours_east - BEGINS_UTC) * 3600
    if 0 <= moment < _LONG:
        yield moment


def _slot(draw: float) -> float:
    return next((hour for hour, share in _SLOTS if draw < share), _SLOTS[-1][0])
