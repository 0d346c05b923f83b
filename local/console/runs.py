"""What ran: the journal of the invocations, followed once for all parts of the page."""

from __future__ import annotations

from collections import deque
from typing import Any

from local.console.asked_once import AskedOnce
from local.console.mesh_journal import Run, counted
from local.console.stack import Stack

_KEPT = 2_000  # as many as the AWS side keeps


class Runs:
    """``last`` is the number of the newest one that has ended, ``counts`` are by function as ``mesh_journal.counted`` has them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._kept: deque[Run] = deque(maxlen=_KEPT)
        self._new = AskedOnce(self._take_new)
        self.last = 0
        self.counts: dict[str, dict[str, Any]] = {}

    async def follow(self) -> list[Run]:
        """All that are kept, oldest first, with those that ended since the last look."""
        await self._new.answer()
        return list(self._kept)

    async def _take_new(self) -> None:
        new = [Run(record) for record in await self._stack.invocations(self.last)]
        if new:
            self._kept.extend(new)
            self.last = max(run.record["seq"] for run in new)
            self.counts = counted(self._kept)

    async def close(self) -> None:
        await self._new.close()
