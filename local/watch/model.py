"""What of stacks/watch.yaml is evaluated: alarms and metric filters with every name resolved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unsupported(Exception):
    """The template uses something that the evaluator does not know: better said than guessed."""


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"


class Missing(StrEnum):
    """What an alarm makes of a period without data. CloudWatch knows two more, which no alarm of ours uses."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True)
class Metric:
    """Under CloudWatch a metric is its namespace, its name and all of its dimensions: another dimension makes another metric."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Query:
    """One metric that an alarm looks at. ``id`` is its name in the alarm's expression."""

    id: str
    metric: Metric
    statistic: str
    period_seconds: int


@dataclass(frozen=True)
class Alarm:
    """``expression`` is over the queries' ids; the one query's own id where the alarm is over one metric."""

    name: str
    description: str
    queries: tuple[Query, ...]
    expression: str
    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    operator: str
    threshold: float
    missing: Missing
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """Every line of ``log_group`` that fits ``pattern`` is ``value`` of ``metric``."""

    log_group: str
    pattern: str
    metric: Metric
    value: float
