"""The stack's clock, faster: in small steps, each of which waits for what the one before it has set off, so that nothing is late by it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh, json_object
from local.console.stack import ServerError, Stack

FACTORS = (1, 60, 600, 3600)
STEP_SECONDS = 0.5
UNWATCHED_SECONDS = 10.0
_PATIENCE_SECONDS = 20.0
_LONGEST_STEP = timedelta(minutes=30)


class Speed:
    """One for all pages that are open. ``clock`` (seconds, ever rising) and ``wait`` are time itself."""

    def __init__(
        self,
        stack: Stack,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._stack = stack
        self._clock = clock
        self._wait = wait
        self._factor = 1
        self._ended = ""
        self._asked_at = 0.0
        self._turning = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[Route]:
        return [Route("/api/speed", self.choose, methods=["POST"])]

    async def shown(self) -> dict[str, Any]:
        """How many times as fast, and in a sentence why it ended by itself. Whoever asks is a page that looks on."""
        self._asked_at = self._clock()
        return {"factor": self._factor, "ended": self._ended}

    async def choose(self, request: Request) -> Response:
        """``{"factor": n}``, one of ``FACTORS``; 1 ends it."""
        factor = (await json_object(request, "factor"))["factor"]
        if factor not in FACTORS or isinstance(factor, bool):
            raise HTTPException(400, "The clock goes 1, 60, 600 or 3600 times as fast.")
        self._factor, self._ended, self._asked_at = int(factor), "", self._clock()
        if self._factor > 1 and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run())
        return fresh(await self.shown())

    @asynccontextmanager
    async def by_hand(self) -> AsyncIterator[None]:
        """Somebody turns the clock himself: it goes at its own pace again, and the step that is under way ends first."""
        self._factor = 1
        async with self._turning:
            yield

    async def close(self) -> None:
        self._factor = 1
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        before = self._clock() - STEP_SECONDS
        while self._factor > 1:
            begun = self._clock()
            if begun - self._asked_at > UNWATCHED_SECONDS:
                self._end("Nobody looked on, so the clock goes at its own pace again.")
                return
            try:
                async with self._turning:
                    await self._step(begun - before)
            except ServerError as error:
                self._end(f"The clock goes at its own pace again: {error.sentence}.")
                return
            before = begun
            await self._wait(max(0.0, STEP_SECONDS - (self._clock() - begun)))

    def _end(self, sentence: str) -> None:
        self._factor, self._ended = 1, sentence

    async def _step(self, seconds: float) -> None:
        """For the ``seconds`` that passed since the last one, to the next booking at most: it goes out in its own minute. What runs ends
        first, unless something keeps the stack busy: where much runs the steps are longer, and up to a limit the pace is kept.
        """
        await self._stack.idle(_PATIENCE_SECONDS)
        if self._factor == 1:
            return
        clock, schedules = await asyncio.gather(self._stack.clock(), self._stack.schedules())
        now = datetime.fromisoformat(clock["now"])
        # The clock runs by itself meanwhile: that is the one of the factor's parts.
        goal = now + min(timedelta(seconds=seconds * (self._factor - 1)), _LONGEST_STEP)
        booked = [datetime.fromisoformat(one["at"]) for one in schedules if one["once"]]
        goal = min([goal, *(at for at in booked if at > now)])
        await self._stack.set_clock({"advance_seconds": (goal - now).total_seconds()})
