"""A business where all is well is left in peace: with posts, with one, with none, over days of 23 and 25 hours, and for a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from mesh_world import base
from watched_mesh import WatchedMesh, busy, idle, watch

from local.watch.model import Metric

LONG_DAY = datetime(
    2027, 10, 30, 4, 0, tzinfo=UTC
)  # an hour before Saturday's tick; the night after, Berlin's clocks go back
SHORT_DAY = datetime(2027, 3, 27, 5, 0, tzinfo=UTC)


def two_a_day(world: WatchedMesh, day: int) -> None:
    for hours in (26, 32):
        base.row(world, world.now + timedelta(hours=hours), text=f"Cake {day} {hours}", channels="main, second")


@pytest.mark.parametrize("saturday", [LONG_DAY, SHORT_DAY], ids=["25 hours", "23 hours"])
def test_a_day_of_another_length_rings_nothing(saturday: datetime) -> None:
    world = idle(saturday)
    base.pump(world, 27 * 60)
    assert world.record.rung(watch()) == []
    ages = world.record.points(watch()).figure(
        Metric("ss", "TickAge", (("service", "scheduler"),)), "Maximum", 0, world.now.timestamp()
    )
    assert ages is not None
    assert (ages > 24.9 * 3600) is (saturday == LONG_DAY), "that day was in it"


@pytest.mark.slow
def test_days_with_posts_ring_nothing_and_all_of_them_go_out() -> None:
    world = idle()
    busy(world, 3, two_a_day)
    assert world.record.rung(watch()) == []
    assert len(world.kind.feed.posts) == 8, "of two days, two each, on two channels"


@pytest.mark.slow
@pytest.mark.parametrize("days_with_posts", [range(30), [3], []], ids=["two a day", "one day's", "none"])
def test_a_healthy_month_rings_nothing(days_with_posts: range | list[int]) -> None:
    world = idle(datetime(2027, 3, 8, 9, 0, tzinfo=UTC))  # with the short day in it
    busy(world, 31, lambda world, day: two_a_day(world, day) if day in days_with_posts else None)
    assert world.record.rung(watch()) == []
    assert len(world.kind.feed.posts) == 4 * len(days_with_posts)
    assert world.letters == []


def test_what_is_reported_in_health_is_the_ticks_age_and_little_else() -> None:
    """CloudWatch charges a metric for each hour in which it is reported."""
    world = idle()
    busy(world, 3, lambda world, day: two_a_day(world, day) if day == 0 else None)
    assert world.record.rung(watch()) == []
    points = world.record.points(watch())
    hours = {metric.name: points.hours(metric) for metric in points.metrics() if metric.namespace == "ss"}
    assert hours.pop("TickAge") == 73
    assert set(hours) <= {"Tries", "QueueDepth", "DueLateSeconds"}
    assert sum(hours.values()) <= 6, "the few hours in which something is sent"
