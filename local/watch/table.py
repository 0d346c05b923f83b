"""The table of docs/watch.md, made of the template."""

from __future__ import annotations

from collections.abc import Iterable

from local.watch.model import Alarm

ALARM_METRIC_USD = 0.10  # a month, standard resolution: aws.amazon.com/cloudwatch/pricing, November 2026


def table(alarms: Iterable[Alarm], prefix: str) -> str:
    """Markdown, a row for each alarm."""
    rows = ["| alarm | rings when | judged over | runbook | USD a month |", "| --- | --- | --- | --- | --- |"]
    for alarm in alarms:
        name = alarm.name.removeprefix(f"{prefix}-")
        says = alarm.description.partition(" Runbook: ")[0]
        cost = len(alarm.queries) * ALARM_METRIC_USD
        rows.append(f"| *{name}* | {says} | {_over(alarm)} | [{name}](runbooks/{name}.md) | {cost:.2f} |")
    return "\n".join(rows)


def _over(alarm: Alarm) -> str:
    span = {300: "5 minutes", 900: "15 minutes", 3600: "an hour", 86_400: "24 hours"}[alarm.period_seconds]
    if alarm.evaluation_periods == 1:
        return span
    return f"{alarm.datapoints_to_alarm} of {alarm.evaluation_periods} times {span}"
