"""A post's item as its row wants it. Pure: item, row and ``now`` in, the item after it out."""

from __future__ import annotations

from datetime import datetime

from mesh.ledger.items import ChannelProblem, State, Status
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from scheduler.never import no_minute
from scheduler.rounds import FAR
from scheduler.steps import Clock


def follow_source(
    status: Status | None,
    post_id: str,
    seen: Plan | tuple[ChannelProblem, ...] | None,
    rulebook: Rulebook,
    clock: Clock,
    trace_id: str,
) -> Status | None:
    """The post's item as its row now wants it, or None where nothing changed. ``seen`` None: the row is gone."""
    if status is not None and status.broken:
        return None
    if seen is None:
        return _gone(status, clock.now, trace_id)
    base = status or Status(post_id=post_id)
    if isinstance(seen, tuple):
        wanted = base.model_copy(update={"row_problems": seen, "source_revision": None, "gone_at": None})
    else:
        wanted = _followed(base, seen, rulebook, clock)
    wanted = wanted.model_copy(update={"due_at": wanted.due_at or FAR})
    if wanted.state in {State.DRAFT, State.QUEUED} and wanted.open is None and within_horizon(wanted, clock):
        wanted = wanted.model_copy(update={"open": "1"})  # it rested beyond the horizon and has come within it
    if wanted == base and status is not None:
        return None
    changed_source = wanted.source_revision != base.source_revision or wanted.row_problems != base.row_problems
    update: dict[str, object] = {"trace_id": trace_id, "open": "1"}
    if changed_source:
        update["source_at"] = clock.now.isoformat()
        newly = base.state is State.SENT and not set(base.going).issuperset(wanted.channels)
        if newly or base.state not in {State.SENT, State.FAILED, State.HELD}:
            update["state"] = State.DRAFT
    return wanted.model_copy(update=update)


def _gone(status: Status | None, now: datetime, trace_id: str) -> Status | None:
    if status is None or status.gone_at is not None or status.awaited:
        return None
    state = status.state if status.state is State.SENT else State.GONE
    update = {"gone_at": now.isoformat(), "state": state, "queued_for": None, "trace_id": trace_id, "open": "1"}
    return status.model_copy(update=update)


def _followed(base: Status, plan: Plan, rulebook: Rulebook, clock: Clock) -> Status:
    problems: tuple[ChannelProblem, ...] = ()
    first_seen = base.source_revision != plan.source_revision
    if first_seen and base.state is not State.SENT and plan.planned_at + rulebook.late < clock.now:
        message = f"date and time: {plan.row.date} {plan.row.time} has passed; write a time to come"
        problems = (ChannelProblem(code="past", message=message),)
    elif not first_seen:
        problems = tuple(problem for problem in base.row_problems if problem.code == "past")
    problems += no_minute(plan.planned_at, base, rulebook, clock.now)
    came_back = base.gone_at is not None and base.state is State.GONE
    return base.model_copy(
        update={
            "source_revision": plan.source_revision,
            "due_at": plan.planned_at.isoformat(),
            "channels": tuple(channel.name for channel in plan.channels),
            "row_problems": problems,
            "gone_at": None,
            "state": State.DRAFT if came_back else base.state,
        }
    )


def within_horizon(status: Status, clock: Clock) -> bool:
    return (
        status.due_at is not None
        and status.due_at != FAR
        and datetime.fromisoformat(status.due_at) <= clock.now + clock.horizon
    )
