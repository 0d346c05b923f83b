"""How far a long piece of work has come: one line on a terminal's stderr, written over, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_EVERY_SECONDS = 0.1


class Progress:
    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shows = self._stream.isatty()
        self._last = 0.0
        self._long = 0

    def __call__(self, words: str) -> None:
        if not self._shows or time.monotonic() - self._last < _EVERY_SECONDS:
            return
        self._last = time.monotonic()
        self._write(words)

    def clear(self) -> None:
        if self._shows and self._long:
            self._write("")
            self._stream.write("\r")
            self._stream.flush()

    def _write(self, words: str) -> None:
        self._stream.write(f"\r{words.ljust(self._long)}")
        self._stream.flush()
        self._long = len(words)


@contextmanager
def progress() -> Iterator[Progress]:
    """The line goes when the work ends, one way or the other."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.clear()
