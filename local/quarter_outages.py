"""Outages and throttling that last: begun, and ended again, at the servers of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from local.week_spans import Span
from local.week_stack import WeekStack
from local.week_trouble import Troubles

_ENDLESS = 1_000_000_000
_NETWORKS = ("bluesky", "mastodon")


def _aws(service: str, action: str, error: str, status: int, **more: str) -> Mapping[str, Any]:
    return {"service": service, "action": action, "error": error, "status": status, "count": _ENDLESS, **more}


_AWS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "tables": (_aws("dynamodb", "*", "InternalServerError", 500),),
    "storage": (_aws("s3", "GetObject", "SlowDown", 503), _aws("s3", "PutObject", "SlowDown", 503)),
    "throttled bookings": (_aws("scheduler", "CreateSchedule", "ThrottlingException", 429),),
    "throttled tables": (
        _aws("dynamodb", "*", "ProvisionedThroughputExceededException", 400, match='"ss-sends"'),
        _aws("dynamodb", "TransactWriteItems", "ThrottlingException", 400),
    ),
}
_GOOGLE: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    # The first calls meet servers that are down, the others such as ask to be left alone: nobody waits for those within a run.
    "google": (
        {"match": r"/(v4|drive)/", "status": 503, "count": 4},
        {"match": r"/(v4|drive)/", "status": 429, "retry_after_seconds": 900, "count": _ENDLESS},
    ),
    "throttled google": ({"match": r"/v4/", "status": 429, "retry_after_seconds": 60, "count": _ENDLESS},),
}
_EVERYTHING = ("tables", "google", *_NETWORKS, "deliveries")
KINDS = (*_AWS, *_GOOGLE, *_NETWORKS, "bluesky limit", "mastodon limit", "deliveries", "everything")
"""``deliveries``: EventBridge and Scheduler hand on nothing. A network's limit names the time of its end."""
_MUTE = frozenset({"tables", "storage", "throttled tables", "deliveries", "everything"})


class Outages:
    """One at a time. ``now_down`` is what is down."""

    def __init__(self, stack: WeekStack, troubles: Troubles) -> None:
        self._stack = stack
        self._troubles = troubles
        self.now_down = ""
        self.until: datetime | None = None
        self.had: list[tuple[str, Span]] = []

    @property
    def since(self) -> datetime | None:
        return self.had[-1][1].since if self.now_down else None

    def is_mute(self) -> bool:
        """Nobody can be told anything meanwhile."""
        return self.now_down in _MUTE

    def takes_sheet(self) -> bool:
        """Google is down for its owner, too."""
        return self.now_down in {"google", "everything"}

    def begin(self, kind: str, until: datetime) -> None:
        network = next((name for name in _NETWORKS if kind in {name, f"{name} limit"}), "")
        span = Span(self._stack.now(), None, mute=kind in _MUTE, network=network)
        for part in _EVERYTHING if kind == "everything" else (kind,):
            self._down(part, until)
        # AWS's retries come one and two minutes later and would fail as well: here they would only take real time.
        self._stack.post(f"{self._stack.aws}/_local/deliveries", {"retrying": False})
        self.now_down, self.until = kind, until
        self.had.append((kind, span))
        self._troubles.lasting.append(span)

    def _down(self, part: str, until: datetime) -> None:
        for fault in _AWS.get(part, ()):
            self._stack.post(f"{self._stack.aws}/_local/faults", fault)
        for fault in _GOOGLE.get(part, ()):
            self._stack.post(f"{self._stack.sheets}/owner/faults", fault)
        if part == "deliveries":
            self._stack.post(f"{self._stack.aws}/_local/deliveries", {"stopped": True})
        for network in _NETWORKS:
            if part in {network, f"{network} limit"}:
                fault = self._limit(until) if part.endswith("limit") else {"do": "status", "status": 503}
                order = {**fault, "match": r"(xrpc|/api/)", "count": _ENDLESS}
                self._stack.post(f"{self._troubles.origin(network)}/_local/faults", order)

    def _limit(self, until: datetime) -> Mapping[str, Any]:
        seconds = str(int((until - self._stack.now()).total_seconds()))
        headers = {"retry-after": seconds, "ratelimit-reset": str(int(until.timestamp()))}
        return {"do": "status", "status": 429, "headers": headers, "body": {"error": "RateLimitExceeded"}}

    def end(self) -> str:
        """With every other fault that waits at those servers. What was down, and what became of what was to be delivered."""
        kind, self.now_down, self.until = self.now_down, "", None
        if not kind:
            return ""
        self._troubles.clear()
        self._stack.post(f"{self._stack.aws}/_local/deliveries", {"retrying": True})
        told = self._stack.post(f"{self._stack.aws}/_local/deliveries", {"stopped": False})
        name, span = self.had[-1]
        ended = replace(span, until=self._stack.now())
        self.had[-1] = (name, ended)
        self._troubles.lasting[self._troubles.lasting.index(span)] = ended
        late = f", {told['delivered']} deliveries late and {told['dropped']} dropped" if any(told.values()) else ""
        return f"{kind}{late}"
