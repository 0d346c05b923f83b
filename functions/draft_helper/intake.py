"""Takes a note: stored with its audit row before anything else is done with it, and the news of it after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from draft_helper.wiring import Parts
from mesh.door.devices import person
from mesh.door.limits import Limit, counted
from mesh.errors import BusError, Conflict
from mesh.events import BatchRequested, Detail, DraftRequested, new_trace_id
from mesh.ledger import Act, Status
from mesh.ledger.book import pause_with_jitter
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Source

_TRIES = 3
Kept = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Taken:
    """``new`` False: it had been taken before. ``told`` False: the news of it was lost, and the sweep finds it."""

    trace_id: str
    new: bool = True
    told: bool = True


def note_limits(recipient: str) -> list[Limit]:
    """How often in ten minutes notes are taken, of one recipient and of all."""
    return [Limit(f"rate#note#{person(recipient)}", 20), Limit("rate#note", 60)]


def upload_limits(recipient: str) -> list[Limit]:
    """How often in ten minutes an address for a file is given."""
    return [Limit(f"rate#upload#{person(recipient)}", 60), Limit("rate#upload", 200)]


def take(
    parts: Parts, post_id: str, note: Note, how: str, statuses: Mapping[str, Status], kept: Kept, now: datetime
) -> Taken:
    """``statuses`` and ``kept`` are as they were read a moment ago: the item, and the counters of ``note_limits``.

    TooOften, and nothing stored; Conflict where others keep getting in between.
    """
    act = Act("note taken", note.by, now, new_trace_id(), how=how)
    status = _status(post_id, note, act)
    for attempt in range(_TRIES):
        if post_id in statuses:
            return Taken(statuses[post_id].trace_id, new=False)
        extra = counted(note_limits(note.by), kept, now, parts.ledger.names.runtime)
        try:
            taken = parts.ledger.change_status(
                post_id, act, lambda before: status if before is None else None, extra, statuses
            )
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            statuses, kept = parts.ledger.deciding([post_id], [limit.key for limit in note_limits(note.by)])
            continue
        if taken is None:  # the same press came in between
            return Taken(act.trace_id, new=False)
        break
    return Taken(act.trace_id, told=_tell(parts, post_id, note, act.trace_id))


def _status(post_id: str, note: Note, act: Act) -> Status:
    proposal = Proposal(state=DraftState.REQUESTED, note=note)
    return Status(post_id=post_id, open=DRAFTING, due_at=act.at.isoformat(), trace_id=act.trace_id, proposal=proposal)


def _tell(parts: Parts, post_id: str, note: Note, trace_id: str) -> bool:
    """The note is stored, and the sweep finds it: a bus that is down is nobody's trouble who wrote one."""
    news: Detail = DraftRequested(post_ids=[post_id], trace_id=trace_id)
    if note.source is Source.BATCH:
        news = BatchRequested(batch_id=post_id, trace_id=trace_id)
    try:
        parts.bus.put([news])
    except BusError:
        return False
    return True


def count_upload(parts: Parts, recipient: str, now: datetime) -> None:
    """TooOften where too many were asked for; Conflict where several are counted at the same moment, again and again."""
    keys = [limit.key for limit in upload_limits(recipient)]
    for attempt in range(2 * _TRIES):
        _, kept = parts.ledger.deciding([], keys)
        try:
            parts.ledger.count(counted(upload_limits(recipient), kept, now, parts.ledger.names.runtime))
        except Conflict:
            if attempt == 2 * _TRIES - 1:
                raise
            pause_with_jitter(attempt)
            continue
        return
