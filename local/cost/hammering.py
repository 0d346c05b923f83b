"""What somebody who hammers the public doors all month could cost, at most. Pure.

Lambda lets a Function URL's function run as many requests at once as its reserved concurrency allows, else as the whole account does, and
takes ten times that many a second (Developer Guide, "Understanding Lambda function scaling"). What is turned away costs nothing. So the
dearest a stranger can be is to fill every place all month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.cost.bill import log_bytes
from local.cost.durations import duration_of
from local.cost.operations import charged_as
from local.cost.prices import PRICES

MONTH_SECONDS = 30 * 86_400.0
ACCOUNT_CONCURRENCY = 1000
NEW_ACCOUNT_CONCURRENCY = 10
_A_SECOND_FOR_EACH = 10
_SHORTEST_SECONDS = 0.001
_GB = 1e9


@dataclass(frozen=True)
class Hit:
    """One request of a kind: what it takes, and what a million of them cost."""

    name: str
    function: str
    seconds: float
    memory_mb: int
    reads: float
    writes: float
    calls: float
    log_bytes: float
    answered_bytes: float
    usd: float

    def month_usd(self, concurrency: int) -> float:
        """All places taken all month."""
        return self.month_requests(concurrency) * self.usd

    def month_requests(self, concurrency: int) -> float:
        busy = concurrency / max(self.seconds, _SHORTEST_SECONDS)
        return min(busy, float(_A_SECOND_FOR_EACH * concurrency)) * MONTH_SECONDS


def hits_of(kinds: Sequence[Mapping[str, Any]], memory_mb: Mapping[str, int]) -> list[Hit]:
    """``kinds`` as ``hostile.Kind`` is in JSON."""
    return [
        hit_of(kind["name"], kind["function"], kind["times"], kind["figures"], memory_mb[kind["function"]])
        for kind in kinds
    ]


def hit_of(name: str, function: str, times: int, figures: Mapping[str, Any], memory_mb: int) -> Hit:
    """``figures`` are the tally of ``times`` warm requests. The log is taken as written, the answer as sent out to the internet."""
    own = figures["functions"][function]
    calls: dict[str, int] = {}
    priced = 0.0
    for service, action, caller, count in figures["calls"]:
        if caller == function and count:
            calls[service] = calls.get(service, 0) + count
            key = charged_as(service, action)
            priced += PRICES[key].cost(count) if key else 0.0
    duration = duration_of({**own, "init_cpu_seconds": 0.0, "cold": 0, "bursts": 0}, memory_mb, 0.0, calls, {})
    reads = sum(row[-1] for row in figures["units"] if row[2] == function and row[3] == "read")
    writes = sum(row[-1] for row in figures["units"] if row[2] == function and row[3] == "write")
    written, answered = log_bytes({**own, "cold": 0}), own["answered_bytes"]
    usd = priced + sum(
        PRICES[key].cost(amount)
        for key, amount in {
            "lambda.requests": own["invocations"],
            "lambda.gb_seconds": duration.gb_seconds,
            "dynamodb.reads": reads,
            "dynamodb.writes": writes,
            "logs.ingested": written / _GB,
            "transfer.out": answered / _GB,
        }.items()
    )
    return Hit(
        name,
        function,
        (duration.computing + duration.waiting) / times,
        memory_mb,
        reads / times,
        writes / times,
        sum(calls.values()) / times,
        written / times,
        answered / times,
        usd / times,
    )
