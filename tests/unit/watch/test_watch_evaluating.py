"""The evaluator follows CloudWatch's documentation, and says of what it does not know that it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.watch.evaluating import judged
from local.watch.maths import reckon
from local.watch.model import Filter, Metric, Missing, State, Unsupported
from local.watch.patterns import fits
from local.watch.points import Points

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)

# docs.aws.amazon.com: alarms-and-missing-data, "How alarm state is evaluated when data is missing". The newest stands on the right.
TABLE = [
    ("0 - X - X", 3, 3, "OK", "OK"),
    ("0 - - - -", 3, 3, "OK", "OK"),
    ("- - - - -", 3, 3, "ALARM", "OK"),
    ("0 X X - X", 3, 3, "ALARM", "ALARM"),
    ("- - - - X", 3, 3, "ALARM", "OK"),
    ("0 - X - X", 2, 3, "ALARM", "ALARM"),
    ("0 0 X 0 X", 2, 3, "ALARM", "ALARM"),
    ("0 - X - -", 2, 3, "ALARM", "OK"),
    ("- - - - 0", 2, 3, "ALARM", "OK"),
    ("- - - - X", 2, 3, "ALARM", "OK"),
]


@pytest.mark.parametrize(("points", "to_alarm", "periods", "breaching", "not_breaching"), TABLE)
def test_missing_data_are_judged_as_in_the_documentations_table(
    points: str, to_alarm: int, periods: int, breaching: str, not_breaching: str
) -> None:
    newest_first = [{"0": False, "X": True, "-": None}[one] for one in reversed(points.split())]
    found = [judged(newest_first, periods, to_alarm, missing) for missing in (Missing.BREACHING, Missing.NOT_BREACHING)]
    assert found == [State(breaching), State(not_breaching)]


@pytest.mark.parametrize(
    ("line", "fit"),
    [
        ({"message": "sender", "move": "send", "outcome": "rejected"}, True),
        ({"message": "sender", "move": "send", "outcome": "ok"}, False),
        ({"message": "sender", "move": "rest", "outcome": "rejected"}, False),
        ({"message": "sender", "move": "send"}, False),
        ({"message": "sender", "move": "send", "outcome": 7}, False),
    ],
)
def test_a_pattern_over_json_wants_all_of_its_parts(line: dict[str, object], fit: bool) -> None:
    pattern = '{ ($.message = "sender") && ($.move = "send") && ($.outcome != "ok") }'
    assert fits(pattern)(json.dumps(line)) is fit


@pytest.mark.parametrize("line", ["", "[]", "sender send", "{", "7"])
def test_what_is_no_object_fits_no_pattern_over_json(line: str) -> None:
    assert not fits('{ ($.message != "x") }')(line)


def test_a_pattern_of_terms_wants_one_of_them_as_it_is_written() -> None:
    either = fits('?"[ERROR]" ?"Task timed out after"')
    assert either("2027-03-01T12:00:00Z 7f Task timed out after 60.00 seconds")
    assert either("[ERROR] ValueError: x")
    assert not either("[error] task timed out after")


@pytest.mark.parametrize(
    "pattern", ["", "ERROR", '?"a" b', "{ $.a = 1 }", '{ ($.a = "x*") }', '{ ($.a = "x") || ($.b = "y") }', "[a, b]"]
)
def test_a_pattern_that_is_not_known_is_refused(pattern: str) -> None:
    with pytest.raises(Unsupported):
        fits(pattern)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b * 2", 9.0),
        ("IF(a >= 2, 100 * a / b, 0)", 75.0),
        ("IF(a > 3, 1, 0)", 0.0),
        ("FILL(gone, 0) + a", 3.0),
        ("gone + a", None),
        ("IF(gone >= 2, 1, 0)", None),
        ("a / (b - b)", None),
    ],
)
def test_metric_math_reckons_and_hands_what_is_missing_on(expression: str, value: float | None) -> None:
    assert reckon(expression, {"a": 3.0, "b": 4.0 if "100" in expression else 3.0, "gone": None}) == value


@pytest.mark.parametrize("expression", ["SEARCH('x')", "a ** 2", "a if b else a", "a.b", "FILL(a)", "a +"])
def test_an_expression_that_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(Unsupported):
        reckon(expression, {"a": 1.0, "b": 1.0})


def test_a_figure_is_of_its_period_alone_and_of_all_its_dimensions() -> None:
    points, metric = Points(), Metric("ss", "Age", (("service", "scheduler"),))
    for minutes, value in ((0, 1.0), (5, 4.0), (3, 2.0)):
        points.add(metric, NOW + timedelta(minutes=minutes), value)
    begin = NOW.timestamp()
    found = [points.figure(metric, name, begin, begin + 300) for name in ("Sum", "Maximum", "SampleCount", "Average")]
    assert found == [6.0, 4.0, 2.0, 3.0], "what is on the border is the period's before"
    assert points.figure(metric, "Sum", begin + 300, begin + 600) is None
    assert points.figure(Metric("ss", "Age"), "Sum", begin, begin + 300) is None


def test_a_line_counts_once_for_each_filter_of_its_own_log_group() -> None:
    metric = Metric("ss", "Failed")
    points = Points([Filter("/aws/lambda/ss-a", '?"[ERROR]"', metric, 1.0)])
    points.log("/aws/lambda/ss-a", NOW, "[ERROR] x [ERROR]")
    points.log("/aws/lambda/ss-b", NOW, "[ERROR] x")
    assert points.figure(metric, "Sum", NOW.timestamp() - 1, NOW.timestamp()) == 1.0
    assert points.hours(metric) == 1
