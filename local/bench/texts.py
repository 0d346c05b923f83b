"""Texts measured for all seven networks, beside the same texts cut into what a person calls characters, which each must do at least."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import regex

import networks
from local.bench.figure import Figure
from local.bench.measuring import beside
from local.bench.rows import Bench
from local.run import SAMPLE_ZONE, choose_calendar

_TURNS = 7


def figures(bench: Bench) -> Iterator[Figure]:
    texts = [str(row["text"]) for row in choose_calendar(None, ZoneInfo(SAMPLE_ZONE)).rows for _ in range(10)]
    composers = [networks.composer(name) for name in networks.NAMES]
    cluster = regex.compile(r"\X")

    def measured() -> None:
        for text in texts:
            for composer in composers:
                composer.measure(text)

    def cut() -> None:
        for text in texts:
            for _ in composers:
                len(cluster.findall(text))

    found = beside(measured, cut, _TURNS)
    detail = f"{len(texts)} texts x {len(composers)} networks; the floor cuts them into grapheme clusters"
    yield Figure("texts measured", found.ours, "ms", found.floor, detail=detail, noise=found.noise)
