"""What the scheduler decides, pure: what one run gathered in, frozen values with a reason out. The same for tick, sweep and event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mesh.booking import booking_name
from mesh.events import Retry, Send
from mesh.ledger.items import Booked, Flag, FlagState, Head, HeadState, Status, head_key
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.rulebook import Rulebook
from scheduler.channels import NUDGE_AFTER, SEND_AT_ONCE, asked_late, booked_already, channel_move, going_out_at
from scheduler.reasons import Code, Reason, because
from scheduler.rounds import asking_move, ticked_by_hand
from scheduler.source import within_horizon
from scheduler.spacing import Taken
from scheduler.steps import Book, Cancel, Clock, Decision, Gathered, Kind, Move, PostMove, Step, older
from scheduler.troubles import damaged, troubles_of

_CANCELLABLE = frozenset({HeadState.READY, HeadState.RETRY})


def decide(gathered: Gathered) -> tuple[Decision, ...]:
    """One decision for each post, in the order in which they are due.

    A time booked here counts for the posts after it, and one given up counts no more. What cannot be decided stops nobody else.
    """
    taken = Taken((*gathered.posts, *gathered.others), gathered.heads, gathered.sent, gathered.clock.now)
    decisions = []
    for status in sorted(gathered.posts, key=lambda one: (one.due_at or "", one.post_id)):
        decision = _decided_apart(status, gathered, taken)
        for cancel in decision.cancels:
            taken.give_up(status, cancel.head.channel)
        for book in decision.books:
            if book.at is not None or not _looked_after(book.before):  # a look now sends nothing
                taken.book(status, book.after.channel, book.at or gathered.clock.now)
        decisions.append(decision)
    return tuple(decisions)


def _decided_apart(status: Status, gathered: Gathered, taken: Taken) -> Decision:
    """A time that is none makes a record a damaged one. Any other failure is ours: it is raised when the others have had their turn."""
    rests = PostMove(Step.REST, because(Code.DAMAGED))
    try:
        return _decided(status, gathered, taken)
    except ValueError:
        return Decision(status, rests, {}, troubles=(damaged(status, gathered),))
    except Exception as error:  # noqa: BLE001 - see above
        return Decision(status, rests, {}, error=error)


def _decided(status: Status, gathered: Gathered, taken: Taken) -> Decision:
    held = HOLD_EVERYTHING in gathered.standing
    step = post_move(status, gathered.rulebook, gathered.clock, everything_held=held)
    heads = {head.channel: head for head in gathered.heads.get(status.post_id, ())}
    moves: dict[str, Move] = {}
    books: list[Book] = []
    cancels: list[Cancel] = []
    late: Reason | None = None
    for channel in status.going:
        head = heads.get(channel)
        move = moves[channel] = _move(status, channel, head, step, taken.around(status, channel), gathered)
        if head is not None and (step.step is not Step.BOOK or move.kind is Kind.ASK) and _is_booked(head):
            cancels.append(Cancel(head, move.reason))  # a booking made before must not answer for the owner
        if move.kind is Kind.ASK and not asked_late(status):
            late = move.reason
        book = _book(status, channel, head, move, gathered)
        if book is not None:
            books.append(book)
    left = [head for channel, head in heads.items() if channel not in status.going and _is_booked(head)]
    cancels += [Cancel(head, _why_left(status, head.channel)) for head in left]
    troubles = troubles_of(status, heads, gathered)
    return Decision(status, step, moves, tuple(books), tuple(cancels), late, troubles)


def _is_booked(head: Head) -> bool:
    return head.booking is not None and head.state in _CANCELLABLE


def _why_left(status: Status, channel: str) -> Reason:
    return because(Code.LEFT_OUT if channel in status.channels else Code.CHANNEL_OUT, channel=channel)


def _move(
    status: Status, channel: str, head: Head | None, step: PostMove, taken: Sequence[datetime], gathered: Gathered
) -> Move:
    """What may be out is looked after whatever the post's own step is."""
    if step.step is not Step.BOOK and not _looked_after(head):
        return Move(Kind.REST, step.reason)
    stopped = _stopped(channel, gathered)
    return channel_move(status, channel, head, gathered.rulebook, taken, gathered.clock.now, stopped)


def _looked_after(head: Head | None) -> bool:
    return head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}


def _stopped(channel: str, gathered: Gathered) -> Reason | None:
    if HOLD_EVERYTHING in gathered.standing:
        return because(Code.EVERYTHING_HELD)
    return because(Code.CHANNEL_PAUSED, channel=channel) if pause_key(channel) in gathered.standing else None


