"""After an owner's edit the sheet is looked at in seconds; left alone it would take up to five minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Nudge:
    """Calls ``fire`` once edits have paused for ``quiet_seconds``; ``state`` is ``idle``, ``waiting`` or ``firing``."""

    def __init__(self, fire: Callable[[], Awaitable[None]], quiet_seconds: float) -> None:
        self._fire = fire
        self._quiet_seconds = quiet_seconds
        self._waiting: asyncio.Task[None] | None = None
        self._firing: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> str:
        if self._waiting is not None and not self._waiting.done():
            return "waiting"
        return "firing" if self._firing else "idle"

    def edited(self) -> None:
        """Starts the wait anew."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        await asyncio.sleep(self._quiet_seconds)
        # A task of its own: the next edit cancels the wait, never a look that has begun.
        task = asyncio.create_task(self._look())
        self._firing.add(task)
        task.add_done_callback(self._firing.discard)

    async def _look(self) -> None:
        await self._fire()

    async def close(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        for task in list(self._firing):
            task.cancel()
        await asyncio.gather(*self._firing, return_exceptions=True)
