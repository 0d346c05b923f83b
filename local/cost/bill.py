"""From what was counted to what it costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.cost.business import CHANNELS, MONTH_DAYS
from local.cost.durations import Duration, duration_of
from local.cost.operations import charged_as
from local.cost.prices import BESIDE_THE_AIM, PRICES, TABLE, Free, Price
from local.cost.standing import Standing

_GB = 1e9
_EVENT_OVERHEAD_BYTES = 26  # CloudWatch Logs counts these with every line
_PLATFORM_LINE_BYTES = (68, 51, 145)  # START, END and REPORT, as Lambda writes them
_INIT_LINE_BYTES = 110


@dataclass(frozen=True)
class Line:
    """``free_usd`` is what the allowance that never ends leaves of it, ``first_year_usd`` what is left with the first year's as well."""

    price: Price
    count: float

    @property
    def usd(self) -> float:
        return self.price.cost(self.count)

    @property
    def free_usd(self) -> float:
        return self._left(always_only=True)

    @property
    def first_year_usd(self) -> float:
        return self._left(always_only=False)

    @property
    def in_the_aim(self) -> bool:
        return self.price.key not in BESIDE_THE_AIM

    def _left(self, *, always_only: bool) -> float:
        applies = self.price.free_for is Free.ALWAYS or (self.price.free_for is not None and not always_only)
        return self.price.cost(max(0.0, self.count - (self.price.free if applies else 0.0)))


@dataclass(frozen=True)
class Bill:
    lines: tuple[Line, ...]
    durations: Mapping[str, Duration]

    def total(self, kind: str = "usd", *, aim_only: bool = False) -> float:
        """``kind`` is ``usd``, ``free_usd`` or ``first_year_usd``."""
        return sum(float(getattr(line, kind)) for line in self.lines if line.in_the_aim or not aim_only)

    def of(self, key: str) -> Line:
        return next(line for line in self.lines if line.price.key == key)


def make_bill(counted: Mapping[str, Any], standing: Standing) -> Bill:
    """``counted`` is ``month.Counted`` as JSON; a shorter run is taken for its share of a month of 30 days."""
    durations = durations_of(counted, standing)
    amounts = dict.fromkeys(PRICES, 0.0)
    for key, amount in _happened(counted, durations).items():
        amounts[key] += amount * MONTH_DAYS / counted["days"]
    for key, amount in {
        **_kept(counted, standing),
        "logs.stored": amounts["logs.ingested"] * _share_kept(standing),
    }.items():
        amounts[key] += amount
    return Bill(tuple(Line(price, amounts[price.key]) for price in TABLE), durations)


def durations_of(counted: Mapping[str, Any], standing: Standing) -> dict[str, Duration]:
    figures, found = counted["figures"], {}
    for name, of_it in figures["functions"].items():
        if of_it["invocations"] == 0:
            continue
        calls: dict[str, int] = {}
        for service, _, caller, count in figures["calls"]:
            if caller == name:
                calls[service] = calls.get(service, 0) + count
        remote: dict[str, int] = {}
        for function, host, count in figures["remote"]:
            if function == name:
                who = counted["hosts"].get(host, host)
                remote[who] = remote.get(who, 0) + count
        found[name] = duration_of(of_it, standing.memory_mb[name], counted["days"], calls, remote)
    return found


def _happened(counted: Mapping[str, Any], durations: Mapping[str, Duration]) -> dict[str, float]:
    """In the counted days."""
    figures = counted["figures"]
    functions, plain = figures["functions"].values(), figures["plain"]
    amounts = {
        "lambda.requests": float(sum(one["invocations"] for one in functions)),
        "lambda.gb_seconds": sum(duration.gb_seconds for duration in durations.values()),
        "dynamodb.reads": sum(row[-1] for row in figures["units"] if row[3] == "read"),
        "dynamodb.writes": sum(row[-1] for row in figures["units"] if row[3] == "write"),
        "events.put": plain.get("event_chunks", 0),
        "scheduler.firings": plain.get("firings", 0),
        "states.transitions": plain.get("transitions", 0),
        "ses.mails": plain.get("mails", 0),
        "ses.bytes": plain.get("mail_bytes", 0) / _GB,
        "sqs.requests": plain.get("queued", 0),
        "logs.ingested": sum(log_bytes(one) for one in functions) / _GB,
        "transfer.out": (sum(one["sent_bytes"] + one["answered_bytes"] for one in functions) + plain.get("fetched_bytes", 0)) / _GB,
        "bedrock.usd": counted["bedrock_micro_usd"] / 1e6,
        "x.posts": counted["published"] / len(CHANNELS),
        "x.users_read": counted["days"],  # X charges for the same thing once a day, and each day asks at least once
    }  # fmt: skip
    for service, action, caller, count in figures["calls"]:
        # What nobody of ours calls: the files that the networks and the owner's browser fetch and put by a signed address.
        if count and (caller or service == "s3"):
            key = charged_as(service, action)
            if key:
                amounts[key] = amounts.get(key, 0.0) + count
    return amounts


def _kept(counted: Mapping[str, Any], standing: Standing) -> dict[str, float]:
    """All month long, whatever the run's length."""
    tables = sum(size for name, size in counted["stored"].items() if name.startswith("table ")) / _GB
    return {
        "secrets.kept": standing.secrets,
        "cloudwatch.alarms": standing.alarm_metrics,
        "cloudwatch.metrics": sum(metric_hours(counted, standing).values()) / (MONTH_DAYS * 24),
        "cloudwatch.dashboards": standing.dashboards,
        "budgets.kept": standing.budgets,
        "dynamodb.stored": tables,
        "dynamodb.recovery": tables,
        "s3.stored": sum(size for name, size in counted["stored"].items() if name.startswith("s3 ")) / _GB,
    }


def metric_hours(counted: Mapping[str, Any], standing: Standing) -> dict[str, float]:
    """How many hours of a month each custom metric is there: those in which it was written, since CloudWatch charges by the hour.

    Of a filter without a value for nothing, at most the hours in which its function logged, or failed: what really matched is fewer.
    """
    month, share = MONTH_DAYS * 24.0, MONTH_DAYS / counted["days"]
    hours = {tuple(row[:-1]): row[-1] * share for row in counted["figures"]["hours"]}
    found = {" ".join(what[1:]): count for what, count in hours.items() if what[0] == "metric"}
    for one in standing.filtered:
        seen = month if one.always else hours.get(("failed" if one.of_failures else "logged", one.function), 0.0)
        found[one.metric] = found.get(one.metric, 0.0) + seen
    return {name: min(month, count) for name, count in found.items()}


def _share_kept(standing: Standing) -> float:
    """Of what a month writes, how much is there at any time. Never dropped where no retention is set."""
    return min(1.0, standing.retention_days / MONTH_DAYS) if standing.retention_days else 1.0


def log_bytes(function: Mapping[str, Any]) -> float:
    """What a function logged and what Lambda writes around it."""
    platform = sum(_PLATFORM_LINE_BYTES) + len(_PLATFORM_LINE_BYTES) * _EVENT_OVERHEAD_BYTES
    own = function["log_bytes"] + function["log_lines"] * _EVENT_OVERHEAD_BYTES
    return float(
        own + function["invocations"] * platform + function["cold"] * (_INIT_LINE_BYTES + _EVENT_OVERHEAD_BYTES)
    )
