"""A whole run's decisions: order, what counts for whom, reasons, and what cannot be decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from mesh.events import Retry, Send
from mesh.ledger.items import (
    Approval,
    Booked,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    PackageRef,
    Status,
)
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.rulebook import Channel, Rulebook
from scheduler.decide import decide
from scheduler.reasons import CATALOGUE, Code, because
from scheduler.steps import Clock, Decision, Gathered, Kind, Step

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
CLOCK = Clock(NOW, timedelta(minutes=10), timedelta(days=14))
NAME, OTHER = "bluesky-main", "mastodon-main"
CHANNELS = {
    NAME: Channel(NAME, "bluesky", "did:plc:a", "https://bsky.social"),
    OTHER: Channel(OTHER, "mastodon", "1", "https://mastodon.example"),
}
BOOK = Rulebook("UTC", CHANNELS)
SPREAD = Rulebook("UTC", CHANNELS, minimum_gap=timedelta(minutes=30))
DUE = NOW + timedelta(days=1)
AGO = (NOW - timedelta(minutes=5)).isoformat()


def cleared(post_id: str, due: datetime = DUE, **update: object) -> Status:
    base = Status(
        post_id=post_id,
        due_at=due.isoformat(),
        channels=(NAME,),
        source_revision="s1",
        source_at=AGO,
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision="r1", by="ada", how="mail", at=(NOW - timedelta(hours=9)).isoformat()),
        flag=Flag(state=FlagState.WRITTEN, at=AGO),
    )
    return base.model_copy(update=update)


def booked(post_id: str, at: datetime = DUE, channel: str = NAME, **update: object) -> Head:
    booking = Booked(name=f"n-{post_id}", at=at.isoformat(), attempt=1)
    base = Head(post_channel=f"{post_id}#{channel}", version=1, state=HeadState.READY, revision="r1", booking=booking)
    return base.model_copy(update=update)


def run(
    posts: Iterable[Status],
    *heads: Head,
    book: Rulebook = BOOK,
    standing: Iterable[str] = (),
) -> tuple[Decision, ...]:
    by_post: dict[str, tuple[Head, ...]] = {}
    for head in heads:
        by_post[head.post_id] = (*by_post.get(head.post_id, ()), head)
    return decide(Gathered(tuple(posts), by_post, frozenset(standing), book, CLOCK, "t_run"))


def times(decisions: Iterable[Decision]) -> dict[str, datetime | None]:
    return {one.status.post_id: book.at for one in decisions for book in one.books}


def test_posts_are_decided_in_the_order_in_which_they_are_due_and_each_time_counts_for_those_after() -> None:
    posts = [cleared("p_c", DUE + timedelta(minutes=1)), cleared("p_b"), cleared("p_a")]
    decisions = run(posts, book=SPREAD)
    assert [one.status.post_id for one in decisions] == ["p_a", "p_b", "p_c"]
    gap = timedelta(minutes=30)
    assert times(decisions) == {"p_a": DUE, "p_b": DUE + gap, "p_c": DUE + 2 * gap}
    assert {str(book.reason) for one in decisions[1:] for book in one.books} == {
        "moved to 08:30: 30 minutes between posts on one channel",
        "moved to 09:00: 30 minutes between posts on one channel",
    }


def test_what_is_sent_now_counts_for_the_gap_of_those_after_it() -> None:
    decisions = run([cleared("p_a", NOW), cleared("p_b", NOW)], book=SPREAD)
    assert times(decisions) == {"p_a": None, "p_b": NOW + timedelta(minutes=30)}


def test_a_time_that_is_given_up_is_free_for_those_after_it() -> None:
    held = cleared("p_a", held=Hold(by="ada", how="mail", at=AGO))
    decisions = run([held, cleared("p_b")], booked("p_a"), book=SPREAD)
    assert [(cancel.head.post_id, cancel.reason.code) for cancel in decisions[0].cancels] == [("p_a", Code.HELD)]
    assert times(decisions) == {"p_b": DUE}


def test_one_that_cannot_be_decided_stops_nobody_and_a_human_hears_of_it() -> None:
    damaged = cleared("p_a", due_at="tomorrow")
    first, second = sorted(run([damaged, cleared("p_b")]), key=lambda one: one.status.post_id)
    assert (first.step.reason.code, first.books, first.error) == (Code.DAMAGED, (), None)
    assert [trouble.cause for trouble in first.troubles] == ["damaged#p_a#every channel"]
    assert times([second]) == {"p_b": DUE}


def test_every_channel_is_decided_by_itself() -> None:
    post = cleared("p_a", channels=(NAME, OTHER))
    sent = Head(post_channel=f"p_a#{OTHER}", state=HeadState.SENT, revision="r1", attempts=1)
    (decision,) = run([post], sent)
    assert {channel: move.kind for channel, move in decision.moves.items()} == {NAME: Kind.QUEUE, OTHER: Kind.REST}
    (book,) = decision.books
    assert (book.event, type(book.event)) == (
        Send(post_id="p_a", channel=NAME, revision="r1", attempt=1, trace_id="t_run"),
        Send,
    )
    assert (book.after.state, book.after.due, book.before) == (HeadState.READY, DUE.isoformat(), None)


def test_a_booking_taken_back_says_why() -> None:
    left_out = PackageRef(
        source_revision="s1", revision="r1", problems=(ChannelProblem(channel=NAME, code="c", message="Too long."),)
    )
    cases = [
        (cleared("p_a", gone_at=AGO), Code.ROW_GONE),
        (cleared("p_a", source_revision="s2"), Code.PACKAGE_WANTED),
        (cleared("p_a", channels=(OTHER,)), Code.CHANNEL_OUT),
        (cleared("p_a", package=left_out), Code.LEFT_OUT),
        (cleared("p_a", NOW - timedelta(hours=5)), Code.TIME_PASSED),
    ]
    for status, code in cases:
        (decision,) = run([status], booked("p_a"))
        assert [cancel.reason.code for cancel in decision.cancels] == [code]


def test_a_rules_window_is_the_reason_in_words_and_for_the_row_the_cause_alone() -> None:
    windowed = Rulebook("UTC", CHANNELS, window=(time(7), time(21)))
    (decision,) = run([cleared("p_a", DUE.replace(hour=3))], book=windowed)
    (book,) = decision.books
    assert str(book.reason) == "moved to 07:00: outside the posting window 07:00-21:00"
    assert book.after.booking is not None
    assert book.after.booking.why == "outside the posting window 07:00-21:00"


def test_what_no_minute_allows_says_so_and_not_that_its_time_has_passed() -> None:
    days = frozenset((NOW + timedelta(days=offset)).date() for offset in range(-5, 900))
    closed = Rulebook("UTC", CHANNELS, blackout_days=days)
    (decision,) = run([cleared("p_a")], book=closed)
    assert decision.late is None
    assert decision.moves[NAME].reason.code is Code.NO_MINUTE


def test_a_hold_on_everything_and_a_pause_are_reasons_of_their_own() -> None:
    for key, code in ((HOLD_EVERYTHING, Code.EVERYTHING_HELD), (pause_key(NAME), Code.CHANNEL_PAUSED)):
        (decision,) = run([cleared("p_a", NOW)], standing=[key])
        assert decision.moves[NAME].reason.code is code
        assert decision.books == ()


def test_a_look_is_booked_whatever_the_posts_own_step_is() -> None:
    unknown = booked(
        "p_a", state=HeadState.UNKNOWN, attempts=1, booking=None, next_at=(NOW + timedelta(seconds=90)).isoformat()
    )
    (decision,) = run([cleared("p_a", held=Hold(by="ada", how="mail", at=AGO))], unknown)
    assert decision.step.step is Step.REST
    (book,) = decision.books
    assert isinstance(book.event, Retry)
    assert (book.at, book.after.state, book.reason.code) == (
        NOW + timedelta(minutes=2),
        HeadState.UNKNOWN,
        Code.LOOK_LATER,
    )


def test_every_code_has_words_and_every_word_a_code() -> None:
    assert set(CATALOGUE) == set(Code)
    facts = {"to": "07:00", "why": "a rule", "channel": NAME}
    for code, words in CATALOGUE.items():
        said = because(code, **facts).said
        assert said[0].islower() or said.startswith(NAME)
        assert not said.endswith(".")
        assert "|" not in said + words.when + words.to_do


def test_what_is_put_off_again_stays_late_by_its_first_minute_until_somebody_clicks_anew() -> None:
    first = NOW - timedelta(minutes=12)
    passed = [booked(name, NOW - timedelta(minutes=1), due=first.isoformat()) for name in ("p_1", "p_2")]
    posts = [cleared("p_1", first), cleared("p_2", first + timedelta(minutes=1))]

    books = [book for one in run(posts, *passed, book=SPREAD) for book in one.books]
    assert [book.after.due for book in books] == [first.isoformat()] * 2
    assert max(book.after.booking.at for book in books if book.after.booking) > NOW.isoformat()

    clicked = Approval(revision="r1", by="ada", how="mail", at=(NOW - timedelta(minutes=2)).isoformat())
    again = [post.model_copy(update={"approval": clicked}) for post in posts]
    books = [book for one in run(again, *passed, book=SPREAD) for book in one.books if book.at is not None]
    assert [book.after.due for book in books] == [book.after.booking.at for book in books if book.after.booking]
    assert books


def test_what_was_approved_anew_and_waits_for_its_tick_is_told_like_any_other() -> None:
    """Its booking was cancelled with an edit, and the sheet cannot be written: nothing else would ever say so."""
    late = NOW - timedelta(minutes=9)
    head = booked("p_1", late, booking=None)
    waiting = cleared("p_1", late, flag=Flag(state=FlagState.PENDING, at=AGO))
    (decision,) = run([waiting], head)
    assert [trouble.post_ids for trouble in decision.troubles] == [["p_1"]]

    (decision,) = run([cleared("p_1", late)], head)
    assert decision.troubles == ()  # it is booked anew in this very run
