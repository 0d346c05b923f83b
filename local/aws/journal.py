"""Numbered records (events, invocations, mails) that a reader follows with ``after=SEQ``; the last few thousand stay,
on disk as well.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from pathlib import Path
from typing import Any


class Journal:
    """Appends one JSON line a record and rewrites the file when it holds twice what is kept. Thread-safe."""

    def __init__(self, path: Path, keep: int) -> None:
        self._path = path
        self._keep = keep
        self._lock = threading.Lock()
        self._records: deque[dict[str, Any]] = deque(maxlen=keep)
        if path.exists():
            for line in path.read_text().splitlines():
                try:
                    self._records.append(json.loads(line))
                except json.JSONDecodeError:
                    continue  # a line cut short by a kill
        self._seq = self._records[-1]["seq"] if self._records else 0
        self._rewrite()

    def append(self, **record: Any) -> int:
        with self._lock:
            self._seq += 1
            self._records.append({"seq": self._seq, **record})
            if self._lines >= 2 * self._keep:
                self._rewrite()
            else:
                with self._path.open("a") as file:
                    file.write(json.dumps(self._records[-1]) + "\n")
                self._lines += 1
            return self._seq

    def after(self, seq: int) -> list[dict[str, Any]]:
        with self._lock:
            return [record for record in self._records if record["seq"] > seq]

    def one(self, seq: int) -> dict[str, Any] | None:
        with self._lock:
            return next((record for record in self._records if record["seq"] == seq), None)

    def _rewrite(self) -> None:
        waiting = self._path.with_suffix(".tmp")
        waiting.write_text("".join(json.dumps(record) + "\n" for record in self._records))
        waiting.replace(self._path)
        self._lines = len(self._records)
