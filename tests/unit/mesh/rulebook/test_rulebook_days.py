"""Blackout days: what can mean one day only is taken; the rest is asked about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mesh.rulebook import parse_rules

EVE = date(2026, 12, 24)


def days(written: str) -> set[date]:
    book, problems = parse_rules(f"Blackout days: {written}", default_zone="UTC")
    assert problems == ()
    return set(book.blackout_days)


def told(written: str) -> list[str]:
    book, problems = parse_rules(f"Blackout days: {written}", default_zone="UTC")
    assert book.blackout_days == frozenset()
    return [problem.message for problem in problems]


def run(first: date, last: date) -> set[date]:
    return {first + timedelta(days=passed) for passed in range((last - first).days + 1)}


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-24",
        "2026/12/24",
        "2026.12.24",
        "24.12.2026",
        "24. 12. 2026",
        "24/12/2026",
        "12/24/2026",
        "24-12-2026",
        "24 December 2026",
        "24th of December, 2026",
        "24. Dezember 2026",
        "Dec 24, 2026",
        "december 24th 2026",
        "Dec. 24, 2026.",
        "Thursday, 24 December 2026",
        "Donnerstag, 24. Dezember 2026",
        "2026-12-24 (Christmas Eve, closed)",
        "2026-12-24: Christmas Eve",
        "2026-12-24 - Christmas Eve",
        "Christmas Eve: 24 December 2026",
        "“24.12.2026”",
    ],
)
def test_one_day_however_it_is_written(written: str) -> None:
    assert days(written) == {EVE}


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-24 to 2027-01-02",
        "2026-12-24 – 2027-01-02",
        "2026-12-24–2027-01-02",
        "24.12.2026 - 2.1.2027",
        "24.12.2026-2.1.2027",
        "24.12. - 2.1.2027",
        "24 December 2026 until 2 January 2027",
        "24 Dec – 2 Jan 2027",
        "vom 24. Dezember 2026 bis 2. Januar 2027",
        "24.12.2026 bis zum 2.1.2027 (Betriebsferien)",
    ],
)
def test_from_one_day_to_another_both_are_meant(written: str) -> None:
    assert days(written) == run(EVE, date(2027, 1, 2))


@pytest.mark.parametrize("written", ["24-26 December 2026", "24.-26.12.2026", "Dec 24-26, 2026", "24 to 26 Dec 2026"])
def test_a_range_takes_month_and_year_from_its_end(written: str) -> None:
    assert days(written) == run(EVE, date(2026, 12, 26))


def test_lists_go_over_lines_bullets_and_commas() -> None:
    text = "Blackout days: 24.12.2026, 2026-12-26 and 31 December 2026\n* 1.1.2027 (New Year)\n\n1. 2.1.2027\n2. 3. Januar 2027\n"
    book, problems = parse_rules(text + "Late rule: 1 hour", default_zone="UTC")
    assert problems == ()
    assert book.blackout_days == {EVE, date(2026, 12, 26), date(2026, 12, 31), *run(date(2027, 1, 1), date(2027, 1, 3))}
    assert book.late == timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("03/04/2027", "“03/04/2027” may be 3 April or 4 March; write 2027-04-03 or 2027-03-04"),
        ("3-4-2027", "may be 3 April or 4 March"),
        ("24 Dec", "“24 Dec”: of which year?"),
        ("24.12.", "of which year? Write it in full, like 2026-12-24"),
        ("24 to 26 December", "“24 to 26 December”: of which year?"),
        ("24.12.26", "write the year in full, like 2026-12-24"),
        ("30 February 2027", "there is no such day"),
        ("29.2.2027", "there is no such day"),
        ("2027-01-02 to 2026-12-24", "ends before it begins; write it like 2026-12-24 to 2027-01-02"),
        ("2020-01-01 to 2027-01-01", "look at the years"),
        ("0026-12-24", "is not in this century"),
        ("Friday, 24 December 2026", "that day is a Thursday"),
        ("2027-03-28 to Easter", "is no date"),
        ("every Sunday", "is no date"),
        ("(soon", "is no date"),
    ],
)
def test_what_is_no_day_or_more_than_one_is_asked_about(written: str, message: str) -> None:
    (said,) = told(written)
    assert message in said


def test_the_leap_day_is_a_day() -> None:
    assert days("29.2.2028") == {date(2028, 2, 29)}
    assert days("3/3/2027") == {date(2027, 3, 3)}
