"""What a post keeps its distance from: whom it lets go first, and who does not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mesh.ledger.items import Approval, Attempt, Booked, Flag, FlagState, Head, HeadState, PackageRef, Status
from mesh.rulebook import Rulebook
from scheduler.channels import channel_move
from scheduler.spacing import Taken, looks_back_to
from scheduler.steps import Kind

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
CHANNEL = "bluesky-main"
BOOK = Rulebook("UTC")
MINUTE = timedelta(minutes=1)


def post(post_id: str, due: float, **update: object) -> Status:
    """Approved and flagged long ago, planned so many minutes from now."""
    at = (NOW - timedelta(days=1)).isoformat()
    base = Status(
        post_id=post_id,
        due_at=(NOW + due * MINUTE).isoformat(),
        channels=(CHANNEL,),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision="r1", by="owner", how="mail", at=at),
        flag=Flag(state=FlagState.WRITTEN, at=at),
    )
    return base.model_copy(update=update)


def head(post_id: str, state: HeadState, minutes: float, **update: object) -> Head:
    """Booked for then, or last tried then."""
    at = (NOW + minutes * MINUTE).isoformat()
    base = Head(post_channel=f"{post_id}#{CHANNEL}", state=state, revision="r1")
    if state in {HeadState.READY, HeadState.RETRY}:
        return base.model_copy(update={"booking": Booked(name="n", at=at, attempt=1), **update})
    return base.model_copy(update={"since": at, **update})


def taken(*pairs: tuple[Status, Head | None], sent: tuple[Attempt, ...] = ()) -> Taken:
    heads = {status.post_id: (found,) if found else () for status, found in pairs}
    return Taken([status for status, _ in pairs], heads, sent, NOW)


def around(of: Status, *pairs: tuple[Status, Head | None]) -> list[float]:
    """In minutes from now."""
    return sorted((at - NOW) / MINUTE for at in taken((of, None), *pairs).around(of, CHANNEL))


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (HeadState.READY, True),
        (HeadState.RETRY, True),
        (HeadState.OPEN, True),
        (HeadState.UNKNOWN, True),
        (HeadState.SENT, True),
        (HeadState.FAILED, False),
        (HeadState.BROKEN, False),
    ],
)
def test_what_is_booked_or_out_counts_and_what_never_goes_does_not(state: HeadState, counts: bool) -> None:
    other = (post("p_2", -2), head("p_2", state, -1.5))
    assert around(post("p_1", -5), other) == ([-2] if counts else [])


def test_a_late_post_lets_those_before_it_go_and_keeps_clear_of_what_is_on_time() -> None:
    others = (
        (post("p_earlier", -40), head("p_earlier", HeadState.READY, 12)),
        (post("p_later", -20), head("p_later", HeadState.READY, 15)),
        (post("p_on_time", 30), head("p_on_time", HeadState.READY, 30)),
    )
    assert around(post("p_1", -30), *others) == [12, 30]


def test_what_goes_before_the_next_sweep_stays_where_it_is() -> None:
    later = post("p_later", -20)
    assert around(post("p_1", -30), (later, head("p_later", HeadState.READY, 5))) == [5]
    assert around(post("p_1", -30), (later, head("p_later", HeadState.READY, 6))) == []


def test_a_post_on_time_keeps_clear_of_everything_booked() -> None:
    late = (post("p_late", -20), head("p_late", HeadState.READY, 15))
    assert around(post("p_1", 20), late) == [15]


def test_a_send_of_a_post_that_is_closed_by_now_counts() -> None:
    at = (NOW - MINUTE).isoformat()
    gone = Attempt(post_channel=f"p_gone#{CHANNEL}", attempt=1, revision="r", started_at=at, key_at=at, sent_at=at)
    found = taken((post("p_1", -5), None), sent=(gone,)).around(post("p_1", -5), CHANNEL)
    assert found == [NOW - MINUTE]


def test_its_own_times_do_not_stand_in_its_way() -> None:
    status = post("p_1", -5)
    assert taken((status, head("p_1", HeadState.READY, 0))).around(status, CHANNEL) == []


def go(count: int, gap: int = 0, late: int = 120) -> list[float | None]:
    """Posts of the last hour, one after the other through the decision, as one run does; None for one that is asked about."""
    book = Rulebook("UTC", minimum_gap=gap * MINUTE, late=late * MINUTE)
    posts = [post(f"p_{number:02}", -60 + number) for number in range(count)]
    slots = taken(*((status, None) for status in posts))
    went: list[float | None] = []
    for status in posts:
        move = channel_move(status, CHANNEL, None, book, slots.around(status, CHANNEL), NOW)
        if move.kind is Kind.ASK:
            went.append(None)
            continue
        slots.book(status, CHANNEL, move.at or NOW)
        went.append(((move.at or NOW) - NOW) / MINUTE)
    return went


def test_after_an_outage_they_go_one_by_one_in_the_order_of_their_times() -> None:
    assert go(10) == [3 * number for number in range(10)]
    assert go(4, gap=10) == [0, 10, 20, 30]


def test_those_whose_turn_would_come_too_late_are_asked_about_and_the_others_go() -> None:
    """The third's time was four minutes after the first's: its turn may come that much later."""
    assert go(7, late=64) == [0, 3, 6, None, None, 9, None]


def test_retries_that_a_network_sent_away_until_one_moment_go_apart() -> None:
    until = (NOW + 10 * MINUTE).isoformat()
    posts = [post(f"p_{number}", -5 + number) for number in range(3)]
    slots = taken(*((status, None) for status in posts))
    went = []
    for status in posts:
        waiting = head(status.post_id, HeadState.RETRY, 0, booking=None, attempts=1, next_at=until)
        move = channel_move(status, CHANNEL, waiting, BOOK, slots.around(status, CHANNEL), NOW)
        assert move.at is not None
        slots.book(status, CHANNEL, move.at)
        went.append((move.at - NOW) / MINUTE)
    assert went == [10, 13, 16]


# when the sends are read at all


@pytest.mark.parametrize(
    ("due", "update", "reads"),
    [
        (-5, {}, True),
        (2, {}, True),
        (4, {}, False),
        (60, {}, False),
        (-5, {"flag": None}, False),
        (600, {"approval": Approval(revision="r1", by="o", how="mail", at=NOW.isoformat(), now=True)}, True),
    ],
)
def test_the_sends_are_read_only_where_a_post_could_go_so_soon(
    due: int, update: dict[str, object], reads: bool
) -> None:
    found = looks_back_to([post("p_1", due, **update)], {}, BOOK, NOW)
    assert found == (NOW - 3 * MINUTE if reads else None)


def test_a_post_that_is_out_reads_nothing_and_a_long_gap_reads_further_back() -> None:
    status = post("p_1", -5)
    assert looks_back_to([status], {"p_1": (head("p_1", HeadState.SENT, -1),)}, BOOK, NOW) is None
    assert looks_back_to([status], {}, Rulebook("UTC", minimum_gap=60 * MINUTE), NOW) == NOW - 60 * MINUTE
