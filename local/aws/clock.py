"""The stack's clock: real time plus an offset kept in a small file that the functions read as well.

MiniStack knows only real time. The file is the single truth: this process reads it through ``local.clock`` like
everyone else, and it is written whole (temporary file, then replace) before anything fires, so that a function never
sees an older time than its cause.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from local.clock import now


class ClockMoveError(ValueError):
    """The clock was asked to go back, or to start anew after something has fired."""


class StackClock:
    """``path`` is what MESH_CLOCK_FILE names, in this process and in the functions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            self._write(0.0)

    @property
    def offset_seconds(self) -> float:
        return float(json.loads(self._path.read_text())["offset_seconds"])

    def now(self) -> datetime:
        return now()

    def advance(self, seconds: float) -> None:
        """ClockMoveError unless ``seconds`` is zero or more."""
        if not seconds >= 0:
            raise ClockMoveError("the clock only moves forward")
        self._write(self.offset_seconds + seconds)

    def set_to(self, moment: datetime) -> None:
        """Any time, forward or back; whether that is still allowed is the caller's to know."""
        self._write((moment - datetime.now(UTC)).total_seconds())

    def _write(self, offset_seconds: float) -> None:
        waiting = self._path.with_suffix(".tmp")
        waiting.write_text(json.dumps({"offset_seconds": offset_seconds}))
        waiting.replace(self._path)
