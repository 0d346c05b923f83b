"""Fifty posts that are due in the same minute, on three channels each: how late they are, and that each is out once.

The floor is the network servers' own rate: as many of the same posts, published by the same code straight to them, a thread for each
channel. So the ratio is what approval, booking, the ledger, the audit and the emulated AWS cost on top, all of it on this computer.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from local.bench.figure import Figure
from local.bench.networks import publish
from local.bench.rows import Bench, new_stack
from local.calendars.model import Calendar
from local.run import SAMPLE_ZONE
from local.stack import HERE, Stack
from local.story_world import World
from mesh.clock import aware
from networks import network
from networks.model import Account, Draft

_POSTS = 50
_CHANNELS = ("bluesky-main", "mastodon-main", "bluesky-second")
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.5
_AGAIN = timedelta(minutes=4)  # later than that is what came at a later try
_ENDED = {"sent", "failed"}
_AHEAD = timedelta(seconds=5)


def figures(bench: Bench) -> Iterator[Figure]:
    zone = ZoneInfo(SAMPLE_ZONE)
    with new_stack() as stack:
        stack.start(lambda line: None)
        stack.deploy(lambda line: None)
        due = _noon_after(stack.now(), zone)
        stack.load(_calendar(due), lambda line: None)
        world = World(stack)
        _book(world)
        world.move_clock(due - _AHEAD)
        _wait(world)
        late = _lateness(world, due)
        doubled, missing = _public(stack)
        floor = _floor(stack)
    several = f"{_POSTS} posts x {len(_CHANNELS)} channels due in one minute"
    detail = f"{doubled} out twice, {missing} not out"
    yield Figure(f"{several}: doubled or missing", doubled + missing, "posts", aim=0, detail=detail)
    again = sum(one > _AGAIN.total_seconds() for one in late)
    tenths = statistics.quantiles(late, n=10)
    detail = "late by, tenth by tenth: " + " ".join(f"{one:.1f}" for one in (*tenths, max(late))) + " s"
    if again:
        detail += f"; {again} were asked to come again by their network"
    at_once = max(one for one in late if one <= _AGAIN.total_seconds())
    yield Figure(f"{several}: until all that may at once are out", at_once, "s", floor=floor, detail=detail, noise=0.2)


def _noon_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Of the day after tomorrow, so that there is time to approve."""
    day = now.astimezone(zone) + timedelta(days=2)
    return day.replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


def _calendar(due: datetime) -> Calendar:
    wall = due.astimezone(ZoneInfo(SAMPLE_ZONE))
    when = {"date": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "channels": ", ".join(_CHANNELS)}
    return Calendar(rows=tuple({**when, "text": _text(number)} for number in range(_POSTS)))


def _text(number: int) -> str:
    return f"Bake of the hour, number {number:02}: come while it is warm."


def _book(world: World) -> None:
    """From rows to bookings, as an owner would: the cards approved by their buttons."""
    for _ in range(2):
        world.sync()
        world.approve(world.new_cards())
        world.settle()
    wanted = _POSTS * len(_CHANNELS)
    found = sum(1 for head in world.heads() if head.get("booking"))
    if found != wanted:
        raise RuntimeError(f"{found} of {wanted} are booked: {Counter(row['status'] for row in world.rows())}")


def _wait(world: World) -> None:
    """Until every head has come to an end; where a network asked to be left alone for a while, that while is skipped."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while rest := [head for head in world.heads() if head["state"] not in _ENDED]:
        if time.monotonic() > until:
            raise RuntimeError(f"not all out: {Counter(head['state'] for head in rest)}")
        waiting = [head["booking"]["at"] for head in rest if head["state"] == "retry" and head.get("booking")]
        if len(waiting) == len(rest) and (soonest := _moment(min(waiting))) > world.stack.now():
            world.move_clock(soonest)
        time.sleep(_LOOK_SECONDS)
    world.settle()


def _moment(text: str) -> datetime:
    return aware(datetime.fromisoformat(text))


def _lateness(world: World, due: datetime) -> list[float]:
    """Seconds after the planned moment at which each was published, by the stack's clock."""
    return [(at - due).total_seconds() for at in world.sent_at()]


def _public(stack: Stack) -> tuple[int, int]:
    """How many are out more than once, and how many not at all, by what the networks show to everybody."""
    feed = stack.get(f"{stack.networks['bluesky']}/_local/feed")
    shown = Counter((post["network"], post["account_id"], post["text"]) for post in feed)
    return sum(count - 1 for count in shown.values()), _POSTS * len(_CHANNELS) - len(shown)


def _floor(stack: Stack) -> float:
    """Seconds for as many posts straight to the servers, a thread for each channel."""

    def publish_all(channel: str) -> None:
        told = stack.accounts[channel]
        account = Account(told["network"], told["account_id"], told["host"], told["credentials"])
        with httpx.Client(timeout=30, **HERE) as http:
            account = network(account.network).refresh(http, account, stack.now()) or account  # two days old by now
            for number in range(_POSTS):
                publish(http, account, Draft(f"Straight from the oven, number {number:02}"), _NoPictures())

    began = time.monotonic()
    with ThreadPoolExecutor(len(_CHANNELS)) as pool:
        list(pool.map(publish_all, _CHANNELS))
    return time.monotonic() - began


class _NoPictures:
    def __call__(self, sha256: str) -> bytes:
        raise KeyError(sha256)

    def address(self, sha256: str) -> str:
        raise KeyError(sha256)
