"""Cells as people all over the world write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.cells import Cell, cell_text, clock_text, day_text, read_clock, read_day, two_days

MARCH_27 = [
    "2027-03-27", "2027-3-27", "2027/3/27", "2027.03.27", "2027年3月27日", "2027 年 3 月 27 日", "27.03.2027", "27. 3. 2027",
    "27/03/2027", "03/27/2027", "27-03-2027", "27 March 2027", "27th March 2027", "27 Mar. 2027", "March 27, 2027",
    "Mar 27 2027", "March 27th, 2027", "27. März 2027", "27 mars 2027", "27 de marzo de 2027", "27 de março de 2027",
    "27 marzo 2027", "Sat 27 March 2027", "Samstag, 27.03.2027", "sábado 27 de marzo de 2027", "SATURDAY, 27 MARCH 2027",
]  # fmt: skip


@pytest.mark.parametrize("written", MARCH_27)
def test_a_day_that_can_be_one_only_is_read(written: str) -> None:
    assert read_day(written) == date(2027, 3, 27)


def test_the_same_number_twice_is_one_day() -> None:
    assert read_day("05/05/2027") == date(2027, 5, 5)


@pytest.mark.parametrize("written", ["03/04/2027", "3-4-2027", "12/11/2027"])
def test_what_can_be_two_days_is_none_and_both_can_be_named(written: str) -> None:
    assert read_day(written) is None
    assert len(two_days(written)) == 2


@pytest.mark.parametrize(
    "written",
    ["", "27.3.", "27 March", "31.04.2027", "29.02.2027", "27.3.27", "0/0/2027", "13/13/2027", "March", "1" * 5000],
)
def test_what_is_no_day_is_none(written: str) -> None:
    assert read_day(written) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9:00", "09:00"), ("09.05", "09:05"), ("9 am", "09:00"), ("9:30 p.m.", "21:30"), ("12 am", "00:00"), ("12pm", "12:00"),
        ("21h30", "21:30"), ("9h", "09:00"), ("9 Uhr", "09:00"), ("9.30 Uhr", "09:30"), ("9時30分", "09:30"), ("9時", "09:00"),
        ("18:45:10", "18:45"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read(written: str, meant: str) -> None:
    assert clock_text(written) == meant


@pytest.mark.parametrize(
    "written", ["9", "25:00", "24:00", "9:60", "13 pm", "0 am", "9.3", "soon", "9:00 to 10:00", ""]
)
def test_what_is_no_time_of_day_is_none(written: str) -> None:
    assert read_clock(written) is None


def test_a_length_of_time_is_told_as_it_was_typed() -> None:
    assert clock_text(25 / 24) == "25:00"
    assert clock_text(1 + 1 / 1440) == "24:01"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a\x00b\x07c", "abc"),
        ("half \ud83d end", "half \ufffd end"),
        ("one\r\ntwo\rthree\x0bfour", "one\ntwo\nthree\nfour"),
        (3.0, "3"),
        (True, "TRUE"),
        (None, ""),
        ("=1+1", "=1+1"),
    ],
)
def test_what_nobody_can_type_or_send_does_not_get_in(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_cell_breaks_the_reading_and_every_text_can_be_stored(cell: Cell) -> None:
    for text in (cell_text(cell), day_text(cell), clock_text(cell)):
        assert "\x00" not in text
        text.encode()


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_day_is_read_back_from_its_own_iso_text(day: date) -> None:
    assert read_day(day.isoformat()) == day
