"""EventBridge's crons: its documented examples, its odd corners, and agreement with the local stack's own reading of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.aws.expressions import InvalidExpressionError, next_after, parse
from mesh.cron import cron_days, fires_at_all, read_cron

YEAR = (date(2027, 1, 1), date(2027, 12, 31))


def days(fields: str, first: date = YEAR[0], last: date = YEAR[1]) -> list[date]:
    return list(cron_days(read_cron(f"cron({fields})"), first, last))


def firings(fields: str) -> int:
    return len(days(fields)) * len(read_cron(f"cron({fields})").times)


@pytest.mark.parametrize(
    ("fields", "times", "a_year"),
    [
        ("0 10 * * ? *", [time(10)], 365),
        ("15 12 * * ? *", [time(12, 15)], 365),
        ("0 18 ? * MON-FRI *", [time(18)], 261),
        ("0 8 1 * ? *", [time(8)], 12),
        ("0/15 * * * ? *", None, 365 * 96),
        ("0/10 * ? * MON-FRI *", None, 261 * 144),
        ("0/5 8-17 ? * MON-FRI *", None, 261 * 120),
        ("15 10 ? * 6L 2022-2030", [time(10, 15)], 12),
        ("0 9 ? * 2#1 *", [time(9)], 12),
        ("0 9 ? * L *", [time(9)], 52),
    ],
)
def test_the_documented_examples(fields: str, times: list[time] | None, a_year: int) -> None:
    """Of the user guide's page on cron expressions, but for the last two."""
    assert firings(fields) == a_year
    assert times is None or list(read_cron(f"cron({fields})").times) == times


def test_the_last_friday_is_the_last_and_the_first_monday_the_first() -> None:
    assert days("0 9 ? 1-3 6L *") == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26)]
    assert days("0 9 ? 1-3 MON#1 *") == [date(2027, 1, 4), date(2027, 2, 1), date(2027, 3, 1)]
    assert days("0 9 ? * 2#5 *") == [date(2027, 3, 29), date(2027, 5, 31), date(2027, 8, 30), date(2027, 11, 29)]


def test_month_ends_and_leap_days_are_those_of_the_calendar() -> None:
    assert [day.month for day in days("0 9 31 * ? *")] == [1, 3, 5, 7, 8, 10, 12]
    assert [day.day for day in days("0 9 L * ? *")] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert days("0 9 29 2 ? *", date(2027, 1, 1), date(2032, 12, 31)) == [date(2028, 2, 29), date(2032, 2, 29)]
    assert days("0 9 29 2 ? *", date(2096, 3, 1), date(2104, 12, 31)) == [date(2104, 2, 29)]  # 2100 is no leap year


def test_the_nearest_working_day_stays_within_its_month() -> None:
    """1 May 2027 is a Saturday, 31 January a Sunday; February has no 30th."""
    assert days("0 9 1W 5 ? *") == [date(2027, 5, 3)]
    assert days("0 9 31W 1 ? *") == [date(2027, 1, 29)]
    assert days("0 9 15W 5 ? *") == [date(2027, 5, 14)]
    assert days("0 9 30W 2 ? *") == []


@pytest.mark.parametrize(("fields", "ever"), [("30 2", False), ("31 4,6,9,11", False), ("29 2", True), ("31 *", True)])
def test_a_day_that_no_calendar_has_never_comes(fields: str, ever: bool) -> None:
    day, month = fields.split()
    assert fires_at_all(read_cron(f"cron(0 9 {day} {month} ? *)")) is ever
    assert fires_at_all(read_cron("cron(0 9 29 2 ? 2027)")) is False


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(1 day)",
        "cron()",
        "cron(0 9 * * FRI)",
        "cron(0 9 * * * *)",
        "cron(0 9 ? * ? *)",
        "cron(60 9 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 9 0 * ? *)",
        "cron(0 9 * 13 ? *)",
        "cron(0 9 ? * 0 *)",
        "cron(0 9 ? * 8 *)",
        "cron(0 9 ? * FRY *)",
        "cron(0 9 ? * 2#6 *)",
        "cron(0 9 ? * 2#1,6#3 *)",
        "cron(0 9 ? * MON/2 *)",
        "cron(0 9 1,L * ? *)",
        "cron(0 9 LW * ? *)",
        "cron(0 9 * * ? 1969)",
        "cron(0 9 * * ? 2200)",
        "cron(5-1 9 * * ? *)",
        "cron(0/0 9 * * ? *)",
        "cron(0/x 9 * * ? *)",
        "cron(, 9 * * ? *)",
        "cron(²  9 * * ? *)",
        "cron(0 9 * * ? *) ",
    ],
)
def test_what_eventbridge_refuses_is_refused_in_words(expression: str) -> None:
    if expression.endswith(" "):
        assert read_cron(expression).times == (time(9),)  # white space around is none of its business
        return
    with pytest.raises(ValueError, match=r"cron|“\?”|day of week"):
        read_cron(expression)


_NUMBERS = st.sampled_from(["*", "0", "5,35", "10-12", "0/20", "3-20/7"])
_DAYS = st.one_of(
    st.tuples(st.sampled_from(["*", "1", "31", "1,15,29", "10-20", "L", "15W", "1W", "2/9"]), st.just("?")),
    st.tuples(st.just("?"), st.sampled_from(["*", "MON-FRI", "1,7", "6L", "2#1", "SUN#5", "L", "3-5"])),
)


@settings(max_examples=60, deadline=None)
@given(
    _NUMBERS,
    st.sampled_from(["*", "9", "9,17", "0-23/8"]),
    _DAYS,
    st.sampled_from(["*", "2", "JAN,DEC", "4-6", "1/5"]),
    st.sampled_from(["*", "2028", "2027/2"]),
    st.integers(0, 1500),
)
def test_the_local_stack_reads_every_cron_alike(
    minutes: str, hours: str, either: tuple[str, str], months: str, years: str, start: int
) -> None:
    expression = f"cron({minutes} {hours} {either[0]} {months} {either[1]} {years})"
    cron, other = read_cron(expression), parse(expression, "UTC")
    first = date(2027, 1, 1) + timedelta(days=start)
    ours = [
        datetime.combine(day, at, UTC)
        for day in cron_days(cron, first, first + timedelta(days=800))
        for at in cron.times
    ]
    moment = datetime.combine(first, time(0), UTC) - timedelta(seconds=1)
    for wanted in ours[:30]:
        found = next_after(other, moment, moment)
        assert found == wanted
        moment = wanted
    assert all(one < two for one, two in pairwise(ours))


@pytest.mark.parametrize("expression", ["cron(0 9 * * FRI *)", "cron(0 9 ? * FRY *)", "cron(0 24 * * ? *)"])
def test_the_local_stack_refuses_what_is_refused_here(expression: str) -> None:
    with pytest.raises(InvalidExpressionError):
        parse(expression, "UTC")
