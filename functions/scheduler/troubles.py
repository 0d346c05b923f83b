"""What a human has to hear of beside the cards: a record nobody can read, and what is late for no reason they were told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mesh.events import Trouble
from mesh.ledger.items import Head, HeadState, Status, head_key
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.rulebook import Rulebook
from mesh.schedule_time import say_with_zone
from scheduler.channels import asked_late, first_due_of_approved
from scheduler.rounds import FAR
from scheduler.steps import Gathered

TOLD_AFTER = timedelta(
    minutes=7
)  # so late, the next sweep tells the owner that something stands in the way: docs/sweep.md
_TOLD_OTHERWISE = {HeadState.SENT, HeadState.FAILED, HeadState.UNKNOWN, HeadState.BROKEN}


def troubles_of(status: Status, heads: Mapping[str, Head], gathered: Gathered) -> tuple[Trouble, ...]:
    """One for each cause; whoever says them says each cause once."""
    broken = [name for name, head in heads.items() if head.state is HeadState.BROKEN]
    found = [damaged(status, gathered, broken)] if status.broken or broken else []
    for channel in status.going:
        head = heads.get(channel)
        stopped = not {HOLD_EVERYTHING, pause_key(channel)}.isdisjoint(gathered.standing)
        if not stopped and overdue(status, head, gathered.rulebook, gathered.clock.now):
            found.append(_late(status, channel, head, gathered))
    return tuple(found)


def damaged(status: Status, gathered: Gathered, channels: Sequence[str] = ()) -> Trouble:
    where = ", ".join(channels) or "every channel"
    message = (
        f"A record of post {status.post_id} ({where}) is damaged: nothing of it is sent until somebody looks. If it is not out yet, copy "
        "its row and delete the old one: the copy is a new post and asks for your approval. Whoever set this up can look at the record."
    )
    return _trouble(status, gathered, f"damaged#{status.post_id}#{where}", message)


def _late(status: Status, channel: str, head: Head | None, gathered: Gathered) -> Trouble:
    why = (head.detail if head is not None else "") or "the sheet, the tables or the network did not answer"
    due = say_with_zone(datetime.fromisoformat(status.due_at or FAR), gathered.rulebook.zone)
    message = (
        f"The approved post of {due} has not gone out on {channel} yet: {why}. It is tried again by itself; you need not do anything. "
        "Where it gets too late for that, you are asked."
    )
    approved_at = status.approval.at if status.approval is not None else ""
    return _trouble(status, gathered, f"late#{head_key(status.post_id, channel)}#{approved_at}", message)


def _trouble(status: Status, gathered: Gathered, cause: str, message: str) -> Trouble:
    return Trouble(cause=cause, message=message, post_ids=[status.post_id], trace_id=gathered.trace_id)


def overdue(status: Status, head: Head | None, rulebook: Rulebook, now: datetime) -> bool:
    """Approved, due ``TOLD_AFTER`` ago or more, and neither out nor anybody told why not."""
    due = waits_since(status, head, rulebook)
    return due is not None and due + TOLD_AFTER <= now


def waits_since(status: Status, head: Head | None, rulebook: Rulebook) -> datetime | None:
    """The minute, gone or still to come, from which on an approved post is expected there. None where it is not, or is out, or where
    somebody has been told or asked why it is not.
    """
    if status.approval is None or not status.approved or status.held is not None or status.gone_at is not None:
        return None
    if asked_late(status) or (head is not None and head.state in _TOLD_OTHERWISE):
        return None
    unbooked = head is not None and head.booking is None and head.state in {HeadState.READY, HeadState.RETRY}
    if unbooked and status.cleared:
        return None  # its channel works again, or the row says what is in the way: it is only booked anew now
    if head is not None and head.booking is not None and head.state is HeadState.READY:
        return datetime.fromisoformat(head.due or head.booking.at)
    return first_due_of_approved(status, rulebook)
