"""When something was in the way, and until when: what a post's quarter of an hour is counted from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SILENCE = timedelta(minutes=15)


@dataclass(frozen=True)
class Span:
    """``until`` None: it lasts. ``mute``: meanwhile nobody can be told anything, either. ``network`` "": it concerns every channel."""

    since: datetime
    until: datetime | None
    mute: bool = True
    network: str = ""

    def concerns(self, channel: str) -> bool:
        return not self.network or network_of(channel) == self.network


def network_of(channel: str) -> str:
    return "mastodon" if channel.startswith("mastodon") else "bluesky"


def free_from(since: datetime, spans: Iterable[Span], channel: str, now: datetime, *, mute: bool = False) -> datetime:
    """The moment from which a quarter of an hour without trouble lay ahead of a post that was due at ``since``; ``now`` while one lasts.

    ``mute``: only what keeps the owner from being told.
    """
    at = since
    for span in sorted(spans, key=lambda span: span.since):
        if span.concerns(channel) and (span.mute or not mute) and span.since <= at + SILENCE:
            at = max(at, span.until or now)
    return at
