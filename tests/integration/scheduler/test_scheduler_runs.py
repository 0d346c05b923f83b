"""The scheduler's runs over real tables, buckets and schedules (moto)."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from moto_mesh import ENVIRONMENT, REGION
from scheduler_desk import BLUESKY, MASTODON, NOW, RULES, SchedulerDesk

from mesh import clock
from mesh.booking import Bookings, booking_name
from mesh.errors import Unreachable
from mesh.events import (
    Approved,
    AttemptFailed,
    CalendarChanged,
    Cleared,
    Held,
    PackageReady,
    PackageWanted,
    Probe,
    Released,
    Retry,
    ReviewRequested,
    RulesChanged,
    Send,
    Trouble,
    Voided,
)
from mesh.ledger import Act, HeadState, State, derive_state
from mesh.ledger.runtime import pause_key, placing_key
from mesh.schedule_time import APART
from scheduler.carrying import Unfinished

TOMORROW = NOW + timedelta(days=1, hours=1)
DIGEST = re.compile(r"^[0-9a-zA-Z\-_.]{1,64}$")


def ready(desk: SchedulerDesk, post_id: str = "p_1", at: datetime = TOMORROW, channels: str = BLUESKY) -> None:
    """Planned, rendered, and left alone for long enough."""
    desk.plan(post_id, at, channels=channels)
    desk.wake(CalendarChanged(post_ids=[post_id]))
    desk.render(post_id)


def booked(desk: SchedulerDesk, post_id: str = "p_1", at: datetime = TOMORROW, channels: str = BLUESKY) -> None:
    ready(desk, post_id, at, channels)
    desk.clear(post_id)
    desk.wake(Cleared(post_ids=[post_id]))
    desk.mesh.entries.clear()


def asked_ids(desk: SchedulerDesk) -> list[list[str]]:
    return [[post.post_id for post in event.posts] for event in desk.mesh.events_of(ReviewRequested)]


# following the rows


def test_a_new_row_gets_an_item_and_wants_a_package(desk: SchedulerDesk) -> None:
    desk.plan("p_1", TOMORROW, channels=f"{BLUESKY}, {MASTODON}")

    desk.wake(CalendarChanged(post_ids=["p_1"], trace_id="t_first"))

    status = desk.status("p_1")
    assert (status.state, status.channels) == (State.DRAFT, (BLUESKY, MASTODON))
    assert datetime.fromisoformat(status.due_at or "") == TOMORROW
    (wanted,) = desk.mesh.events_of(PackageWanted)
    assert (wanted.post_ids, wanted.trace_id) == (["p_1"], "t_first")
    desk.assert_audited("p_1")


def test_only_the_named_rows_are_followed(desk: SchedulerDesk) -> None:
    desk.plan("p_1", TOMORROW)
    desk.plan("p_2", TOMORROW)

    desk.wake(CalendarChanged(post_ids=["p_2"]))

    assert desk.mesh.ledger.status("p_1") is None
    assert [event.post_ids for event in desk.mesh.events_of(PackageWanted)] == [["p_2"]]


def test_a_row_whose_event_was_lost_is_found_by_the_next_sweep(desk: SchedulerDesk) -> None:
    desk.tick()
    desk.plan("p_1", TOMORROW)

    desk.tick()

    assert [event.post_ids for event in desk.mesh.events_of(PackageWanted)] == [["p_1"]]


def test_a_row_beyond_the_horizon_waits_until_the_daily_tick_sees_it_come_near(desk: SchedulerDesk) -> None:
    desk.plan("p_1", NOW + timedelta(days=20))
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    assert desk.mesh.events_of(PackageWanted) == []

    desk.turn(days=7)
    desk.tick("daily")

    assert [event.post_ids for event in desk.mesh.events_of(PackageWanted)] == [["p_1"]]


def test_a_row_with_something_to_mend_says_so_and_wants_nothing(desk: SchedulerDesk) -> None:
    desk.plan("p_1", TOMORROW, channels="myspace-main")

    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert [problem.code for problem in desk.status("p_1").row_problems] == ["channel-unknown"]
    assert desk.mesh.events == []


def test_another_account_in_the_rules_makes_the_posts_of_its_channel_other_posts(desk: SchedulerDesk) -> None:
    booked(desk)

    desk.mesh.put_rules(RULES.replace("did:plc:abc", "did:plc:other"))
    desk.wake(RulesChanged())

    assert [event.post_ids for event in desk.mesh.events_of(Voided)] == [["p_1"]]
    assert desk.bookings() == {}


# asking


def test_a_post_left_alone_is_asked_about_once(desk: SchedulerDesk) -> None:
    ready(desk)
    desk.wake(PackageReady(post_ids=["p_1"]))
    assert asked_ids(desk) == [], "edited a moment ago"

    desk.turn(minutes=11)
    desk.tick()
    desk.tick()

    (event,) = desk.mesh.events_of(ReviewRequested)
    status = desk.status("p_1")
    assert [(post.post_id, post.revision) for post in event.posts] == [("p_1", status.current_revision)]
    assert status.asked is not None
    assert (status.asked.round_id, event.reason) == (event.round_id, "new")
    desk.assert_audited("p_1")


def test_a_post_due_within_two_hours_is_asked_about_at_once(desk: SchedulerDesk) -> None:
    ready(desk, at=NOW + timedelta(minutes=90))

    desk.wake(PackageReady(post_ids=["p_1"]))

    assert asked_ids(desk) == [["p_1"]]


def test_forty_rows_are_four_cards_of_ten_by_due_time(desk: SchedulerDesk) -> None:
    ids = [f"p_{number:02}" for number in range(40)]
    for number, post_id in enumerate(ids):
        desk.plan(post_id, TOMORROW + timedelta(hours=number))
    desk.wake(CalendarChanged(post_ids=ids))
    for post_id in ids:
        desk.render(post_id)
    desk.turn(minutes=11)

    desk.tick()

    assert asked_ids(desk) == [ids[start : start + 10] for start in range(0, 40, 10)]
    assert len({event.round_id for event in desk.mesh.events_of(ReviewRequested)}) == 4


def test_an_edit_after_asking_is_a_new_round(desk: SchedulerDesk) -> None:
    ready(desk)
    desk.turn(minutes=11)
    desk.tick()

    desk.plan("p_1", TOMORROW, text="Hallo, geändert")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.render("p_1")
    desk.turn(minutes=11)
    desk.tick()

    first, second = desk.mesh.events_of(ReviewRequested)
    assert second.reason == "changed"
    assert first.posts[0].revision != second.posts[0].revision


def test_a_card_that_was_never_sent_is_asked_for_again_in_the_same_round(desk: SchedulerDesk) -> None:
    ready(desk)
    desk.turn(minutes=11)
    desk.tick()
    desk.turn(minutes=16)

    desk.tick()

    first, again = desk.mesh.events_of(ReviewRequested)
    assert again.round_id == first.round_id
    assert again.posts == first.posts


# booking


def test_a_cleared_post_is_booked_in_utc_with_the_event_as_input(desk: SchedulerDesk) -> None:
    ready(desk)
    desk.clear("p_1")

    desk.wake(Cleared(post_ids=["p_1"]))

    head, status = desk.head("p_1"), desk.status("p_1")
    assert (head.state, head.revision) == (HeadState.READY, status.current_revision)
    ((name, booking),) = desk.bookings().items()
    assert head.booking is not None
    assert (head.booking.name, datetime.fromisoformat(head.booking.at)) == (name, TOMORROW)
    assert booking["GroupName"] == "ss-bookings"
    assert booking["ScheduleExpression"] == "at(2027-03-16T09:00:00)"
    assert booking["ScheduleExpressionTimezone"] == "UTC"
    assert booking["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert booking["ActionAfterCompletion"] == "DELETE"
    target = booking["Target"]
    event = Send.model_validate(json.loads(target["Input"]))
    assert (event.post_id, event.channel, event.revision, event.attempt) == ("p_1", BLUESKY, head.revision, 1)
    assert event.trace_id == status.trace_id
    assert target["EventBridgeParameters"] == {"Source": "ss", "DetailType": "ss.send"}
    assert target["Arn"] == ENVIRONMENT["BUS_ARN"]
    assert target["RoleArn"] == ENVIRONMENT["BOOKING_ROLE_ARN"]
    assert target["DeadLetterConfig"]["Arn"] == f"arn:aws:sqs:{REGION}:000000000000:ss-dead-letters"
    assert (status.state, datetime.fromisoformat(status.queued_for or "")) == (State.QUEUED, TOMORROW)
    assert desk.mesh.events_of(Send) == []
    desk.assert_audited("p_1", BLUESKY)


@pytest.mark.parametrize("kind", ["sweep", "daily"])
def test_running_again_changes_nothing(desk: SchedulerDesk, kind: str) -> None:
    booked(desk, channels=f"{BLUESKY}, {MASTODON}")
    desk.tick(kind)
    rows, bookings = desk.audit_rows(), desk.bookings()
    desk.mesh.calls.clear()
    desk.mesh.entries.clear()

    desk.tick(kind)
    desk.wake(Cleared(post_ids=["p_1"]))

    assert desk.audit_rows() == rows
    assert desk.bookings().keys() == bookings.keys()
    assert desk.mesh.events == []
    writes = {"TransactWriteItems", "UpdateItem", "CreateSchedule", "UpdateSchedule", "DeleteSchedule", "PutEvents"}
    assert not writes & set(desk.mesh.calls)


def test_every_channel_has_a_booking_of_its_own_with_a_name_that_scheduler_takes(desk: SchedulerDesk) -> None:
    booked(desk, "p_möwe/1 " + "x" * 60, channels=f"{BLUESKY}, {MASTODON}")

    names = list(desk.bookings())

    assert len(names) == 2
    assert all(DIGEST.match(name) for name in names)


def test_a_bookings_name_differs_by_post_channel_revision_and_attempt() -> None:
    event = Send(post_id="p_1", channel=BLUESKY, revision="r1", attempt=1)
    others = [
        event.model_copy(update=update)
        for update in ({"post_id": "p_2"}, {"channel": MASTODON}, {"revision": "r2"}, {"attempt": 2})
    ]

    names = {booking_name(one) for one in [event, *others]}

    assert len(names) == 5
    assert booking_name(event.model_copy(update={"trace_id": "t_other"})) in names
    assert all(DIGEST.match(name) for name in names)


def test_a_post_due_in_under_two_minutes_is_sent_and_not_booked(desk: SchedulerDesk) -> None:
    ready(desk, at=NOW + timedelta(minutes=1))
    desk.clear("p_1")

    desk.wake(Cleared(post_ids=["p_1"]))

    (event,) = desk.mesh.events_of(Send)
    assert (event.post_id, event.revision, event.attempt) == ("p_1", desk.head("p_1").revision, 1)
    assert desk.bookings() == {}


def test_send_now_goes_at_once_whatever_was_planned(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.clear("p_1", now=True)

    desk.wake(Cleared(post_ids=["p_1"]))

    assert [event.post_id for event in desk.mesh.events_of(Send)] == ["p_1"]


def test_posts_of_one_channel_are_booked_a_minimum_gap_apart(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules("Minimum gap: 30 minutes\n" + RULES)
    for post_id in ("p_1", "p_2", "p_3"):
        ready(desk, post_id)
        desk.clear(post_id)

    desk.wake(Cleared(post_ids=["p_1", "p_2", "p_3"]))
    desk.tick()

    assert desk.times() == ["at(2027-03-16T09:00:00)", "at(2027-03-16T09:30:00)", "at(2027-03-16T10:00:00)"]


# what no longer matches


def test_an_edit_voids_the_approval_and_cancels_the_booking(desk: SchedulerDesk) -> None:
    booked(desk)

    desk.plan("p_1", TOMORROW, text="Hallo, geändert")
    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert [event.post_ids for event in desk.mesh.events_of(Voided)] == [["p_1"]]
    assert [event.post_ids for event in desk.mesh.events_of(PackageWanted)] == [["p_1"]]
    assert desk.bookings() == {}
    head, status = desk.head("p_1"), desk.status("p_1")
    assert (head.state, head.booking) == (HeadState.READY, None)
    assert (status.state, status.queued_for) == (State.DRAFT, None)
    desk.assert_audited("p_1", BLUESKY)


def test_an_edit_undone_raises_the_flag_again_and_asks_nobody(desk: SchedulerDesk) -> None:
    booked(desk)
    approved_package = desk.status("p_1").package
    desk.plan("p_1", TOMORROW, text="Hallo, geändert")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.render("p_1")
    desk.change("p_1", "flag cleared", flag=None)

    desk.plan("p_1", TOMORROW)
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.change("p_1", "package found", package=approved_package)
    desk.wake(PackageReady(post_ids=["p_1"]))

    assert [event.post_ids for event in desk.mesh.events_of(Approved)] == [["p_1"]]
    assert asked_ids(desk) == []


def test_a_hold_cancels_the_booking_and_a_release_makes_it_again(desk: SchedulerDesk) -> None:
    booked(desk)
    names = set(desk.bookings())

    desk.hold("p_1")
    desk.wake(Held(post_ids=["p_1"]))
    assert desk.bookings() == {}
    assert desk.head("p_1").booking is None
    desk.clear("p_1")
    desk.wake(Released(post_ids=["p_1"]))

    assert set(desk.bookings()) == names
    desk.assert_audited("p_1", BLUESKY)


def test_a_deleted_row_is_gone_and_voided(desk: SchedulerDesk) -> None:
    booked(desk)

    desk.drop("p_1")
    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert [event.post_ids for event in desk.mesh.events_of(Voided)] == [["p_1"]]
    assert desk.status("p_1").state is State.GONE
    assert desk.bookings() == {}


def test_a_channel_that_the_package_leaves_out_is_not_booked_and_the_post_is_done_without_it(
    desk: SchedulerDesk,
) -> None:
    desk.plan("p_1", TOMORROW, channels=f"{BLUESKY}, {MASTODON}")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.render("p_1", leaves_out=MASTODON)
    desk.clear("p_1")
    desk.wake(Cleared(post_ids=["p_1"]))

    assert len(desk.bookings()) == 1
    assert desk.mesh.ledger.head("p_1", MASTODON) is None

    desk.try_once("p_1", HeadState.SENT)
    heads = desk.mesh.ledger.heads([desk.status("p_1")])["p_1"]
    assert derive_state(desk.status("p_1"), heads) is State.SENT


def test_what_was_left_out_goes_once_it_is_mended_and_approved_and_the_rest_stays_as_it_is(desk: SchedulerDesk) -> None:
    test_a_channel_that_the_package_leaves_out_is_not_booked_and_the_post_is_done_without_it(desk)
    desk.change("p_1", "derived", state=State.SENT)

    desk.plan("p_1", TOMORROW, channels=f"{BLUESKY}, {MASTODON}", text="Hallo, kürzer")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    assert desk.status("p_1").state is State.DRAFT
    desk.render("p_1")
    desk.clear("p_1")
    desk.wake(Cleared(post_ids=["p_1"]))

    assert desk.head("p_1", MASTODON).state is HeadState.READY
    assert desk.head("p_1").state is HeadState.SENT
    assert len([name for name in desk.bookings() if MASTODON in name]) == 1


def test_an_edit_of_a_post_that_is_out_everywhere_leaves_it_out(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.try_once("p_1", HeadState.SENT)
    desk.change("p_1", "derived", state=State.SENT)

    desk.plan("p_1", TOMORROW, text="Ein Tippfehler weniger")
    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert desk.status("p_1").state is State.SENT


def test_a_channel_taken_out_of_the_row_loses_its_booking(desk: SchedulerDesk) -> None:
    booked(desk, channels=f"{BLUESKY}, {MASTODON}")

    desk.plan("p_1", TOMORROW)
    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert desk.bookings() == {}
    assert desk.head("p_1", MASTODON).booking is None


def test_a_moved_row_is_approved_anew_and_booked_at_its_new_time_only(desk: SchedulerDesk) -> None:
    booked(desk)

    desk.plan("p_1", TOMORROW + timedelta(hours=3))
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.render("p_1")
    desk.clear("p_1")
    desk.wake(Cleared(post_ids=["p_1"]))

    assert desk.times() == ["at(2027-03-16T12:00:00)"]


# what did not happen


def test_an_overdue_ready_head_is_sent_again(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.turn(days=1, hours=1, minutes=5)

    desk.tick()
    desk.tick()

    (event,) = desk.mesh.events_of(Send)
    assert (event.post_id, event.attempt) == ("p_1", 1)
    desk.turn(minutes=4)
    desk.tick()
    assert len(desk.mesh.events_of(Send)) == 2, "said again while nobody took it up"
    desk.assert_audited("p_1", BLUESKY)


def test_a_post_whose_time_passed_by_hours_is_asked_about_and_not_sent(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.turn(days=1, hours=4)

    desk.tick()
    desk.tick()

    assert desk.mesh.events_of(Send) == []
    (event,) = desk.mesh.events_of(ReviewRequested)
    assert event.reason == "late"
    assert desk.bookings() == {}


def test_a_click_after_the_late_card_sends_it(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.turn(days=1, hours=4)
    desk.tick()

    desk.clear("p_1")
    desk.wake(Cleared(post_ids=["p_1"]))

    assert [event.post_id for event in desk.mesh.events_of(Send)] == ["p_1"]


def test_a_retry_is_booked_as_the_next_attempt_when_the_network_said(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=30)
    reset_at = NOW + timedelta(minutes=45)
    desk.try_once("p_1", HeadState.RETRY, next_at=reset_at)

    desk.wake(AttemptFailed(post_id="p_1", channel=BLUESKY, attempt=1, outcome="retryable"))

    bookings = [
        booking
        for booking in desk.bookings().values()
        if booking["Target"]["EventBridgeParameters"]["DetailType"] == "ss.retry"
    ]
    (booking,) = bookings
    event = Retry.model_validate(json.loads(booking["Target"]["Input"]))
    assert (event.attempt, event.revision) == (2, desk.head("p_1").revision)
    assert booking["ScheduleExpression"] == "at(2027-03-15T08:45:00)"
    assert desk.head("p_1").state is HeadState.RETRY
    desk.assert_audited("p_1", BLUESKY)


def test_a_retry_beyond_the_late_rule_is_asked_about_once(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=30)
    desk.try_once("p_1", HeadState.RETRY, next_at=NOW + timedelta(hours=5))

    desk.wake(AttemptFailed(post_id="p_1", channel=BLUESKY, attempt=1, outcome="retryable"))
    desk.tick()
    desk.tick()

    asked = [event for event in desk.mesh.events_of(ReviewRequested) if event.reason == "late"]
    assert [one.post_id for event in asked for one in event.posts] == ["p_1"]
    assert desk.head("p_1").state is HeadState.RETRY
    desk.assert_audited("p_1", BLUESKY)


def test_a_post_that_is_sent_again_and_again_in_vain_is_told_within_a_quarter_of_an_hour(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=26)
    desk.mesh.entries.clear()
    told = []
    for _ in range(8):
        desk.turn(minutes=5)
        desk.tick()
        told.append(len(desk.mesh.events_of(Trouble)))
    # one, six, eleven minutes late: it is sent again from the second sweep on, and told by the third, once
    assert told == [0, 0, 1, 1, 1, 1, 1, 1]
    assert len(desk.mesh.events_of(Send)) == 7


def test_late_posts_that_keep_putting_each_other_off_are_told_all_the_same(desk: SchedulerDesk) -> None:
    """While the sheet cannot be read each sweep gives them new places, five minutes apart; that makes none of them punctual."""
    desk.mesh.put_rules(RULES.replace("Channels", "Minimum gap: 5 minutes\nChannels"))
    for number in range(3):
        booked(desk, f"p_{number}", at=NOW + timedelta(minutes=30 + 6 * number))
    desk.turn(minutes=30)
    desk.mesh.entries.clear()
    for _ in range(6):
        desk.turn(minutes=5)
        desk.tick()
    told = [post_id for event in desk.mesh.events_of(Trouble) for post_id in event.post_ids]
    assert sorted(told) == ["p_0", "p_1", "p_2"]


def test_two_runs_at_one_moment_do_not_both_send_what_is_late(desk: SchedulerDesk) -> None:
    """Two late posts are approved by two clicks: neither run sees what the other one writes, and both would say "now"."""
    for number in range(2):
        booked(desk, f"p_{number}")
    desk.turn(days=1, hours=4)
    desk.tick()
    now = clock.now()
    for number in range(2):
        desk.clear(f"p_{number}")
    other = {"run": "another's"}
    assert desk.mesh.runtime.agree(placing_key(BLUESKY), other, now, now + timedelta(seconds=60)) == {
        "pk": placing_key(BLUESKY),
        **other,
        "ttl": int((now + timedelta(seconds=60)).timestamp()),
    }

    desk.wake(Cleared(post_ids=["p_0"]))
    assert desk.mesh.events_of(Send) == []

    desk.turn(minutes=5)
    desk.tick()
    (sent,) = desk.mesh.events_of(Send)
    waiting = next(f"p_{number}" for number in range(2) if f"p_{number}" != sent.post_id)
    booking = desk.head(waiting).booking
    assert booking is not None
    assert datetime.fromisoformat(booking.at) >= clock.now() + APART - timedelta(minutes=1)


def test_a_late_post_is_told_once(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=41)  # the sender cannot read the sheet: nothing moves

    desk.tick()
    desk.tick()

    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.post_ids == ["p_1"]
    assert "has not gone out on" in trouble.message
    desk.turn(minutes=60)
    desk.tick()
    assert len(desk.mesh.events_of(Trouble)) == 1


def test_all_late_posts_of_a_sweep_go_into_one_event(desk: SchedulerDesk) -> None:
    for number in range(3):
        booked(desk, f"p_{number}", at=NOW + timedelta(minutes=30))
    desk.turn(minutes=41)
    desk.mesh.entries.clear()
    desk.tick()
    assert [entry["DetailType"] for entry in desk.mesh.entries].count("ss.trouble") == 1
    assert sorted(event.post_ids[0] for event in desk.mesh.events_of(Trouble)) == ["p_0", "p_1", "p_2"]


def test_a_paused_channel_is_probed_once_an_hour_and_nothing_is_sent_there(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    act = Act("pause", by="sender", at=NOW)
    desk.mesh.ledger.set_standing(f"channel#{BLUESKY}", pause_key(BLUESKY), {"reason": "reauthorise"}, act)
    desk.turn(minutes=30)
    desk.mesh.entries.clear()

    for _ in range(13):
        desk.turn(minutes=5)
        desk.tick()

    daily, hourly = [[BLUESKY], [MASTODON]], [[BLUESKY], [BLUESKY]]
    assert sorted(probe.channels for probe in desk.mesh.events_of(Probe)) == sorted(daily + hourly)
    assert desk.mesh.events_of(Send) == []
    assert desk.mesh.events_of(Trouble) == []  # the pause itself was told

    desk.mesh.ledger.set_standing(f"channel#{BLUESKY}", pause_key(BLUESKY), None, act)
    desk.tick()
    assert [event.attempt for event in desk.mesh.events_of(Send)] == [1]


def test_one_damaged_item_stops_nothing_else_and_is_told_once(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.mesh.tables.put(
        "ss-sends", {"post_channel": f"p_1#{BLUESKY}", "attempt": 0, "state": "perhaps", "revision": "r"}
    )
    desk.mesh.tables.put("ss-status", {"post_id": "p_9", "open": "1", "due_at": NOW.isoformat(), "version": "one"})

    desk.tick()
    desk.tick()

    assert sorted(event.post_ids[0] for event in desk.mesh.events_of(Trouble)) == ["p_1", "p_9"]
    item = desk.mesh.tables.get("ss-sends", {"post_channel": f"p_1#{BLUESKY}", "attempt": 0})
    assert item == {"post_channel": f"p_1#{BLUESKY}", "attempt": 0, "state": "perhaps", "revision": "r"}


def test_an_unknown_outcome_is_looked_at_even_when_the_row_is_held(desk: SchedulerDesk) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=30)
    desk.try_once("p_1", HeadState.UNKNOWN, next_at=NOW + timedelta(minutes=35))
    desk.hold("p_1")

    desk.wake(AttemptFailed(post_id="p_1", channel=BLUESKY, attempt=1, outcome="unknown"))

    kinds = [booking["Target"]["EventBridgeParameters"]["DetailType"] for booking in desk.bookings().values()]
    assert "ss.retry" in kinds
    assert desk.head("p_1").state is HeadState.UNKNOWN


@pytest.mark.parametrize("state", [HeadState.SENT, HeadState.UNKNOWN])
def test_no_new_approval_makes_what_may_be_out_ready_again(desk: SchedulerDesk, state: HeadState) -> None:
    booked(desk, at=NOW + timedelta(minutes=30))
    desk.turn(minutes=30)
    desk.try_once("p_1", state)
    desk.plan("p_1", TOMORROW, text="Hallo, geändert")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.render("p_1")
    desk.clear("p_1", now=True)
    desk.mesh.entries.clear()

    desk.wake(Cleared(post_ids=["p_1"]))
    desk.tick("daily")

    assert desk.head("p_1").state is state
    assert desk.mesh.events_of(Send) == []


def test_a_booking_the_service_did_not_take_is_made_up_for_when_it_is_due(
    desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(desk, at=NOW + timedelta(minutes=30))
    desk.clear("p_1")

    def unreachable(self: Bookings, event: Send, at: datetime) -> None:
        raise Unreachable("create_schedule")

    with monkeypatch.context() as patch:
        patch.setattr(Bookings, "book", unreachable)
        with pytest.raises(Unfinished):
            desk.wake(Cleared(post_ids=["p_1"]))
    desk.turn(minutes=34)
    desk.tick()

    assert [event.post_id for event in desk.mesh.events_of(Send)] == ["p_1"]
