"""Rounds over real tables (moto): reminders, common cards, releases, and an edit that is undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler_desk import NOW, RULES, SchedulerDesk

from approve_handler.decide import decide
from mesh import clock
from mesh.approvals import Action
from mesh.events import Approved, CalendarChanged, Held, PackageReady, Released, ReviewRequested, RulesChanged
from mesh.ledger import CardSent, Flag, FlagState, Hold, PackageRef
from mesh.ledger.audit import Act
from mesh.ledger.runtime import HOLD_EVERYTHING

UTC = ZoneInfo("UTC")
SOON = NOW + timedelta(days=1, hours=1)
FAR_OFF = NOW + timedelta(days=5)


def ready(desk: SchedulerDesk, *post_ids: str, at: datetime = SOON) -> None:
    for post_id in post_ids:
        desk.plan(post_id, at)
    desk.wake(CalendarChanged(post_ids=list(post_ids)))
    for post_id in post_ids:
        desk.render(post_id)


def mailed(desk: SchedulerDesk, *post_ids: str) -> None:
    """As the notifier does for what was last asked."""
    for post_id in post_ids:
        asked = desk.status(post_id).asked
        assert asked is not None
        card = desk.status(post_id).card
        if card is not None and card.round_id == asked.round_id:
            continue
        card = CardSent(round_id=asked.round_id, sent_at=clock.now().isoformat())
        desk.change(post_id, "card sent", card=card)


def rounds(desk: SchedulerDesk) -> list[tuple[str, list[str]]]:
    return [(event.reason, [post.post_id for post in event.posts]) for event in desk.mesh.events_of(ReviewRequested)]


def asked_and_mailed(desk: SchedulerDesk, *post_ids: str, at: datetime = SOON) -> None:
    ready(desk, *post_ids, at=at)
    desk.turn(minutes=11)
    desk.tick()
    mailed(desk, *post_ids)
    desk.mesh.entries.clear()


def test_a_post_that_nobody_answers_is_brought_up_twice_in_rounds_of_their_own(desk: SchedulerDesk) -> None:
    asked_and_mailed(desk, "p_1", at=FAR_OFF)
    desk.mesh.turn_clock(FAR_OFF - timedelta(hours=26))
    for _ in range(25):
        desk.turn(minutes=67)
        desk.tick()
        mailed(desk, "p_1")
        if clock.now() > FAR_OFF:
            break

    events = desk.mesh.events_of(ReviewRequested)
    assert [event.reason for event in events] == ["reminder", "reminder"]
    assert len({event.round_id for event in events}) == 2
    asked = desk.status("p_1").asked
    assert asked is not None
    assert (asked.reminders, asked.shown) == (2, True)
    desk.assert_audited("p_1")


def test_posts_of_one_morning_are_brought_up_on_one_card(desk: SchedulerDesk) -> None:
    ids = [f"p_{number:02}" for number in range(12)]
    for number, post_id in enumerate(ids):
        desk.plan(post_id, FAR_OFF + timedelta(minutes=15 * number))
    desk.wake(CalendarChanged(post_ids=ids))
    for post_id in ids:
        desk.render(post_id)
    desk.turn(minutes=11)
    desk.tick()
    mailed(desk, *ids)
    desk.mesh.entries.clear()

    desk.mesh.turn_clock(FAR_OFF - timedelta(hours=24))
    desk.tick()
    assert rounds(desk) == [("reminder", ids[:10]), ("reminder", ids[10:])]

    mailed(desk, *ids)
    desk.turn(hours=4)
    desk.tick()
    assert len(rounds(desk)) == 2


def test_a_card_of_several_posts_that_was_never_sent_is_said_again_as_one(desk: SchedulerDesk) -> None:
    ready(desk, "p_1", "p_2", "p_3", at=FAR_OFF)
    desk.turn(minutes=11)
    desk.tick()
    desk.turn(minutes=16)

    desk.tick()

    first, again = desk.mesh.events_of(ReviewRequested)
    assert (again.round_id, again.reason, again.posts) == (first.round_id, first.reason, first.posts)


def test_a_reminder_that_fell_into_an_outage_is_sent_once(desk: SchedulerDesk) -> None:
    asked_and_mailed(desk, "p_1", at=FAR_OFF)
    desk.mesh.turn_clock(FAR_OFF - timedelta(hours=1))

    for _ in range(6):
        desk.tick()
        mailed(desk, "p_1")
        desk.turn(minutes=5)

    assert [reason for reason, _ in rounds(desk)].count("reminder") == 1


def test_while_everything_is_on_hold_nobody_is_reminded(desk: SchedulerDesk) -> None:
    asked_and_mailed(desk, "p_1", at=FAR_OFF)
    values = {"by": "ada@example.test", "how": "mail", "at": clock.now().isoformat()}
    act = Act("everything held", "ada@example.test", clock.now())
    desk.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, values, act)
    desk.mesh.turn_clock(FAR_OFF - timedelta(hours=23))
    desk.tick()
    assert rounds(desk) == []

    desk.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, None, act)
    desk.wake(Released(post_ids=[], scope="everything"))
    assert rounds(desk) == [("reminder", ["p_1"])]


def test_a_release_without_a_standing_approval_asks_anew(desk: SchedulerDesk) -> None:
    asked_and_mailed(desk, "p_1")
    desk.hold("p_1")
    desk.wake(Held(post_ids=["p_1"]))
    desk.turn(minutes=5)
    desk.change("p_1", "released", held=None, released_at=clock.now().isoformat())

    desk.wake(Released(post_ids=["p_1"]))
    desk.tick()

    assert rounds(desk) == [("released", ["p_1"])]


def test_the_release_button_sets_off_that_round(desk: SchedulerDesk) -> None:
    """What the approve handler writes is what the scheduler looks for, whatever became of the event."""
    asked_and_mailed(desk, "p_1")
    desk.hold("p_1")
    desk.turn(minutes=5)
    hand = Hold(by="ada@example.test", how="mail", at=clock.now().isoformat())
    pressed = decide(Action.RELEASE, desk.status("p_1"), desk.status("p_1").current_revision or "", hand, UTC)
    assert pressed is not None
    desk.change("p_1", "released", held=pressed.held, released_at=pressed.released_at, state=pressed.state)

    desk.tick()

    assert rounds(desk) == [("released", ["p_1"])]


# common cards


def test_with_grouping_new_posts_share_the_next_moments_card_and_the_row_can_say_when(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules(RULES + "\nApproval mails: daily 9:00\n")
    ready(desk, "p_1", "p_2", at=FAR_OFF)
    desk.tick()
    moment = NOW + timedelta(hours=1)
    assert [datetime.fromisoformat(desk.status(one).asks_at or "") for one in ("p_1", "p_2")] == [moment, moment]
    audited = desk.audit_rows()

    desk.turn(minutes=30)
    desk.tick()
    assert rounds(desk) == []
    assert desk.audit_rows() == audited, "looked at again, nothing is written"

    desk.turn(minutes=31)
    desk.tick()
    desk.tick()
    assert rounds(desk) == [("new", ["p_1", "p_2"])]
    assert desk.status("p_1").asks_at is None
    desk.assert_audited("p_1")


def test_a_late_addition_has_a_card_of_its_own(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules(RULES + "\nApproval mails: weekly on Monday 8:00\n")
    ready(desk, "p_late", at=NOW + timedelta(days=3))
    ready(desk, "p_next", at=NOW + timedelta(days=10))
    desk.turn(minutes=11)

    desk.tick()

    assert rounds(desk) == [("new", ["p_late"])]
    assert desk.status("p_next").asks_at is not None


def test_another_line_in_the_rules_doc_ends_the_waiting(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules(RULES + "\nApproval mails: weekly on Monday 8:00\n")
    ready(desk, "p_1", at=NOW + timedelta(days=10))
    desk.turn(minutes=11)
    desk.tick()
    assert rounds(desk) == []

    desk.mesh.put_rules(RULES)
    desk.wake(RulesChanged())

    assert rounds(desk) == [("new", ["p_1"])]


# an edit and its undoing


def edited(desk: SchedulerDesk) -> PackageRef:
    """Approved, booked, then edited; the package that was approved."""
    ready(desk, "p_1", at=FAR_OFF)
    desk.clear("p_1")
    desk.tick()
    package = desk.status("p_1").package
    assert package is not None
    desk.plan("p_1", FAR_OFF, text="Hallo, geändert")
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.change("p_1", "flag cleared", flag=Flag(state=FlagState.CLEARED, at=clock.now().isoformat()))
    desk.render("p_1")
    return package


def undone(desk: SchedulerDesk, package: PackageRef) -> None:
    """The owner types the old words; the renderer finds the package of that source."""
    desk.plan("p_1", FAR_OFF)
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.change("p_1", "package ready", package=package)
    desk.wake(PackageReady(post_ids=["p_1"]))


def test_an_edit_undone_before_anybody_was_asked_makes_no_card_at_all(desk: SchedulerDesk) -> None:
    undone(desk, edited(desk))
    desk.turn(minutes=30)
    desk.tick()

    assert rounds(desk) == []
    assert [event.post_ids for event in desk.mesh.events_of(Approved)] == [["p_1"], ["p_1"]], "said, and said again"


def test_an_edit_undone_after_a_card_about_it_needs_no_click_and_no_further_card(desk: SchedulerDesk) -> None:
    package = edited(desk)
    desk.turn(minutes=11)
    desk.tick()
    mailed(desk, "p_1")
    assert rounds(desk) == [("changed", ["p_1"])]
    asked = desk.status("p_1").asked
    assert asked is not None
    assert asked.instead_of == package.revision

    undone(desk, package)
    written = Flag(state=FlagState.WRITTEN, at=clock.now().isoformat())
    desk.change("p_1", "flag written", flag=written)
    desk.turn(days=4, hours=1)
    desk.tick()

    assert rounds(desk) == [("changed", ["p_1"])]
    assert desk.times() == [f"at({FAR_OFF:%Y-%m-%dT%H:%M:%S})"]
    desk.assert_audited("p_1")


def test_an_edit_undone_while_held_waits_for_the_release_and_then_needs_no_click(desk: SchedulerDesk) -> None:
    package = edited(desk)
    desk.turn(minutes=11)
    desk.tick()
    mailed(desk, "p_1")
    held = Hold(by="ada@example.test", how="mail", at=clock.now().isoformat())
    desk.change("p_1", "held", held=held)
    undone(desk, package)
    assert desk.mesh.events_of(Approved) == []

    desk.change("p_1", "released", held=None, released_at=clock.now().isoformat())
    desk.wake(Released(post_ids=["p_1"]))

    assert [event.post_ids for event in desk.mesh.events_of(Approved)] == [["p_1"]]
    assert rounds(desk) == [("changed", ["p_1"])]
