"""The part ``plan`` of the page: what is read of the tables for it, and when it is read anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.console.judged import judge, with_images
from local.console.planned import clock_changes, closed_days, planned
from local.console.stack import Stack
from mesh.batches import is_batch
from mesh.ledger.items import Head, Status, read_head, read_status
from mesh.ledger.proposals import DRAFTING
from mesh.posts import read_row
from mesh.rulebook import Rulebook, parse_rules

AGAIN_AFTER_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
"""After the newest event: what it set off is in the tables soon after it, and not at once."""

ANYWAY_SECONDS = 30.0
_REST = 4  # times as long as a reading took: where much happens a large calendar is not read all the time
_LONGEST_REST_SECONDS = 10.0


class Plan:
    """``seconds`` tells a time that only runs forward."""

    def __init__(self, stack: Stack, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._stack = stack
        self._seconds = seconds
        self._event = 0
        self._due: list[float] = []
        self._rests_until = 0.0
        self._known: dict[str, Any] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def shown(self) -> dict[str, Any]:
        """``posts`` by their time, the channels' ``networks``, and the days ``closed`` or with ``turns`` of the clocks."""
        async with self._one_at_a_time:
            if await self._is_stale() or self._known is None:
                begun = self._seconds()
                self._known = await self._read()
                ended = self._seconds()
                self._rests_until = ended + min((ended - begun) * _REST, _LONGEST_REST_SECONDS)
            return self._known

    async def _is_stale(self) -> bool:
        """One cheap question: is there an event that was not seen? Its consequences are looked for a few times more."""
        now = self._seconds()
        if fresh := await self._stack.events(self._event):
            self._event = max(event["seq"] for event in fresh)
            self._due = [now + after for after in AGAIN_AFTER_SECONDS]
        elif not self._due:
            self._due = [now + ANYWAY_SECONDS]
        if now < self._rests_until:
            return False
        stale = self._due[0] <= now
        self._due = [moment for moment in self._due if moment > now]
        return stale

    async def _read(self) -> dict[str, Any]:
        statuses, heads, rules, grid, files, clock = await asyncio.gather(
            self._stack.scan("status"),
            self._stack.heads(),
            self._stack.rules(),
            self._stack.grid(),
            self._stack.files(),
            self._stack.clock(),
        )
        zone = self._stack.addresses.time_zone
        return await asyncio.to_thread(_reckon, statuses, heads, rules, grid, files, clock["now"], zone)


def _reckon(
    statuses: Sequence[Mapping[str, Any]],
    heads: Sequence[Mapping[str, Any]],
    rules: str,
    grid: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
    now: str,
    default_zone: str,
) -> dict[str, Any]:
    rulebook, _ = parse_rules(rules, default_zone=default_zone)
    posts = [read_status(item) for item in statuses]
    posts = [post for post in posts if post.open != DRAFTING and not is_batch(post.post_id)]
    by_post: dict[str, list[Head]] = {}
    for item in heads:
        head = read_head(item)
        by_post.setdefault(head.post_id, []).append(head)
    found = planned(posts, by_post, rulebook, _foretold(posts, grid, files, rulebook), grid["header"])
    first, last = _span(found, datetime.fromisoformat(now), rulebook.zone)
    return {
        "posts": found,
        "networks": {name: channel.network for name, channel in rulebook.channels.items()},
        "closed": closed_days(rulebook, first, last),
        "turns": clock_changes(rulebook.zone, first, last),
    }


def _foretold(
    posts: Sequence[Status], grid: Mapping[str, Any], files: Sequence[Mapping[str, Any]], rulebook: Rulebook
) -> dict[str, Any]:
    """What is wrong with rows that the mesh has made no package of yet, and said nothing about."""
    silent = {
        post.post_id for post in posts if not post.row_problems and post.current_revision is None and not post.problems
    }
    hashes = {str(file["name"]): str(file["md5"]) for file in files}
    found = {}
    for cells in grid["rows"]:
        row = read_row(dict(zip(grid["header"], cells, strict=False)))
        if row.post_id in silent:
            found[row.post_id] = judge(replace(row, images=with_images(row, hashes)), rulebook)
    return found


def _span(posts: Sequence[Mapping[str, Any]], now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """From the month before the first post or today to two months after the last."""
    moments = [now, *(datetime.fromisoformat(post["goes_at"]) for post in posts if post["goes_at"])]
    days = [moment.astimezone(zone).date().replace(day=1) for moment in moments]
    return min(days) - timedelta(days=31), max(days) + timedelta(days=100)
