"""The line that says when approval mails go out."""

from __future__ import annotations

from datetime import time

import pytest

from mesh.rulebook import parse_rules
from mesh.rulebook.model import Grouping
from mesh.rulebook.telling import changes

EVERY_DAY_AT_EIGHT = tuple((day, time(8)) for day in range(7))
MONDAY_AT_EIGHT = ((0, time(8)),)


def read(value: str, name: str = "Approval mails") -> tuple[Grouping | None, list[tuple[int, str]]]:
    book, problems = parse_rules(f"Time zone: UTC\n{name}: {value}", default_zone="UTC")
    return book.grouping, [(problem.line, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("value", "moments"),
    [
        ("daily 8:00", EVERY_DAY_AT_EIGHT),
        ("daily at 8am", EVERY_DAY_AT_EIGHT),
        ("every day 8.00", EVERY_DAY_AT_EIGHT),
        ("täglich um 8 Uhr", EVERY_DAY_AT_EIGHT),
        ("weekly on Monday 8:00", MONDAY_AT_EIGHT),
        ("every Monday at 8:00", MONDAY_AT_EIGHT),
        ("wöchentlich am Montag 8 Uhr", MONDAY_AT_EIGHT),
        ("montags 8:00 (before we open)", MONDAY_AT_EIGHT),
        ("Sundays 18:30", ((6, time(18, 30)),)),
        ("weekdays 8:00", tuple((day, time(8)) for day in range(5))),
        ("Mondays 8:00 and 16:00", ((0, time(8)), (0, time(16)))),
    ],
)
def test_a_moment_of_the_week_is_read_as_people_write_it(value: str, moments: tuple[tuple[int, time], ...]) -> None:
    grouping, problems = read(value)
    assert problems == []
    assert grouping is not None
    assert grouping.moments == moments


@pytest.mark.parametrize("value", ["at once", "At once.", "immediately", "sofort", "at once (as always)"])
def test_at_once_groups_nothing(value: str) -> None:
    assert read(value) == (None, [])


def test_without_the_line_nothing_is_grouped() -> None:
    assert parse_rules("Time zone: UTC", default_zone="UTC")[0].grouping is None


@pytest.mark.parametrize("name", ["approval mails", "Approval mail", "Approvals", "Freigabe-Mails", "Freigaben"])
def test_the_rule_has_names_in_both_languages(name: str) -> None:
    assert read("daily 8:00", name)[0] is not None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("daily", "at what time"),
        ("weekly 8:00", "on which day"),
        ("8:00", "on which days"),
        ("never", "nobody is asked"),
        ("first Monday of the month 8:00", "does not come every week"),
        ("every day in December 8:00", "does not come every week"),
        ("every month on the 15th at 8:00", "does not come every week"),
        ("every day at 1:00, 2:00, 3:00, 4:00 and 5:00", "35 times a week"),
        ("whenever you like", ""),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_changes_nothing(value: str, says: str) -> None:
    grouping, problems = read(value)
    assert grouping is None
    ((line, message),) = problems
    assert line == 2
    assert says in message
    assert "8:00" in message or "9:00" in message, "it shows what to write"


def test_a_slip_in_the_name_is_told_with_the_right_one() -> None:
    ((_, message),) = read("daily 8:00", "Aproval mails")[1]
    assert "did you mean “approval mails”?" in message


def test_the_log_says_what_it_was_and_is() -> None:
    before, after = (parse_rules(text, default_zone="UTC")[0] for text in ("", "Approval mails: daily 8:00"))
    assert changes(before, after) == ("approval mails at once is now daily 8:00",)
