"""Which channels send nothing just now: a draft or a plan for one is made all the same, and its owner is told."""

from __future__ import annotations

from collections.abc import Iterable

from approve_handler.commit import Desk
from mesh.errors import Doubt
from mesh.ledger.runtime import pause_key


def paused_among(desk: Desk, channels: Iterable[str]) -> tuple[str, ...]:
    """In one call, none for no channel. Where that cannot be read now, nothing is said of it: no page waits for it."""
    names = tuple(dict.fromkeys(channels))
    try:
        standing = desk.ledger.standing([pause_key(name) for name in names]) if names else {}
    except Doubt:
        return ()
    return tuple(name for name in names if pause_key(name) in standing)


def say_paused(channel: str) -> str:
    return f"{channel} is paused just now: what goes there waits until it is connected again."
