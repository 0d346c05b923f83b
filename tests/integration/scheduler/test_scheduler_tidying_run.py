"""The daily tick finds what a crash left of bookings: schedules that no head names, and heads whose schedule is not there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from scheduler_desk import BLUESKY, GROUP, MASTODON, NOW, SchedulerDesk

from mesh import clock
from mesh.booking import Bookings, booking_name
from mesh.events import Send
from mesh.ledger import Act, Booked, Head, HeadState, Status, head_key
from scheduler import tidying
from scheduler.handler import wire

LATER = NOW + timedelta(days=3)


def booked(desk: SchedulerDesk, *post_ids: str, channels: str = BLUESKY) -> list[str]:
    """Approved and booked, an hour ago; the schedules' names."""
    for post_id in post_ids:
        desk.plan(post_id, LATER, channels=channels)
    desk.tick("daily")
    for post_id in post_ids:
        desk.render(post_id)
        desk.clear(post_id)
    desk.tick()
    desk.turn(hours=1)
    return sorted(desk.bookings())


def wired(_: SchedulerDesk) -> Bookings:
    """As the handler has it, over the desk's moto."""
    return wire().bookings


def strange(desk: SchedulerDesk, event: Send, name: str = "", source: str = "ss") -> str:
    """A schedule in the group that nobody's head names."""
    target = {
        "Arn": "arn:aws:events:ap-southeast-1:000000000000:event-bus/default",
        "RoleArn": "arn:aws:iam::000000000000:role/ss-BookingRole",
        "EventBridgeParameters": {"Source": source, "DetailType": event.detail_type},
        "Input": event.model_dump_json(),
    }
    name = name or booking_name(event)
    desk.mesh.schedules.create_schedule(
        Name=name,
        GroupName=GROUP,
        ScheduleExpression=f"at({LATER:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    return name


def old(post_id: str, **update: Any) -> Send:
    return Send(**{"post_id": post_id, "channel": BLUESKY, "revision": "old", "attempt": 1, **update})


def test_a_schedule_of_an_older_version_goes_and_the_others_stay(desk: SchedulerDesk) -> None:
    names = booked(desk, "p_1", "p_2", channels=f"{BLUESKY}, {MASTODON}")
    strange(desk, old("p_1"))
    strange(desk, old("p_nobody"))

    desk.tick("daily")

    assert sorted(desk.bookings()) == names
    assert len(names) == 4


def test_a_schedule_that_was_made_a_moment_ago_stays(desk: SchedulerDesk) -> None:
    booked(desk, "p_1")
    name = strange(desk, old("p_1"))
    desk.mesh.turn_clock(clock.now() - timedelta(hours=1))  # moto dates it with real time: long before the desk's
    made = desk.mesh.schedules.get_schedule(GroupName=GROUP, Name=name)["LastModificationDate"]
    desk.mesh.turn_clock(made + timedelta(minutes=9))

    assert tidying.suspects(wired(desk).listed(), [], clock.now()) == []


@pytest.mark.parametrize(("name", "source"), [("", "another-stack"), ("made-by-hand", "ss")])
def test_what_is_not_of_our_making_stays(desk: SchedulerDesk, name: str, source: str) -> None:
    booked(desk, "p_1")
    kept = strange(desk, old("p_1"), name, source)
    desk.tick("daily")
    assert kept in desk.bookings()


def test_a_booking_lost_in_a_crash_is_made_again_at_its_time(desk: SchedulerDesk) -> None:
    (name,) = booked(desk, "p_1")
    before = desk.bookings()[name]
    desk.mesh.schedules.delete_schedule(GroupName=GROUP, Name=name)

    desk.tick("daily")

    after = desk.bookings()[name]
    assert after["ScheduleExpression"] == before["ScheduleExpression"]
    assert json.loads(after["Target"]["Input"]) == json.loads(before["Target"]["Input"])


def test_a_channel_that_a_row_left_has_no_schedule_after_the_tick(desk: SchedulerDesk) -> None:
    names = booked(desk, "p_1", channels=f"{BLUESKY}, {MASTODON}")
    desk.change("p_1", "a crash between row and booking", channels=(BLUESKY,))
    assert len(names) == 2

    tidying.tidy(desk.mesh.ledger, wired(desk), clock.now())

    assert [name for name in desk.bookings() if "mastodon" in name] == []
    assert len(desk.bookings()) == 1


def test_what_is_booked_anew_in_the_moment_of_its_deletion_stands_in_the_end(
    desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = booked(desk, "p_1")
    head = desk.head("p_1")
    cancelled = head.model_copy(update={"booking": None})
    head = desk.mesh.ledger.change_head(head, cancelled, Act("a run cancels", "test", clock.now()))
    bookings = wired(desk)
    cancel = bookings.cancel

    def overtaken(one: str) -> None:
        """Another run books it again right before the orphan goes."""
        again = head.model_copy(update={"booking": Booked(name=name, at=LATER.isoformat(), attempt=1)})
        desk.mesh.ledger.change_head(head, again, Act("another books", "test", clock.now()))
        bookings.book(tidying.booked_event(again), LATER)
        cancel(one)

    monkeypatch.setattr(bookings, "cancel", overtaken)
    assert tidying.tidy(desk.mesh.ledger, bookings, clock.now()).deleted == 1
    assert list(desk.bookings()) == [name]


def test_a_tidy_group_of_two_hundred_costs_a_call_for_each_hundred(desk: SchedulerDesk) -> None:
    bookings, names = wired(desk), desk.mesh.names
    for number in range(200):
        status = Status(post_id=f"p_{number:03d}", channels=(BLUESKY,), due_at=LATER.isoformat())
        head = Head(post_channel=head_key(status.post_id, BLUESKY), state=HeadState.READY, revision="r")
        event = Send(post_id=status.post_id, channel=BLUESKY, revision="r", attempt=1)
        head = head.model_copy(update={"booking": bookings.book(event, LATER)})
        desk.mesh.tables.put(names.status, status.model_dump(mode="json", exclude_none=True))
        desk.mesh.tables.put(names.sends, head.model_dump(mode="json", exclude_none=True))
    desk.mesh.calls.clear()

    assert tidying.tidy(desk.mesh.ledger, bookings, clock.now()) == tidying.Tidied()

    assert sorted(desk.mesh.calls) == ["BatchGetItem"] * 2 + ["ListSchedules"] * 2 + ["Query"]
