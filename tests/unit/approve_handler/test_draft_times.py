"""When a draft would go: a sensible hour where nobody named one, by the clock on the wall, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approve_handler.draft_times import Slot, proposed, read_slot
from mesh.schedule_time import Moment, planned_moment

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2027-03-02T10:20", ("2027-03-02", "12:00")),  # a full hour, an hour ahead or more
        ("2027-03-02T11:00", ("2027-03-02", "12:00")),
        ("2027-03-02T05:00", ("2027-03-02", "09:00")),
        ("2027-03-02T17:00", ("2027-03-02", "18:00")),
        ("2027-03-02T17:01", ("2027-03-03", "09:00")),
        ("2027-03-02T23:59", ("2027-03-03", "09:00")),
        ("2027-03-28T01:30", ("2027-03-28", "09:00")),  # the clocks go forward that night
        ("2027-10-31T00:30", ("2027-10-31", "09:00")),
        ("2027-12-31T22:00", ("2028-01-01", "09:00")),
    ],
)
def test_without_a_time_it_is_the_next_hour_of_the_working_day(now: str, slot: tuple[str, str]) -> None:
    assert proposed("", "", at(now), BERLIN) == Slot(*slot)


def test_what_was_named_stands_as_long_as_it_is_to_come() -> None:
    now = at("2027-03-02T10:20")
    assert proposed("2027-03-02", "10:21", now, BERLIN) == Slot("2027-03-02", "10:21")
    assert proposed("2027-04-01", "", now, BERLIN) == Slot("2027-04-01", "09:00")
    assert proposed("2027-03-02", "", now, BERLIN) == Slot("2027-03-02", "12:00")
    assert proposed("", "07:30", now, BERLIN) == Slot("2027-03-03", "07:30")
    assert proposed("", "15:30", now, BERLIN) == Slot("2027-03-02", "15:30")


def test_what_has_passed_is_said_and_the_next_time_stands_in_its_place() -> None:
    now = at("2027-03-02T10:20")
    slot = proposed("2027-03-01", "09:00", now, BERLIN)
    assert (slot.date, slot.time) == ("2027-03-03", "09:00")
    assert slot.why == "The time that was named has passed (Monday 1 March, 09:00, Berlin time); this is the next one."
    assert proposed("2027-02-01", "", now, BERLIN).why
    assert proposed("nonsense", "25:99", now, BERLIN) == Slot("2027-03-02", "12:00")


@given(
    st.integers(1_735_689_600, 2_051_222_400),  # 2025 to 2034
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]),
    st.sampled_from(["", "2026-03-29", "2030-10-27"]),
    st.sampled_from(["", "02:30", "09:00", "23:59"]),
)
def test_a_proposal_always_lies_ahead_and_is_taken_when_it_is_accepted(
    seconds: int, name: str, day: str, clock: str
) -> None:
    now, zone = datetime.fromtimestamp(seconds, UTC), ZoneInfo(name)
    slot = proposed(day, clock, now, zone)
    found = read_slot(slot.date, slot.time, now, zone)
    assert isinstance(found, Moment)
    if not day and not clock:
        assert timedelta(hours=1) <= found.at - now <= timedelta(hours=18)


def test_a_typed_time_that_cannot_be_meant_is_told_in_a_sentence() -> None:
    now = at("2027-03-02T10:20")
    for day, clock, said in (
        ("", "09:00", "Date: choose the day"),
        ("soon", "09:00", "“soon” is no date"),
        ("03/04/2027", "09:00", "can be two days"),
        ("0007-01-01", "09:00", "is no date"),
        ("2027-03-03", "", "Time: choose when"),
        ("2027-03-03", "9", "“9” is no time"),
        ("2027-03-02", "10:20", "has passed"),
    ):
        assert said in str(read_slot(day, clock, now, BERLIN))


def test_a_time_that_the_clocks_skip_moves_and_says_so() -> None:
    found = read_slot("2027-03-28", "02:30", at("2027-03-02T10:20"), BERLIN)
    assert isinstance(found, Moment)
    assert found == planned_moment(date(2027, 3, 28), time(2, 30), BERLIN)
    assert "does not exist that day" in found.note
