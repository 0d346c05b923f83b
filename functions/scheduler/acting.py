"""Carries the decisions out: data first, event second. Everything here may run twice.

Within one channel in this order: what was booked under another name is taken back, the head is written, the schedule is made. Lost
before the head, the next look decides the same again; lost after it, the head says when it is due, and the sweep finds it overdue.
Posts and channels go side by side, and one that fails stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from mesh.booking import Bookings, TimePassed
from mesh.bus import Bus
from mesh.errors import Conflict, Doubt
from mesh.events import Approved, Detail, PackageWanted, Probe, Send, Trouble, Voided, together
from mesh.ledger import Act, ChannelProblem, Head, HeadState, Ledger, Queued, Runtime, State, Status, derive_state
from mesh.ledger.runtime import HOLD_EVERYTHING, PROBE_EVERY, pause_key, placing_key
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from mesh.side_by_side import Together, in_threads
from scheduler.asking import Asker, Asks
from scheduler.carrying import Carrier
from scheduler.decide import post_move, raise_flag
from scheduler.reasons import Code, Reason, because
from scheduler.source import follow_source
from scheduler.steps import Book, Cancel, Clock, Decision, PostMove, Step

_SAID_FOR = timedelta(days=60)
_LATE = {Code.LATE_NOW, Code.LATE_MOVED, Code.WORKS_AGAIN}
# As long as a run may last: whoever began before this one ended has not seen what it wrote.
_PLACING = timedelta(seconds=60)
_UNQUEUED = {State.SENT, State.SENDING, State.FAILED, State.GONE}


@dataclass
class Found:
    """What one run has to say, gathered until the data is written. ``unsure``: posts whose heads moved under our hands."""

    wanted: list[str] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    asks: Asks = field(default_factory=Asks)
    troubles: list[Trouble] = field(default_factory=list)
    sends: dict[str, Send] = field(default_factory=dict)
    written: dict[str, dict[str, Head]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    moves: int = 0


class Run:
    """One waking of the scheduler. ``together`` makes calls side by side."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        bookings: Bookings,
        bus: Bus,
        rulebook: Rulebook,
        clock: Clock,
        trace_id: str,
        together: Together = in_threads,
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._bookings = bookings
        self._bus = bus
        self._rulebook = rulebook
        self._clock = clock
        self._trace_id = trace_id
        self.standing: dict[str, dict[str, Any]] = {}
        self.found = Found()
        self.queue: dict[str, float] = {}  # what CloudWatch is told of what waits
        self.carrier = Carrier(together, clock, trace_id)

    # what stands over everything

    def look_up(self, channels: Iterable[str]) -> None:
        """Which holds and pauses stand; a paused channel is probed once an hour."""
        names = sorted(set(channels))
        self.standing = self._ledger.standing([HOLD_EVERYTHING, *map(pause_key, names)])
        paused = [name for name in names if pause_key(name) in self.standing]
        now = self._clock.now
        due = [name for name in paused if self._runtime.first(f"probe#{name}", now, now + PROBE_EVERY)]
        self.carrier.events.append(Probe(channels=due, trace_id=self._trace_id))

    def probe_all(self, channels: Iterable[str]) -> None:
        """Each in an event of its own: one that does not answer keeps no other waiting."""
        self.carrier.events += [Probe(channels=[name], trace_id=self._trace_id) for name in channels]

    # the source

    def follow(self, post_id: str, known: Status | None, seen: Plan | tuple[ChannelProblem, ...] | None) -> None:
        """Bring the post's item in line with its row; ``known`` saves a read where nothing changed. A failure is kept for ``finish``."""
        self.carrier.apart(post_id, lambda: self._follow(post_id, known, seen))

    def _follow(self, post_id: str, known: Status | None, seen: Plan | tuple[ChannelProblem, ...] | None) -> None:
        wanted = follow_source(known, post_id, seen, self._rulebook, self._clock, self._trace_id)
        if wanted is None:
            return
        was_approved = False

        def change(before: Status | None) -> Status | None:
            nonlocal was_approved
            was_approved = before is not None and before.approved
            return follow_source(before, post_id, seen, self._rulebook, self._clock, self._trace_id)

        ends = known is not None and known.approved and (not wanted.approved or wanted.gone_at is not None)
        action = "the row changed" if seen is not None else "the row is gone"
        act = self.carrier.acted(action, because(Code.VOIDED) if ends else None)
        after = self._ledger.change_status(post_id, act, change)
        if after is not None and was_approved and (not after.approved or after.gone_at is not None):
            self.found.voided.append(post_id)
            self.carrier.changed(post_id, "void", because(Code.VOIDED))

    # the moves

    def carry_out(self, decisions: Sequence[Decision], heads: Mapping[str, tuple[Head, ...]]) -> None:
        """``heads`` are those that the decisions were made from, by post."""
        for decision in decisions:
            if decision.error is not None:
                self.carrier.failed.setdefault(decision.status.post_id, decision.error)
        ready = [decision for decision in decisions if decision.status.post_id not in self.carrier.failed]
        for decision in ready:
            self.found.asks.note(decision)
        self.carrier.together((one.status.post_id, partial(self._take_step, one)) for one in ready if _has_a_step(one))
        self.carrier.together(self._channel_calls(ready))
        sends = self.found.sends
        self.carrier.events += [
            sends[book.after.post_channel] for one in ready for book in one.books if book.after.post_channel in sends
        ]
        Asker(self._ledger, self.carrier, self._rulebook, self._clock).ask(self.found.asks)
        self.carrier.together(self._queue_calls(ready, heads))
        self.carrier.together((one.status.post_id, partial(self._note_troubles, one)) for one in ready if one.troubles)

    def _take_step(self, decision: Decision) -> None:
        status, step = decision.status, decision.step
        if step.step is Step.WANT_PACKAGE:
            self.found.wanted.append(status.post_id)
            self.carrier.changed(status.post_id, step.step, step.reason)
        elif step.step is Step.RAISE_FLAG:
            self._raise_flag(decision)
        elif step.step is Step.NUDGE_FLAG:
            self.found.approved.append(status.post_id)
            self.carrier.changed(status.post_id, step.step, step.reason)
        elif step.step is Step.REST:
            self._note_rest(decision)

    def _note_rest(self, decision: Decision) -> None:
        """When its card goes out, so that the row can say so."""
        status, step = decision.status, decision.step

        def change(before: Status | None) -> Status | None:
            if before is None or before.version != status.version:
                return None  # the next look decides it anew
            return before.model_copy(update={"asks_at": _asks_at(step), "open": "1"})

        action = "waits for its card" if step.asks_at is not None else "waits for no card"
        if self._ledger.change_status(status.post_id, self.carrier.acted(action, step.reason), change) is not None:
            self.carrier.changed(status.post_id, step.step, step.reason)

    def _raise_flag(self, decision: Decision) -> None:
        status, step = decision.status, decision.step

        def change(before: Status | None) -> Status | None:
            if before is None or post_move(before, self._rulebook, self._clock).step is not Step.RAISE_FLAG:
                return None
            return raise_flag(before, self._clock.now)

        act = self.carrier.acted("approval stands again", step.reason)
        if self._ledger.change_status(status.post_id, act, change) is not None:
            self.found.approved.append(status.post_id)
            self.carrier.changed(status.post_id, step.step, step.reason)

    def _channel_calls(self, decisions: Iterable[Decision]) -> list[tuple[str, Callable[[], None]]]:
        calls: list[tuple[str, Callable[[], None]]] = []
        for decision in decisions:
            post_id = decision.status.post_id
            calls += [(post_id, partial(self._cancel, cancel)) for cancel in decision.cancels]
            calls += [(post_id, partial(self._book, book)) for book in decision.books]
        return calls

    def _book(self, book: Book) -> None:
        before, after = book.before, book.after
        assert after.booking is not None
        if book.reason.code in _LATE and not self._places_on(after.channel):
            return  # by what another run writes meanwhile the place may be taken: the next look sees it
        if before is not None and before.booking is not None and before.booking.name != after.booking.name:
            self._bookings.cancel(before.booking.name)
        written = self._write_head(before, after, self.carrier.acted("booked", book.reason))
        if written is None:
            return
        self.found.moves += 1
        self.carrier.changed(after.post_id, book.kind, book.reason, after.channel, book.event.attempt)
        if book.at is None:
            self.found.sends[after.post_channel] = book.event
        else:
            self._make_booking(book, written, book.at)

    def _places_on(self, channel: str) -> bool:
        """One run at a time gives late posts their places on a channel: two that began at one moment would both give the same."""
        now = self._clock.now
        run = {"run": f"{self._trace_id}/{now.isoformat()}"}
        return bool(self._runtime.agree(placing_key(channel), run, now, now + _PLACING)["run"] == run["run"])

    def _make_booking(self, book: Book, written: Head, at: datetime) -> None:
        """Where the schedule could not be made the head does not say that it was: the retry and the next look make it."""
        try:
            self._bookings.book(book.event, at)
        except TimePassed:  # in the meantime its minute has come
            self.found.sends[book.after.post_channel] = book.event
        except Doubt:
            act = self.carrier.acted("booking not made", book.reason)
            self._write_head(written, written.model_copy(update={"booking": None}), act)
            raise

    def _cancel(self, cancel: Cancel) -> None:
        head = cancel.head
        assert head.booking is not None
        self._bookings.cancel(head.booking.name)
        act = self.carrier.acted("booking cancelled", cancel.reason)
        if self._write_head(head, head.model_copy(update={"booking": None}), act) is not None:
            self.carrier.changed(head.post_id, "cancel", cancel.reason, head.channel, head.booking.attempt)

    def _write_head(self, before: Head | None, after: Head, act: Act) -> Head | None:
        """None when the head moved meanwhile: it has been decided elsewhere, and the sweep looks again."""
        try:
            written = self._ledger.change_head(before, after, act)
        except Conflict:
            self.found.unsure.add(after.post_id)
            return None
        self.found.written.setdefault(after.post_id, {})[after.channel] = written
        return written

    # saying it

    def _queue_calls(
        self, decisions: Iterable[Decision], heads: Mapping[str, tuple[Head, ...]]
    ) -> list[tuple[str, Callable[[], None]]]:
        """Bring each post's state and the times it is booked for in line with its heads, so that the sheet can say so.

        Not where it is not known for certain what was written: the next look sees it.
        """
        calls: list[tuple[str, Callable[[], None]]] = []
        for decision in decisions:
            post_id = decision.status.post_id
            damaged = decision.step.reason.code is Code.DAMAGED
            if damaged or post_id in self.carrier.failed or post_id in self.found.unsure:
                continue
            standing = self.heads_now({post_id: heads.get(post_id, ())})[post_id]
            if _queued(decision.status, standing) is not None:
                calls.append((post_id, partial(self._settle_queue, decision, standing)))
        return calls

    def _settle_queue(self, decision: Decision, heads: tuple[Head, ...]) -> None:
        goes = _queued(decision.status, heads)
        act = self.carrier.acted("queued" if goes is not None and goes.queued_for else "not queued", _settled(decision))
        self._ledger.change_status(
            decision.status.post_id, act, lambda before: None if before is None else _queued(before, heads)
        )

    def _note_troubles(self, decision: Decision) -> None:
        for trouble in decision.troubles:
            self.say_once(trouble)

    def say_once(self, trouble: Trouble | None) -> None:
        """Again only where it is about more posts than was said."""
        if trouble is None:
            return
        said = self._runtime.get(f"said#{trouble.cause}", self._clock.now)
        if said is None or len(trouble.post_ids) > int(said.get("posts", len(trouble.post_ids))):
            self.found.troubles.append(trouble)

    def heads_now(self, heads: Mapping[str, tuple[Head, ...]]) -> dict[str, tuple[Head, ...]]:
        """Those that were read, with what this run has written of them."""
        after = {}
        for post_id, several in heads.items():
            by_channel = {head.channel: head for head in several} | self.found.written.get(post_id, {})
            after[post_id] = tuple(head for _, head in sorted(by_channel.items()))
        return after

    def emit(self) -> int:
        found = self.found
        trace_id = self._trace_id
        events: list[Detail] = [
            PackageWanted(post_ids=sorted(set(found.wanted)), trace_id=trace_id),
            Voided(post_ids=sorted(set(found.voided)), reason="edited", trace_id=trace_id),
            Approved(post_ids=sorted(set(found.approved)), trace_id=trace_id),
            *self.carrier.events,
            *together(found.troubles),
        ]
        sent = self._bus.put(events)
        for trouble in found.troubles:  # after the bus took it: said twice rather than never
            values = {"posts": len(trouble.post_ids)}
            self._runtime.put(f"said#{trouble.cause}", values, ttl=self._clock.now + _SAID_FOR)
        return sent


