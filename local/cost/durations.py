"""How long Lambda would have run, from what was measured here. Pure.

A wall clock here says nothing of Lambda: it is another machine, and shares its cores with the emulator. What is measured is the CPU time
of the handler's own process and how many requests it made, and of whom; the rest are the assumptions of this module, each in one place.
Lambda gives a function CPU in proportion to its memory, a whole core at 1,769 MB (Developer Guide, "Configure Lambda function memory");
each request is waited for, one after the other, as if nothing went side by side. Since August 2025 a cold start is billed too; it runs
with a whole core whatever the memory is (which is seen everywhere and promised nowhere).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WHOLE_CORE_MB = 1769
CORE_FACTOR = 1.5
"""Assumed: how much slower Lambda's arm64 core is than one that measures here."""

API_SECONDS = {
    "dynamodb": 0.008,
    "s3": 0.030,
    "secretsmanager": 0.025,
    "events": 0.020,
    "scheduler": 0.030,
    "ses": 0.080,
    "ssm": 0.015,
    "sqs": 0.015,
}
"""Assumed for one request within the region."""
REMOTE_SECONDS = {
    "google": 0.300,
    "bedrock": 8.0,
    "slack": 0.300,
    "web": 0.500,
    "instagram": 1.5,
    "facebook": 1.0,
    "x": 0.8,
}
_OTHER_API_SECONDS, _OTHER_REMOTE_SECONDS = 0.030, 0.700

RECYCLED_A_DAY = 12.0
"""Assumed: how often Lambda gives even a busy function a fresh process."""


@dataclass(frozen=True)
class Duration:
    """Of one function in the counted days, in seconds. ``cold`` is how many starts were billed."""

    memory_mb: int
    invocations: int
    cold: float
    computing: float
    waiting: float
    starting: float

    @property
    def gb_seconds(self) -> float:
        return (self.computing + self.waiting + self.starting) * self.memory_mb / 1024


def duration_of(
    figures: Mapping[str, Any], memory_mb: int, days: float, calls: Mapping[str, int], remote: Mapping[str, int]
) -> Duration:
    """``calls`` are requests by AWS service, ``remote`` by who was asked."""
    share = min(1.0, memory_mb / _WHOLE_CORE_MB)
    invocations = int(figures["invocations"])
    starts_here = figures["cold"]
    often = min(invocations, RECYCLED_A_DAY * days)
    cold = max(starts_here, min(invocations, figures["bursts"]), often if figures["bursts"] < often else 0.0)
    one_start = figures["init_cpu_seconds"] / starts_here if starts_here else 0.0
    return Duration(
        memory_mb=memory_mb,
        invocations=invocations,
        cold=cold,
        computing=figures["cpu_seconds"] * CORE_FACTOR / share,
        waiting=_waiting(calls, remote),
        starting=cold * one_start * CORE_FACTOR,
    )


def seconds_of(cpu_seconds: float, memory_mb: int, calls: Mapping[str, float], remote: Mapping[str, float]) -> float:
    """Of a warm run: what it computes, and every request one after the other."""
    return cpu_seconds * CORE_FACTOR / min(1.0, memory_mb / _WHOLE_CORE_MB) + _waiting(calls, remote)


def _waiting(calls: Mapping[str, float], remote: Mapping[str, float]) -> float:
    return sum(count * API_SECONDS.get(service, _OTHER_API_SECONDS) for service, count in calls.items()) + sum(
        count * REMOTE_SECONDS.get(who, _OTHER_REMOTE_SECONDS) for who, count in remote.items()
    )
