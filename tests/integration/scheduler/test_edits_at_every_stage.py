"""A row deleted, moved, copied, edited or given another time, at every stage of its post up to one second before it goes out.

One mesh for each stage, with a post for each deed; after the deed one sweep, as if every event about it had been lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from memory_desk import memory_desk
from scheduler_desk import BLUESKY, GROUP, MASTODON, NOW, SchedulerDesk

from drive_sync.rows import SeenRow, give_ids
from drive_sync.sentences import sentence
from mesh import clock
from mesh.events import AttemptFailed, CalendarChanged, Cleared, Send, Voided
from mesh.ledger import Act, Approval, CardSent, Flag, FlagState, Head, HeadState, State, Status
from mesh.posts import Row
from sender.decide import LEASE, Step, next_step
from sender.gate import Asked, Gate, approved_and_free

DUE = NOW + timedelta(days=1, hours=1)
FAR = NOW + timedelta(days=20)
ZONE = ZoneInfo("UTC")
HORIZON = timedelta(days=14)
HOUR = timedelta(hours=1)
COPY = "_copy"


# the stages; each leaves every post of the desk in one


def _seen(desk: SchedulerDesk) -> None:
    desk.wake(CalendarChanged(post_ids=sorted(desk.rows)))


def _packed(desk: SchedulerDesk) -> None:
    _seen(desk)
    for post_id in desk.rows:
        desk.render(post_id)


def _asked(desk: SchedulerDesk) -> None:
    _packed(desk)
    desk.turn(minutes=11)
    desk.tick()
    for post_id in desk.rows:
        asked = desk.status(post_id).asked
        assert asked is not None
        desk.change(post_id, "card sent", card=CardSent(round_id=asked.round_id, sent_at=clock.now().isoformat()))


def _approved(desk: SchedulerDesk) -> None:
    _packed(desk)
    at = clock.now().isoformat()
    for post_id in desk.rows:
        revision = desk.status(post_id).current_revision or ""
        approval = Approval(revision=revision, by="ada@example.test", how="mail", at=at)
        desk.change(post_id, "approved", approval=approval, flag=Flag(state=FlagState.PENDING, at=at))


def _booked(desk: SchedulerDesk) -> None:
    _packed(desk)
    for post_id in desk.rows:
        desk.clear(post_id)
    desk.wake(Cleared(post_ids=sorted(desk.rows)))


def _due(desk: SchedulerDesk) -> None:
    _booked(desk)
    desk.mesh.turn_clock(DUE - timedelta(seconds=1))


def _tried(state: HeadState, **update: object) -> Callable[[SchedulerDesk], None]:
    def stage(desk: SchedulerDesk) -> None:
        _booked(desk)
        desk.mesh.turn_clock(DUE)
        for post_id in desk.rows:
            for head in desk.mesh.ledger.heads([desk.status(post_id)])[post_id]:
                if head.booking is not None:  # it has fired
                    desk.mesh.schedules.delete_schedule(GroupName=GROUP, Name=head.booking.name)
                tried = {"state": state, "attempts": 1, "booking": None, "since": clock.now().isoformat(), **update}
                desk.mesh.ledger.change_head(head, head.model_copy(update=tried), Act("tried", "sender", clock.now()))
            desk.mesh.ledger.derive(post_id, Act("derived", "sender", clock.now()))
            if state in {HeadState.RETRY, HeadState.UNKNOWN}:
                outcome = "unknown" if state is HeadState.UNKNOWN else "retryable"
                desk.wake(AttemptFailed(post_id=post_id, channel=BLUESKY, attempt=1, outcome=outcome))

    return stage


SOON = (DUE + timedelta(minutes=5)).isoformat()


@dataclass(frozen=True)
class Stage:
    """``stands``: what is booked for an untouched row. ``says`` what such a row reads, ``changed`` one that was edited."""

    name: str
    reach: Callable[[SchedulerDesk], None]
    says: str
    changed: str
    at: datetime = DUE
    approved: bool = False
    stands: bool = False
    head: HeadState | None = None


BEING_PREPARED = "Being prepared"
STAGES = (
    Stage("planned far ahead", _seen, "Planned. Its preview", "Planned. Its preview", at=FAR),
    Stage("without a package", _seen, BEING_PREPARED, BEING_PREPARED),
    Stage("package ready", _packed, "Ready. ", BEING_PREPARED),
    Stage("asked", _asked, "Waiting for your approval (mail", BEING_PREPARED),
    Stage("approved, not flagged", _approved, "Approved by ada", BEING_PREPARED, approved=True),
    Stage("booked", _booked, "Booked for Tue", BEING_PREPARED, approved=True, stands=True, head=HeadState.READY),
    Stage("due in a second", _due, "Booked for Tue", BEING_PREPARED, approved=True, stands=True, head=HeadState.READY),
    Stage(
        "being sent",
        _tried(HeadState.OPEN, lease_until=(DUE + LEASE).isoformat()),
        f"{BLUESKY}: being posted",
        f"{BLUESKY}: being posted",
        approved=True,
        head=HeadState.OPEN,
    ),
    Stage(
        "to be tried again",
        _tried(HeadState.RETRY, next_at=SOON, detail="asked to slow down"),
        f"{BLUESKY}: will be tried again at Tue 16 Mar, 09:05",
        f"{BLUESKY}: not out (asked to slow down)",
        approved=True,
        stands=True,
        head=HeadState.RETRY,
    ),
    Stage(
        "unknown",
        _tried(HeadState.UNKNOWN, next_at=SOON),
        f"{BLUESKY}: not known yet",
        f"{BLUESKY}: not known yet",
        approved=True,
        stands=True,
        head=HeadState.UNKNOWN,
    ),
    Stage(
        "out",
        _tried(HeadState.SENT, posted_url="https://a.example/1"),
        "Posted: https://a.example/1",
        "",
        approved=True,
        head=HeadState.SENT,
    ),
)


# the deeds; each changes the mirrored rows as drive-sync would


def _retimed(by: timedelta) -> Callable[[SchedulerDesk, str, Row], None]:
    def deed(desk: SchedulerDesk, post_id: str, row: Row) -> None:
        at = datetime.fromisoformat(f"{row.date}T{row.time}+00:00") + by
        desk.rows[post_id] = replace(row, date=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}")

    return deed


def _moved(desk: SchedulerDesk, post_id: str, row: Row) -> None:
    del desk.rows[post_id]
    desk.rows[post_id] = row  # the last one of the sheet now


def _copied(desk: SchedulerDesk, post_id: str, row: Row) -> None:
    ticked = replace(row, approved=True, stamp=f"{post_id}:r")
    seen = [SeenRow(number, ticked) for number in (2, 3)]
    first, second = give_ids(seen, {post_id: row}, lambda: f"{post_id}{COPY}", {post_id})
    assert (first.row.post_id, second.row.approved, second.row.stamp) == (post_id, False, "")
    desk.rows[second.row.post_id] = second.row


def _undone(desk: SchedulerDesk, post_id: str, row: Row) -> None:
    desk.rows[post_id] = replace(row, text="Something else")
    desk.mirror()
    desk.wake(CalendarChanged(post_ids=[post_id]))
    desk.rows[post_id] = row


def _edited(**cells: str) -> Callable[[SchedulerDesk, str, Row], None]:
    return lambda desk, post_id, row: desk.rows.update({post_id: replace(row, **cells)})  # type: ignore[arg-type]


SAME: Mapping[str, Callable[[SchedulerDesk, str, Row], None]] = {"moved": _moved, "copied": _copied, "undone": _undone}
CHANGED: Mapping[str, Callable[[SchedulerDesk, str, Row], None]] = {
    "edited": _edited(text="Hallo, anders"),
    "earlier": _retimed(-HOUR),
    "later": _retimed(3 * HOUR),
    "past": _retimed(timedelta(days=-30)),
    "added": _edited(channels=f"{BLUESKY}, {MASTODON}"),
    "removed": _edited(channels=BLUESKY),
}
GONE: Mapping[str, Callable[[SchedulerDesk, str, Row], None]] = {
    "deleted": lambda desk, post_id, _: desk.rows.pop(post_id)
}
DEEDS = SAME | CHANGED | GONE


@dataclass(frozen=True)
class After:
    """How one post stands after its deed and a sweep."""

    deed: str
    status: Status
    heads: tuple[Head, ...]
    bookings: tuple[Send, ...]
    row: str


def after(desk: SchedulerDesk, deed: str, channels: tuple[str, ...]) -> After:
    status = desk.status(deed)
    heads = desk.mesh.ledger.heads([status.model_copy(update={"channels": channels})])[deed]
    said = "" if status.gone_at else sentence(status, heads, ZONE, clock.now(), HORIZON)
    return After(deed, status, heads, tuple(booked_for(desk, deed)), said)


def booked_for(desk: SchedulerDesk, post_id: str) -> list[Send]:
    events = [Send.model_validate(json.loads(one["Target"]["Input"])) for one in desk.bookings().values()]
    return [event for event in events if event.post_id == post_id]


def would_send(status: Status, heads: tuple[Head, ...], event: Send) -> bool:
    head = next((one for one in heads if one.channel == event.channel), None)
    step = next_step(event, status, head, clock.now()).step
    return (
        step is Step.SEND
        and approved_and_free(Asked(event.post_id, event.channel, event.revision), status, {}).gate is Gate.OPEN
    )


each_stage = pytest.mark.parametrize("stage", STAGES, ids=[stage.name.replace(" ", "-") for stage in STAGES])


@each_stage
def test_at_every_stage_whatever_is_done_to_a_row_nothing_stale_goes_out(stage: Stage) -> None:
    with memory_desk() as desk:
        assert_every_deed(desk, stage)


@pytest.mark.slow
@each_stage
def test_at_every_stage_over_real_tables(desk: SchedulerDesk, stage: Stage) -> None:
    assert_every_deed(desk, stage)


def assert_every_deed(desk: SchedulerDesk, stage: Stage) -> None:
    """Nothing stale is booked, left booked or sent by an old event, and each row says how it stands."""
    both = f"{BLUESKY}, {MASTODON}"
    for deed in DEEDS:
        channels = both if deed == "removed" else BLUESKY
        desk.rows[deed] = Row(
            post_id=deed, date=f"{stage.at:%Y-%m-%d}", time=f"{stage.at:%H:%M}", text="Hallo", channels=channels
        )
    desk.mirror()
    stage.reach(desk)
    desk.tick()  # what this stage does by itself is done before anybody touches a row
    was = {deed: desk.status(deed) for deed in DEEDS}
    old = {deed: old_events(desk, deed, was[deed], stage) for deed in DEEDS}
    for deed, do in DEEDS.items():
        do(desk, deed, desk.rows[deed])
    desk.mirror()
    desk.mesh.entries.clear()

    desk.tick()

    for deed in DEEDS:
        found = after(desk, deed, (BLUESKY, MASTODON))
        stale = deed not in SAME
        stands = found.status.approved and found.status.gone_at is None
        assert stands == (stage.approved and not stale), deed
        looked_after = stage.head in {HeadState.OPEN, HeadState.UNKNOWN}
        expected = 1 if stage.stands and (not stale or looked_after) else 0
        said = [
            event for event in desk.mesh.events_of(Send) if event.post_id == deed
        ]  # due too soon to be booked again
        on_bluesky = [event for event in (*found.bookings, *said) if event.channel == BLUESKY]
        assert len(on_bluesky) == expected, deed
        assert [event for event in found.bookings if event.channel == MASTODON and not looked_after] == [], deed
        states = {head.channel: head.state for head in found.heads}
        assert states.get(BLUESKY) == stage.head, deed
        sent_by_an_old_event = [event for event in old[deed] if would_send(found.status, found.heads, event)]
        assert bool(sent_by_an_old_event) == (not stale and stage.head is HeadState.READY), deed
        assert_row(found, stage)
    copy = desk.status(f"copied{COPY}")
    assert (copy.approved, copy.flag, booked_for(desk, copy.post_id)) == (False, None, [])
    voided = {post_id for event in desk.mesh.events_of(Voided) for post_id in event.post_ids}
    assert voided == ({*CHANGED, *GONE} if stage.approved else set())
    sent_at_once = {"undone"} if stage.name == "due in a second" else set()
    assert {event.post_id for event in desk.mesh.events_of(Send)} == sent_at_once, (
        "nothing else is sent beside its booking"
    )


def old_events(desk: SchedulerDesk, deed: str, status: Status, stage: Stage) -> list[Send]:
    """What was booked or on its way before the deed; where nothing was, what might have been."""
    attempt = 1 if stage.head in {None, HeadState.READY} else 2
    revision = status.current_revision or "none"
    made_up = Send(post_id=deed, channel=BLUESKY, revision=revision, attempt=attempt)
    return [*booked_for(desk, deed), made_up, made_up.model_copy(update={"channel": MASTODON})]


def assert_row(found: After, stage: Stage) -> None:
    if found.deed == "deleted":
        expected_state = State.SENT if stage.head is HeadState.SENT else State.GONE
        assert found.status.state is expected_state
        return
    if found.deed in SAME or (stage.head is HeadState.SENT and found.deed not in {"added", "removed"}):
        assert found.row.startswith(stage.says), (found.deed, found.row)
    elif found.deed == "past" and stage.head not in {HeadState.OPEN, HeadState.UNKNOWN}:
        assert found.row.startswith("Please mend: date and time: "), found.row
    elif stage.head is HeadState.SENT:
        assert "posted" in found.row.lower(), found.row
    else:
        assert found.row.startswith(stage.changed), (found.deed, found.row)
    if found.deed in {"edited", "later"} and stage.head in {HeadState.OPEN, HeadState.RETRY, HeadState.UNKNOWN}:
        assert "goes only when it is approved again" in found.row
    if found.deed == "added" and stage.head is HeadState.SENT:
        assert found.row == (
            f"{BLUESKY}: posted https://a.example/1\n"
            "Changed since it was approved: what is not out yet goes only when it is approved again."
        )
