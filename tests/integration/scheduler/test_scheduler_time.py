"""Time over real tables and schedules (moto): after an outage, with rules that leave no minute or no zone, and when a business moves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from scheduler_desk import BLUESKY, NOW, RULES, SchedulerDesk

from mesh import clock
from mesh.events import (
    CalendarChanged,
    Cleared,
    PackageWanted,
    Released,
    ReviewRequested,
    RulesChanged,
    Send,
    Trouble,
    Voided,
)
from mesh.ledger import Act, Attempt, HeadState, Ledger
from mesh.ledger.runtime import HOLD_EVERYTHING

MINUTE = timedelta(minutes=1)
SOON = NOW + timedelta(hours=2)
SHUT = "Blackout days: 2027-01-01 to 2027-12-31, 2028-01-01 to 2028-12-31\n"


def booked(desk: SchedulerDesk, times: dict[str, datetime]) -> None:
    for post_id, at in times.items():
        desk.plan(post_id, at)
    desk.wake(CalendarChanged(post_ids=sorted(times)))
    for post_id in times:
        desk.render(post_id)
        desk.clear(post_id)
    desk.wake(Cleared(post_ids=sorted(times)))
    assert len(desk.bookings()) == len(times)
    desk.mesh.entries.clear()


def sends(desk: SchedulerDesk) -> list[str]:
    return [event.post_id for event in desk.mesh.events_of(Send)]


def this_minute() -> datetime:
    """The mesh's clock goes on while a test runs."""
    return clock.now().replace(second=0, microsecond=0)


def booked_for(desk: SchedulerDesk, post_id: str) -> datetime:
    booking = desk.head(post_id).booking
    assert booking is not None
    return datetime.fromisoformat(booking.at)


def out(desk: SchedulerDesk, post_id: str, *, close: bool = False) -> None:
    """As the sender does: claimed and posted at this moment; ``close``: and its last status is in the sheet."""
    head, at = desk.head(post_id), clock.now().isoformat()
    attempt = Attempt(
        post_channel=head.post_channel,
        attempt=1,
        revision=head.revision,
        result="ok",
        started_at=at,
        key_at=at,
        sent_at=at,
        month=at[:7],
    )
    after = head.model_copy(update={"state": HeadState.SENT, "since": at, "attempts": 1, "booking": None})
    act = Act("published", "sender", clock.now())
    desk.mesh.ledger.change_head(head, after, act, attempt=attempt, attempt_is_new=True)
    status = desk.mesh.ledger.derive(post_id, act)
    if close and status is not None:
        desk.mesh.ledger.show(status, "Posted", close=True)


# never a burst


def test_what_an_outage_held_back_goes_one_by_one_and_is_asked_about_where_its_turn_comes_too_late(
    desk: SchedulerDesk,
) -> None:
    desk.mesh.put_rules(RULES + "Late rule: 70 minutes\n")
    posts = {f"p_{number:02}": SOON + number * MINUTE for number in range(9)}
    booked(desk, posts)

    desk.turn(hours=3, minutes=1)  # nothing was delivered for an hour
    now = this_minute()
    desk.tick()

    assert sends(desk) == ["p_00"]
    assert [booked_for(desk, f"p_0{number}") - now for number in range(1, 5)] == [
        3 * number * MINUTE for number in range(1, 5)
    ]
    (asked,) = desk.mesh.events_of(ReviewRequested)
    assert asked.reason == "late"
    assert [post.post_id for post in asked.posts] == ["p_05", "p_07", "p_08"]
    assert booked_for(desk, "p_06") == now + 15 * MINUTE, "planned later, it may also go a little later"


def test_the_next_sweep_moves_nobody_and_one_that_was_lost_goes_next(desk: SchedulerDesk) -> None:
    booked(desk, {f"p_{number}": SOON + number * MINUTE for number in range(4)})
    desk.turn(hours=3)
    desk.tick()
    before = {post_id: booked_for(desk, post_id) for post_id in ("p_1", "p_2", "p_3")}
    out(desk, "p_0", close=True)
    desk.mesh.entries.clear()

    desk.turn(minutes=2)
    desk.tick()
    assert {post_id: booked_for(desk, post_id) for post_id in before} == before
    assert sends(desk) == []

    # p_1 was to go four minutes ago, and its event was lost; p_2 goes in this very minute, p_3 was to go in two.
    desk.turn(minutes=5)
    out(desk, "p_2")
    desk.mesh.entries.clear()
    desk.tick()
    assert sends(desk) == []
    assert booked_for(desk, "p_1") == before["p_3"] + 3 * MINUTE
    assert booked_for(desk, "p_3") == booked_for(desk, "p_1") + 3 * MINUTE


