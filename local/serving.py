"""hypercorn, and an end to it: since Python 3.12 a server that closes waits for every connection, also for one that hangs for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config


async def serve_until(app: object, config: Config, stopping: Callable[[], Awaitable[object]]) -> None:
    """Serves ``app`` until ``stopping`` is over; a call under way then has twice ``graceful_timeout`` seconds at most."""
    over = asyncio.Event()

    async def stopped() -> None:
        await stopping()
        over.set()

    serving = asyncio.create_task(serve(cast(Any, app), config, shutdown_trigger=stopped))
    waiting = asyncio.create_task(over.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.wait({serving}, timeout=2 * config.graceful_timeout)
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
