"""The only place that tells the time.

On one computer the stack's clock can be moved forward. The launcher keeps the distance to real time in a small file and names it in
the handlers' environment; reading it costs no remote call.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLOCK_FILE_VARIABLE = "MESH_CLOCK_FILE"


def now() -> datetime:
    """The stack's time, aware, UTC."""
    return machine() + _offset()


def machine() -> datetime:
    """This machine's own clock: ``now`` follows it, and it may be wrong."""
    return datetime.now(UTC)


def ahead_of(answered_at: datetime | None) -> timedelta:
    """How far this machine is ahead of the moment that a service has just named in an answer; nothing where none was named.

    The distance by which the stack's clock was moved is no part of it: services that run on this computer do not know of that.
    """
    return machine() - answered_at if answered_at is not None else timedelta()


def aware(moment: datetime) -> datetime:
    """The same moment in UTC. ValueError for a naive datetime: it names no moment."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone names no moment: {moment.isoformat()}")
    return moment.astimezone(UTC)


def _offset() -> timedelta:
    path = os.environ.get(CLOCK_FILE_VARIABLE)
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=json.loads(Path(path).read_text())["offset_seconds"])
    except FileNotFoundError:
        return timedelta()
