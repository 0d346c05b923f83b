"""Figures for CloudWatch, in its embedded format: lines of the log, no call. Named here, so that alarms and code agree."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

UNITS = {
    "SweepAgeSeconds": MetricUnit.Seconds,  # since the scheduler's last sweep got through
    "TickAgeSeconds": MetricUnit.Seconds,  # since its last daily tick did
}


def put(namespace: str, service: str, figures: Mapping[str, float]) -> None:
    """One line with these figures, none for none. KeyError for a name that is not in ``UNITS``: a new one is a decision, not a habit."""
    metrics = EphemeralMetrics(namespace=namespace, service=service)
    for name, value in figures.items():
        metrics.add_metric(name=name, unit=UNITS[name], value=value)
    if figures:
        metrics.flush_metrics()
