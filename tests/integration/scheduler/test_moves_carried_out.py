"""Decisions carried out: side by side, each post for itself, with its reason in audit, log and sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from memory_desk import memory_desk
from scheduler_desk import BLUESKY, MASTODON, NOW, RULES, SchedulerDesk

import mesh.log
import scheduler.handler
from drive_sync.sentences import sentence
from local.operator.telling import told
from mesh.booking import Bookings
from mesh.errors import Throttled
from mesh.events import CalendarChanged, Cleared, Held, PackageWanted, Send
from mesh.ledger import HeadState
from mesh.log import FIELDS
from mesh.side_by_side import one_by_one
from scheduler.carrying import Unfinished
from scheduler.reasons import Code

DUE = NOW + timedelta(days=1, hours=1)
UTC = ZoneInfo("UTC")
WORDS = "Apfelkuchen, ganz frisch"


@pytest.fixture
def quick() -> Iterator[SchedulerDesk]:
    with memory_desk() as desk:
        yield desk


def cleared(desk: SchedulerDesk, *post_ids: str, at: datetime = DUE, channels: str = BLUESKY) -> None:
    for post_id in post_ids:
        desk.plan(post_id, at, channels=channels, text=WORDS)
    desk.wake(CalendarChanged(post_ids=list(post_ids)))
    for post_id in post_ids:
        desk.render(post_id)
        desk.clear(post_id)


def throttling(monkeypatch: pytest.MonkeyPatch, *post_ids: str) -> None:
    """Scheduler tells these to wait, and takes the others."""
    real = Bookings.book

    def book(self: Bookings, event: Send, at: datetime) -> Any:
        if event.post_id in post_ids:
            raise Throttled("create_schedule: ThrottlingException")
        return real(self, event, at)

    monkeypatch.setattr(Bookings, "book", book)


def test_a_throttled_booking_stops_no_other_post_and_is_made_at_the_next_look(
    quick: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"p_{number}" for number in range(5)]
    cleared(quick, *ids)
    with monkeypatch.context() as patch:
        throttling(patch, "p_2")
        with pytest.raises(Unfinished) as caught:
            quick.wake(Cleared(post_ids=ids))
    assert set(caught.value.failed) == {"p_2"}
    assert len(quick.bookings()) == 4
    assert quick.head("p_2").booking is None, "the head does not say that it is booked"
    assert quick.status("p_2").queued_for is None

    quick.tick()

    assert len(quick.bookings()) == 5
    assert quick.status("p_2").queued_for is not None
    for post_id in ids:
        quick.assert_audited(post_id, BLUESKY)


def test_a_row_that_cannot_be_followed_now_stops_no_other_and_is_looked_at_again(
    quick: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = quick.mesh.ledger.change_status

    def change(post_id: str, *rest: Any, **more: Any) -> Any:
        if post_id == "p_1":
            raise Throttled("TransactWriteItems")
        return real(post_id, *rest, **more)

    quick.plan("p_1", DUE)
    quick.plan("p_2", DUE)
    with monkeypatch.context() as patch:
        patch.setattr(quick.mesh.ledger, "change_status", change)
        with pytest.raises(Unfinished):
            quick.tick()
    assert [event.post_ids for event in quick.mesh.events_of(PackageWanted)] == [["p_2"]]

    quick.tick()

    assert quick.mesh.events_of(PackageWanted)[-1].post_ids == ["p_1", "p_2"]


def test_what_needs_nothing_of_another_is_booked_side_by_side(
    quick: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        batches.append(len(calls))
        return one_by_one(calls)

    ids = [f"p_{number}" for number in range(7)]
    cleared(quick, *ids, channels=f"{BLUESKY}, {MASTODON}")
    wire = scheduler.handler.wire
    monkeypatch.setattr(scheduler.handler, "wire", lambda: _with(wire(), together))

    quick.wake(Cleared(post_ids=ids))

    assert 14 in batches, "every channel of every post in one go"
    assert len(quick.bookings()) == 14


def _with(wiring: Any, together: Any) -> Any:
    return replace(wiring, together=together)


def test_a_lifetime_of_moves_tells_its_reasons_in_audit_log_and_sheet(
    quick: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(mesh.log, "line", lambda _, message, **facts: lines.append({"message": message, **facts}))
    quick.mesh.put_rules(RULES + "\nPosting window: 7:00-21:00\n")
    early = DUE.replace(hour=3)
    cleared(quick, "p_1", at=early)

    quick.wake(Cleared(post_ids=["p_1"]))
    status = quick.status("p_1")
    heads = quick.mesh.ledger.heads([status])["p_1"]
    assert sentence(status, heads, UTC, NOW, timedelta(days=14)) == (
        "Booked for Tue 16 Mar, 07:00, not 03:00 as planned: outside the posting window 07:00-21:00"
    )
    quick.hold("p_1")
    quick.wake(Held(post_ids=["p_1"]))

    rows = [row for row in quick.mesh.tables.items("ss-audit") if row["subject"].startswith("p_1")]
    history = [one.sentence for one in told(rows, UTC)]
    assert (
        f"{BLUESKY}: booked for Tuesday 16 March, 07:00 (moved to 07:00: outside the posting window 07:00-21:00)"
        in history
    )
    assert f"{BLUESKY}: the booking was taken back (it is on hold)" in history
    moved = [one for one in lines if one["message"] == "moved"]
    assert [(one["post_id"], one["channel"], one["move"], one["reason"]) for one in moved] == [
        ("p_1", "", "want-package", Code.PACKAGE_WANTED),
        ("p_1", BLUESKY, "queue", Code.MOVED),
        ("p_1", BLUESKY, "cancel", Code.HELD),
    ]
    assert WORDS not in repr(lines)
    assert all(set(one) - {"message"} <= set(FIELDS) for one in lines)


def test_a_post_that_left_the_open_index_is_open_again_once_it_comes_near(quick: SchedulerDesk) -> None:
    """Else a lost wish for its package would be nobody's to repeat until the next day."""
    quick.plan("p_1", NOW + timedelta(days=20))
    quick.wake(CalendarChanged(post_ids=["p_1"]))
    quick.mesh.ledger.show(quick.status("p_1"), "Planned.", close=True)
    assert quick.status("p_1").open is None
    assert quick.mesh.ledger.open_statuses() == []

    quick.turn(days=7)
    quick.tick("daily")
    quick.mesh.entries.clear()  # nobody heard it
    quick.turn(minutes=5)
    quick.tick()

    assert [event.post_ids for event in quick.mesh.events_of(PackageWanted)] == [["p_1"]]
    rows = [row for row in quick.mesh.tables.items("ss-audit") if row["subject"] == "p_1"]
    assert told(rows, UTC)[-1].sentence == "It came near enough to be prepared"
    quick.assert_audited("p_1")


def test_a_further_try_is_booked_for_the_minute_after_the_networks_own_time(quick: SchedulerDesk) -> None:
    cleared(quick, "p_1", at=NOW + timedelta(minutes=30))
    quick.wake(Cleared(post_ids=["p_1"]))
    quick.turn(minutes=30)
    quick.try_once("p_1", HeadState.RETRY, next_at=NOW + timedelta(minutes=31, seconds=20))

    quick.tick()

    assert quick.times()[-1] == "at(2027-03-15T08:32:00)"
    assert [event for event in quick.mesh.events_of(Send) if event.attempt == 2] == []
