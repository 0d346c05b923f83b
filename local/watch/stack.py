"""Reads a template of alarms and metric filters, its parameters filled in. Whatever it cannot resolve is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import ROOT
from local.deploy import read_template
from local.watch.maths import names_in
from local.watch.model import Alarm, Filter, Metric, Missing, Query, Unsupported

ACCOUNT, REGION, PARTITION = "000000000000", "ap-southeast-1", "aws"
_OPERATORS = {
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
}
_STATISTICS = {"Sum", "Maximum", "Minimum", "SampleCount", "Average"}


@dataclass(frozen=True)
class Watch:
    alarms: tuple[Alarm, ...]
    filters: tuple[Filter, ...]

    def alarm(self, name: str) -> Alarm:
        """By the end of its name: the prefix is left out. KeyError where there is none."""
        for alarm in self.alarms:
            if alarm.name.partition("-")[2] == name:
                return alarm
        raise KeyError(name)


def read_watch(template: Path, parameters: Mapping[str, str]) -> Watch:
    return watch_of(read_template(template), parameters)


def alarm_names() -> list[str]:
    """Of the template as it is, without the prefix: as their runbooks are called."""
    watch = read_watch(ROOT / "stacks" / "watch.yaml", {"Prefix": "ss"})
    return [alarm.name.removeprefix("ss-") for alarm in watch.alarms]


def watch_of(parsed: Mapping[str, Any], parameters: Mapping[str, str]) -> Watch:
    """A parsed template's. Unsupported names what cannot be resolved or is not known here."""
    values = {name: one["Default"] for name, one in parsed["Parameters"].items() if "Default" in one}
    values |= {**parameters, "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": PARTITION}
    found: dict[str, list[dict[str, Any]]] = {}
    for logical_id, resource in parsed["Resources"].items():
        if resource["Type"] in {"AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter"}:
            found.setdefault(resource["Type"], []).append(_resolved(resource["Properties"], values))
        else:
            values.setdefault(logical_id, logical_id)
    alarms = tuple(_alarm(one) for one in found.get("AWS::CloudWatch::Alarm", []))
    return Watch(alarms, tuple(_filter(one) for one in found.get("AWS::Logs::MetricFilter", [])))


def _resolved(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, values) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return values.get(value["Ref"], value["Ref"])  # a resource stands for itself
    if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(values[found[1]]), value["Fn::Sub"])
    if any(name.startswith("Fn::") for name in value):
        raise Unsupported(f"{', '.join(value)} in an alarm or a filter")
    return {name: _resolved(one, values) for name, one in value.items()}


def _alarm(given: Mapping[str, Any]) -> Alarm:
    name = str(given["AlarmName"])
    known = {
        "AlarmName", "AlarmDescription", "AlarmActions", "OKActions", "Metrics", "Namespace", "MetricName", "Dimensions", "Statistic",
        "Period", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "Threshold", "TreatMissingData",
    }  # fmt: skip
    if set(given) - known or given["ComparisonOperator"] not in _OPERATORS:
        raise Unsupported(f"{name}: {', '.join(sorted(set(given) - known)) or given['ComparisonOperator']}")
    if "Metrics" in given:
        expressions = [one for one in given["Metrics"] if "Expression" in one]
        if len(expressions) != 1 or not expressions[0].get("ReturnData", True):
            raise Unsupported(f"{name}: other than one expression that is what it returns")
        queries = tuple(_query(name, one) for one in given["Metrics"] if "Expression" not in one)
        expression = str(expressions[0]["Expression"])
    else:
        queries = (Query("it", _metric(given), _statistic(name, given["Statistic"]), int(given["Period"])),)
        expression = "it"
    if names_in(expression) != {one.id for one in queries} or len({one.period_seconds for one in queries}) != 1:
        raise Unsupported(f"{name}: its expression is not over its metrics, or they have several periods")
    try:
        missing = Missing(given["TreatMissingData"])
    except (KeyError, ValueError) as error:
        raise Unsupported(f"{name}: it does not say what to make of missing data, or something unknown") from error
    return Alarm(
        name=name,
        description=str(given["AlarmDescription"]),
        queries=queries,
        expression=expression,
        period_seconds=queries[0].period_seconds,
        evaluation_periods=int(given["EvaluationPeriods"]),
        datapoints_to_alarm=int(given["DatapointsToAlarm"]),
        operator=str(given["ComparisonOperator"]),
        threshold=float(given["Threshold"]),
        missing=missing,
        actions=tuple(given["AlarmActions"]),
    )


def _query(name: str, given: Mapping[str, Any]) -> Query:
    stat = given["MetricStat"]
    return Query(given["Id"], _metric(stat["Metric"]), _statistic(name, stat["Stat"]), int(stat["Period"]))


def _statistic(name: str, statistic: str) -> str:
    if statistic not in _STATISTICS:
        raise Unsupported(f"{name}: the statistic {statistic}")
    return statistic


def _metric(given: Mapping[str, Any]) -> Metric:
    dimensions = tuple(sorted((str(one["Name"]), str(one["Value"])) for one in given.get("Dimensions", [])))
    return Metric(str(given["Namespace"]), str(given["MetricName"]), dimensions)


def _filter(given: Mapping[str, Any]) -> Filter:
    (made,) = given["MetricTransformations"]
    if set(made) != {"MetricNamespace", "MetricName", "MetricValue"}:
        raise Unsupported(f"a filter of {given['LogGroupName']}: {', '.join(sorted(made))}")
    metric = Metric(str(made["MetricNamespace"]), str(made["MetricName"]))
    return Filter(str(given["LogGroupName"]), str(given["FilterPattern"]), metric, float(made["MetricValue"]))
