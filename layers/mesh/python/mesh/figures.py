"""Figures for CloudWatch, in its embedded format: lines of the log, no call. Named here, so that alarms and code agree (docs/watch.md).

CloudWatch charges a metric for each hour in which it is reported: but for the first, each is put only where it says something.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

UNITS = {
    "TickAge": MetricUnit.Seconds,  # since the scheduler's last daily tick got through; with every sweep: silence says that none runs
    "SyncAge": MetricUnit.Seconds,  # since drive-sync last got through; only once that is longer ago than it ever is in health
    "DueLateSeconds": MetricUnit.Seconds,  # by how much the latest of the posts that wait below is late
    "QueueDepth": MetricUnit.Count,  # posts and channels whose minute has come and that are not out; none for none
    "UnknownOutcome": MetricUnit.Count,  # tries of which nobody knows whether they went out
    "BedrockUsd": MetricUnit.NoUnit,  # what the model was paid; at most, where its price is not known
}


def put(namespace: str, service: str, figures: Mapping[str, float]) -> None:
    """One line with these figures, none for none. KeyError for a name that is not in ``UNITS``: a new one is a decision, not a habit."""
    metrics = EphemeralMetrics(namespace=namespace, service=service)
    for name, value in figures.items():
        metrics.add_metric(name=name, unit=UNITS[name], value=value)
    if figures:
        metrics.flush_metrics()
