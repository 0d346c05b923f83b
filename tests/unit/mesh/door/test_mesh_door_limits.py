"""How often something may be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mesh.door.limits import WINDOW, Limit, counted
from mesh.errors import TooOften

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
TWICE = Limit("rate#x", 2)
MINUTE = timedelta(minutes=1)


def once_more(kept: Mapping[str, Any], now: datetime, *limits: Limit) -> dict[str, Any]:
    """The working memory after one more time."""
    writes = counted(limits or [TWICE], kept, now, "ss-runtime")
    return {**kept, **{write.body["pk"]: write.body for write in writes}}


def test_the_third_time_in_ten_minutes_is_too_often_and_the_first_one_running_out_ends_it() -> None:
    kept = once_more(once_more({}, NOW), NOW + 4 * MINUTE)
    with pytest.raises(TooOften) as caught:
        once_more(kept, NOW + 5 * MINUTE)
    assert caught.value.again_at == NOW + WINDOW
    kept = once_more(kept, NOW + WINDOW)
    with pytest.raises(TooOften) as caught:
        once_more(kept, NOW + WINDOW)
    assert caught.value.again_at == NOW + 4 * MINUTE + WINDOW


def test_of_two_limits_the_one_that_lasts_longer_says_when() -> None:
    every = Limit("rate#all", 1)
    kept = once_more(once_more({}, NOW), NOW + MINUTE, TWICE, every)
    with pytest.raises(TooOften) as caught:
        once_more(kept, NOW + 2 * MINUTE, TWICE, every)
    assert caught.value.again_at == NOW + MINUTE + WINDOW


def test_each_count_is_written_only_over_what_was_read_and_is_forgotten_by_itself() -> None:
    (first,) = counted([TWICE], {}, NOW, "ss-runtime")
    assert first.condition == "attribute_not_exists(#pk)"
    (second,) = counted([TWICE], {"rate#x": first.body}, NOW, "ss-runtime")
    assert (second.condition, second.values) == ("#version = :version", {":version": 1})
    assert second.body["version"] == 2
    assert second.body["ttl"] > (NOW + WINDOW).timestamp()
    later = once_more({"rate#x": second.body}, NOW + 2 * WINDOW)
    assert len(later["rate#x"]["times"]) == 1


def test_a_time_counted_by_a_faster_clock_counts() -> None:
    kept = once_more(once_more({}, NOW + MINUTE), NOW + MINUTE)
    with pytest.raises(TooOften):
        once_more(kept, NOW)
