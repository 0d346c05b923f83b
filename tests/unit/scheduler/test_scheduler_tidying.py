"""Which schedules nobody needs, and which bookings have none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mesh.booking import booking_name
from mesh.events import Retry, Send
from mesh.ledger import Booked, Head, HeadState, Status, head_key
from mesh.schedules import Listed
from scheduler.tidying import AT_MOST, SOON, YOUNG, booked_event, is_orphan, missing, suspects

NOW = datetime(2027, 3, 15, 7, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=2)


def head(post_id: str = "p_1", *, attempt: int = 1, at: datetime = NOW + timedelta(days=1), **update: object) -> Head:
    """Booked, as the scheduler writes it."""
    revision = str(update.pop("revision", "r1"))
    event = Send(post_id=post_id, channel="main", revision=revision, attempt=attempt)
    booking = Booked(name=booking_name(event), at=at.isoformat(), attempt=attempt)
    plain = Head(post_channel=head_key(post_id, "main"), state=HeadState.READY, revision=revision, booking=booking)
    return plain.model_copy(update=update)


def name(one: Head) -> str:
    assert one.booking is not None
    return one.booking.name


POST = Status(post_id="p_1", channels=("main",))


def test_what_a_head_names_is_not_even_looked_into() -> None:
    assert suspects([Listed(name(head()), OLD), Listed("other", OLD)], [head()], NOW) == ["other"]


def test_what_is_young_is_left_alone() -> None:
    ages = [OLD, NOW - YOUNG, NOW - YOUNG + timedelta(seconds=1), NOW, None]
    listed = [Listed(f"n{number}", age) for number, age in enumerate(ages)]
    assert suspects(listed, [], NOW) == ["n4", "n0", "n1"]


def test_of_very_many_the_oldest_come_first() -> None:
    listed = [Listed(f"n{number}", OLD - timedelta(minutes=number)) for number in range(AT_MOST + 50)]
    chosen = suspects(listed, [], NOW)
    assert len(chosen) == AT_MOST
    assert chosen[0] == f"n{AT_MOST + 49}"


@pytest.mark.parametrize(
    ("found", "post", "orphan"),
    [
        (head(), POST, False),
        (None, POST, True),
        (head(booking=None), POST, True),
        (head(revision="r2"), POST, True),
        (head(attempt=2), POST, True),
        (head(), None, True),
        (head(), POST.model_copy(update={"gone_at": NOW.isoformat()}), True),
        (head(), POST.model_copy(update={"channels": ("second",)}), True),
        (head(state=HeadState.BROKEN, booking=None), POST, False),
        (None, POST.model_copy(update={"broken": True}), False),
    ],
)
def test_an_orphan_is_what_no_head_names_or_what_its_post_left(
    found: Head | None, post: Status | None, orphan: bool
) -> None:
    assert is_orphan(name(head()), post, found) is orphan


def test_a_booking_without_its_schedule_is_missed_while_its_time_is_to_come() -> None:
    lost, there, past = head(), head("p_2"), head("p_3", at=NOW + SOON)
    listed = [Listed(name(there), OLD)]
    assert missing(listed, [lost, there, past, head("p_4", booking=None)], NOW) == [lost]


@pytest.mark.parametrize("state", list(HeadState))
def test_only_what_may_still_be_woken_is_missed(state: HeadState) -> None:
    waits = state in {HeadState.READY, HeadState.RETRY, HeadState.OPEN, HeadState.UNKNOWN}
    assert bool(missing([], [head(state=state)], NOW)) is waits


def test_a_booking_made_again_has_the_name_that_the_head_gives_it() -> None:
    for attempt, model in ((1, Send), (3, Retry)):
        event = booked_event(head(attempt=attempt))
        assert type(event) is model
        assert booking_name(event) == name(head(attempt=attempt))


def test_a_name_that_this_version_would_not_give_is_left_to_the_sweep() -> None:
    odd = head().model_copy(
        update={"booking": Booked(name="older", at=(NOW + timedelta(days=1)).isoformat(), attempt=1)}
    )
    assert missing([], [odd], NOW) == []
