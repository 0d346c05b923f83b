"""A stack for what is not about how long it takes: a busy computer may take its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from local import ROOT
from local.calendars.model import Calendar
from local.console.serve import listening
from local.week_stack import WeekStack


class Unhurried(WeekStack):
    def idle(self, timeout_seconds: float = 600) -> None:
        super().idle(timeout_seconds)


Some = TypeVar("Some", bound=Unhurried)


@contextmanager
def unhurried(folder: Path, calendar: Calendar, tree: Path = ROOT, kind: type[Some] = Unhurried) -> Iterator[Some]:  # type: ignore[assignment]
    """The template of a tree, with its code, on the local AWS side, and a calendar in the sheet."""
    with closing(listening(0)) as placeholder:  # nothing is served on it: the links are opened at the Function URL
        stack = kind(folder, "Europe/Berlin", placeholder.getsockname()[1], {"Receipts": "each"})
        stack.template = tree / "template.yaml"
        try:
            stack.start(lambda _: None)
            stack.deploy(print)
            stack.load(calendar, print)
            yield stack
        finally:
            stack.stop()
