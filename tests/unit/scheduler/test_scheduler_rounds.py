"""When somebody is asked: rounds, reminders, common cards; what a changed post is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.ledger.items import Approval, Asking, CardSent, Flag, FlagState, Hold, PackageRef, State, Status, Wanted
from mesh.rulebook import Rulebook
from mesh.rulebook.model import Grouping
from mesh.schedule_time import planned_moment
from scheduler.decide import post_move
from scheduler.reasons import Code, because
from scheduler.rounds import BEFORE_NIGHT, FRESH, LEADS, NIGHT, TO_CLICK, asking, going_at, next_moment
from scheduler.steps import Clock, PostMove, Step

NOW = datetime(2027, 3, 15, 12, 0, tzinfo=UTC)  # Monday, 13:00 in Berlin
BOOK = Rulebook("Europe/Berlin")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAILY = Grouping("daily 8:00", tuple((day, time(8)) for day in range(7)))
WEEKLY = Grouping("weekly on Monday 8:00", ((0, time(8)),))


def clock(now: datetime) -> Clock:
    return Clock(now, 10 * MINUTE, timedelta(days=14))


def move(status: Status, now: datetime, book: Rulebook = BOOK, *, everything_held: bool = False) -> PostMove:
    return post_move(status, book, clock(now), everything_held=everything_held)


def ready(goes: datetime, left_alone: datetime = NOW - timedelta(days=1), **update: object) -> Status:
    base = Status(
        post_id="p_1",
        due_at=goes.isoformat(),
        source_revision="s1",
        source_at=left_alone.isoformat(),
        package=PackageRef(source_revision="s1", revision="r1"),
    )
    return base.model_copy(update=update)


def waiting(goes: datetime, card: datetime, reason: str = "new", reminders: int = 0, **update: object) -> Status:
    """Asked about, the card sent a minute later, nobody answered."""
    asked = Asking(revision="r1", round_id="x", reason=reason, at=card.isoformat(), reminders=reminders)
    sent = CardSent(round_id="x", sent_at=(card + MINUTE).isoformat())
    return ready(goes, card - HOUR, asked=asked, card=sent, **update)


# reminders


@pytest.mark.parametrize(
    ("goes_in", "card_before", "expected"),
    [
        (24 * HOUR, 72 * HOUR, "reminder"),
        (24 * HOUR + MINUTE, 72 * HOUR, ""),
        (24 * HOUR, 31 * HOUR, "reminder"),  # a quarter of 24 hours is 6
        (24 * HOUR, 29 * HOUR, ""),
        (2 * HOUR, 3 * HOUR, "reminder"),
        (2 * HOUR, 2 * HOUR + 29 * MINUTE, ""),
        (2 * HOUR + MINUTE, 20 * HOUR, ""),
        (MINUTE, 20 * HOUR, "reminder"),  # it was due while everything was down
        (timedelta(0), 20 * HOUR, ""),  # not once its time has come
        (-MINUTE, 20 * HOUR, ""),
    ],
)
def test_a_reminder_goes_out_before_the_time_unless_a_card_is_fresh(
    goes_in: timedelta, card_before: timedelta, expected: str
) -> None:
    goes = NOW + goes_in
    found = move(waiting(goes, goes - card_before), NOW)
    assert (found.step, found.ask_reason) == (Step.ASK if expected else Step.REST, expected)


def test_a_card_that_arrived_late_counts_from_its_arrival() -> None:
    status = waiting(NOW + 2 * HOUR, NOW - 20 * HOUR)
    late = CardSent(round_id="x", sent_at=(NOW - 10 * MINUTE).isoformat())
    assert move(status, NOW).ask_reason == "reminder"
    assert move(status.model_copy(update={"card": late}), NOW).step is Step.REST


def test_both_reminders_missed_in_an_outage_are_one() -> None:
    status = waiting(NOW + HOUR, NOW - 72 * HOUR)
    assert move(status, NOW).ask_reason == "reminder"
    reminded = asking(status, "y", "reminder", BOOK, NOW)
    assert move(reminded, NOW + 5 * MINUTE).step is Step.REST
    assert move(reminded, NOW + 55 * MINUTE).ask_reason != "reminder"


def test_the_second_reminder_is_the_last_whatever_moves_its_time() -> None:
    status = waiting(NOW + 2 * HOUR, NOW - 72 * HOUR, reminders=2)
    assert move(status, NOW).step is Step.REST


@pytest.mark.parametrize(
    "update",
    [
        {"held": Hold(by="ada", how="mail", at=NOW.isoformat())},
        {"gone_at": NOW.isoformat()},
        {"package": PackageRef(source_revision="s1")},
        {"source_revision": "s2"},
        {"approval": Approval(revision="r1", by="ada", how="mail", at=NOW.isoformat())},
        {"state": State.SENT},
    ],
)
def test_nobody_is_reminded_of_what_needs_no_click(update: dict[str, object]) -> None:
    status = waiting(NOW + 2 * HOUR, NOW - 72 * HOUR)
    assert move(status, NOW).ask_reason == "reminder"
    assert move(status.model_copy(update=update), NOW).ask_reason == ""


def test_nobody_is_reminded_while_everything_is_on_hold() -> None:
    status = waiting(NOW + 2 * HOUR, NOW - 72 * HOUR)
    assert move(status, NOW, everything_held=True).step is Step.REST


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    """Wall clock in Berlin, Tuesday 16 March unless told."""
    return planned_moment(date(2027, 3, day), time(hour, minute), BERLIN).at


@pytest.mark.parametrize(
    ("goes", "reminded"),
    [
        (at(9), at(7)),
        (at(8, 59), at(20, 40, day=15)),  # 6:59 is night: the evening before
        (at(3), at(20, 40, day=15)),
        (at(22, 30), at(20, 30)),
        (at(23), at(20, 40)),
    ],
)
def test_what_would_ring_at_night_comes_before_it(goes: datetime, reminded: datetime) -> None:
    status = waiting(goes, at(19, day=15), reminders=1)
    assert move(status, reminded - MINUTE).step is Step.REST
    assert move(status, reminded).ask_reason == "reminder"


def test_nobody_is_reminded_at_night_and_after_an_outage_it_comes_in_the_morning() -> None:
    status = waiting(at(8, 30), at(12, day=15), reminders=1)
    for hour in (21, 23):
        assert move(status, at(hour, day=15)).step is Step.REST
    assert move(status, at(6, 59)).step is Step.REST
    assert move(status, at(7)).ask_reason == "reminder"


def test_the_time_that_counts_is_the_one_it_goes_out_at() -> None:
    book = Rulebook("Europe/Berlin", window=(time(11), time(21)))
    status = waiting(at(6), at(12, day=15), reminders=1)
    assert going_at(status, book) == at(11)
    assert move(status, at(8, 59), book).step is Step.REST
    assert move(status, at(9), book).ask_reason == "reminder"
    assert move(status, at(11, 30), book).ask_reason != "late", "two hours late is counted from when it would have gone"
    assert move(status, at(13, 1), book).ask_reason == "late"


def test_posts_whose_reminder_is_near_come_along() -> None:
    status = waiting(NOW + 29 * HOUR, NOW - 72 * HOUR)
    assert move(status, NOW) == PostMove(Step.REST, because(Code.WAITS_FOR_ANSWER), comes_along=True)
    assert not move(waiting(NOW + 31 * HOUR, NOW - 72 * HOUR), NOW).comes_along
    taken_along = asking(status, "y", "reminder", BOOK, NOW)
    sent = taken_along.model_copy(update={"card": CardSent(round_id="y", sent_at=NOW.isoformat())})
    assert move(sent, NOW + 5 * HOUR) == PostMove(Step.REST, because(Code.WAITS_FOR_ANSWER))


_SPANS = st.lists(st.integers(1, 9 * 60), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(
    first=st.integers(0, 24 * 60),
    lead=st.integers(10, 5 * 24 * 60),
    gaps=_SPANS,
    answered=st.integers(0, 60),
    grouping=st.sampled_from([None, DAILY, WEEKLY]),
)
def test_whenever_sweeps_come_there_are_two_reminders_at_most_and_no_post_is_left_with_an_old_card(
    first: int, lead: int, gaps: list[int], answered: int, grouping: Grouping | None
) -> None:
    """Sweeps at any times, hours apart; ``answered`` is the sweep at which somebody clicks. Of the last two hours, or of what of
    them the night leaves, one sweep by day is enough for a card of no more than half an hour before them."""
    now = NOW + first * MINUTE
    goes = now + lead * MINUTE
    status = ready(goes, now - HOUR)
    book = Rulebook("Europe/Berlin", grouping=grouping)
    rounds: list[str] = []
    cards: list[datetime] = []
    for number, gap in enumerate(gaps):
        found = move(status, now, book)
        if found.step is Step.ASK:
            rounds.append(found.ask_reason)
            cards.append(now)
            status = asking(status, f"r{number}", found.ask_reason, book, now)
            status = status.model_copy(update={"card": CardSent(round_id=f"r{number}", sent_at=now.isoformat())})
            assert move(status, now, book).step is Step.REST, "asking twice at one moment"
        clock_there = now.astimezone(BERLIN).time()
        by_day = NIGHT[1] <= clock_there < NIGHT[0]
        if by_day and number <= answered and goes - LEADS[1] <= now < goes:
            night_hours = timedelta(hours=10) + BEFORE_NIGHT  # of which nothing is sent
            assert cards[-1] >= goes - LEADS[1] - LEADS[1] / FRESH - night_hours
            if NIGHT[1] <= (goes - LEADS[1]).astimezone(BERLIN).time() < NIGHT[0]:
                assert cards[-1] >= goes - LEADS[1] - LEADS[1] / FRESH
        if number == answered:
            approval = Approval(revision="r1", by="ada", how="mail", at=now.isoformat())
            status = status.model_copy(update={"approval": approval})
        if number > answered:
            assert found.step is not Step.ASK, "it was answered"
        now += gap * MINUTE
    assert rounds.count("reminder") <= len(LEADS)
    assert rounds.count("new") <= 1
    assert rounds.count("late") <= 1


# rounds a person sets off


def test_a_release_without_a_standing_approval_is_a_new_round_at_once_and_once() -> None:
    status = waiting(NOW + 50 * HOUR, NOW - 3 * HOUR, released_at=NOW.isoformat())
    book = Rulebook("Europe/Berlin", grouping=WEEKLY)
    assert move(status, NOW, book).ask_reason == "released"
    assert move(asking(status, "y", "released", book, NOW + MINUTE), NOW + 2 * MINUTE, book).step is Step.REST


def test_a_release_where_the_approval_stands_asks_nobody() -> None:
    approval = Approval(revision="r1", by="ada", how="mail", at=(NOW - HOUR).isoformat())
    flag = Flag(state=FlagState.CLEARED, at=NOW.isoformat())
    status = waiting(NOW + 50 * HOUR, NOW - 3 * HOUR, released_at=NOW.isoformat(), approval=approval, flag=flag)
    assert move(status, NOW).step is Step.RAISE_FLAG


def test_what_is_released_after_its_time_is_one_card_and_not_two() -> None:
    status = waiting(NOW - 5 * HOUR, NOW - 60 * HOUR, released_at=NOW.isoformat())
    released = asking(status, "y", "released", BOOK, NOW + MINUTE)
    assert move(status, NOW).ask_reason == "released"
    assert move(released, NOW + 2 * MINUTE).step is Step.REST


def test_an_edit_undone_needs_no_click_also_after_a_card_about_the_edit() -> None:
    approval = Approval(revision="r1", by="ada", how="mail", at=(NOW - 5 * HOUR).isoformat())
    cleared = Flag(state=FlagState.CLEARED, at=(NOW - 4 * HOUR).isoformat())
    asked = Asking(revision="r2", round_id="y", reason="changed", at=(NOW - 3 * HOUR).isoformat(), instead_of="r1")
    status = ready(NOW + 2 * HOUR, approval=approval, flag=cleared, asked=asked)
    assert move(status, NOW).step is Step.RAISE_FLAG
    held = status.model_copy(update={"held": Hold(by="ada", how="mail", at=NOW.isoformat())})
    assert move(held, NOW) == PostMove(Step.REST, because(Code.HELD))


# common cards


def grouped(goes: datetime, left_alone: datetime, now: datetime, grouping: Grouping = DAILY) -> PostMove:
    return move(ready(goes, left_alone), now, Rulebook("Europe/Berlin", grouping=grouping))


def test_a_card_waits_for_the_next_common_moment_and_the_move_says_which() -> None:
    goes = at(12, day=18)
    found = grouped(goes, at(14), at(14, 11))
    assert (found.step, found.asks_at) == (Step.REST, at(8, day=17))
    assert grouped(goes, at(14), at(7, 59, day=17)).step is Step.REST
    assert grouped(goes, at(14), at(8, day=17)).ask_reason == "new"


def test_the_row_knows_its_moment_while_it_is_still_being_edited() -> None:
    assert grouped(at(12, day=18), at(14), at(14, 1)).asks_at == at(8, day=17)


def test_a_row_within_its_quiet_time_at_the_moment_waits_for_the_next() -> None:
    assert grouped(at(12, day=18), at(7, 51), at(8)).asks_at == at(8, day=17)
    assert grouped(at(12, day=18), at(7, 50), at(8)).ask_reason == "new"


def test_a_row_that_was_put_in_needs_no_quiet_time() -> None:
    wanted = Wanted(by="template", date="", time="", inserted_at=at(7, 55).isoformat())
    status = ready(at(12, day=18), at(7, 56), wanted=wanted)
    assert move(status, at(8), Rulebook("Europe/Berlin", grouping=DAILY)).step is Step.ASK


@pytest.mark.parametrize(("spare", "waits"), [(TO_CLICK, True), (TO_CLICK - MINUTE, False)])
def test_what_goes_out_too_soon_after_the_next_moment_is_asked_about_by_itself(
    spare: timedelta, *, waits: bool
) -> None:
    found = grouped(at(8, day=17) + spare, at(14), at(14, 11))
    assert (found.asks_at is not None) is waits
    assert (found.step is Step.ASK) is not waits


def test_a_late_addition_still_gets_its_quiet_time_and_none_when_urgent() -> None:
    assert grouped(at(22), at(14), at(14, 5)) == PostMove(Step.REST, because(Code.EDITED_JUST_NOW))
    assert grouped(at(16), at(14), at(14, 5)).step is Step.ASK


def test_a_changed_post_waits_too() -> None:
    asked = Asking(revision="r0", round_id="x", reason="new", at=at(8).isoformat())
    status = ready(at(12, day=19), at(14), asked=asked)
    book = Rulebook("Europe/Berlin", grouping=DAILY)
    assert move(status, at(15), book).asks_at == at(8, day=17)
    assert move(status, at(8, day=17), book).ask_reason == "changed"


def test_after_an_outage_over_several_moments_it_is_asked_about_once_and_at_once() -> None:
    status = ready(at(12, day=26), at(14))
    book = Rulebook("Europe/Berlin", grouping=DAILY)
    assert move(status, at(11, day=20), book).ask_reason == "new"
    assert move(asking(status, "x", "new", book, at(11, day=20)), at(8, day=21), book).step is not Step.ASK


def test_a_post_that_comes_near_waits_for_the_moment_after_that() -> None:
    book = Rulebook("Europe/Berlin", grouping=WEEKLY)
    status = ready(at(12, day=30), datetime(2027, 1, 1, tzinfo=UTC))  # near from Tuesday the 16th, 12:00
    assert move(status, at(12, 15), book).asks_at == at(8, day=22)


def test_a_post_due_at_the_moment_itself_does_not_get_a_card_of_its_own() -> None:
    book = Rulebook("Europe/Berlin", grouping=DAILY)
    status = ready(at(8, day=27), datetime(2027, 1, 1, tzinfo=UTC))
    near = at(8, day=27) - timedelta(days=14)
    assert move(status, near + 5 * MINUTE, book).asks_at == near + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "since", "expected"),
    [
        ("Europe/Berlin", "2027-03-28T00:00+00:00", "2027-03-28T01:30+00:00"),  # 2:30 is skipped: 3:30
        ("Europe/Berlin", "2027-10-31T00:00+00:00", "2027-10-31T00:30+00:00"),  # 2:30 comes twice: the first
        ("Europe/Berlin", "2027-10-31T00:31+00:00", "2027-11-01T01:30+00:00"),  # not the second, too
        ("Asia/Kolkata", "2027-03-15T20:00+00:00", "2027-03-15T21:00+00:00"),  # half an hour off
        ("Pacific/Apia", "2027-03-15T12:00+00:00", "2027-03-15T13:30+00:00"),  # tomorrow there
        ("America/Los_Angeles", "2027-03-15T10:00+00:00", "2027-03-16T09:30+00:00"),
    ],
)
def test_the_next_moment_keeps_to_the_zones_clock(zone: str, since: str, expected: str) -> None:
    grouping = Grouping("daily 2:30", tuple((day, time(2, 30)) for day in range(7)))
    found = next_moment(grouping, datetime.fromisoformat(since), ZoneInfo(zone))
    assert found == datetime.fromisoformat(expected)


def test_a_weekly_moment_is_found_from_every_day() -> None:
    for hours in range(0, 200, 5):
        since = at(8, day=15) + hours * HOUR
        found = next_moment(WEEKLY, since, BERLIN)
        assert since <= found <= since + timedelta(days=7)
        assert found.astimezone(BERLIN).weekday() == 0


# what a changed post is compared with


def changed(**update: object) -> str:
    """``instead_of`` of the round about r1 that follows."""
    found = asking(ready(NOW + 50 * HOUR, **update), "n", "changed", BOOK, NOW).asked
    assert found is not None
    return found.instead_of


def asked_about(revision: str, **update: object) -> Asking:
    return Asking(revision=revision, round_id="x", reason="new", at=NOW.isoformat()).model_copy(update=update)


SENT = CardSent(round_id="x", sent_at=NOW.isoformat())
REFUSED = CardSent(round_id="x", error="mailbox full")
APPROVED = Approval(revision="r7", by="ada", how="mail", at=NOW.isoformat())


@pytest.mark.parametrize(
    ("asked", "card", "approval", "expected"),
    [
        (None, None, None, ""),
        (asked_about("r0"), SENT, None, "r0"),
        (asked_about("r0"), SENT, APPROVED, "r7"),  # what was approved, whatever was shown since
        (asked_about("r0"), None, None, ""),  # nobody saw it
        (asked_about("r0"), REFUSED, None, ""),
        (asked_about("r0", instead_of="r9"), None, None, "r9"),  # but they saw the one before
        (asked_about("r0", shown=True), None, None, "r0"),  # by an earlier round
        (asked_about("r0", instead_of="r1"), None, None, ""),  # changed back to what they saw
    ],
)
def test_a_changed_post_is_compared_with_what_was_approved_or_else_last_shown(
    asked: Asking | None, card: CardSent | None, approval: Approval | None, expected: str
) -> None:
    assert changed(asked=asked, card=card, approval=approval) == expected


def test_a_reminder_is_compared_with_the_same_as_the_card_before_it() -> None:
    asked = asked_about("r1", instead_of="r0")
    status = ready(NOW + 2 * HOUR, asked=asked, card=SENT)
    reminded = asking(status, "y", "reminder", BOOK, NOW).asked
    assert reminded is not None
    assert (reminded.instead_of, reminded.shown, reminded.reminders) == ("r0", True, 1)
