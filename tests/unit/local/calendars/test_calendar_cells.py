"""What people write into a cell is read where it is certain, and named with its remedy where it is not."""

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.calendars.cells import CellError, parse_channels, parse_time, split_moment
from local.calendars.dates import parse_date

CHANNELS = ("bluesky-main", "mastodon-main")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-25", date(2026, 12, 25)),
        ("2026-3-5", date(2026, 3, 5)),
        ("25.12.2026", date(2026, 12, 25)),
        ("3.4.2026", date(2026, 4, 3)),
        (" 5. 11. 2026 ", date(2026, 11, 5)),
        ("25/12/2026", date(2026, 12, 25)),
        ("12/25/2026", date(2026, 12, 25)),
        ("03/03/2026", date(2026, 3, 3)),
        ("4 December 2026", date(2026, 12, 4)),
        ("4. Dezember 2026", date(2026, 12, 4)),
        ("1 März 2027", date(2027, 3, 1)),
        ("Fri, 4 Dec 2026", date(2026, 12, 4)),
        ("December 4, 2026", date(2026, 12, 4)),
        ("Oct 3rd 2027", date(2027, 10, 3)),
    ],
)
def test_a_date_that_means_one_day_is_read(text: str, expected: date) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["13/25/2026", "2026-02-30", "31.4.2026", "tomorrow", "4600", "3.12.26", "4 Foo 2026"])
def test_what_is_no_date_is_named_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_date(text)
    assert caught.value.what == f"{text} is no date"
    assert "2026-12-25" in caught.value.fix


def test_a_date_that_can_mean_two_days_is_not_guessed() -> None:
    with pytest.raises(CellError) as caught:
        parse_date("03/04/2026")
    assert caught.value.what == "03/04/2026 can be 3 April or 4 March"
    assert caught.value.fix == "write 2026-04-03 or 2026-03-04"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:00", time(9)),
        ("09:00", time(9)),
        ("09:00:30", time(9)),
        ("9.30", time(9, 30)),
        ("18h15", time(18, 15)),
        ("9 am", time(9)),
        ("9AM", time(9)),
        ("9:30 pm", time(21, 30)),
        ("9 p.m.", time(21)),
        ("12 am", time(0)),
        ("12 pm", time(12)),
        ("9 Uhr", time(9)),
        ("00:00", time(0)),
    ],
)
def test_a_time_as_people_write_it_is_read(text: str, expected: time) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["25:00", "9:60", "13 pm", "0 am", "noon", "9", "-1:00"])
def test_what_is_no_time_is_named_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_time(text)
    assert caught.value.what == f"{text} is no time"
    assert "09:00" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-24 09:00", ("2026-12-24", "09:00")),
        ("2026-12-24T09:00:00", ("2026-12-24", "09:00:00")),
        ("24.12.2026, 9:00", ("24.12.2026", "9:00")),
        ("2026-12-24", ("2026-12-24", "")),
        ("nonsense", ("nonsense", "")),
    ],
)
def test_a_date_cell_may_hold_the_time_too(text: str, expected: tuple[str, str]) -> None:
    assert split_moment(text) == expected


def test_channels_are_split_at_any_usual_separator_and_spelled_as_registered() -> None:
    assert parse_channels("Bluesky-Main; mastodon-main\nbluesky-main", CHANNELS) == ("bluesky-main, mastodon-main", [])


def test_an_unknown_channel_stays_in_the_cell_and_is_named() -> None:
    assert parse_channels("myspace, mastodon-main", CHANNELS) == ("myspace, mastodon-main", ["myspace"])


@given(st.text(max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (parse_date, parse_time):
        with suppress(CellError):
            read(text)
    split_moment(text)
    parse_channels(text, CHANNELS)
