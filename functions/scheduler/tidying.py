"""Once a day the group's schedules and the heads' bookings are laid beside each other, and each is brought in line with the heads.

An orphan is a schedule that no head names: its booking was cancelled by a run that died before it could delete it, or was made by one
that was overtaken. Nothing bad comes of it, since the sender refuses it; but it would stay for ever. A booking that is missing is the
worse one: the head was written, and the run died before the schedule was made. It would only be found once it is overdue.

A head is always written before its schedule is made, and read here after the list was: what a head names then is nobody's orphan. What
another run books again under the same name in the moment of a deletion is seen by a last look at the heads, and made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mesh.booking import Bookings, TimePassed, booking_name
from mesh.events import Retry, Send
from mesh.ledger import Head, HeadState, Ledger, Status, head_key
from mesh.schedules import Listed
from mesh.side_by_side import Together, one_by_one

YOUNG = timedelta(minutes=10)  # a run that made it may still be under way
SOON = timedelta(minutes=5)  # what is due so soon the sweep sends anyhow once it is overdue
AT_MOST = 200  # schedules looked into in one day: the rest is the next day's
_BOOKABLE = frozenset({HeadState.READY, HeadState.RETRY, HeadState.OPEN, HeadState.UNKNOWN})


@dataclass(frozen=True)
class Tidied:
    """How many orphans were deleted, and how many bookings made again."""

    deleted: int = 0
    made_again: int = 0


def suspects(listed: Iterable[Listed], heads: Iterable[Head], now: datetime) -> list[str]:
    """Names that none of these heads names, and old enough to be looked into; the oldest first."""
    named = {head.booking.name for head in heads if head.booking is not None}
    old = [one for one in listed if one.name not in named and (one.made_at is None or one.made_at + YOUNG <= now)]
    old.sort(key=lambda one: (one.made_at.timestamp() if one.made_at else 0.0, one.name))
    return [one.name for one in old][:AT_MOST]


def is_orphan(name: str, status: Status | None, head: Head | None) -> bool:
    """No head names it, or its post does not go to that channel any more. What nobody can read is left alone."""
    if (head is not None and head.state is HeadState.BROKEN) or (status is not None and status.broken):
        return False
    if head is None or head.booking is None or head.booking.name != name:
        return True
    return status is None or status.gone_at is not None or head.channel not in status.going


def missing(listed: Iterable[Listed], heads: Iterable[Head], now: datetime) -> list[Head]:
    """Heads booked for a time to come whose schedule is not there."""
    there = {one.name for one in listed}
    return [
        head
        for head in heads
        if head.booking is not None
        and head.state in _BOOKABLE
        and head.booking.name not in there
        and head.booking.name == booking_name(booked_event(head))
        and datetime.fromisoformat(head.booking.at) > now + SOON
    ]


def booked_event(head: Head) -> Send:
    """What the booking that the head names says when it fires."""
    assert head.booking is not None
    model = Retry if head.booking.attempt > 1 else Send
    return model(
        trace_id=head.trace_id,
        post_id=head.post_id,
        channel=head.channel,
        revision=head.revision,
        attempt=head.booking.attempt,
    )


def tidy(ledger: Ledger, bookings: Bookings, now: datetime, together: Together = one_by_one) -> Tidied:
    """The whole of it. A call for each hundred names, heads and posts, and two or three for each schedule that nobody names."""
    listed = bookings.listed()
    statuses = ledger.open_statuses()
    heads = [head for found in ledger.heads(statuses).values() for head in found]
    deleted = _delete_orphans(ledger, bookings, suspects(listed, heads, now), together)
    lost = missing(listed, heads, now)
    made = _make(bookings, lost, together)
    return Tidied(deleted, made)


def _delete_orphans(ledger: Ledger, bookings: Bookings, names: Sequence[str], together: Together) -> int:
    events = together([_reader(bookings, name) for name in names])
    known = {name: event for name, event in zip(names, events, strict=True) if event is not None}
    posts, heads = _stand(ledger, known)
    orphans = {name: event for name, event in known.items() if is_orphan(name, posts.get(name), heads.get(name))}
    together([_deleter(bookings, name) for name in orphans])
    _, after = _stand(ledger, orphans)
    again = [head for name, head in after.items() if head.booking is not None and head.booking.name == name]
    _make(bookings, [head for head in again if head not in heads.values()], together)
    return len(orphans)


def _stand(ledger: Ledger, events: Mapping[str, Send]) -> tuple[dict[str, Status], dict[str, Head]]:
    """Post and head of each schedule, by its name."""
    if not events:
        return {}, {}
    found = ledger.statuses(event.post_id for event in events.values())
    wanted: dict[str, Status] = {}
    for event in events.values():
        post = wanted.get(event.post_id) or found.get(event.post_id) or Status(post_id=event.post_id)
        channels = tuple(dict.fromkeys((*post.channels, event.channel)))  # also one that it was taken off
        wanted[event.post_id] = post.model_copy(update={"channels": channels})
    heads = {head.post_channel: head for several in ledger.heads(wanted.values()).values() for head in several}
    posts = {name: found[event.post_id] for name, event in events.items() if event.post_id in found}
    keyed = {name: head_key(event.post_id, event.channel) for name, event in events.items()}
    return posts, {name: heads[key] for name, key in keyed.items() if key in heads}


def _make(bookings: Bookings, heads: Sequence[Head], together: Together) -> int:
    """A minute that is over meanwhile is left to the sweep."""
    return sum(together([_maker(bookings, head) for head in heads]))


def _reader(bookings: Bookings, name: str) -> Callable[[], Send | None]:
    return lambda: bookings.event_of(name)


def _deleter(bookings: Bookings, name: str) -> Callable[[], None]:
    return lambda: bookings.cancel(name)


def _maker(bookings: Bookings, head: Head) -> Callable[[], int]:
    def make() -> int:
        booking = head.booking
        assert booking is not None
        try:
            bookings.book(booked_event(head), datetime.fromisoformat(booking.at))
        except TimePassed:
            return 0
        return 1

    return make
