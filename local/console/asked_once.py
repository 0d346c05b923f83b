"""One question for all who ask it while it is under way: the parts of the page ask at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")


class AskedOnce(Generic[_Answer]):
    """Who goes away does not take the answer from the others."""

    def __init__(self, question: Callable[[], Awaitable[_Answer]]) -> None:
        self._question = question
        self._asking: asyncio.Task[_Answer] | None = None

    async def answer(self) -> _Answer:
        """Of the question that is under way, else of a new one."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> _Answer:
        return await self._question()

    async def close(self) -> None:
        """Waits for what is under way."""
        if self._asking is not None:
            await asyncio.gather(self._asking, return_exceptions=True)
