"""A scheduler that stands still is told once, in plain words, and no more once it runs again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drive_sync.state import SAID_EVERY, State, got_through
from drive_sync.watching import SURE_AFTER, SWEEP_SILENT, TICK_SILENT, ages, watched

NOW = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
SECOND = timedelta(seconds=1)


def ran(sweep: timedelta, tick: timedelta = timedelta(hours=1)) -> dict[str, str]:
    return {"swept_at": (NOW - sweep).isoformat(), "daily_at": (NOW - tick).isoformat()}


def twice(scheduler: dict[str, str] | None, state: State, now: datetime) -> tuple[State, str, str]:
    """What the second look finds that meets the same, just long enough after a first that only took note."""
    state, cause, _ = watched(scheduler, state, now, ZONE)
    again, still, _ = watched(scheduler, state, now + SURE_AFTER - SECOND, ZONE)
    assert (cause, still) == ("", "")
    return watched(scheduler, again, now + SURE_AFTER, ZONE)


def test_after_a_jump_of_the_clock_a_sweep_that_is_just_under_way_is_not_missed() -> None:
    state, cause, _ = watched(ran(timedelta(hours=9)), State(), NOW, ZONE)
    assert cause == ""
    assert watched(ran(timedelta(0)), state, NOW + timedelta(minutes=5), ZONE) == (State(), "", "")


def test_the_ages_are_those_of_the_last_runs_that_got_through() -> None:
    found = ages(ran(timedelta(minutes=3), timedelta(hours=2)), State(), NOW)
    assert found == {"sweep": 180.0, "tick": 7200.0}


def test_a_clock_that_is_behind_makes_no_age_below_nothing() -> None:
    assert min(ages(ran(-timedelta(minutes=3)), State(), NOW).values()) >= 0


@pytest.mark.parametrize(
    ("sweep", "tick", "cause"),
    [
        (SWEEP_SILENT, TICK_SILENT, ""),
        (SWEEP_SILENT + SECOND, TICK_SILENT, "sweep-silent#2027-03-26T07:39:59+00:00"),
        (timedelta(minutes=5), TICK_SILENT + SECOND, "tick-silent#2027-03-25T06:39:59+00:00"),
        (timedelta(days=2), timedelta(days=2), "sweep-silent#2027-03-24T08:00:00+00:00"),
    ],
)
def test_a_silence_is_told_from_its_limit_on_and_the_worse_one_alone(
    sweep: timedelta, tick: timedelta, cause: str
) -> None:
    assert twice(ran(sweep, tick), State(), NOW)[1] == cause


def test_it_says_since_when_what_it_means_and_where_to_look() -> None:
    _, _, message = twice(ran(timedelta(hours=1)), State(), NOW)
    assert message.startswith("Since Friday 26 March, 08:00 nobody has looked whether your posts go out as planned.")
    assert "schedule “sweep”" in message


def test_it_is_told_once_and_again_only_after_it_had_run() -> None:
    silent = ran(timedelta(hours=1))
    state, first, _ = twice(silent, State(), NOW)
    state, second, _ = watched(silent, state, NOW + timedelta(minutes=5), ZONE)
    state, healed, _ = watched(ran(timedelta(0)), state, NOW, ZONE)
    state, other, _ = twice(ran(timedelta(0)), state, NOW + timedelta(hours=1))
    assert [bool(first), second, healed, bool(other)] == [True, "", "", True]
    assert first != other


def test_one_that_never_ran_is_missed_from_the_first_look_on() -> None:
    state, cause, _ = watched(None, State(), NOW, ZONE)
    assert (cause, state.unswept_since, state.unticked_since) == ("", NOW.isoformat(), NOW.isoformat())
    state, cause, message = twice(None, state, NOW + SWEEP_SILENT + SECOND)
    assert cause == f"sweep-silent#{NOW.isoformat()}"
    assert "Since Friday 26 March, 09:00" in message
    state, cause, _ = watched(ran(timedelta(0)), state, NOW, ZONE)
    assert (state, cause) == (State(), "")


def test_that_a_run_got_through_is_noted_once_in_ten_minutes_and_where_the_clock_was_ahead() -> None:
    noted = got_through(State(), NOW)
    assert noted.synced_at == NOW.isoformat()
    assert got_through(noted, NOW + SAID_EVERY - SECOND) is noted
    assert got_through(noted, NOW + SAID_EVERY).synced_at == (NOW + SAID_EVERY).isoformat()
    behind = NOW - timedelta(minutes=1)
    assert got_through(noted, behind).synced_at == behind.isoformat()
    assert got_through(State(), NOW + SECOND) == noted, "to the minute: it need not be another item for every second"
