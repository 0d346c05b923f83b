"""Serves an ASGI app on a free loopback port from a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The app's origin; it is stopped at the end."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.listen()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.graceful_timeout = 0.05
    config.shutdown_timeout = 10  # on a busy computer a question under way takes its time, and is waited for
    config.errorlog = None
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def run() -> None:
        await serve(app, config, shutdown_trigger=stopped.wait)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(timeout=20)
        loop.close()
