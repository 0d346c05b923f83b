"""How long ``make run`` takes to a page that can be used."""

from __future__ import annotations

from collections.abc import Iterator

from local.bench.figure import Figure
from local.bench.rows import Bench

_AIM_SECONDS = 20


def figures(bench: Bench) -> Iterator[Figure]:
    assert bench.stack
    yield Figure(
        "make run: to a usable page",
        round(bench.usable_seconds, 1),
        "s",
        aim=_AIM_SECONDS,
        detail=f"{bench.servers_seconds:.1f} s of it its servers alone, nothing deployed",
        noise=0.2,
    )
