"""Which groups of figures there are, in the order of the table, and the one local stack they share, started when first asked for."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from local.bench.figure import Figure
from local.console.serve import listening
from local.run import SAMPLE_ZONE, choose_calendar
from local.stack import PREFIX, Stack

Rows = Callable[["Bench"], Iterator[Figure]]

GROUPS: Mapping[str, str] = {
    "cold": "local.bench.cold:figures",
    "packages": "local.bench.packages:figures",
    "start": "local.bench.starting:figures",
    "calls": "local.bench.remote:figures",
    "drafts": "local.bench.drafting:figures",
    "sheet": "local.bench.sheet:figures",
    "ticks": "local.bench.ticks:figures",
    "pictures": "local.bench.pictures:figures",
    "networks": "local.bench.networks:figures",
    "minute": "local.bench.minute:figures",
    "clicks": "local.bench.clicks:figures",
    "texts": "local.bench.texts:figures",
    "links": "local.bench.links:figures",
}
"""By name, as ``--only`` takes it: where the function stands that measures the group."""


def rows(group: str) -> Rows:
    """Imported when it is wanted, so that one group does not bear the others' memory."""
    module, _, name = GROUPS[group].partition(":")
    found: Rows = getattr(import_module(module), name)
    return found


@contextmanager
def new_stack(*, counting: bool = False) -> Iterator[Stack]:
    """One that is not started yet, with rows that are taken up at once; it is stopped and forgotten at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, closing(listening(0)) as placeholder:
        stack = Stack(Path(folder), SAMPLE_ZONE, placeholder.getsockname()[1], {"QuietMinutes": "0"}, counting=counting)
        try:
            yield stack
        finally:
            stack.stop()


class Bench:
    """One run of the bench. ``stack`` is the whole mesh with the sample's calendar, synced once; groups share it in their order."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.servers_seconds = 0.0
        self.usable_seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def stack(self) -> Stack:
        stack = self._open.enter_context(new_stack())
        began = time.monotonic()
        stack.start(lambda line: None)
        self.servers_seconds = time.monotonic() - began
        stack.deploy(lambda line: None)
        stack.load(choose_calendar(None, ZoneInfo(SAMPLE_ZONE)), lambda line: None)
        stack.fire(f"{PREFIX}-drive-sync")
        self.usable_seconds = time.monotonic() - began
        stack.idle()
        return stack
