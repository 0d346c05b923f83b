"""What comes: the bookings as the scheduler's own schedules have them, and below them what is planned and not booked, with why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from local.console.plan import Plan
from local.console.reading import Reading
from local.console.stack import Stack
from local.operator.posts import OpenPosts, kept_back, moment_of
from mesh.ledger import Head, HeadState, State, Status
from mesh.schedule_time import say

PLANNED_SHOWN = 10
_TRIES = ("", "", "second try", "third try", "fourth try", "fifth try", "sixth try", "seventh try", "eighth try")
_OVER = (State.SENT, State.FAILED, State.GONE)


class Coming:
    def __init__(self, stack: Stack, reading: Reading, plan: Plan, zone: ZoneInfo) -> None:
        self._stack = stack
        self._reading = reading
        self._plan = plan
        self._zone = zone

    async def shown(self) -> dict[str, Any] | None:
        """``bookings`` and ``planned`` in order of time, and how many ``more`` are planned; None while nothing is known yet."""
        read = await self._reading.latest()
        if read is None:
            return None
        group = f"{self._stack.addresses.prefix}-bookings"
        booked = [one for one in await self._stack.schedules() if one["group"] == group and one["input"]]
        bookings = bookings_of(booked, read.open, self._zone)
        goes = {one["post_id"]: one["goes_at"] for one in (await self._plan.of(read))["posts"]}
        planned = planned_of(read.open, read.further, {one["post_id"] for one in bookings}, self._zone, goes)
        return {"bookings": bookings, "planned": planned[:PLANNED_SHOWN], "more": len(planned[PLANNED_SHOWN:])}


def bookings_of(schedules: Iterable[Mapping[str, Any]], posts: OpenPosts, zone: ZoneInfo) -> list[dict[str, Any]]:
    """One entry for each post and moment: ``post_id``, ``at`` (ISO), ``channels`` and ``stop``, why it will not go, or "".

    A channel has its ``name``, ``note`` ("third try", or "") and ``stop``, of that channel alone.
    """
    statuses = {status.post_id: status for status in posts.statuses}
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for schedule in sorted(schedules, key=lambda one: (one["at"], one["name"])):
        said = schedule["input"]
        post_id, channel, attempt = str(said.get("post_id", "")), str(said.get("channel", "")), said.get("attempt", 1)
        if not post_id or not channel:
            continue
        entry = entries.setdefault(
            (schedule["at"], post_id),
            {
                "post_id": post_id,
                "at": schedule["at"],
                "channels": [],
                "stop": _stop(statuses.get(post_id), posts, zone),
            },
        )
        head = next((one for one in posts.heads.get(post_id, ()) if one.channel == channel), None)
        paused = f"{channel} is paused: it will not go there." if channel in posts.stand.paused else ""
        entry["channels"].append({"name": channel, "note": _note(attempt, head), "stop": paused})
    return list(entries.values())


def planned_of(
    posts: OpenPosts,
    further: Iterable[Status],
    booked: set[str],
    zone: ZoneInfo,
    goes: Mapping[str, str | None] | None = None,
) -> list[dict[str, Any]]:
    """What lies ahead and is in no booking: ``post_id``, ``at`` and ``why``. ``further`` is not open yet. ``goes`` is when the rules let
    each go, as the calendar has it: that is ``at``; its own time where it is not known.
    """
    goes = goes or {}
    ahead = []
    for status in posts.statuses:
        at = moment_of(goes.get(status.post_id)) or moment_of(status.due_at)
        done = status.state in _OVER or status.gone_at is not None or status.awaited or status.broken
        if at is None or at < posts.stand.now or done or status.post_id in booked:
            continue
        ahead.append((at, status.post_id, _why(status, zone)))
    for status in further:
        at = moment_of(goes.get(status.post_id)) or moment_of(status.due_at)
        if at is not None and at >= posts.stand.now and status.post_id not in booked:
            ahead.append((at, status.post_id, "its preview is made when its time is nearer"))
    return [{"post_id": post_id, "at": at.isoformat(), "why": why} for at, post_id, why in sorted(ahead)]


def _stop(status: Status | None, posts: OpenPosts, zone: ZoneInfo) -> str:
    if posts.stand.held is not None:
        return "Everything is on hold: this will not go."
    if status is None or status.broken:
        return ""
    if status.held is not None:
        return f"Held by {status.held.by} since {_day(status.held.at, zone)}: it will not go."
    return "" if status.approved else "Changed since it was approved: it will not go."


def _note(attempt: object, head: Head | None) -> str:
    if not isinstance(attempt, int) or attempt < 2:
        return ""
    if head is not None and head.state is HeadState.UNKNOWN:
        return "looks whether it is out"
    return _TRIES[attempt] if attempt < len(_TRIES) else f"try {attempt}"


def _why(status: Status, zone: ZoneInfo) -> str:
    if status.held is not None:
        return f"held by {status.held.by} since {_day(status.held.at, zone)}"
    if kept_back(status):
        return f"to mend: {_first(status.problems[0].message)}"
    if status.current_revision is None:
        return "its preview is not made yet"
    if status.approved:
        return "approved, about to be booked"
    return "changed since it was approved, waits for approval" if status.approval is not None else "waits for approval"


def _day(moment: str, zone: ZoneInfo) -> str:
    at = moment_of(moment)
    return say(at, zone) if at is not None else "some time ago"


def _first(sentence: str, longest: int = 120) -> str:
    return sentence if len(sentence) <= longest else f"{sentence[: longest - 1]}…"
