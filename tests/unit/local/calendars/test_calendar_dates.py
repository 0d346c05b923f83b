"""A date that can mean two days is decided by its column, by its owner, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from calendar_desk import read, said
from hypothesis import given
from hypothesis import strategies as st

from local.calendars.cells import CellError
from local.calendars.dates import Order, decide, parse_date


def calendar_of(tmp_path: Path, dates: list[str], order: Order | None = None):  # type: ignore[no-untyped-def]
    rows = "".join(f'"{text}",09:00,One,bluesky-main\n' for text in dates)
    return read(tmp_path / "plan.csv", "date,time,text,channels\n" + rows, order=order)


def test_one_row_that_can_be_read_one_way_only_decides_for_all(tmp_path: Path) -> None:
    calendar = calendar_of(tmp_path, ["03/04/2027", "31/03/2027"])
    assert ([row["date"] for row in calendar.rows], said(calendar)) == (["2027-04-03", "2027-03-31"], [])
    calendar = calendar_of(tmp_path, ["03/04/2027", "03/31/2027"])
    assert ([row["date"] for row in calendar.rows], said(calendar)) == (["2027-03-04", "2027-03-31"], [])


def test_where_nothing_decides_every_such_row_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    calendar = calendar_of(tmp_path, ["03/04/2027", "05/06/2027", "07/07/2027"])
    assert [row["date"] for row in calendar.rows] == ["03/04/2027", "05/06/2027", "2027-07-07"]
    assert said(calendar) == [
        "row 2, date: 03/04/2027 can be 3 April or 4 March; write 2027-04-03 or 2027-03-04",
        "row 3, date: 05/06/2027 can be 5 June or 6 May; write 2027-06-05 or 2027-05-06",
    ]


def test_rows_that_contradict_each_other_decide_nothing(tmp_path: Path) -> None:
    calendar = calendar_of(tmp_path, ["31/03/2027", "04/13/2027", "03/04/2027"])
    assert [row["date"] for row in calendar.rows] == ["2027-03-31", "2027-04-13", "03/04/2027"]
    assert "and other rows say both" in said(calendar)[0]


def test_the_owner_decides_and_what_contradicts_the_owner_is_named(tmp_path: Path) -> None:
    calendar = calendar_of(tmp_path, ["03/04/2027", "03/31/2027"], Order.DAY_FIRST)
    assert [row["date"] for row in calendar.rows] == ["2027-04-03", "03/31/2027"]
    assert said(calendar) == [
        "row 3, date: 03/31/2027 is month-first, and the dates were said to be day-first; "
        "write 2027-03-31, or leave --dates away"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027/03/31", date(2027, 3, 31)),
        ("2027.3.31.", date(2027, 3, 31)),
        ("2027年3月31日", date(2027, 3, 31)),
        ("2027年3月31日（水）", date(2027, 3, 31)),
        ("1er avril 2027", date(2027, 4, 1)),
        ("3 de abril de 2027", date(2027, 4, 3)),
        ("3 août 2027", date(2027, 8, 3)),
        ("Wed 31/03/2027", date(2027, 3, 31)),
    ],
)
def test_dates_of_other_countries_that_mean_one_day(text: str, expected: date) -> None:
    assert parse_date(text) == expected


def test_a_bare_day_number_in_a_text_file_is_named_with_the_day_it_may_be() -> None:
    with pytest.raises(CellError) as caught:
        parse_date("46477")
    assert (
        str(caught.value) == "46477 is a spreadsheet's number for a day; write 2027-03-31, if that is the day it showed"
    )


def test_a_year_of_two_figures_is_not_guessed() -> None:
    for text in ("3/31/27", "31.03.27", "27/03/31"):
        with pytest.raises(CellError):
            parse_date(text)


@given(st.lists(st.dates(date(2000, 1, 1), date(2099, 12, 31)), min_size=1, max_size=30), st.sampled_from(list(Order)))
def test_a_column_is_never_read_as_another_day_than_was_meant(days: list[date], order: Order) -> None:
    form = "%d/%m/%Y" if order is Order.DAY_FIRST else "%m/%d/%Y"
    texts = [day.strftime(form) for day in days]
    reading = decide(texts)
    for day, text in zip(days, texts, strict=True):
        try:
            assert parse_date(text, reading) == day
        except CellError:
            assert reading.order is None


def test_a_moment_in_one_cell_is_taken_apart(tmp_path: Path) -> None:
    content = "Scheduled at,Caption\n2027-03-31 21h30,One\n31.03.2027 9 Uhr,Two\n2027-03-31T07:00:00Z,Three\n2027-03-31,Four\n"
    calendar = read(tmp_path / "plan.csv", content, channels="bluesky-main")
    assert [(row["date"], row.get("time")) for row in calendar.rows] == [
        ("2027-03-31", "21:30"),
        ("2027-03-31", "09:00"),
        ("2027-03-31", "09:00"),
        ("2027-03-31", None),
    ]
    assert said(calendar) == ["row 5, time: is empty; write a time such as 09:00"]
