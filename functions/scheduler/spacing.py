"""When posts go out on each channel, and went a moment ago: what the next one keeps its distance from. Pure.

On time comes first: a post whose time has not come keeps clear of everything that is booked. Posts whose time has passed go in the order
of their times: each keeps clear of those before it, of those on time, and of what goes out before the next sweep could move it. So one
that was lost on the way goes next and not last, and two that are looked at again do not push each other on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from mesh.ledger.items import Attempt, Head, HeadState, Status
from mesh.rulebook import Rulebook
from mesh.schedule_time import APART, minute_of

SETTLED_WITHIN = timedelta(minutes=6)  # the next sweep comes in five: what goes out sooner stays where it is
_BOOKED = {HeadState.READY, HeadState.RETRY}
_OUT = {HeadState.OPEN, HeadState.UNKNOWN, HeadState.SENT}
_FAR = "9999"


@dataclass(frozen=True)
class _Slot:
    """``due`` is the post's planned time, "" for one that is out; ``late``: that time has passed."""

    at: datetime
    due: str = ""
    late: bool = False


class Taken:
    """Who goes when, by channel and post."""

    def __init__(
        self,
        statuses: Iterable[Status],
        heads: Mapping[str, tuple[Head, ...]],
        sent: Iterable[Attempt],
        now: datetime,
    ) -> None:
        """``sent`` are the tries of a while ago that got through: their posts need not be among the others any more."""
        self._now = now
        self._slots: dict[str, dict[str, _Slot]] = {}
        for attempt in sent:
            post_id, _, channel = attempt.post_channel.partition("#")
            self._put(channel, post_id, _Slot(_minute(attempt.started_at)))
        for status in statuses:
            for head in heads.get(status.post_id, ()):
                with suppress(ValueError):  # a damaged record keeps nobody away: whoever decides about it says so
                    self._learn(status, head)

    def _learn(self, status: Status, head: Head) -> None:
        if head.state in _OUT and head.since is not None:
            self._put(head.channel, status.post_id, _Slot(_minute(head.since)))
        elif head.state in _BOOKED and head.booking is not None:
            self.book(status, head.channel, _minute(head.booking.at))

    def around(self, status: Status, channel: str) -> list[datetime]:
        """What the post has to keep clear of on this channel."""
        due = status.due_at or _FAR
        late = _passed(due, self._now)
        return [
            slot.at
            for post_id, slot in self._slots.get(channel, {}).items()
            if post_id != status.post_id and (not late or self._before(post_id, slot, (due, status.post_id)))
        ]

    def book(self, status: Status, channel: str, at: datetime) -> None:
        """The post goes at this time there: what comes after it keeps clear of that."""
        due = status.due_at or _FAR
        self._put(channel, status.post_id, _Slot(minute_of(at), due, late=_passed(due, self._now)))

    def give_up(self, status: Status, channel: str) -> None:
        self._slots.get(channel, {}).pop(status.post_id, None)

    def _before(self, post_id: str, slot: _Slot, late_one: tuple[str, str]) -> bool:
        settled = not slot.due or slot.at < self._now + SETTLED_WITHIN
        return settled or not slot.late or (slot.due, post_id) < late_one

    def _put(self, channel: str, post_id: str, slot: _Slot) -> None:
        self._slots.setdefault(channel, {})[post_id] = slot


def looks_back_to(
    statuses: Iterable[Status], heads: Mapping[str, tuple[Head, ...]], rulebook: Rulebook, now: datetime
) -> datetime | None:
    """From when on the sends are to be read; None where no post goes so soon that one of them could stand in its way."""
    gap = max(rulebook.minimum_gap, APART)
    for status in statuses:
        done = {head.channel for head in heads.get(status.post_id, ()) if head.settled}
        soon = status.approval is not None and (status.approval.now or _passed(status.due_at or _FAR, now + gap))
        if status.cleared and soon and not done.issuperset(status.going):
            return now - gap
    return None


def _minute(text: str) -> datetime:
    return minute_of(datetime.fromisoformat(text))


def _passed(due: str, now: datetime) -> bool:
    """A time that is none has not passed: who decides about that post says that its record is damaged."""
    with suppress(ValueError):
        return not due.startswith(_FAR) and datetime.fromisoformat(due) <= now
    return False
