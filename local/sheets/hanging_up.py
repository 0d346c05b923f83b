"""Closing a connection in the middle of an answer, or before it, which ASGI has no word for."""

from __future__ import annotations

from typing import Any

from hypercorn.protocol.events import StreamClosed
from starlette.types import Send


async def hang_up(send: Send) -> None:
    """Closes the connection that this `send` of hypercorn belongs to; nothing more goes out on it.

    hypercorn answers 500 for an application that ends without an answer. But `send` is a method of its HTTPStream, and a
    stream said to be closed in the middle takes its HTTP/1.1 connection along: a private way in, held by a test.
    """
    innermost: Any = send
    while hasattr(innermost, "__wrapped__"):
        innermost = innermost.__wrapped__
    stream = innermost.__self__
    await stream.send(StreamClosed(stream_id=stream.stream_id))
