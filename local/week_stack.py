"""The stack as a week uses it: thousands of small questions, so one HTTP client for all of them, and the clock read from its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from local.calendars.model import Calendar
from local.console.serve import listening
from local.run import SAMPLE_ZONE
from local.stack import Stack


@dataclass
class WeekStack(Stack):
    """``requests`` serves every question to a server of ours; making a client for each would cost more than the answer.

    ``pace`` are further options of the AWS side.
    """

    pace: Sequence[str] = ()
    requests: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=60))

    def _launch(self, name: str, *options: str) -> None:
        super()._launch(name, *options, *(self.pace if name == "aws" else ()))

    def now(self) -> datetime:
        offset_seconds = float(json.loads(self.clock_file.read_text())["offset_seconds"])
        return datetime.now(UTC) + timedelta(seconds=offset_seconds)

    def get(self, url: str, timeout_seconds: float = 30) -> Any:
        return self.requests.get(url, timeout=timeout_seconds).raise_for_status().json()

    def post(self, url: str, body: Mapping[str, Any], timeout_seconds: float = 60) -> Any:
        answer = self.requests.post(url, json=dict(body), timeout=timeout_seconds).raise_for_status()
        return answer.json() if answer.content else None

    def remove(self, url: str) -> None:
        self.requests.delete(url).raise_for_status()

    def stop(self) -> None:
        super().stop()
        self.requests.close()


@contextmanager
def deployed(
    folder: Path,
    calendar: Calendar,
    tell: Callable[[str], None],
    pace: Sequence[str] = (),
    parameters: Mapping[str, str] = MappingProxyType({"Receipts": "each"}),
) -> Iterator[WeekStack]:
    """The template on the local AWS side, with a calendar in the sheet; a receipt for each post unless told otherwise."""
    with closing(listening(0)) as placeholder:  # nothing is served on it: the links are opened at the Function URL
        stack = WeekStack(folder, SAMPLE_ZONE, placeholder.getsockname()[1], dict(parameters), pace=pace)
        try:
            stack.start(lambda line: None)
            stack.deploy(tell)
            stack.load(calendar, tell)
            yield stack
        finally:
            stack.stop()
