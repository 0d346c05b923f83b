"""The part ``plan`` of the page: what the reading of the tables comes to, with the sheet, its pictures and the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.console.judged import judge, with_images
from local.console.planned import clock_changes, closed_days, planned
from local.console.reading import AsRead, Reading
from local.console.stack import Stack
from mesh.ledger.items import Status
from mesh.posts import read_row
from mesh.rulebook import Rulebook, parse_rules


class Plan:
    """Reckoned once for each reading that has anything new."""

    def __init__(self, stack: Stack, reading: Reading) -> None:
        self._stack = stack
        self._reading = reading
        self._of: AsRead | None = None
        self._made_of: Any = None
        self._known: dict[str, Any] = {}
        self._one_at_a_time = asyncio.Lock()

    async def shown(self) -> dict[str, Any] | None:
        """``posts`` by their time, the channels' ``networks``, and the days ``closed`` or with ``turns`` of the clocks. None while nothing
        is known yet.
        """
        read = await self._reading.latest()
        return None if read is None else await self.of(read)

    async def whole(self) -> dict[str, Any]:
        """As ``shown``, and a reading that takes long is waited for."""
        read = await self._reading.latest(patience_seconds=None)
        assert read is not None
        return await self.of(read)

    async def of(self, read: AsRead) -> dict[str, Any]:
        """Of that reading, or of a newer one that another part has brought."""
        async with self._one_at_a_time:
            if read is not self._of and (self._of is None or read.now >= self._of.now):
                rules, grid, files = await asyncio.gather(self._stack.rules(), self._stack.grid(), self._stack.files())
                made_of = (read.posts, read.heads, rules, grid, files, read.now.date())
                if made_of != self._made_of:
                    zone = self._stack.addresses.time_zone
                    self._known = await asyncio.to_thread(_reckon, read, rules, grid, files, zone)
                self._of, self._made_of = read, made_of
            return self._known


def _reckon(
    read: AsRead, rules: str, grid: Mapping[str, Any], files: Sequence[Mapping[str, Any]], default_zone: str
) -> dict[str, Any]:
    rulebook, _ = parse_rules(rules, default_zone=default_zone)
    foretold = _foretold(read.posts, grid, files, rulebook)
    found = planned(read.posts, read.heads, rulebook, foretold, grid["header"])
    first, last = _span(found, read.now, rulebook.zone)
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
