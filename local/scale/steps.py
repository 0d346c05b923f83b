"""Which towns are simulated: each size as one would begin, and with the turn that mends what bends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local.scale.house import House, Shape
from local.scale.measured import BUSY, SMALL
from local.scale.quotas import NEW_PLACES

SIZES = (1, 20, 200, 1_000, 10_000, 50_000)
TWENTY = 20
"""Businesses to an account of AWS and to a Google project: what a consultant has, and fewer than the first quota of either."""
MOST_IN_ONE = 33
QUICK = 200
"""Up to so many the tests simulate again whenever they run; the others in the slower ones."""
_FIVE_MINUTES = 300.0


@dataclass(frozen=True)
class Step:
    name: str
    house: House


def steps() -> list[Step]:
    return [*_stacks(), *_shared(), *_busy()]


def _stacks() -> list[Step]:
    def house(businesses: int) -> House:
        return House(Shape.STACKS, businesses, SMALL)

    keyed = _own_keys(house(20))
    return [
        Step("one account, one project", _own_keys(house(1))),
        Step("in a new account, with ten places", replace(_own_keys(house(1)), places=NEW_PLACES)),
        Step("one service account for all", house(20)),
        Step("one service account for all, everybody at nine", _at_nine(house(20))),
        Step("a service account each, one project, everybody at nine", _at_nine(keyed)),
        Step("the same in a new account, with ten places", replace(_at_nine(keyed), places=NEW_PLACES)),
        Step("thirty-three, the most that fit, everybody at nine", _at_nine(_own_keys(house(MOST_IN_ONE)))),
        Step("one service account for all", house(200)),
        Step("a service account each, one project", _own_keys(house(200))),
        *(Step("twenty to an account and a project", _twenties(house(size))) for size in SIZES[2:]),
    ]


def _shared() -> list[Step]:
    def house(businesses: int) -> House:
        return House(Shape.SHARED, businesses, SMALL)

    def mended(businesses: int) -> House:
        return replace(house(businesses), a_project=TWENTY, a_user=1)

    wide = replace(mended(50_000), places=5_000)
    return [
        Step("one project, one service account", house(200)),
        Step("one project, one service account", house(1_000)),
        Step("a service account each, twenty to a project", mended(1_000)),
        Step("a service account each, twenty to a project", mended(10_000)),
        Step("the same, every business looked at in the same ten seconds", replace(mended(10_000), together=True)),
        Step("posts spread over five minutes", _spread(mended(10_000))),
        Step("a service account each, twenty to a project", mended(50_000)),
        Step("the same, 5,000 places", wide),
        Step("the same, 5,000 places, posts spread over five minutes", _spread(wide)),
    ]


def _busy() -> list[Step]:
    def house(businesses: int) -> House:
        return House(Shape.STACKS, businesses, BUSY)

    return [
        Step("one service account for all", house(20)),
        Step("a service account each, one project", _own_keys(house(20))),
        Step("the same, everybody at nine", _at_nine(_own_keys(house(20)))),
        Step("twenty to an account and a project", _twenties(house(200))),
        Step("twenty to an account and a project", _twenties(house(1_000))),
        Step("a service account each, twenty to a project", House(Shape.SHARED, 1_000, BUSY, a_project=TWENTY, a_user=1)),
    ]  # fmt: skip


def _own_keys(house: House) -> House:
    return replace(house, a_user=1)


def _twenties(house: House) -> House:
    return replace(house, an_account=TWENTY, a_project=TWENTY, a_user=1, ticks=False)


def _at_nine(house: House) -> House:
    return replace(house, all_at_nine=True)


def _spread(house: House) -> House:
    return replace(house, spread_seconds=_FIVE_MINUTES)
