"""The move of one channel of a post, pure: when the sender is woken, and why; or why it is not, and whether the owner is asked.

Retries, all of it in one place (the waits themselves are the sender's, ``sender/decide.py``):

* A try that provably did nothing is followed by another at the network's own reset time, else after a wait that grows and is spread;
  fifteen of them for one click, then it has failed and its owner is told. Never sooner than a minute after the last.
* It is booked for the first whole minute at or after that time, never before it: a network asked too early refuses again.
* Never past the late rule, counted from the minute the post was first due there, or from the newest click: later than that its owner is
  asked. Who clicked after the last try knows what it waits for, and is not asked again about that wait.
* While its channel is paused it waits without a time, and goes as a post that is late once the channel works again.
* What may be out is only looked for, at the time the sender set; a look repeats nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mesh.ledger.items import OVERDUE, Head, HeadState, Says, Status
from mesh.rulebook import Rulebook
from mesh.schedule_time import Effective, effective_time, next_free, whole_minute
from scheduler.reasons import Code, Reason, because
from scheduler.rounds import FAR
from scheduler.steps import Kind, Move

SEND_AT_ONCE = timedelta(minutes=2)  # `at()` takes no past time: nearer than this is emitted, not booked
NUDGE_AFTER = OVERDUE  # an event whose effect is not there by then was lost: say it again
AHEAD = timedelta(minutes=1)  # between making a booking for a next try and its minute
FIRST = datetime.min.replace(tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_MOVED = re.compile(r"moved to (?P<to>.+?): (?P<why>.+)$")


def channel_move(
    status: Status,
    channel: str,
    head: Head | None,
    rulebook: Rulebook,
    taken: Sequence[datetime],
    now: datetime,
    stopped: Reason | None = None,
) -> Move:
    """``taken`` are the times already booked there by other posts; ``stopped`` says what holds the channel."""
    if head is not None and head.state is HeadState.BROKEN:
        return Move(Kind.REST, because(Code.CHANNEL_DAMAGED))
    if head is not None and head.state is HeadState.SENT:
        return Move(Kind.REST, because(Code.SENT))
    if head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}:
        return _look_move(status, head, now)
    if not status.cleared:
        return Move(Kind.REST, because(Code.NOT_CLEARED))
    approval = status.approval
    assert approval is not None
    if (
        head is not None
        and head.state is HeadState.FAILED
        and head.revision == approval.revision
        and (head.since or "") >= approval.at
    ):
        return Move(Kind.REST, because(Code.FAILED))
    move = _due_move(status, channel, head, rulebook, taken, now)
    due_now = move.kind is Kind.ASK or (move.kind in {Kind.SEND, Kind.RETRY} and move.at is None)
    return Move(Kind.REST, stopped) if stopped is not None and due_now else move


def _due_move(
    status: Status, channel: str, head: Head | None, rulebook: Rulebook, taken: Sequence[datetime], now: datetime
) -> Move:
    """As if nothing held the channel."""
    approval = status.approval
    assert approval is not None
    approved_at = datetime.fromisoformat(approval.at)
    planned = _planned(status)
    attempt = head.attempts + 1 if head is not None else 1
    retries = head is not None and head.state is HeadState.RETRY and head.revision == approval.revision
    if retries and head is not None and head.next_at is not None:
        return _retry_move(status, head, rulebook, taken, now)
    effective = effective_time(planned, rulebook, now=now, taken=taken, approved_at=approved_at)
    if effective.late:
        return Move(Kind.ASK, _why_not(rulebook, now))
    if effective.at is None:
        return Move(Kind.REST, because(Code.NO_MINUTE))
    why = because(Code.WORKS_AGAIN, channel=channel) if retries else _why_then(effective, planned, now)
    given = _given(status, head, rulebook, taken, now, attempt)
    if given is not None and given > effective.at:
        return Move(Kind.RETRY if retries else Kind.QUEUE, why, at=given, attempt=attempt)
    if effective.at - now < SEND_AT_ONCE:
        return Move(Kind.RETRY if retries else Kind.SEND, why, attempt=attempt)
    return Move(Kind.RETRY if retries else Kind.QUEUE, why, at=effective.at, attempt=attempt)


def _given(
    status: Status, head: Head | None, rulebook: Rulebook, taken: Sequence[datetime], now: datetime, attempt: int
) -> datetime | None:
    """The time that a post behind its own was given, where that is still to come and still allowed.

    It was put there to keep away from another. Whoever sees less than the run that did so, since that one is still writing, or since the
    other is out by now, does not pull it forward.
    """
    approval, booking = status.approval, head.booking if head is not None else None
    if head is None or booking is None or approval is None:
        return None
    if (head.revision, booking.attempt) != (approval.revision, attempt) or _planned(status) > now:
        return None
    at, due = datetime.fromisoformat(booking.at), datetime.fromisoformat(status.due_at or FAR)
    if at <= now or (approval.now and at >= due > datetime.fromisoformat(approval.at)):
        return None  # over; or booked for the day that "send now" has overtaken
    return at if effective_time(at, rulebook, now=now, taken=taken).at == at else None


def _why_then(effective: Effective, planned: datetime, now: datetime) -> Reason:
    late = planned + _MINUTE <= now
    moved = _MOVED.search(effective.reason)
    if moved is not None:
        return because(Code.LATE_MOVED if late else Code.MOVED, **moved.groupdict())
    return because(Code.LATE_NOW if late else Code.ON_TIME)


def _why_not(rulebook: Rulebook, now: datetime) -> Reason:
    never = effective_time(now, rulebook, now=now).at is None
    return because(Code.NO_MINUTE if never else Code.TIME_PASSED)


def _planned(status: Status) -> datetime:
    """The owner's time; with "send now" the click's."""
    approval = status.approval
    return datetime.fromisoformat(approval.at if approval is not None and approval.now else status.due_at or FAR)


def _look_move(status: Status, head: Head, now: datetime) -> Move:
    """An attempt whose fate is not known: wake the sender when its lease or the settle time has ended, or the owner has answered."""
    attempt = head.attempts + 1
    if head.state is HeadState.UNKNOWN and status.answer_about(head) is not None:
        return Move(Kind.RETRY, because(Code.ANSWERED), attempt=attempt)
    until = head.lease_until if head.state is HeadState.OPEN else head.next_at
    if until is None:
        return Move(Kind.REST, because(Code.UNKNOWN_ASKED))
    moment = datetime.fromisoformat(until)
    if head.state is HeadState.OPEN and moment > now:
        return Move(Kind.REST, because(Code.BEING_SENT))
    if moment <= now:
        return Move(Kind.RETRY, because(Code.LOOK_NOW), attempt=attempt)
    return Move(Kind.RETRY, because(Code.LOOK_LATER), at=whole_minute(moment), attempt=attempt)


def _retry_move(status: Status, head: Head, rulebook: Rulebook, taken: Sequence[datetime], now: datetime) -> Move:
    """A further try at its own time, whatever the window: the post was due inside it. Past the late rule the owner is asked.

    Whoever approves or answers "send again" after the last try knows what it waits for.
    """
    attempt = head.attempts + 1
    next_at = datetime.fromisoformat(head.next_at or "")
    clicks = _clicks(status, head)
    base = max(_first_due(status, head, rulebook), *clicks, next_at if _knows(head, clicks) else FIRST)
    free = next_free(max(now, next_at), rulebook, taken)  # those sent away until one moment go one after another
    at = None if next_at <= now and free - now < _MINUTE else free
    if max(now, next_at if at is None else free) > base + rulebook.late:
        return Move(Kind.ASK, because(Code.TRIES_FAILED))
    if at is None:
        return Move(Kind.RETRY, because(Code.TRY_NOW), attempt=attempt)
    return Move(Kind.RETRY, because(Code.TRY_LATER), at=at, attempt=attempt)


def _first_due(status: Status, head: Head, rulebook: Rulebook) -> datetime:
    """The minute for which it was first booked there: a window or the minimum gap may have put it hours after its planned time."""
    if head.due is not None:
        return datetime.fromisoformat(head.due)
    planned = _planned(status)
    return effective_time(planned, rulebook, now=planned).at or planned


def _clicks(status: Status, head: Head) -> list[datetime]:
    """When somebody last wanted it to go: the approval, and an answer "send again" about the last try."""
    answer = status.answer_about(head)
    moments = [status.approval.at] if status.approval is not None else []
    moments += [answer.at] if answer is not None and answer.says is Says.SEND_AGAIN else []
    return [datetime.fromisoformat(moment) for moment in moments]


def _knows(head: Head, clicks: Sequence[datetime]) -> bool:
    return head.since is not None and any(click > datetime.fromisoformat(head.since) for click in clicks)


def asked_late(status: Status) -> bool:
    """The owner was asked whether it shall still go, and has not answered since."""
    asked = status.asked
    if asked is None or asked.reason != "late" or asked.revision != status.current_revision:
        return False
    return status.approval is None or asked.at > status.approval.at


def first_due_of_approved(status: Status, rulebook: Rulebook) -> datetime | None:
    """When an approved post is due on a channel where nothing was booked yet; None where no rule allows it."""
    approval = status.approval
    assert approval is not None
    planned = _planned(status)
    return effective_time(planned, rulebook, now=planned, approved_at=datetime.fromisoformat(approval.at)).at


# bookings


def going_out_at(move: Move, now: datetime) -> datetime | None:
    """The whole minute to book for; None: the event goes out now. The next try is booked some seconds ahead, never said too early."""
    if move.at is None:
        return None
    at = whole_minute(move.at)
    return at if move.kind is not Kind.RETRY else max(at, whole_minute(now + AHEAD))


def booked_already(head: Head | None, move: Move, revision: str, now: datetime) -> bool:
    """The booking in the head is this move's, and it is not overdue."""
    booking = head.booking if head is not None else None
    if head is None or booking is None or head.revision != revision or booking.attempt != move.attempt:
        return False
    at = datetime.fromisoformat(booking.at)
    if move.at is None:
        return at < now + SEND_AT_ONCE and at + NUDGE_AFTER > now
    if move.kind is Kind.RETRY:  # one made in the last minute before its time is for a little later
        return move.at <= at <= move.at + AHEAD + _MINUTE
    return at == move.at