def test_a_send_of_a_moment_ago_keeps_the_next_late_one_back_also_when_its_post_is_closed(desk: SchedulerDesk) -> None:
    booked(desk, {"p_0": SOON, "p_1": SOON + MINUTE})
    desk.turn(hours=3)
    out(desk, "p_0", close=True)
    assert [status.post_id for status in desk.mesh.ledger.open_statuses()] == ["p_1"]

    desk.tick()

    assert sends(desk) == []
    assert booked_for(desk, "p_1") == this_minute() + 3 * MINUTE


def test_a_release_of_everything_is_no_burst(desk: SchedulerDesk) -> None:
    booked(desk, {f"p_{number}": SOON + number * MINUTE for number in range(4)})
    held = {"by": "ada@example.test", "how": "mail", "at": NOW.isoformat()}
    ledger = desk.mesh.ledger
    ledger.set_standing("everything", HOLD_EVERYTHING, held, Act("held", "ada@example.test", NOW))
    desk.turn(hours=3)
    desk.tick()
    assert sends(desk) == []

    ledger.set_standing("everything", HOLD_EVERYTHING, None, Act("released", "ada@example.test", clock.now()))
    desk.wake(Released(post_ids=[], scope="everything"))

    assert sends(desk) == ["p_0"]
    gaps = [booked_for(desk, f"p_{number}") - this_minute() for number in (1, 2, 3)]
    assert gaps == [3 * MINUTE, 6 * MINUTE, 9 * MINUTE]


def test_a_post_on_time_goes_on_time_while_late_ones_wait(desk: SchedulerDesk) -> None:
    on_time = SOON + timedelta(hours=1, minutes=7)
    booked(desk, {**{f"p_{number}": SOON + number * MINUTE for number in range(5)}, "p_on_time": on_time})
    desk.turn(hours=3)

    desk.tick()

    assert booked_for(desk, "p_on_time") == on_time
    others = [booked_for(desk, f"p_{number}") for number in range(1, 5)]
    assert all(abs(at - on_time) >= 3 * MINUTE for at in others)


