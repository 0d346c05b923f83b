"""When a recurring post comes: the business's wall clock, spans that meet, clock changes, odd zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.recurring import occurrences, times_on, turn_of
from mesh.rulebook import Template
from mesh.rulebook.schedule_words import crons_of
from mesh.schedule_time import planned_moment

BERLIN = ZoneInfo("Europe/Berlin")


def template(words: str) -> Template:
    return Template("a", crons_of(words), words, 1)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_every_friday_of_a_month() -> None:
    found = occurrences(template("every Friday 9:00"), at("2027-03-01"), at("2027-04-01"), BERLIN)
    assert found == [(date(2027, 3, day), time(9)) for day in (5, 12, 19, 26)]


def test_the_start_is_left_out_and_the_end_is_in() -> None:
    friday = template("every Friday 9:00")
    nine = at("2027-03-05T09:00")
    assert occurrences(friday, nine, nine + timedelta(days=7), BERLIN) == [(date(2027, 3, 12), time(9))]
    assert occurrences(friday, nine - timedelta(seconds=1), nine, BERLIN) == [(date(2027, 3, 5), time(9))]
    assert occurrences(friday, nine, nine, BERLIN) == []
    assert occurrences(friday, nine + timedelta(days=30), nine, BERLIN) == []


def test_several_times_a_day_come_in_order() -> None:
    found = occurrences(template("every day at 17:30, 9:00 and 12:00"), at("2027-03-05"), at("2027-03-06"), BERLIN)
    assert found == [(date(2027, 3, 5), time(9)), (date(2027, 3, 5), time(12)), (date(2027, 3, 5), time(17, 30))]


def test_a_skipped_time_is_listed_and_goes_out_an_hour_on() -> None:
    """28 March 2027: 02:00 to 03:00 is skipped in Berlin."""
    night = template("every day 2:30")
    found = occurrences(night, at("2027-03-28T01:00"), at("2027-03-28T03:30"), BERLIN)
    assert found == [(date(2027, 3, 28), time(2, 30))]
    assert occurrences(night, at("2027-03-28T01:00"), at("2027-03-28T03:29"), BERLIN) == []


def test_a_time_that_comes_twice_is_listed_once() -> None:
    """31 October 2027: 02:00 to 03:00 comes twice in Berlin; the first is meant."""
    night = template("every day 2:30")
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert occurrences(night, first - timedelta(minutes=1), first + timedelta(hours=3), BERLIN) == [
        (date(2027, 10, 31), time(2, 30))
    ]
    assert occurrences(night, first, first + timedelta(hours=3), BERLIN) == []


@pytest.mark.parametrize(
    ("words", "zone", "first", "last", "days"),
    [
        ("every month on the 31st 9:00", "Europe/Berlin", "2027-01-01", "2027-06-30", ["01-31", "03-31", "05-31"]),
        (
            "on the last day of every month 9:00",
            "Europe/Berlin",
            "2028-01-15",
            "2028-04-01",
            ["01-31", "02-29", "03-31"],
        ),
        ("fifth Monday of the month 9:00", "Asia/Kathmandu", "2027-01-01", "2027-06-30", ["03-29", "05-31"]),
        ("every year on 29 February 9:00", "Australia/Lord_Howe", "2027-01-01", "2029-01-01", ["02-29"]),
        ("every day 0:15", "Pacific/Kiritimati", "2027-01-01", "2027-01-02T00:14", ["01-01"]),
        ("every day 23:45", "Pacific/Pago_Pago", "2027-01-01", "2027-01-02", ["01-01"]),
        ("every day 9:00", "Pacific/Apia", "2011-12-29", "2012-01-01", ["12-29", "12-30", "12-31"]),
    ],
)
def test_calendars_and_zones_of_every_kind(words: str, zone: str, first: str, last: str, days: list[str]) -> None:
    """Samoa had no 30 December 2011: that day's post is listed and goes out a day on, as a row of the sheet would."""
    there = ZoneInfo(zone)
    found = occurrences(template(words), at(first, there), at(last, there), there)
    assert [f"{day:%m-%d}" for day, _ in found] == days


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        occurrences(template("every day 9:00"), datetime(2027, 1, 1), at("2027-02-01"), BERLIN)  # noqa: DTZ001


def test_the_ends_of_the_calendar_are_no_trouble() -> None:
    daily = template("every day 9:00")
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert occurrences(daily, ends[0], ends[0] + timedelta(days=400), BERLIN) == []
    assert occurrences(daily, ends[1] - timedelta(days=9), ends[1], BERLIN) == []


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["every day at 2:30 and 9:00", "every Friday 0:00", "on the last day of every month 23:59"]),
    st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca"]
    ),
    st.integers(0, 700 * 24 * 60),
    st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=4),
)
def test_spans_that_meet_give_each_occurrence_once(words: str, place: str, start: int, lengths: list[int]) -> None:
    zone, one = ZoneInfo(place), template(words)
    edges = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)]
    for length in lengths:
        edges.append(edges[-1] + timedelta(minutes=length))
    whole = occurrences(one, edges[0], edges[-1], zone)
    parts = [found for after, until in pairwise(edges) for found in occurrences(one, after, until, zone)]
    assert parts == whole
    moments = [planned_moment(day, clock, zone).at for day, clock in whole]
    assert moments == sorted(moments)
    assert all(edges[0] < moment <= edges[-1] for moment in moments)


def test_the_times_of_a_day_are_those_of_all_its_schedules_once_each() -> None:
    twice = Template("a", ("cron(0 9,17 ? * FRI *)", "cron(0 17 * * ? *)"), "", 1)
    assert times_on(twice, date(2027, 3, 5)) == (time(9), time(17))
    assert times_on(twice, date(2027, 3, 6)) == (time(17),)
    assert times_on(template("every Friday 9:00"), date(2027, 3, 6)) == ()


@pytest.mark.parametrize(
    "words",
    ["every day at 2:30 and 9:00", "first Monday of the month 9:00", "first and third Friday of the month 9:00"],
)
def test_each_turn_is_one_more_than_the_last_also_over_a_clock_change_and_a_new_year(words: str) -> None:
    one = template(words)
    found = occurrences(one, at("2026-10-01"), at("2027-06-01"), BERLIN)
    turns = [turn_of(one, day, clock) for day, clock in found]
    assert turns == list(range(turns[0], turns[0] + len(found)))


def test_turns_are_counted_from_the_first_monday_of_2024() -> None:
    friday = template("every Friday 9:00")
    assert [turn_of(friday, day, time(9)) for day in (date(2024, 1, 5), date(2024, 1, 12))] == [0, 1]
    assert turn_of(friday, date(2026, 3, 20), time(9)) == (date(2026, 3, 20) - date(2024, 1, 5)).days // 7
