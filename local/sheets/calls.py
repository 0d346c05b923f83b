"""The record of calls: a short one in memory for tests that count, and a whole one in a file for those that judge bodies."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlencode

from local.clock import now
from local.sheets.wire import Json

MAX_CALLS_KEPT = 10_000
_SECRET_PARAMETERS = ("access_token", "key", "oauth_token")
_TOKEN_PATH = "/token"


class CallBook:
    """The calls seen since the start, numbered from 1, without credentials."""

    def __init__(self) -> None:
        self._calls: deque[Json] = deque(maxlen=MAX_CALLS_KEPT)
        self._count = 0

    def after(self, number: int) -> list[Json]:
        """The calls with a higher number."""
        return [call for call in self._calls if call["n"] > number]

    def note(self, method: str, path: str, query: str, status: int) -> None:
        """Writes one call down; status 0: it got no answer."""
        self._count += 1
        self._calls.append(
            {
                "n": self._count,
                "at": now().isoformat(),
                "method": method,
                "path": path,
                "query": _clean(query),
                "status": status,
            }
        )


class Recorder:
    """Appends each call to a file, one JSON object a line: method, path, query, status, request and response.

    Bodies that are JSON stand there as such, others as their length in `request_bytes` or `response_bytes`. Signing in is
    recorded without bodies, and no header at all is. The file holds what the sheet holds.
    """

    def __init__(self, file: Path) -> None:
        self._stream: TextIO = file.open("a", encoding="utf-8")

    def call(self, method: str, path: str, query: str, status: int, request: bytes, response: bytes) -> None:
        """On disk when this returns."""
        line: Json = {"method": method, "path": path, "query": _clean(query), "status": status}
        if path != _TOKEN_PATH:
            line |= _body("request", request) | _body("response", response)
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """No more calls after this."""
        self._stream.close()


def _body(name: str, content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    try:
        return {name: json.loads(content)}
    except ValueError:
        return {f"{name}_bytes": len(content)}


def _clean(query: str) -> str:
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in _SECRET_PARAMETERS])
