"""The posts of a stack that are open, read from its tables, and what stands over them: a stand without the services around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.operator.asking import asking
from local.operator.books import BOUNCED, Books
from local.operator.stand import Place, Stand
from mesh.ledger import Head, HeadState, Ledger, Runtime, State, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, SCHEDULER_STATE, SYNC_STATE, pause_key
from mesh.messages.standing import asks_late

LATE = timedelta(minutes=10)
TOLD_FOR = timedelta(days=7)  # of what nobody approved in time, as the digest has it
_NO_MINUTE = "9999"
_OUT_OR_UNDER_WAY = frozenset({HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN})


@dataclass(frozen=True)
class OpenPosts:
    """``heads`` are by post."""

    stand: Stand
    statuses: list[Status]
    heads: Mapping[str, tuple[Head, ...]]


def open_posts(ledger: Ledger, runtime: Runtime, books: Books, stand: Stand) -> OpenPosts:
    """``stand`` says which stack and when it is, and is told of the posts. BooksError where the tables cannot be read."""
    with asking("the tables", "dynamodb:GetItem, Query and Scan on the four tables"):
        kept = runtime.several([HOLD_EVERYTHING, SCHEDULER_STATE, SYNC_STATE], stand.now)
        statuses = ledger.open_statuses()
        heads = ledger.heads(statuses)
    standing = dict(books.standing(stand.now))
    return OpenPosts(with_posts(with_kept(stand, kept, standing), statuses, heads), statuses, heads)


def with_kept(stand: Stand, kept: Mapping[str, Mapping[str, Any]], standing: Mapping[str, str]) -> Stand:
    """Of the working memory: holds, pauses, addresses that take no mail, when what ran last.

    The tick's is its own schedule's, as the alarm *tick* has it; what never ran is as old as the first run of all.
    """
    paused = {key.removeprefix(pause_key("")): at for key, at in standing.items() if not key.startswith(BOUNCED)}
    hold = kept.get(HOLD_EVERYTHING, {}).get("standing")
    memory, drive = kept.get(SCHEDULER_STATE, {}), kept.get(SYNC_STATE, {})
    return dataclasses.replace(
        stand,
        held=(str(hold.get("by") or "somebody"), moment_of(hold.get("at"))) if hold else None,
        paused={channel: moment_of(since) for channel, since in sorted(paused.items())},
        bounced=sorted(key.removeprefix(BOUNCED) for key in standing if key.startswith(BOUNCED)),
        synced_at=moment_of(drive.get("synced_at") or memory.get("first_at")),
        sync_failing_since=moment_of(drive.get("failing_since")),
        swept_at=moment_of(memory.get("swept_at")),
        ticked_at=moment_of(memory.get("ticked_at") or memory.get("first_at")),
    )


def with_posts(stand: Stand, statuses: list[Status], heads: Mapping[str, tuple[Head, ...]]) -> Stand:
    """Of the posts that are open: what comes, what is late, unknown, stuck, held, broken; what waits for a click, or for a better row."""
    coming, late, unknown, stuck = [], [], [], []
    for status in statuses:
        for head in heads.get(status.post_id, ()):
            place = Place(status.post_id, head.channel, booked_at(head))
            if head.state is HeadState.UNKNOWN:
                unknown.append(place)
            elif head.state is HeadState.OPEN:
                until = moment_of(head.lease_until)
                if until is not None and stand.now - until > LATE:
                    stuck.append(dataclasses.replace(place, at=until))
            elif head.state in {HeadState.READY, HeadState.RETRY} and place.at is not None and status.approved:
                explained = stand.held or status.held or head.channel in stand.paused
                if place.at >= stand.now:
                    coming.append(place)
                elif stand.now - place.at > LATE and not explained:
                    late.append(place)
    there = [one for one in statuses if one.gone_at is None and not one.awaited and not one.broken]
    everyone = [head for several in heads.values() for head in several]
    return dataclasses.replace(
        stand,
        waiting=sorted(
            (Place(one.post_id, "", moment_of(one.due_at)) for one in there if _waits(one, heads, stand.now)),
            key=_by_time,
        ),
        mend=sorted(
            (Place(one.post_id, "", moment_of(one.due_at)) for one in there if is_to_mend(one, heads)), key=_by_time
        ),
        held_posts=[Place(one.post_id, "", moment_of(one.held.at)) for one in statuses if one.held is not None],
        coming=sorted(coming, key=lambda one: one.at or stand.now),
        late=late,
        unknown=unknown,
        stuck=stuck,
        broken=[one.post_id for one in statuses if one.broken]
        + [head.post_channel for head in everyone if head.state is HeadState.BROKEN],
    )


def kept_back(status: Status) -> bool:
    """Nothing more of it can go out before its row is changed: what is wrong with the row itself keeps back an approved package too."""
    return bool(status.row_problems) or (bool(status.problems) and status.current_revision is None)


def is_to_mend(status: Status, heads: Mapping[str, tuple[Head, ...]]) -> bool:
    """It is kept back, and nothing of it is out or on its way."""
    if not kept_back(status) or status.state is State.SENT:
        return False
    return not any(head.state in _OUT_OR_UNDER_WAY for head in heads.get(status.post_id, ()))


def _waits(status: Status, heads: Mapping[str, tuple[Head, ...]], now: datetime) -> bool:
    """A click on its current revision is wanted."""
    if status.current_revision is None or status.held is not None or status.state is State.SENT or kept_back(status):
        return False
    if status.approved and not asks_late(status):
        return False
    due = moment_of(status.due_at)
    if due is not None and now - due > TOLD_FOR and not asks_late(status):
        return False
    out = {head.channel for head in heads.get(status.post_id, ()) if head.state in _OUT_OR_UNDER_WAY}
    return not out.issuperset(status.going) or not status.going


def _by_time(place: Place) -> tuple[bool, float]:
    return place.at is None, place.at.timestamp() if place.at is not None else 0.0


def booked_at(head: Head) -> datetime | None:
    return moment_of(head.booking.at if head.booking is not None else head.next_at)


def moment_of(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and not str(text).startswith(_NO_MINUTE) else None
