"""What happened in a span of time, one fact each, and the figures over them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mesh.ledger.spending import Day
from mesh.span import Span

ON_TIME = timedelta(minutes=5)
"""A post that is out within five minutes of its minute is on time: bookings fire within one, and a repetition of what failed is not "late"
to anybody who reads it."""


@dataclass(frozen=True)
class Publication:
    """One post on one channel, out. ``at`` is when that was known: for one that was found by a look or by a person, later than it was out.

    ``due`` is the minute it was booked for, None where nobody noted one; ``tries`` count the last. ``began``: when the try that got
    through was begun, None where nobody noted it. ``revision``: of the package that went out.
    """

    post_id: str
    channel: str
    at: datetime
    url: str = ""
    due: datetime | None = None
    tries: int = 1
    began: datetime | None = None
    revision: str = ""

    @property
    def on_time(self) -> bool:
        """By the beginning of its last try: a try ends within a minute or two, and what was found the day after went out no later."""
        return self.due is None or (self.began or self.at) <= self.due + ON_TIME


@dataclass(frozen=True)
class Failure:
    """One channel of a post that was given up. ``reason`` is the sentence that its owner was told; ``stands``: it is so still."""

    post_id: str
    channel: str
    at: datetime
    reason: str = ""
    stands: bool = True


@dataclass(frozen=True)
class Approved:
    """One approval. ``asked_at``: when the card of the asking it answers was asked for; None where nobody had asked."""

    post_id: str
    at: datetime
    by: str
    how: str
    asked_at: datetime | None = None

    @property
    def took(self) -> timedelta | None:
        return None if self.asked_at is None else max(timedelta(), self.at - self.asked_at)


@dataclass(frozen=True)
class Happened:
    """``held`` are posts that somebody held, ``retried`` tries (post_id, channel) after a first one, ``unknown`` tries whose fate nobody
    could prove at first. ``pauses`` are channels that were paused. ``drafting`` is by day of the business.

    ``incomplete`` names, in the owner's words, what could not be read: rows that are missing or damaged.
    """

    span: Span
    publications: tuple[Publication, ...] = ()
    failures: tuple[Failure, ...] = ()
    approvals: tuple[Approved, ...] = ()
    held: tuple[str, ...] = ()
    held_everything: int = 0
    retried: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    pauses: tuple[str, ...] = ()
    drafts_made: int = 0
    drafts_accepted: int = 0
    drafting: Mapping[date, Day] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChannelFigures:
    """``posted`` counts publications, ``failed`` those given up that still are, ``retried`` tries after a first one."""

    posted: int = 0
    on_time: int = 0
    failed: int = 0
    retried: int = 0


@dataclass(frozen=True)
class Figures:
    """The span in numbers. ``posts`` are posts of which anything went out; ``on_time_percent`` is of publications, rounded half up (100
    only for all of them), None for none. ``approval_seconds`` is the median over approvals that answered an asking, None for none.
    """

    span: Span
    channels: Mapping[str, ChannelFigures]
    posts: int
    posted: int
    on_time: int
    on_time_percent: int | None
    approvals: int
    approval_seconds: int | None
    held: int
    held_everything: int
    failed: int
    retried: int
    unknown: int
    drafts_made: int
    drafts_accepted: int
    drafting: Day
    by_day: Mapping[date, int]
    incomplete: tuple[str, ...] = ()
