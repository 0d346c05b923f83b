"""What the scheduler's decisions are given and what they come to: frozen values, each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mesh.events import Send, Trouble
from mesh.ledger.items import Attempt, Head, Status
from mesh.rulebook import Rulebook
from scheduler.reasons import Reason


@dataclass(frozen=True)
class Clock:
    """The settings of time one run decides by."""

    now: datetime
    quiet: timedelta
    horizon: timedelta


@dataclass(frozen=True)
class Gathered:
    """All that one run decides from.

    ``posts`` are those to be decided; ``others`` may be booked on the same channels. ``heads`` are all of theirs, by post id, also on
    channels that a post has left. ``sent``: the tries of a while ago that got through. ``standing``: the keys of the holds and pauses
    that are set.
    """

    posts: Collection[Status]
    heads: Mapping[str, tuple[Head, ...]]
    standing: Collection[str]
    rulebook: Rulebook
    clock: Clock
    trace_id: str
    others: Collection[Status] = ()
    sent: Collection[Attempt] = ()


# a post


class Step(StrEnum):
    REST = "rest"
    WANT_PACKAGE = "want-package"
    RAISE_FLAG = "raise-flag"  # an approval stands again: an edit was undone
    NUDGE_FLAG = "nudge-flag"  # drive-sync should have written it by now
    ASK = "ask"
    ASK_AGAIN = "ask-again"  # the same round: its card was never sent
    BOOK = "book"


@dataclass(frozen=True)
class PostMove:
    """``ask_reason`` is the card's, for a step that asks.

    While it rests: ``asks_at`` is the moment at which its card goes out with the others, None where it waits for none; ``comes_along``:
    a reminder of it is near enough to go on the card of one that is due.
    """

    step: Step
    reason: Reason
    ask_reason: str = ""
    asks_at: datetime | None = None
    comes_along: bool = False


# a channel of it


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
    reason: Reason
    at: datetime | None = None
    attempt: int = 1


@dataclass(frozen=True)
class Book:
    """The sender is to be woken by ``event``: at ``at``, a whole minute to come, or now (None).

    ``before`` is the head as it was read, ``after`` as it is written first.
    """

    kind: Kind
    reason: Reason
    before: Head | None
    after: Head
    event: Send
    at: datetime | None


@dataclass(frozen=True)
class Cancel:
    """What is booked for this head is taken back."""

    head: Head
    reason: Reason


@dataclass(frozen=True)
class Decision:
    """One post's. ``late``: why its owner is asked whether it shall still go. ``troubles``: what a human has to hear of, once each.

    ``moves`` holds each channel's move, also where it rests. ``error``: it could not be decided, and nothing is done with it.
    """

    status: Status
    step: PostMove
    moves: Mapping[str, Move]
    books: tuple[Book, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    late: Reason | None = None
    troubles: tuple[Trouble, ...] = ()
    error: Exception | None = None


def older(moment: str | None, than: timedelta, now: datetime) -> bool:
    """So long ago or longer, or never."""
    return moment is None or datetime.fromisoformat(moment) + than <= now
