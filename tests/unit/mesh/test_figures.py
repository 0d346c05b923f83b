"""Figures for CloudWatch are lines of the log in its embedded format, and each is one that was decided on."""

from __future__ import annotations

import json

import pytest

from mesh import figures


def test_the_figures_are_a_line_of_cloudwatch_s_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    figures.put("ss", "scheduler", {"TickAge": 180.0, "QueueDepth": 3.0})
    figures.put("ss", "scheduler", {})
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["TickAge"], line["QueueDepth"], line["service"]) == ([180.0], [3.0], "scheduler")
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "ss"
    assert {one["Name"]: one["Unit"] for one in declared["Metrics"]} == {
        "TickAge": "Seconds",
        "QueueDepth": "Count",
    }


def test_a_figure_that_nobody_decided_on_is_refused() -> None:
    with pytest.raises(KeyError):
        figures.put("ss", "scheduler", {"Whatever": 1.0})
