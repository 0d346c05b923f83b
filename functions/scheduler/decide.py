"""What the scheduler decides, pure: a post's item, its row and ``now`` in; frozen values with a reason out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from mesh.ledger.items import Booked, ChannelProblem, Flag, FlagState, Head, HeadState, Says, State, Status
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from mesh.schedule_time import effective_time, next_free
from scheduler.never import no_minute
from scheduler.rounds import FAR, asking_move, ticked_by_hand
from scheduler.steps import Clock, PostMove, Step, older

SEND_AT_ONCE = timedelta(minutes=2)  # `at()` takes no past time: nearer than this is emitted, not booked
NUDGE_AFTER = timedelta(minutes=3)  # an event whose effect is not there by then was lost: say it again
TOLD_AFTER = timedelta(
    minutes=7
)  # so late, the next sweep tells the owner that something stands in the way: docs/sweep.md
FIRST = datetime.min.replace(tzinfo=UTC)


# the source


def follow_source(
    status: Status | None,
    post_id: str,
    seen: Plan | tuple[ChannelProblem, ...] | None,
    rulebook: Rulebook,
    clock: Clock,
    trace_id: str,
) -> Status | None:
    """The post's item as its row now wants it, or None where nothing changed. ``seen`` None: the row is gone."""
    if status is not None and status.broken:
        return None
    if seen is None:
        return _gone(status, clock.now, trace_id)
    base = status or Status(post_id=post_id)
    if isinstance(seen, tuple):
        wanted = base.model_copy(update={"row_problems": seen, "source_revision": None, "gone_at": None})
    else:
        wanted = _followed(base, seen, rulebook, clock)
    wanted = wanted.model_copy(update={"due_at": wanted.due_at or FAR})
    if wanted.state in {State.DRAFT, State.QUEUED} and wanted.open is None and within_horizon(wanted, clock):
        wanted = wanted.model_copy(update={"open": "1"})  # it rested beyond the horizon and has come within it
    if wanted == base and status is not None:
        return None
    changed_source = wanted.source_revision != base.source_revision or wanted.row_problems != base.row_problems
    update: dict[str, object] = {"trace_id": trace_id, "open": "1"}
    if changed_source:
        update["source_at"] = clock.now.isoformat()
        newly = base.state is State.SENT and not set(base.going).issuperset(wanted.channels)
        if newly or base.state not in {State.SENT, State.FAILED, State.HELD}:
            update["state"] = State.DRAFT
    return wanted.model_copy(update=update)


def _gone(status: Status | None, now: datetime, trace_id: str) -> Status | None:
    if status is None or status.gone_at is not None or status.awaited:
        return None
    state = status.state if status.state is State.SENT else State.GONE
    update = {"gone_at": now.isoformat(), "state": state, "queued_for": None, "trace_id": trace_id, "open": "1"}
    return status.model_copy(update=update)


def _followed(base: Status, plan: Plan, rulebook: Rulebook, clock: Clock) -> Status:
    problems: tuple[ChannelProblem, ...] = ()
    first_seen = base.source_revision != plan.source_revision
    if first_seen and base.state is not State.SENT and plan.planned_at + rulebook.late < clock.now:
        message = f"date and time: {plan.row.date} {plan.row.time} has passed; write a time to come"
        problems = (ChannelProblem(code="past", message=message),)
    elif not first_seen:
        problems = tuple(problem for problem in base.row_problems if problem.code == "past")
    problems += no_minute(plan.planned_at, base, rulebook, clock.now)
    came_back = base.gone_at is not None and base.state is State.GONE
    return base.model_copy(
        update={
            "source_revision": plan.source_revision,
            "due_at": plan.planned_at.isoformat(),
            "channels": tuple(channel.name for channel in plan.channels),
            "row_problems": problems,
            "gone_at": None,
            "state": State.DRAFT if came_back else base.state,
        }
    )


def within_horizon(status: Status, clock: Clock) -> bool:
    return (
        status.due_at is not None
        and status.due_at != FAR
        and datetime.fromisoformat(status.due_at) <= clock.now + clock.horizon
    )


# a post: is it ready to be booked, and if not, what is next?


