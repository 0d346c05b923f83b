"""What the scheduler's decisions are given and what they come to: the settings of time, and a post's next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Clock:
    """The settings of time one run decides by."""

    now: datetime
    quiet: timedelta
    horizon: timedelta


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
    reason: str
    ask_reason: str = ""
    asks_at: datetime | None = None
    comes_along: bool = False


def older(moment: str | None, than: timedelta, now: datetime) -> bool:
    """So long ago or longer, or never."""
    return moment is None or datetime.fromisoformat(moment) + than <= now
