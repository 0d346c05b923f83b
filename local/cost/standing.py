"""What is there all month whether anything happens or not, counted from the templates: secrets, alarms, metrics, dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse


@dataclass(frozen=True)
class Filtered:
    """A metric that a filter makes of a function's log. ``always``: it has a value where nothing matches, and so is there in every hour.
    ``of_failures``: it looks for the lines of a call that failed, not for the function's own.
    """

    metric: str
    function: str
    always: bool
    of_failures: bool


@dataclass(frozen=True)
class Standing:
    """``memory_mb`` by function; ``reserved`` their reserved concurrency, where one is set; ``retention_days`` of the logs, the longest."""

    secrets: int
    alarm_metrics: int
    filtered: tuple[Filtered, ...]
    dashboards: int
    budgets: int
    memory_mb: Mapping[str, int]
    timeout_seconds: Mapping[str, int]
    reserved: Mapping[str, int]
    public: frozenset[str]
    retention_days: int


def read_standing(templates: Sequence[Path], channels: int, prefix: str, *, slack: bool = False) -> Standing:
    """One secret for each of the ``channels``; names are filled in with ``prefix``."""
    documents = [yaml_parse(path.read_text()) for path in templates]
    resources = [resource for document in documents for resource in _resources(document)]
    functions = {
        _filled(one["FunctionName"], prefix): {**globals_of, **one}
        for document in documents
        for globals_of in [(document.get("Globals") or {}).get("Function") or {}]
        for one in _of("AWS::Serverless::Function", document)
    }
    return Standing(
        secrets=sum(1 for one in resources if one["Type"] == "AWS::SecretsManager::Secret") + channels + int(slack),
        alarm_metrics=sum(_watched(one["Properties"]) for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"),
        filtered=tuple(_filtered(resources, prefix)),
        dashboards=sum(1 for one in resources if one["Type"] == "AWS::CloudWatch::Dashboard"),
        budgets=sum(1 for one in resources if one["Type"] == "AWS::Budgets::Budget"),
        memory_mb={name: int(one.get("MemorySize", 128)) for name, one in functions.items()},
        timeout_seconds={name: int(one.get("Timeout", 3)) for name, one in functions.items()},
        reserved={
            name: reserved
            for name, one in functions.items()
            if isinstance(reserved := one.get("ReservedConcurrentExecutions"), int)
        },
        public=frozenset(name for name, one in functions.items() if "FunctionUrlConfig" in one),
        retention_days=max(
            (int(one["Properties"].get("RetentionInDays", 0)) for one in resources if one["Type"] == "AWS::Logs::LogGroup"),
            default=0,
        ),
    )  # fmt: skip


def _resources(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """As they are with every parameter's default. A loop over channels is left out: they are counted by their number."""
    for name, resource in (document.get("Resources") or {}).items():
        if not name.startswith("Fn::ForEach") and _is_made(resource.get("Condition"), document):
            yield {"Properties": {}, **resource}


def _is_made(condition: str | None, document: Mapping[str, Any]) -> bool:
    """True as well for a condition that is more than the comparison of one parameter with a word."""
    told = (document.get("Conditions") or {}).get(condition)
    wanted = told.get("Fn::Equals") if isinstance(told, dict) else None
    if not wanted or not isinstance(wanted[0], dict) or "Ref" not in wanted[0]:
        return True
    parameter = (document.get("Parameters") or {}).get(wanted[0]["Ref"]) or {}
    return "Default" not in parameter or str(parameter["Default"]) == str(wanted[1])


def _of(kind: str, document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (one["Properties"] for one in _resources(document) if one["Type"] == kind)


def _watched(alarm: Mapping[str, Any]) -> int:
    """An alarm over an expression is charged for each metric in it."""
    return sum(1 for metric in alarm.get("Metrics") or () if "MetricStat" in metric) or 1


def _filtered(resources: Sequence[Mapping[str, Any]], prefix: str) -> Iterator[Filtered]:
    for one in resources:
        if one["Type"] == "AWS::Logs::MetricFilter":
            function = _filled(one["Properties"]["LogGroupName"], prefix).rpartition("/")[2]
            pattern = str(one["Properties"]["FilterPattern"])
            for made in one["Properties"]["MetricTransformations"]:
                yield Filtered(
                    _filled(made["MetricName"], prefix), function, "DefaultValue" in made, not pattern.startswith("{")
                )


def _filled(text: Any, prefix: str) -> str:
    """``!Sub "${Prefix}-x"``."""
    told = text.get("Fn::Sub", text) if isinstance(text, dict) else text
    return str(told[0] if isinstance(told, list) else told).replace("${Prefix}", prefix)