def test_with_nothing_due_the_sends_are_not_read(desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(Ledger, "sent_since", lambda *args: read.append(args) or [])
    booked(desk, {"p_1": SOON})
    desk.tick()
    assert read == []
    desk.turn(hours=2)
    desk.tick()
    assert len(read) == 1


# rules that leave no minute


def test_rules_that_leave_no_minute_are_told_once_and_the_approval_outlives_them(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": SOON, "p_2": SOON + timedelta(days=3)})

    desk.mesh.put_rules(SHUT + RULES)
    desk.wake(RulesChanged())
    desk.tick()

    assert desk.bookings() == {}
    assert [problem.code for problem in desk.status("p_1").problems] == ["never"]
    assert desk.status("p_1").approved
    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.message.startswith("2 posts have no minute at which to go out")
    assert trouble.post_ids == ["p_1", "p_2"]
    assert desk.mesh.events_of(ReviewRequested) == []

    desk.turn(hours=5)  # past its time and the late rule: still no question that a click could not answer
    desk.tick()
    assert desk.mesh.events_of(ReviewRequested) == []
    assert len(desk.mesh.events_of(Trouble)) == 1


def test_when_the_rules_leave_a_minute_again_the_post_is_booked_without_another_click(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": SOON})
    desk.mesh.put_rules(SHUT + RULES)
    desk.wake(RulesChanged())
    assert desk.bookings() == {}

    desk.mesh.put_rules(RULES)
    desk.tick()  # also where the event about the rules is lost

    assert booked_for(desk, "p_1") == SOON
    assert desk.status("p_1").problems == ()
    assert desk.mesh.events_of(ReviewRequested) == []


def test_a_row_nobody_has_approved_is_not_asked_about_while_no_minute_is_left(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules(SHUT + RULES)
    desk.plan("p_1", SOON)
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.turn(minutes=30)
    desk.tick()
    assert desk.mesh.events_of(PackageWanted) == []
    assert "leave one free in the rules doc" in desk.status("p_1").problems[0].message


# rules without a zone


def test_by_rules_without_a_known_zone_the_last_ones_count_and_it_is_said_once(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": SOON})
    desk.tick()
    before = desk.times()
    version = desk.status("p_1").version

    desk.mesh.put_rules(RULES.replace("Time zone: UTC", "Time zone: Europe/Berln"))
    desk.plan("p_2", SOON)
    for _ in range(2):
        desk.tick()
    assert desk.wake(RulesChanged())["moved"] == 0

    assert desk.times() == before
    assert desk.status("p_1").version == version
    assert desk.status("p_2").due_at == SOON.isoformat(), "by the zone that was known"
    (trouble,) = desk.mesh.events_of(Trouble)
    assert "line 1 cannot be used" in trouble.message
    assert "Berln" not in trouble.model_dump_json(), "an event carries nobody's words"

    desk.mesh.put_rules(RULES)
    desk.tick()
    assert len(desk.mesh.events_of(Trouble)) == 1


def test_where_no_rules_with_a_known_zone_ever_were_nothing_is_decided(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules(RULES.replace("Time zone: UTC", "Time zone: Europe/Berln"))
    desk.plan("p_1", SOON)
    for _ in range(2):
        assert desk.tick()["posts"] == 0
    assert desk.mesh.ledger.status("p_1") is None
    assert len(desk.mesh.events_of(Trouble)) == 1


# a business that moves


def test_a_business_that_moves_keeps_its_wall_times_and_is_asked_anew(desk: SchedulerDesk) -> None:
    tomorrow = NOW + timedelta(days=1)
    booked(desk, {"p_1": tomorrow})
    old = desk.head("p_1").booking

    desk.mesh.put_rules(RULES.replace("UTC", "America/New_York"))
    desk.wake(RulesChanged())

    assert desk.bookings() == {}, "nothing goes at the old moment"
    assert [event.post_ids for event in desk.mesh.events_of(Voided)] == [["p_1"]]
    assert desk.status("p_1").due_at == (tomorrow + timedelta(hours=4)).isoformat()
    assert not desk.status("p_1").approved

    desk.render("p_1")
    desk.turn(minutes=15)
    desk.tick()
    (asked,) = desk.mesh.events_of(ReviewRequested)
    assert asked.reason == "changed"
    asking = desk.status("p_1").asked
    assert asking is not None
    assert asking.goes_at == (tomorrow + timedelta(hours=4)).isoformat()

    desk.clear("p_1")
    desk.wake(Cleared(post_ids=["p_1"]))
    (expression,) = desk.times()
    assert expression == f"at({tomorrow + timedelta(hours=4):%Y-%m-%dT%H:%M:%S})"
    assert old is not None
    assert desk.head("p_1").booking != old


def test_a_post_that_is_out_is_not_sent_again_on_the_other_days_clock(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": NOW + timedelta(hours=1)})
    desk.turn(hours=1)
    out(desk, "p_1")
    fired = desk.times()

    desk.mesh.put_rules(RULES.replace("UTC", "America/Los_Angeles"))
    desk.wake(RulesChanged())
    desk.mesh.entries.clear()
    desk.turn(hours=7)
    desk.tick("daily")

    assert desk.head("p_1").state is HeadState.SENT
    assert sends(desk) == []
    assert set(desk.times()) <= set(fired), "and nothing is booked for the later nine o'clock"


def test_a_move_to_the_east_does_not_send_what_its_new_clock_has_passed(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": NOW + timedelta(hours=1)})

    desk.mesh.put_rules(RULES.replace("UTC", "Asia/Tokyo"))
    desk.wake(RulesChanged())

    assert desk.bookings() == {}
    assert [problem.code for problem in desk.status("p_1").problems] == ["past"]
    assert sends(desk) == []


def test_a_move_and_back_asks_nobody_and_books_the_old_moment_once(desk: SchedulerDesk) -> None:
    booked(desk, {"p_1": SOON})
    package = desk.status("p_1").package
    desk.mesh.put_rules(RULES.replace("UTC", "America/New_York"))
    desk.wake(RulesChanged())

    desk.mesh.put_rules(RULES)
    desk.wake(RulesChanged())
    desk.change("p_1", "package found again", package=package)
    desk.tick()
    desk.clear("p_1")
    desk.tick()

    assert desk.head("p_1").channel == BLUESKY
    assert booked_for(desk, "p_1") == SOON
    assert len(desk.bookings()) == 1
    assert desk.mesh.events_of(ReviewRequested) == []
