"""Schedule expressions: zones, daylight saving, and the odd corners of cron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from local.aws.expressions import Cron, InvalidExpressionError, Once, latest_until, next_after, parse


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _times(expression: str, zone: str, after: str, count: int) -> list[datetime]:
    parsed = parse(expression, zone)
    moment = _utc(after)
    found = []
    for _ in range(count):
        following = next_after(parsed, moment, _utc(after))
        assert following is not None
        found.append(following)
        moment = following
    return found


def test_a_cron_follows_its_zone_through_daylight_saving() -> None:
    found = _times("cron(0 7 * * ? *)", "Europe/Berlin", "2026-03-27T12:00:00", 3)
    assert found == [_utc("2026-03-28T06:00:00"), _utc("2026-03-29T05:00:00"), _utc("2026-03-30T05:00:00")]


def test_a_cron_time_in_a_gap_is_skipped() -> None:
    found = _times("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00:00", 1)
    assert found == [_utc("2026-03-30T00:30:00")]


def test_a_cron_time_in_a_fold_comes_once() -> None:
    found = _times("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00", 2)
    assert found == [_utc("2026-10-25T00:30:00"), _utc("2026-10-26T01:30:00")]


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("cron(0 18 ? * SUN *)", "2026-11-16T00:00:00", "2026-11-22T18:00:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-11-03T00:00:00", "2026-12-07T09:00:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-02-03T00:00:00", "2026-03-02T09:00:00"),
        ("cron(0 9 ? * 2#5 *)", "2026-12-01T00:00:00", "2027-03-29T09:00:00"),
        ("cron(0 9 ? * FRIL *)", "2026-11-01T00:00:00", "2026-11-27T09:00:00"),
        ("cron(0 9 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T09:00:00"),
        ("cron(0 9 LW * ? *)", "2026-02-01T00:00:00", "2026-02-27T09:00:00"),
        ("cron(0 9 15W * ? *)", "2026-11-01T00:00:00", "2026-11-16T09:00:00"),
        ("cron(0/20 9-10 ? * MON-FRI *)", "2026-11-20T10:40:00", "2026-11-23T09:00:00"),
        ("cron(0 0 29 FEB ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("cron(15 10 ? JAN,JUL * 2030-2031)", "2026-01-01T00:00:00", "2030-01-01T10:15:00"),
    ],
)
def test_cron_corners(expression: str, after: str, expected: str) -> None:
    assert _times(expression, "UTC", after, 1) == [_utc(expected)]


def test_a_cron_whose_years_are_over_never_fires() -> None:
    assert (
        next_after(parse("cron(0 0 1 1 ? 2020)", "UTC"), _utc("2026-01-01T00:00:00"), _utc("2026-01-01T00:00:00"))
        is None
    )


def test_an_at_is_read_in_its_zone_and_fires_once() -> None:
    once = parse("at(2026-07-01T09:00:00)", "Asia/Kolkata")
    assert once == Once(_utc("2026-07-01T03:30:00"))
    assert next_after(once, _utc("2026-07-01T03:30:00"), _utc("2026-01-01T00:00:00")) is None


def test_a_rate_counts_from_its_anchor() -> None:
    found = _times("rate(7 hours)", "UTC", "2026-01-01T00:30:00", 3)
    assert [later - earlier for earlier, later in pairwise(found)] == [timedelta(hours=7)] * 2
    assert found[0] == _utc("2026-01-01T07:30:00")


def test_missed_ticks_are_one_at_the_time_of_the_last() -> None:
    cron = parse("cron(0 7 * * ? *)", "Asia/Singapore")
    assert isinstance(cron, Cron)
    first, now = _utc("2026-01-01T23:00:00"), _utc("2026-06-15T12:00:00")
    assert latest_until(cron, first, now, first) == _utc("2026-06-14T23:00:00")
    monthly = parse("cron(0 7 1 * ? *)", "UTC")
    assert isinstance(monthly, Cron)
    assert latest_until(monthly, _utc("2026-01-01T07:00:00"), now, first) == _utc("2026-06-01T07:00:00")


@pytest.mark.parametrize(
    "expression", ["", "at()", "rate(5 fortnights)", "cron(* * * *)", "cron(0 7 ? * ? *)", "cron(0 7 ? * 9 *)"]
)
def test_nonsense_is_refused(expression: str) -> None:
    with pytest.raises(InvalidExpressionError):
        parse(expression, "UTC")
