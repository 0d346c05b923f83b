"""Carries the decisions out: data first, event second. Everything here may run twice."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mesh.booking import Bookings, TimePassed, booking_name
from mesh.bus import Bus
from mesh.errors import Conflict
from mesh.events import Approved, Asked, Detail, PackageWanted, Probe, Retry, ReviewRequested, Send, Trouble, Voided
from mesh.ledger import (
    Act,
    Booked,
    ChannelProblem,
    Head,
    HeadState,
    Ledger,
    Runtime,
    State,
    Status,
    derive_state,
    head_key,
)
from mesh.ledger.runtime import HOLD_EVERYTHING, PROBE_EVERY, pause_key
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from mesh.schedule_time import say_with_zone
from scheduler.decide import (
    Kind,
    Move,
    asked_late,
    booked_already,
    channel_move,
    due_before,
    follow_source,
    overdue,
    post_move,
    raise_flag,
)
from scheduler.rounds import FAR, asking
from scheduler.steps import Clock, PostMove, Step

POSTS_A_CARD = 10
_SAID_FOR = timedelta(days=60)
_BY = "scheduler"


@dataclass
class Found:
    """What one run has to say, gathered until the data is written."""

    wanted: list[str] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    asks: dict[str, list[Status]] = field(default_factory=dict)
    again: dict[tuple[str, str], list[Status]] = field(default_factory=dict)  # by round and its reason
    nearly: list[Status] = field(default_factory=list)  # to be reminded of soon: they come along on the next one's card
    troubles: list[Trouble] = field(default_factory=list)
    events: list[Detail] = field(default_factory=list)
    moves: int = 0


class Run:
    """One waking of the scheduler."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        bookings: Bookings,
        bus: Bus,
        rulebook: Rulebook,
        clock: Clock,
        trace_id: str,
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._bookings = bookings
        self._bus = bus
        self._rulebook = rulebook
        self._clock = clock
        self._trace_id = trace_id
        self._standing: dict[str, dict[str, Any]] = {}
        self.found = Found()

    def _act(self, action: str) -> Act:
        return Act(action=action, by=_BY, at=self._clock.now, trace_id=self._trace_id)

    # what stands over everything

    def look_up(self, channels: Iterable[str]) -> None:
        """Which holds and pauses stand; a paused channel is probed once an hour."""
        names = sorted(set(channels))
        self._standing = self._ledger.standing([HOLD_EVERYTHING, *map(pause_key, names)])
        paused = [name for name in names if pause_key(name) in self._standing]
        now = self._clock.now
        due = [name for name in paused if self._runtime.first(f"probe#{name}", now, now + PROBE_EVERY)]
        self.found.events.append(Probe(channels=due, trace_id=self._trace_id))

    def _stopped(self, channel: str) -> str:
        if HOLD_EVERYTHING in self._standing:
            return "everything is on hold"
        return f"{channel} is paused" if pause_key(channel) in self._standing else ""

    # the source

    def follow(self, post_id: str, known: Status | None, seen: Plan | tuple[ChannelProblem, ...] | None) -> None:
        """Bring the post's item in line with its row; ``known`` saves a read where nothing changed."""
        if follow_source(known, post_id, seen, self._rulebook, self._clock, self._trace_id) is None:
            return
        was_approved = False

        def change(before: Status | None) -> Status | None:
            nonlocal was_approved
            was_approved = before is not None and before.approved
            return follow_source(before, post_id, seen, self._rulebook, self._clock, self._trace_id)

        after = self._ledger.change_status(
            post_id, self._act("the row changed" if seen is not None else "the row is gone"), change
        )
        if after is None:
            return
        if was_approved and (not after.approved or after.gone_at is not None):
            self.found.voided.append(post_id)

    # the moves

    def move(self, status: Status, heads: tuple[Head, ...], taken: Mapping[str, list[datetime]]) -> None:
        """Decide the post's step and each channel's move, and write what they need."""
        step = post_move(status, self._rulebook, self._clock, everything_held=HOLD_EVERYTHING in self._standing)
        if step.step is Step.WANT_PACKAGE:
            self.found.wanted.append(status.post_id)
        elif step.step in {Step.ASK, Step.ASK_AGAIN}:
            self._note_ask(status, step)
        elif step.step is Step.RAISE_FLAG:
            self._raise_flag(status)
        elif step.step is Step.NUDGE_FLAG:
            self.found.approved.append(status.post_id)
        elif step.step is Step.REST:
            self._note_rest(status, step)
        by_channel = {head.channel: head for head in heads}
        for channel in status.going:
            self._move_channel(status, channel, by_channel.get(channel), step, taken.get(channel, []))
        for head in heads:
            if head.channel not in status.going:
                self._cancel(head)
        self._note_trouble(status, by_channel)

    def _note_trouble(self, status: Status, heads: Mapping[str, Head]) -> None:
        """What a human has to hear of: an item nobody can read, and what is late for no reason they were told."""
        broken = [name for name, head in heads.items() if head.state is HeadState.BROKEN]
        if status.broken or broken:
            where = ", ".join(broken) or "every channel"
            message = (
                f"A record of post {status.post_id} ({where}) is damaged: nothing of it is sent until somebody looks."
            )
            self._tell(status, f"damaged#{status.post_id}#{where}", message)
        for channel in status.going:
            head = heads.get(channel)
            if self._stopped(channel) or not overdue(status, head, self._rulebook, self._clock.now):
                continue
            why = (head.detail if head is not None else "") or "the sheet, the tables or the network did not answer"
            due = say_with_zone(datetime.fromisoformat(status.due_at or FAR), self._rulebook.zone)
            message = (
                f"The approved post of {due} has not gone out on {channel} yet: {why}. It is tried again by itself."
            )
            approved_at = status.approval.at if status.approval is not None else ""
            self._tell(status, f"late#{head_key(status.post_id, channel)}#{approved_at}", message)

    def _tell(self, status: Status, cause: str, message: str) -> None:
        if self._runtime.get(f"said#{cause}", self._clock.now) is None:
            told = Trouble(cause=cause, message=message, post_ids=[status.post_id], trace_id=self._trace_id)
            self.found.troubles.append(told)

    def say_once(self, trouble: Trouble | None) -> None:
        if trouble is not None and self._runtime.get(f"said#{trouble.cause}", self._clock.now) is None:
            self.found.troubles.append(trouble)

    def _note_ask(self, status: Status, step: PostMove) -> None:
        if step.step is Step.ASK_AGAIN and status.asked is not None:
            self.found.again.setdefault((status.asked.round_id, status.asked.reason), []).append(status)
            return
        self.found.asks.setdefault(step.ask_reason, []).append(status)

    def _note_rest(self, status: Status, step: PostMove) -> None:
        """When its card goes out, so that the row can say so; and whether it would come along on another's reminder."""
        if step.comes_along:
            self.found.nearly.append(status)
        asks_at = step.asks_at.isoformat() if step.asks_at is not None else None
        if status.asks_at == asks_at or status.broken:
            return

        def change(before: Status | None) -> Status | None:
            if before is None or before.version != status.version:
                return None  # the next look decides it anew
            return before.model_copy(update={"asks_at": asks_at, "open": "1"})

        action = "waits for its card" if asks_at else "waits for no card"
        self._ledger.change_status(status.post_id, self._act(action), change)

    def _raise_flag(self, status: Status) -> None:
        def change(before: Status | None) -> Status | None:
            if before is None or post_move(before, self._rulebook, self._clock).step is not Step.RAISE_FLAG:
                return None
            return raise_flag(before, self._clock.now)

        if self._ledger.change_status(status.post_id, self._act("approval stands again"), change) is not None:
            self.found.approved.append(status.post_id)

    def _move_channel(
        self, status: Status, channel: str, head: Head | None, step: PostMove, taken: list[datetime]
    ) -> None:
        now = self._clock.now
        looking = head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}
        if step.step is not Step.BOOK and not looking:
            if head is not None and head.state in {HeadState.READY, HeadState.RETRY}:
                self._cancel(head)
            return
        move = channel_move(status, head, self._rulebook, taken, now, self._stopped(channel))
        if move.kind is Kind.ASK:
            if head is not None:
                self._cancel(head)  # a booking made before must not answer for the owner
            if not asked_late(status):
                self.found.asks.setdefault("late", []).append(status)
        if move.kind in {Kind.REST, Kind.ASK}:
            return
        revision = head.revision if looking and head is not None else status.current_revision or ""
        if booked_already(head, move, revision, now):
            return
        self._book(status, channel, head, move, revision, looking=looking)
        if move.at is not None or not looking:  # what goes now keeps the next one away as well
            taken.append(move.at or now)

    def _book(
        self, status: Status, channel: str, head: Head | None, move: Move, revision: str, *, looking: bool
    ) -> None:
        """Head first, then the schedule or the event: what is lost in between, the sweep finds overdue."""
        model = Retry if move.kind is Kind.RETRY else Send
        event = model(
            trace_id=status.trace_id or self._trace_id,
            post_id=status.post_id,
            channel=channel,
            revision=revision,
            attempt=move.attempt,
        )
        booked = Booked(name=booking_name(event), at=(move.at or self._clock.now).isoformat(), attempt=move.attempt)
        if move.at is not None:
            booked = booked.model_copy(update={"at": move.at.replace(second=0, microsecond=0).isoformat()})
        else:
            booked = booked.model_copy(update={"due": due_before(head, booked)})
        self._drop_other_booking(head, booked)
        if not self._write_head(status, channel, head, booked, revision, keep_state=looking or move.kind is Kind.RETRY):
            return
        self.found.moves += 1
        if move.at is None:
            self.found.events.append(event)
            return
        try:
            self._bookings.book(event, move.at)
        except TimePassed:
            self.found.events.append(event)

    def _write_head(
        self, status: Status, channel: str, head: Head | None, booked: Booked, revision: str, *, keep_state: bool
    ) -> bool:
        """False when the head moved meanwhile: it has been decided elsewhere, and the sweep looks again."""
        update: dict[str, object] = {
            "booking": booked,
            "revision": revision,
            "trace_id": status.trace_id or self._trace_id,
        }
        if not keep_state:
            update |= {"state": HeadState.READY, "detail": "", "next_at": None}
        fresh = Head(post_channel=head_key(status.post_id, channel), state=HeadState.READY, revision=revision)
        try:
            self._ledger.change_head(head, (head or fresh).model_copy(update=update), self._act("booked"))
        except Conflict:
            return False
        return True

    def _drop_other_booking(self, head: Head | None, booked: Booked) -> None:
        if head is not None and head.booking is not None and head.booking.name != booked.name:
            self._bookings.cancel(head.booking.name)

    def _cancel(self, head: Head) -> None:
        if head.booking is None or head.state not in {HeadState.READY, HeadState.RETRY}:
            return
        self._bookings.cancel(head.booking.name)
        try:
            self._ledger.change_head(head, head.model_copy(update={"booking": None}), self._act("booking cancelled"))
        except Conflict:
            return

    # saying it

    def settle_queue(self, status: Status, heads: tuple[Head, ...]) -> None:
        """Bring the post's state and the time it is booked for in line with its heads, so that the sheet can say so."""
        times = sorted(
            head.booking.at
            for head in heads
            if head.booking and head.state is HeadState.READY and head.channel in status.going
        )
        queued_for = times[0] if times and status.cleared else None

        def change(before: Status | None) -> Status | None:
            if (
                before is None
                or before.held is not None
                or before.state in {State.SENT, State.SENDING, State.FAILED, State.GONE}
            ):
                return None
            return before.model_copy(
                update={"queued_for": queued_for, "state": derive_state(before, heads), "open": "1"}
            )

        if status.queued_for != queued_for:
            self._ledger.change_status(status.post_id, self._act("queued" if queued_for else "not queued"), change)

    def ask(self) -> None:
        """Up to ten posts a card, each noted as asked before the event goes out."""
        if "reminder" in self.found.asks:
            self.found.asks["reminder"] += self.found.nearly
        for reason, statuses in sorted(self.found.asks.items()):
            unique = _in_order(statuses)
            for start in range(0, len(unique), POSTS_A_CARD):
                self._ask_round(unique[start : start + POSTS_A_CARD], reason)
        for (round_id, reason), statuses in self.found.again.items():
            self._say_round(
                round_id,
                reason,
                [Asked(post_id=one.post_id, revision=one.asked.revision) for one in _in_order(statuses) if one.asked],
            )

    def _ask_round(self, statuses: list[Status], reason: str) -> None:
        round_id = f"r_{secrets.token_hex(8)}"
        asked: list[Asked] = []
        for status in statuses:

            def change(before: Status | None, was: Status = status) -> Status | None:
                if before is None or before.current_revision is None or before.current_revision != was.current_revision:
                    return None
                if before.asked != was.asked:  # another run, woken by another event, has asked meanwhile
                    return None
                if reason not in {"late", "tick"} and (before.approved or before.held is not None):
                    return None  # answered meanwhile
                return asking(before, round_id, reason, self._rulebook, self._clock.now)

            after = self._ledger.change_status(status.post_id, self._act(f"asked: {reason}"), change)
            if after is not None and after.current_revision is not None:
                asked.append(Asked(post_id=after.post_id, revision=after.current_revision))
        if asked:
            self._say_round(round_id, reason, asked)

    def _say_round(self, round_id: str, reason: str, asked: list[Asked]) -> None:
        event = ReviewRequested(trace_id=self._trace_id, posts=asked, round_id=round_id, reason=reason)
        self.found.events.append(event)

    def emit(self) -> int:
        found = self.found
        trace_id = self._trace_id
        events: list[Detail] = [
            PackageWanted(post_ids=sorted(set(found.wanted)), trace_id=trace_id),
            Voided(post_ids=sorted(set(found.voided)), reason="edited", trace_id=trace_id),
            Approved(post_ids=sorted(set(found.approved)), trace_id=trace_id),
            *found.events,
            *found.troubles,
        ]
        sent = self._bus.put(events)
        for trouble in found.troubles:  # after the bus took it: said twice rather than never
            self._runtime.put(f"said#{trouble.cause}", {}, ttl=self._clock.now + _SAID_FOR)
        return sent


def _in_order(statuses: Iterable[Status]) -> list[Status]:
    """Each post once, in the order in which they go out."""
    unique = {status.post_id: status for status in statuses}
    return sorted(unique.values(), key=lambda status: (status.due_at or "", status.post_id))
