"""What drive-sync remembers between two runs: one item in ``ss-runtime`` without an end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from mesh.ledger.runtime import SYNC_STATE

STATE_KEY = SYNC_STATE
SAID_EVERY = timedelta(minutes=10)  # a write of its own with every run would cost more than it tells
SAID_AFTER = timedelta(minutes=15)  # a sheet that cannot be read for so long is told


@dataclass(frozen=True)
class State:
    """``page_token`` is where Drive's changes go on. Moments are ISO.

    ``absent``: ids missed in the sheet, since when. ``unfinished``: the last run left work for the next. ``header``: the columns as they
    were. ``refused``: rows that would not take what was written, and how often. ``halts``: a hash of the holds and pauses that the rows
    speak of. ``rules_at``: when the rules in force came; ``rules_missed``: since when the doc is not there; ``failing_since``: since when
    no run has got through; ``synced_at``: when one last did, some minutes more or less (``SAID_EVERY``). ``unswept_since``,
    ``unticked_since``: since when a first sweep or daily tick of the scheduler's is missed;
    ``silence_seen``: the ``cause`` of its silence and ``at`` which look it was met first; ``silence_said``: the cause that was told.
    """

    page_token: str | None = None
    full_at: str | None = None
    absent: Mapping[str, str] = field(default_factory=dict)
    unfinished: bool = False
    header: tuple[str, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    halts: str = ""
    rules_at: str | None = None
    rules_missed: str | None = None
    failing_since: str | None = None
    synced_at: str | None = None
    unswept_since: str | None = None
    unticked_since: str | None = None
    silence_seen: Mapping[str, str] = field(default_factory=dict)
    silence_said: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> State:
        """From the table; what another version kept there is left out."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in (item or {}).items() if name in known and value is not None}
        if "header" in values:
            values["header"] = tuple(values["header"])
        if "refused" in values:
            values["refused"] = {key: int(count) for key, count in values["refused"].items()}
        return cls(**values)

    def item(self) -> dict[str, Any]:
        return asdict(self)


def since(moment: str | None, now: datetime) -> float:
    """Seconds; 0 where there is none."""
    return (now - datetime.fromisoformat(moment)).total_seconds() if moment else 0.0


def got_through(state: State, now: datetime) -> State:
    """With the moment, where the last one that is kept is some time ago."""
    fresh = state.synced_at is not None and 0 <= since(state.synced_at, now) < SAID_EVERY.total_seconds()
    return state if fresh else replace(state, synced_at=now.replace(second=0, microsecond=0).isoformat())
