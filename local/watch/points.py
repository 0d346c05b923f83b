"""The data that alarms are evaluated over: log lines, figures in them, and what AWS's own services count."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from local.watch.model import Filter, Metric
from local.watch.patterns import fits


class Points:
    """Data points by metric. Moments are aware; they may come in any order."""

    def __init__(self, filters: Iterable[Filter] = ()) -> None:
        self._filters = [(one, fits(one.pattern)) for one in filters]
        self._points: dict[Metric, tuple[list[float], list[float]]] = {}

    def add(self, metric: Metric, at: datetime, value: float) -> None:
        """As AWS's own services report theirs: ``AWS/Lambda``, ``AWS/SQS``, ``AWS/States``."""
        times, values = self._points.setdefault(metric, ([], []))
        place = bisect_right(times, at.timestamp())
        times.insert(place, at.timestamp())
        values.insert(place, value)

    def log(self, log_group: str, at: datetime, line: str) -> None:
        """A line of a function's log: what the filters count in it, and the figures that it is itself (embedded metric format)."""
        for one, fit in self._filters:
            if one.log_group == log_group and fit(line):
                self.add(one.metric, at, one.value)
        if '"_aws"' in line:
            self._figures(json.loads(line), at)

    def _figures(self, said: dict[str, Any], at: datetime) -> None:
        """docs.aws.amazon.com: CloudWatch_Embedded_Metric_Format_Specification. By the line's time here, not the machine's in it."""
        for directive in said["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple(sorted((name, str(said[name])) for name in names))
                for one in directive["Metrics"]:
                    value = said[one["Name"]]
                    for figure in value if isinstance(value, list) else [value]:
                        self.add(Metric(directive["Namespace"], one["Name"], dimensions), at, float(figure))

    def metrics(self) -> set[Metric]:
        """Those of which there was ever a data point."""
        return set(self._points)

    def hours(self, metric: Metric) -> int:
        """In how many hours of the clock it was reported: what CloudWatch charges a metric of one's own for."""
        return len({int(at // 3600) for at in self._points.get(metric, ([], []))[0]})

    def figure(self, metric: Metric, statistic: str, after: float, until: float) -> float | None:
        """Of the data in ``(after, until]``, seconds since 1970; None where there is none."""
        found = self._points.get(metric)
        if found is None:
            return None
        first, last = bisect_right(found[0], after), bisect_right(found[0], until)
        return _STATISTICS[statistic](found[1][first:last]) if last > first else None


_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": lambda values: float(len(values)),
    "Average": lambda values: sum(values) / len(values),
}
