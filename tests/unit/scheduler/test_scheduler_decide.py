"""What the scheduler decides, without any table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mesh.ledger.items import (
    Answer,
    Approval,
    Asking,
    Booked,
    CardSent,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    PackageRef,
    Says,
    State,
    Status,
)
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Channel, Rulebook
from scheduler.channels import booked_already, channel_move
from scheduler.decide import post_move
from scheduler.reasons import Code, because
from scheduler.source import follow_source
from scheduler.steps import Clock, Kind, Move, Step
from scheduler.troubles import overdue

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
CLOCK = Clock(NOW, timedelta(minutes=10), timedelta(days=14))
CHANNEL = Channel("bluesky-main", "bluesky", "did:plc:a", "https://bsky.social")
BOOK = Rulebook("UTC", {CHANNEL.name: CHANNEL})
DUE = NOW + timedelta(days=1)
NAME = CHANNEL.name
PAUSED = because(Code.CHANNEL_PAUSED, channel=NAME)


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


def ready(**update: object) -> Status:
    """A post with a package, left alone for an hour, nobody asked."""
    base = Status(
        post_id="p_1",
        version=3,
        due_at=DUE.isoformat(),
        channels=(CHANNEL.name,),
        source_revision="s1",
        source_at=ago(hours=1),
        package=PackageRef(source_revision="s1", revision="r1"),
    )
    return base.model_copy(update=update)


def approved(**update: object) -> Status:
    approval = Approval(revision="r1", by="owner", how="mail", at=ago(minutes=5))
    flag = Flag(state=FlagState.WRITTEN, at=ago(minutes=4))
    return ready(**{"approval": approval, "flag": flag, **update})


def head(state: HeadState = HeadState.READY, **update: object) -> Head:
    return Head(post_channel="p_1#bluesky-main", version=1, state=state, revision="r1").model_copy(update=update)


def plan(**cells: str) -> Plan:
    row = Row(
        **{
            "post_id": "p_1",
            "date": "2027-03-16",
            "time": "08:00",
            "text": "Hallo",
            "channels": "bluesky-main",
            **cells,
        }
    )
    planned = plan_row(row, BOOK)
    assert isinstance(planned, Plan)
    return planned


# the source


def test_a_new_row_becomes_an_open_draft_due_at_its_planned_time() -> None:
    status = follow_source(None, "p_1", plan(), BOOK, CLOCK, "t")
    assert status is not None
    assert (status.state, status.open, status.due_at) == (State.DRAFT, "1", DUE.isoformat())


def test_a_row_that_did_not_change_changes_nothing() -> None:
    status = follow_source(None, "p_1", plan(), BOOK, CLOCK, "t")
    assert follow_source(status, "p_1", plan(), BOOK, CLOCK, "t2") is None


def test_an_edit_ends_the_approval_and_undoing_it_brings_it_back() -> None:
    source = plan().source_revision
    status = approved(source_revision=source, package=PackageRef(source_revision=source, revision="r1"))
    assert status.approved
    edited = follow_source(status, "p_1", plan(text="Hallo!"), BOOK, CLOCK, "t")
    assert edited is not None
    assert not edited.approved
    undone = follow_source(edited, "p_1", plan(), BOOK, CLOCK, "t")
    assert undone is not None
    assert undone.approved


@pytest.mark.parametrize("cell", ["text", "alt", "link", "date", "time"])
def test_every_input_of_the_owner_is_part_of_the_source(cell: str) -> None:
    other = {"date": "2027-03-17", "time": "08:01"}.get(cell, "https://example.com")
    assert plan(**{cell: other}).source_revision != plan().source_revision


def test_a_row_that_is_gone_is_marked_and_one_that_comes_back_is_a_draft_again() -> None:
    status = follow_source(None, "p_1", plan(), BOOK, CLOCK, "t")
    gone = follow_source(status, "p_1", None, BOOK, CLOCK, "t")
    assert gone is not None
    assert gone.state is State.GONE
    back = follow_source(gone, "p_1", plan(), BOOK, CLOCK, "t")
    assert back is not None
    assert (back.state, back.gone_at) == (State.DRAFT, None)


def test_a_row_whose_time_had_passed_when_it_was_first_seen_is_named_and_not_asked_about() -> None:
    status = follow_source(None, "p_1", plan(date="2027-03-14"), BOOK, CLOCK, "t")
    assert status is not None
    assert [problem.code for problem in status.row_problems] == ["past"]
    assert post_move(status, BOOK, CLOCK).step is Step.REST


def test_a_row_with_problems_is_open_so_that_the_sheet_can_say_so() -> None:
    problems = (ChannelProblem(code="date-unreadable", message="date: …"),)
    status = follow_source(None, "p_1", problems, BOOK, CLOCK, "t")
    assert status is not None
    assert (status.open, status.row_problems) == ("1", problems)


def test_a_post_beyond_the_horizon_is_opened_when_it_comes_within_it() -> None:
    far = Clock(NOW - timedelta(days=20), CLOCK.quiet, CLOCK.horizon)
    status = follow_source(None, "p_1", plan(), BOOK, far, "t")
    assert status is not None
    shown = status.model_copy(update={"open": None})
    assert follow_source(shown, "p_1", plan(), BOOK, far, "t") is None
    opened = follow_source(shown, "p_1", plan(), BOOK, CLOCK, "t")
    assert opened is not None
    assert opened.open == "1"


# asking


def test_a_row_left_alone_for_ten_minutes_is_asked_about() -> None:
    assert post_move(ready(), BOOK, CLOCK).step is Step.ASK


def test_a_row_edited_a_moment_ago_is_not_asked_about_yet() -> None:
    assert post_move(ready(source_at=ago(minutes=9)), BOOK, CLOCK).step is Step.REST


def test_a_row_due_within_two_hours_is_asked_about_at_once() -> None:
    soon = (NOW + timedelta(minutes=110)).isoformat()
    assert post_move(ready(source_at=ago(seconds=5), due_at=soon), BOOK, CLOCK).step is Step.ASK


def test_nobody_is_asked_twice_about_one_revision() -> None:
    asked = Asking(revision="r1", round_id="x", reason="new", at=ago(minutes=20))
    card = CardSent(round_id="x", sent_at=ago(minutes=20))
    assert post_move(ready(asked=asked, card=card), BOOK, CLOCK).step is Step.REST


def test_a_card_that_was_never_sent_is_asked_for_again() -> None:
    asked = Asking(revision="r1", round_id="x", reason="new", at=ago(minutes=20))
    assert post_move(ready(asked=asked), BOOK, CLOCK).step is Step.ASK_AGAIN


def test_after_an_edit_the_new_revision_is_asked_about_as_changed() -> None:
    asked = Asking(revision="r0", round_id="x", reason="new", at=ago(hours=3))
    move = post_move(ready(asked=asked), BOOK, CLOCK)
    assert (move.step, move.ask_reason) == (Step.ASK, "changed")


def test_a_tick_by_hand_asks_for_a_card_even_on_a_held_post() -> None:
    asked = Asking(revision="r1", round_id="x", reason="new", at=ago(hours=3))
    held = Hold(by="owner", how="mail", at=ago(hours=2))
    status = ready(asked=asked, held=held, flag=Flag(state=FlagState.HAND, at=ago(minutes=1)))
    assert post_move(status, BOOK, CLOCK).ask_reason == "tick"


def test_a_source_with_problems_is_not_asked_about() -> None:
    problem = ChannelProblem(code="too-long", message="3 characters too long")
    status = ready(package=PackageRef(source_revision="s1", problems=(problem,)))
    assert post_move(status, BOOK, CLOCK).step is Step.REST


def test_a_package_of_an_older_source_is_wanted_anew() -> None:
    assert post_move(ready(source_revision="s2"), BOOK, CLOCK).step is Step.WANT_PACKAGE


def test_an_unapproved_post_whose_time_passed_is_asked_about_once_as_late() -> None:
    asked = Asking(revision="r1", round_id="x", reason="new", at=ago(hours=9))
    card = CardSent(round_id="x", sent_at=ago(hours=9))
    status = ready(asked=asked, card=card, due_at=ago(hours=3))
    assert post_move(status, BOOK, CLOCK).ask_reason == "late"
    late = status.model_copy(update={"asked": asked.model_copy(update={"reason": "late"})})
    assert post_move(late, BOOK, CLOCK).step is Step.REST


# approval to booking


def test_an_approval_that_stands_again_gets_its_flag_without_asking() -> None:
    status = approved(flag=Flag(state=FlagState.CLEARED, at=ago(minutes=1)))
    assert post_move(status, BOOK, CLOCK).step is Step.RAISE_FLAG


def test_nothing_is_booked_before_the_flag_is_in_the_sheet() -> None:
    status = approved(flag=Flag(state=FlagState.PENDING, at=ago(minutes=1)))
    assert post_move(status, BOOK, CLOCK).step is Step.REST
    assert channel_move(status, NAME, None, BOOK, (), NOW).kind is Kind.REST


def test_a_flag_that_is_not_written_in_time_is_asked_for_again() -> None:
    status = approved(flag=Flag(state=FlagState.PENDING, at=ago(minutes=4)))
    assert post_move(status, BOOK, CLOCK).step is Step.NUDGE_FLAG


def test_a_cleared_post_is_queued_for_its_time() -> None:
    move = channel_move(approved(), NAME, None, BOOK, (), NOW)
    assert (move.kind, move.at, move.attempt) == (Kind.QUEUE, DUE, 1)


def test_a_cleared_post_due_in_under_two_minutes_is_sent_at_once() -> None:
    status = approved(due_at=(NOW + timedelta(seconds=60)).isoformat())
    assert channel_move(status, NAME, None, BOOK, (), NOW).kind is Kind.SEND


def test_send_now_is_sent_at_once_whatever_its_date() -> None:
    approval = Approval(revision="r1", by="owner", how="mail", at=ago(seconds=20), now=True)
    assert channel_move(approved(approval=approval), NAME, None, BOOK, (), NOW).kind is Kind.SEND


def test_a_held_post_is_never_booked() -> None:
    status = approved(held=Hold(by="owner", how="mail", at=ago(minutes=1)))
    assert post_move(status, BOOK, CLOCK).step is Step.REST
    assert channel_move(status, NAME, head(), BOOK, (), NOW).kind is Kind.REST


def test_a_post_two_hours_late_is_asked_about_instead_of_sent() -> None:
    approval = Approval(revision="r1", by="owner", how="mail", at=ago(hours=9))
    status = approved(approval=approval, due_at=ago(hours=3))
    assert channel_move(status, NAME, head(), BOOK, (), NOW).kind is Kind.ASK


def test_a_click_newer_than_the_planned_time_answers_the_late_rule() -> None:
    status = approved(due_at=ago(hours=3))
    assert channel_move(status, NAME, head(), BOOK, (), NOW).kind is Kind.SEND


@pytest.mark.parametrize("state", [HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN])
def test_no_approval_makes_a_sent_open_or_unknown_head_ready(state: HeadState) -> None:
    moved = head(state, revision="r0", attempts=1, lease_until=(NOW + timedelta(seconds=60)).isoformat())
    assert channel_move(approved(), NAME, moved, BOOK, (), NOW).kind is Kind.REST


def test_an_expired_lease_wakes_the_sender_to_look() -> None:
    stuck = head(HeadState.OPEN, attempts=1, lease_until=ago(minutes=1))
    move = channel_move(approved(), NAME, stuck, BOOK, (), NOW)
    assert (move.kind, move.attempt) == (Kind.RETRY, 2)


def test_an_unknown_outcome_is_looked_at_when_it_has_settled() -> None:
    settles = NOW + timedelta(minutes=5)
    move = channel_move(
        approved(), NAME, head(HeadState.UNKNOWN, attempts=1, next_at=settles.isoformat()), BOOK, (), NOW
    )
    assert (move.kind, move.at) == (Kind.RETRY, settles)


def click(**past: float) -> Approval:
    return Approval(revision="r1", by="o", how="mail", at=ago(**past))


def test_past_the_late_rule_the_owner_is_asked_before_another_try() -> None:
    tired = head(HeadState.RETRY, attempts=4, since=ago(hours=3), next_at=ago(minutes=1))
    assert (
        channel_move(approved(due_at=ago(hours=3), approval=click(hours=9)), NAME, tired, BOOK, (), NOW).kind
        is Kind.ASK
    )
    clicked_since = approved(due_at=ago(hours=3), approval=click(hours=1))
    assert channel_move(clicked_since, NAME, tired, BOOK, (), NOW) == Move(Kind.RETRY, because(Code.TRY_NOW), attempt=5)


def test_whoever_approves_after_a_try_agrees_to_its_networks_reset_time() -> None:
    reset_at = NOW + timedelta(hours=20)
    waits = head(HeadState.RETRY, attempts=1, since=ago(minutes=30), next_at=reset_at.isoformat())
    before = approved(due_at=ago(minutes=30), approval=click(hours=1))
    assert channel_move(before, NAME, waits, BOOK, (), NOW).kind is Kind.ASK
    after = approved(due_at=ago(minutes=30), approval=click(minutes=5))
    assert channel_move(after, NAME, waits, BOOK, (), NOW) == Move(
        Kind.RETRY, because(Code.TRY_LATER), at=reset_at, attempt=2
    )


def test_an_answer_send_again_is_a_wish_of_that_moment() -> None:
    says = Answer(
        channel="bluesky-main", revision="r1", attempt=1, says=Says.SEND_AGAIN, by="o", how="mail", at=ago(minutes=1)
    )
    status = approved(due_at=ago(hours=5), approval=click(hours=9), answers=(says,))
    waits = head(HeadState.RETRY, attempts=1, since=ago(hours=5), next_at=ago(minutes=1))
    assert channel_move(status, NAME, waits, BOOK, (), NOW) == Move(Kind.RETRY, because(Code.TRY_NOW), attempt=2)


def test_an_answered_unknown_head_wakes_the_sender_at_once() -> None:
    unknown = head(HeadState.UNKNOWN, attempts=1, since=ago(hours=1), next_at=(NOW + timedelta(hours=1)).isoformat())
    assert channel_move(approved(), NAME, unknown, BOOK, (), NOW).at is not None
    says = Answer(channel="bluesky-main", revision="r1", attempt=1, says=Says.FOUND, by="o", how="mail", at=ago())
    move = channel_move(approved(answers=(says,)), NAME, unknown, BOOK, (), NOW)
    assert move == Move(Kind.RETRY, because(Code.ANSWERED), attempt=2)
    other_try = says.model_copy(update={"attempt": 2})
    assert channel_move(approved(answers=(other_try,)), NAME, unknown, BOOK, (), NOW).at is not None


def test_a_stopped_channel_is_neither_sent_nor_asked_about_but_looked_at_and_booked() -> None:
    due, late = approved(due_at=NOW.isoformat()), approved(due_at=ago(hours=9), approval=click(hours=10))
    waits = head(HeadState.RETRY, attempts=1, since=ago(minutes=5), next_at=ago())
    assert [channel_move(one, NAME, None, BOOK, (), NOW).kind for one in (due, late)] == [Kind.SEND, Kind.ASK]
    for status, before in ((due, None), (late, None), (due, waits)):
        assert channel_move(status, NAME, before, BOOK, (), NOW, PAUSED) == Move(Kind.REST, PAUSED)
    assert channel_move(approved(), NAME, None, BOOK, (), NOW, PAUSED).kind is Kind.QUEUE
    unknown = head(HeadState.UNKNOWN, attempts=1, since=ago(hours=1), next_at=ago())
    assert channel_move(due, NAME, unknown, BOOK, (), NOW, PAUSED).kind is Kind.RETRY


def test_what_waited_for_a_paused_channel_goes_with_the_minimum_gap_and_asks_when_late() -> None:
    book = Rulebook("UTC", BOOK.channels, minimum_gap=timedelta(minutes=30))
    waited = head(HeadState.RETRY, attempts=1, since=ago(hours=1))
    status = approved(due_at=ago(hours=1), approval=click(hours=9))
    assert channel_move(status, NAME, waited, book, (), NOW) == Move(
        Kind.RETRY, because(Code.WORKS_AGAIN, channel=NAME), attempt=2
    )
    spread = channel_move(status, NAME, waited, book, (NOW,), NOW)
    assert (spread.kind, spread.at) == (Kind.RETRY, NOW + timedelta(minutes=30))
    assert (
        channel_move(approved(due_at=ago(hours=3), approval=click(hours=9)), NAME, waited, book, (), NOW).kind
        is Kind.ASK
    )


def test_a_post_that_was_put_behind_another_keeps_its_time_when_that_one_is_out() -> None:
    late = approved(due_at=ago(minutes=5), approval=click(hours=1))
    given = NOW + timedelta(minutes=10)
    behind = head(booking=Booked(name="n", at=given.isoformat(), attempt=1))
    assert channel_move(late, NAME, behind, BOOK, (), NOW).at == given
    over = head(booking=Booked(name="n", at=ago(minutes=4), attempt=1))
    assert channel_move(late, NAME, over, BOOK, (), NOW).kind is Kind.SEND
    other = head(booking=Booked(name="n", at=given.isoformat(), attempt=2))
    assert channel_move(late, NAME, other, BOOK, (), NOW).kind is Kind.SEND


def test_send_now_does_not_wait_for_the_booking_that_it_overtakes() -> None:
    tomorrow = approved(approval=click(minutes=1).model_copy(update={"now": True}))
    booked = head(booking=Booked(name="n", at=str(tomorrow.due_at), attempt=1))
    assert channel_move(tomorrow, NAME, booked, BOOK, (), NOW).kind is Kind.SEND


def test_what_is_said_again_goes_on_being_late() -> None:
    again = Booked(name="n", at=ago(minutes=2), attempt=1)
    late = approved(due_at=ago(minutes=7), approval=click(hours=1))
    assert overdue(late, head(booking=again, due=ago(minutes=7)), BOOK, NOW)
    assert not overdue(late, head(booking=again, due=ago(minutes=2)), BOOK, NOW)


def test_an_approved_post_seven_minutes_late_is_told() -> None:
    late = approved(due_at=ago(minutes=7), approval=click(hours=1))
    assert overdue(late, None, BOOK, NOW)
    due = Booked(name="n", at=ago(minutes=7), attempt=1)
    again = Booked(name="n", at=ago(minutes=1), attempt=2)
    assert overdue(late, head(booking=due), BOOK, NOW)
    assert overdue(
        late, head(HeadState.RETRY, attempts=1, since=ago(minutes=1), next_at=ago(), booking=again), BOOK, NOW
    )
    assert not overdue(late, head(), BOOK, NOW), "it was held back, and is only booked anew now"
    assert not overdue(late.model_copy(update={"gone_at": ago()}), None, BOOK, NOW)
    assert not overdue(late, head(HeadState.BROKEN), BOOK, NOW)
    assert not overdue(approved(due_at=ago(minutes=6), approval=click(hours=1)), None, BOOK, NOW)
    assert not overdue(late.model_copy(update={"held": Hold(by="o", how="mail", at=ago())}), None, BOOK, NOW)
    assert not overdue(late, head(booking=Booked(name="n", at=ago(minutes=2), attempt=1)), BOOK, NOW)
    for told in (HeadState.SENT, HeadState.FAILED, HeadState.UNKNOWN):
        assert not overdue(late, head(told, attempts=1, since=ago(minutes=9)), BOOK, NOW)
    asked = Asking(revision="r1", round_id="r", reason="late", at=ago(minutes=1))
    assert not overdue(late.model_copy(update={"asked": asked}), None, BOOK, NOW)
    clicked_late = approved(due_at=ago(hours=9), approval=click(minutes=6))
    assert not overdue(clicked_late, None, BOOK, NOW)


def test_the_minimum_gap_spreads_a_channels_posts() -> None:
    book = Rulebook("UTC", BOOK.channels, minimum_gap=timedelta(minutes=5))
    assert channel_move(approved(), NAME, None, book, (DUE,), NOW).at == DUE + timedelta(minutes=5)


def test_a_booking_that_stands_is_left_alone_and_an_overdue_one_is_not() -> None:
    move = channel_move(approved(), NAME, None, BOOK, (), NOW)
    booked = head(booking=Booked(name="n", at=DUE.isoformat(), attempt=1))
    assert booked_already(booked, move, "r1", NOW)
    assert not booked_already(booked, move, "r2", NOW)
    hurried = channel_move(
        approved(approval=Approval(revision="r1", by="o", how="mail", at=ago(), now=True)), NAME, booked, BOOK, (), NOW
    )
    assert not booked_already(booked, hurried, "r1", NOW)
    due = channel_move(approved(due_at=NOW.isoformat()), NAME, None, BOOK, (), NOW)
    assert not booked_already(head(booking=Booked(name="n", at=ago(minutes=5), attempt=1)), due, "r1", NOW)
