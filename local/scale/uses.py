"""What a business uses up of the quotas that pass: how many businesses, or posts of one minute, there is enough for. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local.cost.business import CHANNELS, MONTH_DAYS
from local.scale import quotas
from local.scale.house import POLL_SECONDS
from local.scale.measured import BUSY, DRIVE_UNITS_A_LISTING, SMALL, Measured
from local.scale.quotas import Quota
from local.scale.ticks import places, rates

OWN = (quotas.X_USER, quotas.INSTAGRAM, quotas.THREADS, quotas.BLUESKY, quotas.MASTODON)
"""Those of one account at a network: no number of businesses changes them."""
STACK_MB_ZIPPED = 24
"""Layers and functions as ``sam build`` made them in November 2026; a layer that changes stays beside its next version."""
BOOKED_DAYS = 14
_DELIVERIES = 3.0
_DAY = 86_400.0


@dataclass(frozen=True)
class Use:
    """``each`` says what is counted; ``small`` and ``busy`` are how much of the quota one of it takes."""

    quota: Quota
    each: str
    small: float
    busy: float

    def enough_for(self, takes: float) -> int:
        return int(self.quota.value / takes)


def uses(takes: Measured) -> list[Use]:
    sends, units = len(CHANNELS), DRIVE_UNITS_A_LISTING

    def daily(count: Callable[[int], float]) -> tuple[float, float]:
        return count(SMALL), count(BUSY)

    def month(key: str) -> tuple[float, float]:
        return daily(lambda posts: takes.months[posts].counts[key] / MONTH_DAYS)

    def a_second(pair: tuple[float, float]) -> tuple[float, float]:
        return pair[0] / _DAY, pair[1] / _DAY

    def polled(posts: int) -> float:
        return _DAY / POLL_SECONDS * units + posts / MONTH_DAYS * takes.listings * units

    same = [
        (quotas.READS_A_USER, "a post on three channels in that minute", takes.sheet_reads),
        (quotas.READS_A_PROJECT, "a post on three channels in that minute", takes.sheet_reads),
        (quotas.WRITES_A_USER, "a post on three channels in that minute", takes.sheet_writes),
        (quotas.WRITES_A_PROJECT, "a post on three channels in that minute", takes.sheet_writes),
        (quotas.DRIVE_A_USER, "a post on three channels in that minute", takes.listings * units),
        (quotas.DRIVE_A_PROJECT, "a business's polls", units * 60 / POLL_SECONDS),
        (quotas.SERVICE_ACCOUNTS, "a business with one of its own", 1.0),
        (quotas.STORED, "a post on X in that second", takes.stored),
        (quotas.INVOCATIONS, "a send in that second: one to the sender, two of what it says", _DELIVERIES),
        (quotas.GROWN, "a send in those ten seconds, were there one sender for all", 1.0),
        (quotas.FETCHED, "a send in that second", takes.secrets),
        (quotas.DECRYPTED, "a send in that second", takes.secrets),
        (quotas.PARTITION_WRITES, "a send in that second, were there one table for all (the index by month)", takes.month_units),
        (quotas.CODE_GB, "a business, and again with each release that changes a layer", STACK_MB_ZIPPED / 1024),
    ]  # fmt: skip
    booked = daily(lambda posts: len(rates()) + BOOKED_DAYS * posts / MONTH_DAYS * sends)
    found = [
        Use(quotas.PLACES, "a business at rest", *daily(lambda posts: places(takes, posts))),
        Use(quotas.FIRINGS, "a business at rest", *a_second(month("scheduler.firings"))),
        Use(quotas.SCHEDULES, "a business with two weeks booked", *booked),
        Use(quotas.PUTS, "a business", *a_second(month("events.put"))),
        Use(quotas.MAILS, "a business", *month("ses.mails")),
        Use(quotas.DRIVE_A_DAY, "a business", *daily(polled)),
        Use(quotas.X_APP, "a business", *daily(lambda posts: posts / MONTH_DAYS)),
    ]
    return found + [Use(quota, each, one, one) for quota, each, one in same]
