"""When a post may go: clock changes, windows, blackout days, gaps, the late rule; and how a moment is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mesh.rulebook import Rulebook
from mesh.schedule_time import (
    Effective,
    Moment,
    effective_time,
    next_free,
    planned_moment,
    say,
    say_with_zone,
    serial_to_date,
    serial_to_time,
)

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)
WINDOW = (time(7), time(21))
CAFE = Rulebook("Europe/Berlin", window=WINDOW)
# The links and legacy names are zones people have too; sampled, since 600 zones need not each be tried every time.
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
DAYS = st.dates(date(2000, 1, 1), date(2037, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def berlin(year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=BERLIN)


def on_time(planned: datetime, book: Rulebook, *taken: datetime) -> Effective:
    return effective_time(planned, book, now=planned - timedelta(days=1), taken=taken)


# the owner's wall clock


@pytest.mark.parametrize(
    ("zone", "day", "clock", "at", "note"),
    [
        ("Europe/Berlin", date(2027, 3, 27), time(9), datetime(2027, 3, 27, 8, tzinfo=UTC), ""),
        ("Europe/Berlin", date(2027, 3, 29), time(9), datetime(2027, 3, 29, 7, tzinfo=UTC), ""),
        (
            "Europe/Berlin",
            date(2027, 3, 28),
            time(2, 30),
            datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
            "goes out at 03:30.",
        ),
        ("Europe/Berlin", date(2027, 3, 28), time(3), datetime(2027, 3, 28, 1, tzinfo=UTC), ""),
        (
            "Europe/Berlin",
            date(2027, 10, 31),
            time(2, 30),
            datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
            "first is meant.",
        ),
        ("Europe/Berlin", date(2027, 10, 31), time(3), datetime(2027, 10, 31, 2, tzinfo=UTC), ""),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10), datetime(2026, 10, 3, 15, 40, tzinfo=UTC), "at 02:40."),
        (
            "Australia/Lord_Howe",
            date(2027, 4, 4),
            time(1, 45),
            datetime(2027, 4, 3, 14, 45, tzinfo=UTC),
            "first is meant.",
        ),
        ("Asia/Kathmandu", date(2027, 1, 1), time(9), datetime(2027, 1, 1, 3, 15, tzinfo=UTC), ""),
        (
            "Pacific/Apia",
            date(2011, 12, 30),
            time(9),
            datetime(2011, 12, 30, 19, tzinfo=UTC),
            "on Saturday 31 December, 09:00.",
        ),
        (
            "America/Nuuk",
            date(2024, 3, 30),
            time(23, 30),
            datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
            "Sunday 31 March, 00:30.",
        ),
    ],
)
def test_a_time_in_a_gap_moves_forward_and_in_a_fold_the_first_is_meant(
    zone: str, day: date, clock: time, at: datetime, note: str
) -> None:
    moment = planned_moment(day, clock, ZoneInfo(zone))
    assert moment.at == at
    assert moment.note.endswith(note)
    assert bool(moment.note) == bool(note)


def test_the_note_is_a_plain_sentence() -> None:
    assert planned_moment(date(2027, 3, 28), time(2, 30), BERLIN) == Moment(
        berlin(2027, 3, 28, 3, 30),
        "02:30 does not exist that day, the clocks go forward; it goes out at 03:30.",
    )


def test_a_clock_marked_as_the_second_of_a_fold_still_means_the_first() -> None:
    clock = time(2, 30)
    day = date(2027, 10, 31)
    assert planned_moment(day, clock.replace(fold=1), BERLIN) == planned_moment(day, clock, BERLIN)


def test_a_clock_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone of its own"):
        planned_moment(date(2027, 1, 1), time(9, tzinfo=UTC), BERLIN)


@settings(deadline=None)
@given(DAYS, CLOCKS, ZONES)
@example(date(2011, 12, 30), time(9), ZoneInfo("Pacific/Apia"))
@example(date(2026, 10, 4), time(2, 15), LORD_HOWE)
def test_in_every_zone_the_moment_shows_the_owners_clock_or_a_note_says_why_not(
    day: date, clock: time, zone: ZoneInfo
) -> None:
    moment = planned_moment(day, clock, zone)
    wall = moment.at.astimezone(zone)
    assert moment.at.tzinfo is UTC
    assert wall.replace(tzinfo=None) >= datetime.combine(day, clock)
    if not moment.note:
        assert (wall.date(), wall.time()) == (day, clock)
    if "comes twice" in moment.note:
        assert wall.replace(tzinfo=None) == datetime.combine(day, clock)
        assert wall.fold == 0
    if "does not exist" in moment.note:
        gap = wall.replace(tzinfo=None) - datetime.combine(day, clock)
        assert wall.utcoffset() == (moment.at - timedelta(days=2)).astimezone(zone).utcoffset() + gap


@settings(deadline=None)
@given(DAYS, CLOCKS, CLOCKS, ZONES)
def test_in_one_day_only_a_skipped_hour_swaps_the_order_of_two_times(
    day: date, one: time, other: time, zone: ZoneInfo
) -> None:
    earlier, later = (planned_moment(day, clock, zone) for clock in sorted((one, other)))
    assume("does not exist" not in earlier.note)
    assert earlier.at <= later.at


# windows and blackout days


def test_a_time_inside_the_window_stays() -> None:
    at = berlin(2027, 4, 1, 9)
    assert on_time(at, CAFE) == Effective(at, "inside the posting window")


@pytest.mark.parametrize(
    ("planned", "at", "reason"),
    [
        (berlin(2027, 4, 1, 5), berlin(2027, 4, 1, 7), "moved to 07:00: outside the posting window 07:00-21:00"),
        (
            berlin(2027, 4, 1, 22),
            berlin(2027, 4, 2, 7),
            "moved to Friday, 07:00: outside the posting window 07:00-21:00",
        ),
        (
            berlin(2027, 4, 1, 21),
            berlin(2027, 4, 2, 7),
            "moved to Friday, 07:00: outside the posting window 07:00-21:00",
        ),
    ],
)
def test_a_time_outside_the_window_moves_to_its_opening(planned: datetime, at: datetime, reason: str) -> None:
    assert on_time(planned, CAFE) == Effective(at, reason)


def test_an_opening_keeps_its_wall_clock_over_a_clock_change() -> None:
    moved = on_time(berlin(2027, 3, 27, 22), CAFE)
    assert moved.at == datetime(2027, 3, 28, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("planned", "at"),
    [
        (berlin(2027, 4, 1, 20), berlin(2027, 4, 1, 21)),
        (berlin(2027, 4, 1, 23), berlin(2027, 4, 1, 23)),
        (berlin(2027, 4, 2, 1, 59), berlin(2027, 4, 2, 1, 59)),
        (berlin(2027, 4, 2, 2), berlin(2027, 4, 2, 21)),
    ],
)
def test_a_window_may_go_over_midnight(planned: datetime, at: datetime) -> None:
    assert on_time(planned, Rulebook("Europe/Berlin", window=(time(21), time(2)))).at == at


@pytest.mark.parametrize(
    ("planned", "at"),
    [
        (berlin(2027, 4, 1, 23, 30), berlin(2027, 4, 1, 23, 30)),
        (berlin(2027, 4, 2, 0, 30), berlin(2027, 4, 3, 0)),
        (berlin(2027, 4, 2, 22), berlin(2027, 4, 3, 0)),
        (berlin(2027, 4, 1, 20), berlin(2027, 4, 1, 21)),
        (berlin(2027, 4, 2, 12), berlin(2027, 4, 3, 0)),
    ],
)
def test_a_blackout_day_is_a_calendar_day_also_in_a_window_over_midnight(planned: datetime, at: datetime) -> None:
    friday = frozenset({date(2027, 4, 2)})
    assert on_time(planned, Rulebook("Europe/Berlin", window=(time(21), time(2)), blackout_days=friday)).at == at


def test_a_window_until_midnight_ends_there() -> None:
    book = Rulebook("Europe/Berlin", window=(time(18), time(0)))
    assert on_time(berlin(2027, 4, 1, 23, 59), book).at == berlin(2027, 4, 1, 23, 59)
    assert on_time(berlin(2027, 4, 2, 0), book) == Effective(
        berlin(2027, 4, 2, 18), "moved to 18:00: outside the posting window 18:00-24:00"
    )


def test_a_chain_of_blackout_days_is_passed_whole() -> None:
    book = Rulebook("Europe/Berlin", window=WINDOW, blackout_days=frozenset(date(2027, 4, day) for day in (2, 3, 4)))
    assert on_time(berlin(2027, 4, 2, 12), book) == Effective(
        berlin(2027, 4, 5, 7), "moved to Monday, 07:00: Friday 2 April is a blackout day"
    )


def test_a_window_that_leads_into_a_blackout_day_says_both() -> None:
    book = Rulebook("Europe/Berlin", window=WINDOW, blackout_days=frozenset({date(2027, 4, 2)}))
    assert on_time(berlin(2027, 4, 1, 22), book) == Effective(
        berlin(2027, 4, 3, 7),
        "moved to Saturday, 07:00: outside the posting window 07:00-21:00; Friday 2 April is a blackout day",
    )


def test_a_move_of_a_week_or_more_names_the_date() -> None:
    book = Rulebook("Europe/Berlin", blackout_days=frozenset(date(2027, 4, day) for day in range(2, 9)))
    assert on_time(berlin(2027, 4, 2, 12), book).reason.startswith("moved to Friday 9 April, 00:00: ")


def test_a_blackout_day_is_the_businesss_day_not_utcs() -> None:
    book = Rulebook("Pacific/Auckland", blackout_days=frozenset({date(2027, 4, 2)}))
    assert on_time(datetime(2027, 4, 1, 12, tzinfo=UTC), book).at == datetime(2027, 4, 2, 11, tzinfo=UTC)


def test_a_blackout_without_end_is_told_not_asked_about_nor_searched_for_ever() -> None:
    first = date(2027, 1, 1)
    book = Rulebook("UTC", blackout_days=frozenset(first + timedelta(days=n) for n in range(500)))
    found = on_time(datetime(2027, 1, 1, 9, tzinfo=UTC), book)
    assert (found.at, found.late) == (None, False)
    assert "blackout days" in found.reason


# the minimum gap

GAPPED = Rulebook("Europe/Berlin", window=WINDOW, minimum_gap=timedelta(minutes=5))


def test_a_channels_posts_keep_the_minimum_gap() -> None:
    nine = berlin(2027, 4, 1, 9)
    assert on_time(nine, GAPPED, nine) == Effective(
        nine + 5 * MINUTE, "moved to 09:05: 5 minutes between posts on one channel"
    )
    assert on_time(nine, GAPPED, nine, nine + 5 * MINUTE, nine + 10 * MINUTE).at == nine + 15 * MINUTE
    assert on_time(nine, GAPPED, nine - 5 * MINUTE, nine + 5 * MINUTE).at == nine


def test_posts_planned_for_one_minute_go_in_the_order_they_are_given() -> None:
    nine, taken = berlin(2027, 4, 1, 9), list[datetime]()
    for _ in range(4):
        at = on_time(nine, GAPPED, *taken).at
        assert at is not None
        taken.append(at)
    assert taken == [nine + n * 5 * MINUTE for n in range(4)]


def test_a_gap_that_leads_out_of_the_window_leads_to_the_next_opening() -> None:
    late = berlin(2027, 4, 1, 20, 58)
    assert on_time(late, GAPPED, late) == Effective(
        berlin(2027, 4, 2, 7),
        "moved to Friday, 07:00: 5 minutes between posts on one channel; outside the posting window 07:00-21:00",
    )


def test_posts_that_closed_days_held_back_go_apart_when_they_end() -> None:
    """Twenty posts of the holidays are not twenty posts at 07:00 of the first day."""
    book = Rulebook("Europe/Berlin", window=WINDOW, blackout_days=frozenset(date(2027, 4, day) for day in (2, 3)))
    taken: list[datetime] = []
    for hour in range(8, 20, 3):
        at = on_time(berlin(2027, 4, 2, hour), book, *taken).at
        assert at is not None
        taken.append(at)
    assert taken == [berlin(2027, 4, 4, 7) + n * 3 * MINUTE for n in range(4)]
    assert on_time(berlin(2027, 4, 4, 7), book, *taken).at == berlin(2027, 4, 4, 7), "one planned for then stays"


@pytest.mark.parametrize(("gap", "apart"), [(0, 3), (2, 3), (10, 10)])
def test_late_posts_go_apart_also_where_no_gap_is_set(gap: int, apart: int) -> None:
    book = replace(CAFE, minimum_gap=gap * MINUTE)
    now = berlin(2027, 4, 1, 9, 30)
    taken = [now]
    found = effective_time(berlin(2027, 4, 1, 9), book, now=now, taken=taken)
    assert found.at == now + apart * MINUTE
    assert (
        found.reason
        == f"late; moved to {found.at.astimezone(BERLIN):%H:%M}: {apart} minutes between posts on one channel"
    )


def test_posts_approved_late_go_apart_too_and_those_on_time_do_not_wait_for_them() -> None:
    click = berlin(2027, 4, 1, 9, 30)
    assert effective_time(PLANNED, CAFE, now=click, taken=[click], approved_at=click).at == click + 3 * MINUTE
    assert on_time(click, CAFE, click).at == click


def test_a_late_post_whose_turn_comes_past_the_rule_is_asked_about() -> None:
    now = PLANNED + CAFE.late - 4 * MINUTE
    taken = [now, now + 3 * MINUTE, now + 6 * MINUTE]
    found = effective_time(PLANNED, CAFE, now=now, taken=taken)
    assert (found.at, found.late) == (None, True)
    assert found.reason.endswith("3 minutes between posts on one channel")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Atlantic/Azores", "America/Havana", "Asia/Beirut"])
def test_a_gap_reaches_over_midnight_also_where_the_clocks_change_then(zone: str) -> None:
    book = Rulebook(zone, minimum_gap=10 * MINUTE)
    for day in (date(2027, 3, 14), date(2027, 3, 28), date(2027, 10, 31), date(2027, 11, 7)):
        midnight = planned_moment(day, time(0), book.zone).at
        assert on_time(midnight + 2 * MINUTE, book, midnight - 3 * MINUTE).at == midnight + 7 * MINUTE
        assert on_time(midnight + 2 * MINUTE, book, midnight - 8 * MINUTE).at == midnight + 2 * MINUTE


def test_a_free_minute_is_looked_for_without_windows() -> None:
    nine = berlin(2027, 4, 1, 22)
    assert next_free(nine, CAFE, []) == nine
    assert next_free(nine, CAFE, [nine, nine + 4 * MINUTE]) == nine + 7 * MINUTE


# the late rule

PLANNED = berlin(2027, 4, 1, 9)


def test_late_within_the_rule_goes_at_the_next_minute() -> None:
    now = PLANNED + timedelta(hours=1, seconds=20)
    assert effective_time(PLANNED, CAFE, now=now) == Effective(
        PLANNED + timedelta(hours=1, minutes=1), "late, at the next allowed minute"
    )


def test_later_than_the_rule_a_human_is_asked() -> None:
    assert effective_time(PLANNED, CAFE, now=PLANNED + CAFE.late).at == PLANNED + CAFE.late
    found = effective_time(PLANNED, CAFE, now=PLANNED + CAFE.late + MINUTE)
    assert found == Effective(None, "its time has passed", late=True)


@pytest.mark.parametrize(
    ("click", "asked"), [(-60, True), (0, True), (1, True), (179, True), (180, False), (299, False)]
)
def test_a_click_newer_than_the_planned_time_answers_the_late_rule_until_it_is_late_itself(
    click: int, asked: bool
) -> None:
    now = PLANNED + timedelta(hours=5)
    found = effective_time(PLANNED, CAFE, now=now, approved_at=PLANNED + click * MINUTE)
    assert found.late is asked
    assert found.at == (None if asked else now)


def test_an_answered_late_post_still_waits_for_the_window() -> None:
    found = effective_time(PLANNED, CAFE, now=berlin(2027, 4, 1, 22), approved_at=berlin(2027, 4, 1, 21, 50))
    assert found == Effective(
        berlin(2027, 4, 2, 7), "late; moved to Friday, 07:00: outside the posting window 07:00-21:00"
    )


def test_a_late_post_that_may_only_go_after_the_rule_ends_is_asked_about_at_once() -> None:
    """Booked for the morning, the next look two hours on would ask about it while its booking stands."""
    planned = berlin(2027, 4, 1, 20, 30)
    found = effective_time(planned, CAFE, now=berlin(2027, 4, 1, 21, 10))
    assert (found.at, found.late) == (None, True)
    assert found.reason == ("its time has passed; moved to Friday, 07:00: outside the posting window 07:00-21:00")


def test_lateness_counts_from_the_moved_time() -> None:
    planned = berlin(2027, 4, 1, 22)
    assert effective_time(planned, CAFE, now=berlin(2027, 4, 2, 8)).at == berlin(2027, 4, 2, 8)


def test_the_minute_that_now_is_in_still_counts_as_ahead() -> None:
    last = berlin(2027, 4, 1, 20, 59)
    assert effective_time(last, CAFE, now=last.replace(second=30)) == Effective(last, "inside the posting window")


@pytest.mark.parametrize("which", ["planned", "now", "taken", "approved_at"])
def test_a_naive_time_is_refused(which: str) -> None:
    naive = datetime(2027, 4, 1, 9)  # noqa: DTZ001 - the point
    planned, now, taken, approved_at = (
        naive if which == name else PLANNED for name in ("planned", "now", "taken", "approved_at")
    )
    with pytest.raises(ValueError, match="names no moment"):
        effective_time(planned, CAFE, now=now, taken=[taken], approved_at=approved_at)


# every rule at once

_MOMENTS = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds are hypothesis's way
_WINDOWS = st.none() | st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] != pair[1])


@st.composite
def _cases(draw: st.DrawFn, zones: st.SearchStrategy[ZoneInfo]) -> tuple[Rulebook, datetime, datetime, list[datetime]]:
    planned = draw(_MOMENTS)
    near = st.integers(-200, 3_000).map(lambda minutes: planned + minutes * MINUTE)
    book = Rulebook(
        time_zone=draw(zones).key,
        window=draw(_WINDOWS),
        blackout_days=draw(st.frozensets(st.integers(-1, 4).map(lambda n: (planned + timedelta(days=n)).date()))),
        minimum_gap=draw(st.integers(0, 90)) * MINUTE,
        late=draw(st.integers(0, 400)) * MINUTE,
    )
    return book, planned, draw(st.just(planned - timedelta(days=1)) | near), draw(st.lists(near, max_size=6))


def _open(at: datetime, book: Rulebook) -> bool:
    """Window and days once more, by another way: minutes since midnight on a circle."""
    wall = at.astimezone(book.zone)
    if wall.date() in book.blackout_days:
        return False
    if book.window is None:
        return True
    opening, closing, clock = (moment.hour * 60 + moment.minute for moment in (*book.window, wall.time()))
    return (clock - opening) % 1440 < ((closing - opening) % 1440)


def _allowed(at: datetime, book: Rulebook, taken: list[datetime], *, held_back: bool = False) -> bool:
    gap = max(book.minimum_gap, 3 * MINUTE) if held_back else book.minimum_gap
    return _open(at, book) and all(abs(at - other) >= gap for other in taken)


def _first(start: datetime, book: Rulebook, taken: list[datetime], *, late: bool = False) -> datetime:
    """Minute by minute. What is late, or planned for a closed minute, keeps three minutes from the others at least."""
    minute = start.replace(second=0, microsecond=0)
    minute += MINUTE if minute < start else timedelta()
    held_back = late or not _open(minute, book)
    while not _allowed(minute, book, taken, held_back=held_back):
        minute += MINUTE
    return minute


@settings(deadline=None)
@given(_cases(ZONES))
def test_in_every_zone_what_comes_out_is_an_allowed_whole_minute_that_has_not_passed(
    case: tuple[Rulebook, datetime, datetime, list[datetime]],
) -> None:
    book, planned, now, taken = case
    found = effective_time(planned, book, now=now, taken=taken)
    assert found.reason
    assert not (found.late and found.at)
    if found.at is not None:
        assert found.at.utcoffset() == timedelta()
        assert (found.at.second, found.at.microsecond) == (0, 0)
        assert found.at >= planned
        assert found.at > now - MINUTE
        assert _allowed(found.at, book, taken)


@settings(deadline=None)
@given(_cases(ZONES), st.none() | st.integers(-100, 500))
def test_in_every_zone_it_is_the_very_first_minute_that_every_rule_allows(
    case: tuple[Rulebook, datetime, datetime, list[datetime]], click: int | None
) -> None:
    book, planned, now, taken = case
    clicked = planned + click * MINUTE if click is not None else None
    found = effective_time(planned, book, now=now, taken=taken, approved_at=clicked)
    answered = clicked is not None and clicked > planned
    due = _first(clicked if answered and clicked else planned, book, taken, late=answered)
    if due >= now.replace(second=0, microsecond=0):
        assert found.at == due
        return
    then = _first(now, book, taken, late=True)
    whole = now.replace(second=0, microsecond=0) + (MINUTE if now.second or now.microsecond else timedelta())
    waits_too_long = then > due + book.late and then != whole
    assert found.late == (due + book.late < now or waits_too_long)
    assert found.at == (None if found.late else then)


@settings(deadline=None)
@given(_cases(ZONES), st.integers(0, 3_000))
def test_a_later_planned_post_never_goes_before_an_earlier_one_would(
    case: tuple[Rulebook, datetime, datetime, list[datetime]], minutes: int
) -> None:
    """Both on time, and both where closed days and hours hold nothing back further than the gap does."""
    book, planned, _, taken = case
    book = replace(book, minimum_gap=max(book.minimum_gap, 3 * MINUTE))
    first, second = on_time(planned, book, *taken).at, on_time(planned + minutes * MINUTE, book, *taken).at
    assert first is not None
    assert second is not None
    assert first <= second


@settings(deadline=None)
@given(_cases(ZONES), st.randoms(use_true_random=False))
def test_the_order_in_which_the_others_are_given_changes_nothing(
    case: tuple[Rulebook, datetime, datetime, list[datetime]], chance: Random
) -> None:
    book, planned, now, taken = case
    shuffled = chance.sample(taken, len(taken))
    assert effective_time(planned, book, now=now, taken=taken) == effective_time(
        planned, book, now=now, taken=[*shuffled, *shuffled]
    )


@settings(deadline=None)
@given(_cases(ZONES), st.integers(1, 300))
def test_once_booked_a_look_before_its_minute_never_asks_about_it(
    case: tuple[Rulebook, datetime, datetime, list[datetime]], minutes: int
) -> None:
    book, planned, now, taken = case
    first = effective_time(planned, book, now=now, taken=taken)
    assume(first.at is not None and now + minutes * MINUTE <= first.at)
    assert not effective_time(planned, book, now=now + minutes * MINUTE, taken=taken).late


# said in words


def test_a_moment_is_said_in_the_businesss_zone() -> None:
    moment = datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert say(moment, BERLIN) == "Friday 27 March, 09:00"
    assert say_with_zone(moment, BERLIN) == "Friday 27 March, 09:00, Berlin time"
    assert say_with_zone(moment, ZoneInfo("America/New_York")) == "Friday 27 March, 04:00, New York time"


def test_the_year_is_said_when_it_is_another_one_there() -> None:
    moment = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert say(moment, BERLIN, now=datetime(2026, 12, 1, tzinfo=UTC)) == "Friday 1 January 2027, 00:30"
    assert say(moment, BERLIN, now=datetime(2026, 12, 31, 23, 10, tzinfo=UTC)) == "Friday 1 January, 00:30"


def test_a_naive_moment_is_not_said() -> None:
    with pytest.raises(ValueError, match="names no moment"):
        say(datetime(2027, 4, 1, 9), BERLIN)  # noqa: DTZ001 - the point


# serials of the sheet


@pytest.mark.parametrize(
    ("serial", "day", "clock"),
    [
        (2, date(1900, 1, 1), time(0)),
        (46108, date(2026, 3, 27), time(0)),
        (46108.375, date(2026, 3, 27), time(9)),
        (46107.99999999999, date(2026, 3, 27), time(0)),
        (46108 + 86370 / 86400, date(2026, 3, 27), time(23, 59)),
        (46108 + 86399 / 86400, date(2026, 3, 27), time(23, 59)),
        (-1, date(1899, 12, 29), time(0)),
    ],
)
def test_a_serial_is_a_day_and_a_part_of_it(serial: float, day: date, clock: time) -> None:
    assert (serial_to_date(serial), serial_to_time(serial)) == (day, clock)


@settings(deadline=None)
@given(DAYS, CLOCKS)
def test_a_day_and_a_clock_come_back_from_their_serials_apart_or_in_one(day: date, clock: time) -> None:
    days, fraction = (day - date(1899, 12, 30)).days, (clock.hour * 60 + clock.minute) / 1440
    assert (serial_to_date(days), serial_to_time(fraction)) == (day, clock)
    assert (serial_to_date(days + fraction), serial_to_time(days + fraction)) == (day, clock)


@pytest.mark.parametrize("serial", [float("nan"), float("inf"), 1e300, -1e9])
def test_a_serial_that_is_no_day_is_refused(serial: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        serial_to_date(serial)
