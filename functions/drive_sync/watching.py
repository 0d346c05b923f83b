"""Whether the scheduler still runs, told by who runs by itself every five minutes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drive_sync.state import State, since
from mesh.schedule_time import say

SWEEP_SILENT = timedelta(minutes=20)  # four sweeps
# A daily tick that did not run is made up for by the first sweep after 25 hours: who says it sooner is contradicted five minutes later.
TICK_SILENT = timedelta(hours=25, minutes=20)
SURE_AFTER = timedelta(minutes=4)  # the next poll: after an outage, or a jump of a local clock, both wake up at once


def ages(scheduler: Mapping[str, Any] | None, state: State, now: datetime) -> dict[str, float]:
    """Seconds since the last sweep and the last daily tick; of one that never ran, since it was first missed."""
    item = scheduler or {}
    return {
        "sweep": max(0.0, since(item.get("swept_at") or state.unswept_since, now)),
        "tick": max(0.0, since(item.get("daily_at") or state.unticked_since, now)),
    }


def watched(scheduler: Mapping[str, Any] | None, state: State, now: datetime, zone: ZoneInfo) -> tuple[State, str, str]:
    """The state with what is to be remembered; and cause and sentence where something is to be said, "" where not.

    Said once while it lasts, and not before a second look finds the same silence: the cause that was said is in the state, and gone from
    it as soon as all is well.
    """
    item = scheduler or {}
    state = replace(
        state,
        unswept_since=None if item.get("swept_at") else state.unswept_since or now.isoformat(),
        unticked_since=None if item.get("daily_at") else state.unticked_since or now.isoformat(),
    )
    found = ages(scheduler, state, now)
    cause, message = "", ""
    if found["sweep"] > SWEEP_SILENT.total_seconds():
        last = item.get("swept_at") or state.unswept_since
        cause = f"sweep-silent#{last}"
        message = (
            f"Since {_when(last, zone, now)} nobody has looked whether your posts go out as planned. What is booked already still goes "
            "out at its time; a post that has trouble, and one approved or changed since, may be left lying. Whoever set this up: look "
            "at the log of the function “scheduler” and at its schedule “sweep”. It goes on by itself once they are well."
        )
    elif found["tick"] > TICK_SILENT.total_seconds():
        last = item.get("daily_at") or state.unticked_since
        cause = f"tick-silent#{last}"
        message = (
            f"The daily look ahead has not been done since {_when(last, zone, now)}. Posts of the next days still go out; rows further "
            "ahead get no preview and no card until it is done. Whoever set this up: look at the log of the function “scheduler” and "
            "at its schedule “daily-tick”. It goes on by itself once they are well."
        )
    if not cause:
        return replace(state, silence_seen={}, silence_said=""), "", ""
    known = state.silence_seen.get("cause") == cause
    seen = state.silence_seen if known else {"cause": cause, "at": now.isoformat()}
    state = replace(state, silence_seen=seen)
    if since(seen["at"], now) < SURE_AFTER.total_seconds() or state.silence_said == cause:
        return state, "", ""
    return replace(state, silence_said=cause), cause, message


def _when(moment: Any, zone: ZoneInfo, now: datetime) -> str:
    return say(datetime.fromisoformat(str(moment)), zone, now=now)