def _has_a_step(decision: Decision) -> bool:
    """Something is to be written or said of the post itself; cards are asked for by themselves."""
    step = decision.step
    if step.step is Step.REST:
        return step.reason.code is not Code.DAMAGED and decision.status.asks_at != _asks_at(step)
    return step.step in {Step.WANT_PACKAGE, Step.RAISE_FLAG, Step.NUDGE_FLAG}


def _asks_at(step: PostMove) -> str | None:
    return step.asks_at.isoformat() if step.asks_at is not None else None


def _settled(decision: Decision) -> Reason:
    """Why it is booked as it is now, or booked no more."""
    changes = [*(book.reason for book in decision.books), *(cancel.reason for cancel in decision.cancels)]
    return changes[0] if changes else decision.step.reason


def _queued(status: Status, heads: tuple[Head, ...]) -> Status | None:
    """The post with the times it is booked for by its heads; None where it says so already, or says something else than times.

    A further try whose time is the sender's stands in its head, and is told from there.
    """
    if status.held is not None or status.state in _UNQUEUED:
        return None
    booked = [head for head in heads if head.booking is not None and head.channel in status.going]
    waits = [head for head in booked if head.state is HeadState.READY or _goes_again(head)]
    queued = tuple(
        Queued(channel=head.channel, at=head.booking.at, why=head.booking.why)
        for head in waits
        if status.cleared and head.booking is not None
    )
    first = min((one.at for one in queued), default=None)
    if (first, queued) == (status.queued_for, status.queued):
        return None
    update = {"queued_for": first, "queued": queued, "state": derive_state(status, heads), "open": "1"}
    return status.model_copy(update=update)


def _goes_again(head: Head) -> bool:
    """It waited for its channel, which works again."""
    return head.state is HeadState.RETRY and head.next_at is None