def post_move(status: Status, rulebook: Rulebook, clock: Clock, *, everything_held: bool = False) -> PostMove:
    """The post's next step, before any channel is looked at."""
    if status.broken:
        return PostMove(Step.REST, "its item has a shape that no code writes")
    if status.gone_at is not None:
        return PostMove(Step.REST, "the row is gone")
    if status.row_problems:
        return PostMove(Step.REST, "the row has something to mend")
    if not within_horizon(status, clock) and not status.approved:
        return PostMove(Step.REST, "too far ahead to be prepared yet")
    package = status.package
    if package is None or package.source_revision != status.source_revision:
        return PostMove(Step.WANT_PACKAGE, "no package of this source yet")
    if package.revision is None:
        return PostMove(Step.REST, "the package has something to mend")
    if ticked_by_hand(status):
        return PostMove(Step.ASK, "ticked by hand", ask_reason="tick")
    if status.held is not None:
        return PostMove(Step.REST, "held")
    if status.approved:
        return _approved_move(status, clock)
    return asking_move(status, rulebook, clock, everything_held=everything_held)


def _approved_move(status: Status, clock: Clock) -> PostMove:
    flag = status.flag
    if flag is None or flag.state in {FlagState.CLEARED, FlagState.HAND}:
        return PostMove(Step.RAISE_FLAG, "the approval of exactly this stands")
    if flag.state is FlagState.PENDING:
        if older(flag.at, NUDGE_AFTER, clock.now):
            return PostMove(Step.NUDGE_FLAG, "approved, the sheet does not show it yet")
        return PostMove(Step.REST, "approved, the sheet is being told")
    return PostMove(Step.BOOK, "cleared")


def raise_flag(status: Status, now: datetime) -> Status:
    return status.model_copy(update={"flag": Flag(state=FlagState.PENDING, at=now.isoformat()), "open": "1"})


# a channel of a cleared post


class Kind(StrEnum):
    REST = "rest"
    QUEUE = "queue"
    SEND = "send"
    RETRY = "retry"
    ASK = "ask"


@dataclass(frozen=True)
class Move:
    """What happens on one channel. ``at`` is when the sender shall be woken (None: now, or never)."""

    kind: Kind
    reason: str
    at: datetime | None = None
    attempt: int = 1


def channel_move(
    status: Status, head: Head | None, rulebook: Rulebook, taken: Sequence[datetime], now: datetime, stopped: str = ""
) -> Move:
    """The move of one channel. ``taken`` are the times already booked there by other posts; ``stopped`` says what holds the channel."""
    if head is not None and head.state is HeadState.BROKEN:
        return Move(Kind.REST, "its item has a shape that no code writes")
    if head is not None and head.state is HeadState.SENT:
        return Move(Kind.REST, "sent")
    if head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}:
        return _look_move(status, head, now)
    if not status.cleared:
        return Move(Kind.REST, "not cleared")
    approval = status.approval
    assert approval is not None
    if (
        head is not None
        and head.state is HeadState.FAILED
        and head.revision == approval.revision
        and (head.since or "") >= approval.at
    ):
        return Move(Kind.REST, "failed; it needs a human")
    move = _due_move(status, head, rulebook, taken, now)
    due_now = move.kind is Kind.ASK or (move.kind in {Kind.SEND, Kind.RETRY} and move.at is None)
    return Move(Kind.REST, stopped) if stopped and due_now else move


def _due_move(status: Status, head: Head | None, rulebook: Rulebook, taken: Sequence[datetime], now: datetime) -> Move:
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
        return Move(Kind.ASK, effective.reason)
    if effective.at is None:
        return Move(Kind.REST, effective.reason)
    again = "its channel works again" if retries else effective.reason
    kept = _kept(status, head, rulebook, taken, now, attempt)
    if kept is not None and kept > effective.at:
        return Move(Kind.RETRY if retries else Kind.QUEUE, again, at=kept, attempt=attempt)
    if effective.at - now < SEND_AT_ONCE:
        return Move(Kind.RETRY if retries else Kind.SEND, again, attempt=attempt)
    return Move(Kind.RETRY if retries else Kind.QUEUE, again, at=effective.at, attempt=attempt)


