"""``docs/reference/schedules.md`` and ``docs/reference/alarms.md``: what runs by the clock, and what rings, as the templates have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.console.mesh_template import Template
from local.deploy import read_template
from local.reference.functions import GIVEN
from local.reference.markdown import table

_WORDS = {
    "GreaterThanThreshold": "over",
    "breaching": "rings as well",
    "notBreaching": "is well",
}


def schedules_page(root: Path) -> str:
    """Markdown. Same template, same page."""
    template = Template(read_template(root / "template.yaml"), GIVEN)
    return "\n".join(
        [
            "# Schedules",
            "",
            "Every one of them follows the business's time zone (the parameter `TimeZone`), is delivered at",
            "least once, is tried for 15 minutes and then lies",
            "in `ss-dead-letters`. Running one twice, late or by hand does no harm: whoever is woken looks at",
            "what there is to do. `ss` is the prefix.",
            "",
            *table(("schedule", "when", "wakes", "with"), _schedules(template)),
            "## Groups",
            "",
            "Made and removed by the functions themselves; what is in them at the moment says",
            "`aws scheduler list-schedules --group-name …`.",
            "",
            *table(
                ("group", "holds"),
                [
                    (
                        "`ss-bookings`",
                        "one-off schedules that put `ss.send` or `ss.retry` on the bus at a post's minute; made by the scheduler alone",
                    ),
                    (
                        "`ss-templates`",
                        "one schedule for each time of each recurring post; it wakes template-sync, which makes them",
                    ),
                ],
            ),
        ]
    )


def _schedules(template: Template) -> Iterator[tuple[str, str, str, str]]:
    for name, resource in template.resources.items():
        for event in ((resource.get("Properties") or {}).get("Events") or {}).values():
            if event["Type"] == "ScheduleV2":
                told = event["Properties"]
                yield (
                    f"`{template.text(told['Name'])}`",
                    f"`{told['ScheduleExpression']}`",
                    template.name_of(name),
                    f"`{told['Input']}`",
                )


def alarms_page(root: Path) -> str:
    """Markdown. Same template and runbooks, same page."""
    template = Template(read_template(root / "stacks" / "watch.yaml"), GIVEN)
    alarms = [one["Properties"] for one in template.resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    filters = [one["Properties"] for one in template.resources.values() if one["Type"] == "AWS::Logs::MetricFilter"]
    return "\n".join(
        [
            "# Alarms",
            "",
            "They stand in `stacks/watch.yaml`, say themselves to the topic `ss-alarms`, also when they are",
            "over, and each has a runbook that says what to do",
            "in order. What they cost and why there are no more: [the watch](../watch.md).",
            "",
            *table(
                ("alarm", "rings when", "looks at", "over", "silence", "runbook"),
                (_alarm(root, template, one) for one in alarms),
            ),
            "The budget `ss-cost-alarm` says at 80% and at 100% of `MonthlyBudgetUsd` what the month has cost,",
            "to the topic `ss-cost-alarm`",
            "([runbook](../runbooks/cost-alarm.md)).",
            "",
            "## Counted from the logs",
            "",
            *table(
                ("figure", "from the log of", "lines that match"),
                (
                    (
                        f"`{one['MetricTransformations'][0]['MetricName']}`",
                        template.text(one["LogGroupName"]).removeprefix("/aws/lambda/ss-"),
                        f"`{one['FilterPattern']}`",
                    )
                    for one in filters
                ),
            ),
        ]
    )


def _alarm(root: Path, template: Template, told: Mapping[str, Any]) -> tuple[str, ...]:
    said, _, runbook = str(told["AlarmDescription"]).partition(" Runbook: docs/")
    heading = (root / "docs" / runbook).read_text("utf-8").partition("\n")[0].removeprefix("# ")
    looks = told.get("MetricName") or re.sub(r"[`|]", "", told["Metrics"][0]["Expression"])
    return (
        f"`{template.text(told['AlarmName'])}`",
        said,
        f"`{looks}` {_WORDS[told['ComparisonOperator']]} {template.text(told['Threshold'])}",
        f"{told['DatapointsToAlarm']} of {told['EvaluationPeriods']} times {_period(told)} s",
        _WORDS[told["TreatMissingData"]],
        f"[{heading}](../{runbook})",
    )


def _period(told: Mapping[str, Any]) -> int:
    return int(
        told.get("Period") or next(one["MetricStat"]["Period"] for one in told["Metrics"] if "MetricStat" in one)
    )
