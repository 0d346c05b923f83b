"""What CloudWatch is told with every tick and sweep: whether the ticks and the sheet's syncs run, and how long what is due waits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from mesh.ledger import Head, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from scheduler.memory import Remembered
from scheduler.steps import Gathered
from scheduler.troubles import waits_since

# A sync notes that it got through every ten minutes or so: a younger note is no news, and a metric that says nothing costs as much as any.
SYNC_MISSED = timedelta(minutes=25)


def ages(remembered: Remembered, synced_at: str | None, now: datetime) -> dict[str, float]:
    """``TickAge``, of a tick that never ran since the first run of all; and ``SyncAge``, once a sync is missed. In seconds."""
    found = {"TickAge": _seconds(remembered.ticked_at or remembered.first_at, now)}
    sync = _seconds(synced_at or remembered.first_at, now)
    return found | ({"SyncAge": sync} if sync > SYNC_MISSED.total_seconds() else {})


def queue(statuses: Iterable[Status], heads: Mapping[str, tuple[Head, ...]], gathered: Gathered) -> dict[str, float]:
    """``QueueDepth`` and ``DueLateSeconds`` of what has come due and is not out; nothing where nothing waits.

    What a hold or a pause keeps back does not wait for us, and what somebody was asked or told about is in a human's hands.
    """
    now, late = gathered.clock.now, []
    for status in statuses:
        by_channel = {head.channel: head for head in heads.get(status.post_id, ())}
        for channel in status.going:
            if {HOLD_EVERYTHING, pause_key(channel)}.isdisjoint(gathered.standing):
                due = waits_since(status, by_channel.get(channel), gathered.rulebook)
                late += [(now - due).total_seconds()] if due is not None and due <= now else []
    return {"QueueDepth": float(len(late)), "DueLateSeconds": max(late)} if late else {}


def _seconds(moment: str | None, now: datetime) -> float:
    return max(0.0, (now - datetime.fromisoformat(moment)).total_seconds()) if moment else 0.0
