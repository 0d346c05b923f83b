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
    return datetime.now(UTC) + _offset()


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
