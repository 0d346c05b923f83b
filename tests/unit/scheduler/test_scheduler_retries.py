"""Further tries: never before the network allows it, never past the late rule, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mesh.ledger.items import Approval, Attempt, Booked, Flag, FlagState, Head, HeadState, PackageRef, Status
from mesh.rulebook import Channel, Rulebook
from networks import network
from networks.model import Outcome, Result
from scheduler.channels import AHEAD, booked_already, channel_move, going_out_at
from scheduler.reasons import Code
from scheduler.steps import Kind
from sender.decide import ATTEMPT_LIMIT, BACKOFF, SOONEST, Tried, next_try, recorded

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
NAME = "bluesky-main"
CHANNEL = Channel(NAME, "bluesky", "did:plc:a", "https://bsky.social")
BOOK = Rulebook("UTC", {NAME: CHANNEL})
LATE = BOOK.late
DECLARED = network("bluesky").declared
seconds = st.integers(min_value=-40_000, max_value=40_000).map(lambda count: timedelta(seconds=count))


def status(due: datetime, clicked: datetime) -> Status:
    return Status(
        post_id="p_1",
        due_at=due.isoformat(),
        channels=(NAME,),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision="r1", by="ada", how="mail", at=clicked.isoformat()),
        flag=Flag(state=FlagState.WRITTEN, at=clicked.isoformat()),
    )


def waiting(next_at: datetime, since: datetime, due: datetime | None, fails: int = 1) -> Head:
    return Head(
        post_channel=f"p_1#{NAME}",
        state=HeadState.RETRY,
        revision="r1",
        attempts=fails,
        since=since.isoformat(),
        next_at=next_at.isoformat(),
        due=due.isoformat() if due else None,
    )


@given(due=seconds, clicked=seconds, tried=seconds, wait=seconds, booked=st.booleans())
def test_a_further_try_goes_neither_before_its_time_nor_past_the_late_rule(
    due: timedelta, clicked: timedelta, tried: timedelta, wait: timedelta, booked: bool
) -> None:
    due_at, clicked_at, since, next_at = NOW + due, NOW + clicked, NOW + tried, NOW + wait
    head = waiting(next_at, since, due_at if booked else None)
    move = channel_move(status(due_at, clicked_at), NAME, head, BOOK, (), NOW)
    knows = clicked_at > since
    latest = max(due_at, clicked_at, next_at if knows else due_at) + LATE
    if move.kind is Kind.ASK:
        assert max(NOW, next_at) > latest - timedelta(minutes=1)
        return
    assert move.kind is Kind.RETRY
    at = going_out_at(move, NOW)
    assert (at or NOW) >= next_at, "a network asked too early refuses again"
    assert (at or NOW) <= max(latest, NOW) + AHEAD + timedelta(minutes=2)
    assert at is None or (at.second == 0 and at - NOW >= AHEAD)


@given(wait=st.integers(min_value=1, max_value=3_600), later=st.integers(min_value=0, max_value=240))
def test_what_was_booked_for_a_further_try_stands_at_the_next_looks(wait: int, later: int) -> None:
    head = waiting(NOW + timedelta(seconds=wait), NOW, NOW)
    post = status(NOW, NOW - timedelta(hours=1))
    at = going_out_at(channel_move(post, NAME, head, BOOK, (), NOW), NOW)
    assert at is not None
    made = head.model_copy(update={"booking": Booked(name="n", at=at.isoformat(), attempt=2)})
    look = min(NOW + timedelta(seconds=later), at)
    assert booked_already(made, channel_move(post, NAME, made, BOOK, (), look), "r1", look)


def test_a_post_whose_window_opened_hours_after_its_time_is_tried_again_all_the_same() -> None:
    """Late is counted from the minute it was booked for."""
    planned, opened = NOW.replace(hour=3), NOW.replace(hour=7, minute=58)
    book = Rulebook("UTC", {NAME: CHANNEL}, window=(time(7, 58), time(21)))
    again = NOW + timedelta(minutes=5)
    for due in (opened, None):
        head = waiting(again, opened, due)
        move = channel_move(status(planned, planned - timedelta(hours=9)), NAME, head, book, (), NOW)
        assert (move.kind, move.at, move.reason.code) == (Kind.RETRY, again, Code.TRY_LATER)


@given(
    reset=st.none() | st.integers(min_value=-600, max_value=90_000),
    fails=st.integers(min_value=1, max_value=ATTEMPT_LIMIT),
    spread=st.floats(min_value=0, max_value=1),
)
def test_the_networks_own_time_comes_first_and_never_sooner_than_a_minute(
    reset: int | None, fails: int, spread: float
) -> None:
    reset_at = None if reset is None else NOW + timedelta(seconds=reset)
    at = next_try(reset_at, fails, NOW, spread)
    assert at >= NOW + SOONEST
    if reset_at is not None:
        assert at == max(reset_at, NOW + SOONEST)
    else:
        wait = BACKOFF[min(fails, len(BACKOFF)) - 1]
        assert wait <= at - NOW <= wait * 1.2


def attempt(number: int, started: datetime) -> Attempt:
    return Attempt(
        post_channel=f"p_1#{NAME}",
        attempt=number,
        revision="r1",
        result="fail",
        started_at=started.isoformat(),
        key_at=started.isoformat(),
    )


def tried(number: int, clicked: datetime) -> Tried:
    head = Head(post_channel=f"p_1#{NAME}", state=HeadState.OPEN, revision="r1", attempts=number)
    earlier = tuple(attempt(one, NOW - timedelta(hours=3)) for one in range(1, number))
    return Tried(head, attempt(number, NOW), earlier, repeats_unknown=False, wanted_at=clicked.isoformat())


def test_there_is_a_limit_and_whoever_approves_again_gets_as_many_tries_again() -> None:
    refused = Outcome(Result.RETRYABLE, detail="Slow down.")
    before = recorded(tried(ATTEMPT_LIMIT, NOW - timedelta(hours=9)), refused, DECLARED, NOW, 0.5)
    assert before.head.state is HeadState.FAILED
    after = recorded(tried(ATTEMPT_LIMIT, NOW - timedelta(minutes=1)), refused, DECLARED, NOW, 0.5)
    assert after.head.state is HeadState.RETRY