def _kept(
    status: Status, head: Head | None, rulebook: Rulebook, taken: Sequence[datetime], now: datetime, attempt: int
) -> datetime | None:
    """The time that a post behind its own was given, where that is still to come and still allowed.

    It was put there to keep away from a post that is out by now, and is not pulled forward because that one's booking is gone.
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


def _planned(status: Status) -> datetime:
    """The owner's time; with "send now" the click's."""
    approval = status.approval
    return datetime.fromisoformat(approval.at if approval is not None and approval.now else status.due_at or FAR)


def _look_move(status: Status, head: Head, now: datetime) -> Move:
    """An attempt whose fate is not known: wake the sender when its lease or the settle time has ended, or the owner has answered."""
    attempt = head.attempts + 1
    if head.state is HeadState.UNKNOWN and status.answer_about(head) is not None:
        return Move(Kind.RETRY, "the owner has answered", attempt=attempt)
    until = head.lease_until if head.state is HeadState.OPEN else head.next_at
    if until is None:
        return Move(Kind.REST, "waiting for the owner's answer")
    moment = datetime.fromisoformat(until)
    if head.state is HeadState.OPEN and moment > now:
        return Move(Kind.REST, "being sent")
    if moment - now < SEND_AT_ONCE:
        return Move(Kind.RETRY, "what became of it is not known: looking", attempt=attempt)
    return Move(Kind.RETRY, "what became of it is not known yet", at=moment, attempt=attempt)


def _retry_move(status: Status, head: Head, rulebook: Rulebook, taken: Sequence[datetime], now: datetime) -> Move:
    """A further try at its own time, whatever the window: the post was due inside it. Past the late rule the owner is asked.

    Those that a network sent away until the same moment go one after the other, too.

    Whoever approves or answers "send again" after the last try knows what it waits for.
    """
    attempt = head.attempts + 1
    next_at = datetime.fromisoformat(head.next_at or "")
    base = max(
        _planned(status), *(moment for moment in _clicks(status, head)), next_at if _knows(status, head) else FIRST
    )
    moment = _when_free(max(now, next_at), rulebook, taken)
    if moment > base + rulebook.late:
        return Move(Kind.ASK, "every try failed so far, and its time has passed")
    if moment - now < SEND_AT_ONCE:
        return Move(Kind.RETRY, "trying again", attempt=attempt)
    return Move(Kind.RETRY, "trying again later", at=moment, attempt=attempt)


def _when_free(moment: datetime, rulebook: Rulebook, taken: Sequence[datetime]) -> datetime:
    """The moment itself where nothing else is near."""
    whole = moment.replace(second=0, microsecond=0)
    free = next_free(whole, rulebook, taken)
    return moment if free == whole else free


def _clicks(status: Status, head: Head) -> list[datetime]:
    """When somebody last wanted it to go: the approval, and an answer "send again" about the last try."""
    answer = status.answer_about(head)
    moments = [status.approval.at] if status.approval is not None else []
    moments += [answer.at] if answer is not None and answer.says is Says.SEND_AGAIN else []
    return [datetime.fromisoformat(moment) for moment in moments]


def _knows(status: Status, head: Head) -> bool:
    return head.since is not None and any(click > datetime.fromisoformat(head.since) for click in _clicks(status, head))


def asked_late(status: Status) -> bool:
    """The owner was asked whether it shall still go, and has not answered since."""
    asked = status.asked
    if asked is None or asked.reason != "late" or asked.revision != status.current_revision:
        return False
    return status.approval is None or asked.at > status.approval.at


def overdue(status: Status, head: Head | None, rulebook: Rulebook, now: datetime) -> bool:
    """Approved, due ``TOLD_AFTER`` ago or more, and neither out nor anybody told why not."""
    approval = status.approval
    if approval is None or not status.approved or status.held is not None or status.gone_at is not None:
        return False
    if asked_late(status):
        return False
    if head is not None and head.state in {HeadState.SENT, HeadState.FAILED, HeadState.UNKNOWN, HeadState.BROKEN}:
        return False
    if head is not None and head.booking is None and head.state in {HeadState.READY, HeadState.RETRY}:
        return False  # its channel works again, or the row says what is in the way: it is only booked anew now
    approved_at = datetime.fromisoformat(approval.at)
    if head is not None and head.booking is not None and head.state is HeadState.READY:
        due: datetime | None = datetime.fromisoformat(head.booking.due or head.booking.at)
    else:
        due = effective_time(_planned(status), rulebook, now=_planned(status), approved_at=approved_at).at
    return due is not None and due + TOLD_AFTER <= now


def due_before(head: Head | None, booked: Booked) -> str | None:
    """When what is said again now was due first, so that it goes on being late; None where it is said for the first time."""
    earlier = head.booking if head is not None else None
    if earlier is None or earlier.name != booked.name:
        return None
    due = earlier.due or earlier.at
    return due if datetime.fromisoformat(due) <= datetime.fromisoformat(booked.at) else None


def booked_already(head: Head | None, move: Move, revision: str, now: datetime) -> bool:
    """The booking in the head is this move's, and it is not overdue."""
    booking = head.booking if head is not None else None
    if head is None or booking is None or head.revision != revision or booking.attempt != move.attempt:
        return False
    at = datetime.fromisoformat(booking.at)
    if move.at is not None:
        return at == move.at.replace(second=0, microsecond=0)
    return at < now + SEND_AT_ONCE and at + NUDGE_AFTER > now
