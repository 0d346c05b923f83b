"""What CloudWatch is told with every sweep: nothing that says nothing, and nothing that waits for a human."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mesh.ledger.items import Approval, Asking, Booked, Flag, FlagState, Head, HeadState, Hold, PackageRef, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.rulebook import Channel, Rulebook
from scheduler.memory import Remembered
from scheduler.steps import Clock, Gathered
from scheduler.watching import SYNC_MISSED, ages, queue

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
NAME = "bluesky-main"
BOOK = Rulebook("UTC", {NAME: Channel(NAME, "bluesky", "did:plc:a", "https://bsky.social")})

SOON = (NOW + timedelta(minutes=1)).isoformat()


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


def post(**update: Any) -> Status:
    """Approved yesterday, due twenty minutes ago."""
    base = Status(
        post_id="p_1",
        due_at=ago(minutes=20),
        channels=(NAME,),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision="r1", by="owner", how="mail", at=ago(days=1)),
        flag=Flag(state=FlagState.WRITTEN, at=ago(days=1)),
    )
    return base.model_copy(update=update)


def head(state: HeadState = HeadState.READY, **update: Any) -> Head:
    booked = Booked(name="b", at=ago(minutes=20), attempt=1)
    base = Head(post_channel=f"p_1#{NAME}", state=state, revision="r1", booking=booked)
    return base.model_copy(update=update)


def waits(status: Status, *heads: Head, standing: tuple[str, ...] = ()) -> dict[str, float]:
    by_post = {status.post_id: heads}
    clock = Clock(NOW, timedelta(minutes=10), timedelta(days=14))
    return queue([status], by_post, Gathered([status], by_post, frozenset(standing), BOOK, clock, "t"))


def test_what_has_come_due_and_is_not_out_waits_since_its_minute() -> None:
    assert waits(post(), head()) == {"QueueDepth": 1.0, "DueLateSeconds": 1200.0}


@pytest.mark.parametrize(
    ("status", "one", "standing"),
    [
        (post(due_at=SOON), head(booking=Booked(name="b", at=SOON, attempt=1)), ()),
        (post(), head(HeadState.SENT), ()),
        (post(), head(HeadState.FAILED), ()),
        (post(), head(HeadState.UNKNOWN), ()),
        (post(held=Hold(by="o", how="mail", at=ago())), head(), ()),
        (post(approval=None), head(), ()),
        (post(gone_at=ago()), head(), ()),
        (post(), head(), (HOLD_EVERYTHING,)),
        (post(), head(), (pause_key(NAME),)),
        (post(asked=Asking(round_id="r", reason="late", at=ago(minutes=1), source_revision="s1", revision="r1")), head(), ()),
    ],
    ids=["not yet", "sent", "failed", "unknown", "held", "not approved", "gone", "everything held", "paused", "asked"],
)  # fmt: skip
def test_what_a_human_has_in_hand_does_not_wait(status: Status, one: Head, standing: tuple[str, ...]) -> None:
    assert waits(status, one, standing=standing) == {}


def test_the_ticks_age_is_always_told_and_a_sync_only_once_it_is_missed() -> None:
    remembered = Remembered(ticked_at=ago(hours=3), first_at=ago(days=9))
    assert ages(remembered, ago(minutes=14), NOW) == {"TickAge": 10_800.0}
    late = SYNC_MISSED + timedelta(seconds=1)
    assert ages(remembered, (NOW - late).isoformat(), NOW)["SyncAge"] == late.total_seconds()


def test_what_never_ran_is_as_old_as_the_first_look() -> None:
    assert ages(Remembered(first_at=ago(hours=2)), None, NOW) == {"TickAge": 7200.0, "SyncAge": 7200.0}
    assert ages(Remembered(), None, NOW) == {"TickAge": 0.0}


def test_a_tick_that_a_sweep_made_up_for_is_still_missed() -> None:
    before = Remembered(daily_at=ago(hours=26), ticked_at=ago(hours=26), first_at=ago(days=9))
    swept = before.ran("sweep", NOW, daily=True, read=True)
    assert (swept.daily_at, swept.ticked_at) == (NOW.isoformat(), ago(hours=26))
    ticked = before.ran("daily", NOW, daily=True, read=True)
    assert ticked.ticked_at == NOW.isoformat()
    assert before.ran("daily", NOW, daily=True, read=False).ticked_at == ago(hours=26), "it could not read the calendar"