def _book(status: Status, channel: str, head: Head | None, move: Move, gathered: Gathered) -> Book | None:
    """The booking or the event that the move asks for; None where it asks for none, or what it asks for stands already."""
    if move.kind in {Kind.REST, Kind.ASK}:
        return None
    now = gathered.clock.now
    looking = head is not None and _looked_after(head)
    revision = head.revision if looking and head is not None else status.current_revision or ""
    if booked_already(head, move, revision, now):
        return None
    model = Retry if move.kind is Kind.RETRY else Send
    trace_id = status.trace_id or gathered.trace_id
    event = model(trace_id=trace_id, post_id=status.post_id, channel=channel, revision=revision, attempt=move.attempt)
    at = going_out_at(move, now)
    booked_at = (at or _sent_as_of(status, now)).isoformat()
    booking = Booked(name=booking_name(event), at=booked_at, attempt=move.attempt, why=move.reason.why)
    update: dict[str, object] = {"booking": booking, "revision": revision, "trace_id": trace_id}
    if not (looking or move.kind is Kind.RETRY):
        update |= {
            "state": HeadState.READY,
            "detail": "",
            "next_at": None,
            "due": _late_from(status, head, revision, at, now),
        }
    fresh = Head(post_channel=head_key(status.post_id, channel), state=HeadState.READY, revision=revision)
    return Book(move.kind, move.reason, head, (head or fresh).model_copy(update=update), event, at)


def _sent_as_of(status: Status, now: datetime) -> datetime:
    """What is sent a moment before its minute is sent at it, as far as anybody is told."""
    due = datetime.fromisoformat(status.due_at) if status.due_at else now
    return due if now < due < now + SEND_AT_ONCE else now


def _late_from(status: Status, head: Head | None, revision: str, at: datetime | None, now: datetime) -> str:
    """From when its tries are counted as late: what it was booked for, else the moment it is sent at without a booking.

    A booking that came to nothing and is put off, behind others that are late too, does not make the post punctual.
    """
    ours = head is not None and head.revision == revision and head.state is HeadState.READY
    before = head.due if ours and head is not None else None
    if at is None:
        return before or now.isoformat()
    if before is None or head is None or head.booking is None or datetime.fromisoformat(before) > now:
        return at.isoformat()
    clicked = status.approval is not None and datetime.fromisoformat(before) < datetime.fromisoformat(
        status.approval.at
    )
    return at.isoformat() if clicked else before


# a post: is it ready to be booked, and if not, what is next?


def post_move(status: Status, rulebook: Rulebook, clock: Clock, *, everything_held: bool = False) -> PostMove:
    """The post's next step, before any channel is looked at."""
    if status.broken:
        return PostMove(Step.REST, because(Code.DAMAGED))
    if status.gone_at is not None:
        return PostMove(Step.REST, because(Code.ROW_GONE))
    if status.row_problems:
        return PostMove(Step.REST, because(Code.ROW_TO_MEND))
    if not within_horizon(status, clock) and not status.approved:
        return PostMove(Step.REST, because(Code.FAR_AHEAD))
    package = status.package
    if package is None or package.source_revision != status.source_revision:
        return PostMove(Step.WANT_PACKAGE, because(Code.PACKAGE_WANTED))
    if package.revision is None:
        return PostMove(Step.REST, because(Code.CANNOT_GO))
    if ticked_by_hand(status):
        return PostMove(Step.ASK, because(Code.ASK_TICK), ask_reason="tick")
    if status.held is not None:
        return PostMove(Step.REST, because(Code.HELD))
    if status.approved:
        return _approved_move(status, clock)
    return asking_move(status, rulebook, clock, everything_held=everything_held)


def _approved_move(status: Status, clock: Clock) -> PostMove:
    flag = status.flag
    if flag is None or flag.state in {FlagState.CLEARED, FlagState.HAND}:
        return PostMove(Step.RAISE_FLAG, because(Code.APPROVAL_STANDS))
    if flag.state is FlagState.PENDING:
        if older(flag.at, NUDGE_AFTER, clock.now):
            return PostMove(Step.NUDGE_FLAG, because(Code.FLAG_MISSING))
        return PostMove(Step.REST, because(Code.FLAG_UNDER_WAY))
    return PostMove(Step.BOOK, because(Code.CLEARED))


def raise_flag(status: Status, now: datetime) -> Status:
    return status.model_copy(update={"flag": Flag(state=FlagState.PENDING, at=now.isoformat()), "open": "1"})
