"""What a tick and a post take: ``measured.json``, counted on the deployed template (``measuring``), in local/cost's times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.cost.business import CHANNELS
from local.cost.durations import seconds_of

FILE = Path(__file__).parent / "measured.json"
NETWORKS = tuple(channel.partition("-")[0] for channel in CHANNELS)
SMALL, BUSY = 60, 600
DRIVE_UNITS_A_LISTING = 100


@dataclass(frozen=True)
class Measured:
    """``months`` by posts a month; the rest is of one post on three channels that goes out.

    ``send_seconds`` by network; ``sync_seconds`` and ``tell_seconds`` of one run of drive-sync and notifier after it. ``gates``: how often
    a send reads its row and lists its picture. ``sheet_reads``, ``sheet_writes``, ``listings``: of the whole post; ``sync_reads`` and
    ``sync_writes``: of one run of drive-sync. ``stored``: secrets written for its send on X; ``secrets``: read and written for one send.
    ``month_units``: of DynamoDB, for one send, on the index by month.
    """

    counted_on: str
    months: Mapping[int, Month]
    send_seconds: Mapping[str, float]
    cold_seconds: float
    sync_seconds: float
    tell_seconds: float
    gates: int
    sync_reads: float
    sync_writes: float
    sheet_reads: float
    sheet_writes: float
    listings: float
    stored: float
    secrets: float
    month_units: float


@dataclass(frozen=True)
class Month:
    """``counts`` by price, ``tick_seconds`` what a run of each function takes, on average."""

    counts: Mapping[str, float]
    tick_seconds: Mapping[str, float]


@cache
def measured() -> Measured:
    return read(json.loads(FILE.read_text("utf-8")))


def read(kept: Mapping[str, Any]) -> Measured:
    post, memory = kept["post"], kept["memory_mb"]
    sends = len(NETWORKS)
    sender = post["functions"]["sender"]
    own = {who: count for who, count in sender["remote"].items() if who not in NETWORKS}
    shared = seconds_of(sender["cpu_seconds"], memory["sender"], sender["calls"], own) / sends
    gates = round(post["google"]["drive list"] / sends)
    runs = post["functions"]["drive-sync"]["invocations"]
    return Measured(
        counted_on=kept["counted_on"],
        months={
            int(name): Month(month["counts"], month["tick_seconds"]) for name, month in kept["months"].items()
        },
        send_seconds={
            name: shared + seconds_of(0.0, memory["sender"], {}, {name: sender["remote"].get(name, 0)})
            for name in NETWORKS
        },
        cold_seconds=kept["sender_start_seconds"],
        sync_seconds=_each(post["functions"]["drive-sync"], memory["drive-sync"]),
        tell_seconds=_each(post["functions"]["notifier"], memory["notifier"]),
        gates=gates,
        sync_reads=(post["google"]["sheets read"] - gates * sends) / runs,
        sync_writes=post["google"]["sheets write"] / runs,
        sheet_reads=post["google"]["sheets read"],
        sheet_writes=post["google"]["sheets write"],
        listings=post["google"]["drive list"] + post["google"]["drive changes"],
        stored=post["stored"],
        secrets=sender["calls"]["secretsmanager"] / sends,
        month_units=post["month_units"] / sends,
    )  # fmt: skip


def _each(function: Mapping[str, Any], memory_mb: int) -> float:
    whole = seconds_of(function["cpu_seconds"], memory_mb, function["calls"], function["remote"])
    return whole / float(function["invocations"])
