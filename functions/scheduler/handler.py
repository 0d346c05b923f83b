"""Woken by the daily tick, the sweep and every event that may change a move (README.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from mesh import clock, events, log
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.ledger import Ledger, Runtime, Status, TableNames, Tables
from mesh.ledger.runtime import SCHEDULER_STATE
from scheduler import ahead
from scheduler.acting import Run
from scheduler.echoes import echoes
from scheduler.edges import Calendar
from scheduler.looking import Look, Looking, Waking, WrongClock
from scheduler.never import no_minute_trouble
from scheduler.settings import SchedulerSettings
from scheduler.spacing import Taken, looks_back_to
from scheduler.steps import Clock
from scheduler.tidying import tidy

# Bookings are tried again by themselves; with boto3's own tries and its minute of patience one lost answer would be the whole run.
_HASTE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2}, max_pool_connections=16)
_log = log.logger("scheduler")


@dataclass(frozen=True)
class Wiring:
    settings: SchedulerSettings
    ledger: Ledger
    runtime: Runtime
    calendar: Calendar
    bookings: Bookings
    bus: Bus
    answered_at: Callable[[], datetime | None] = lambda: (
        None
    )  # the tables' time in their last answer, where they tell it


@cache
def wire() -> Wiring:
    settings = SchedulerSettings.load()
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    tables = Tables(boto3.client("dynamodb"))
    booking = BookingSettings(
        group=settings.booking_group,
        role_arn=settings.booking_role_arn,
        bus_arn=settings.bus_arn,
        dead_letters_arn=settings.dead_letters_arn,
        source=settings.prefix,
    )
    return Wiring(
        settings,
        Ledger(tables, names),
        Runtime(tables, names),
        Calendar(boto3.client("s3"), settings.posts_bucket, settings.rules_bucket),
        Bookings(boto3.client("scheduler", config=_HASTE), booking),
        Bus(boto3.client("events"), settings.prefix),
        lambda: tables.answered_at,
    )


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many posts were looked at, moved, and events sent."""
    wiring = wire()
    return run(wiring, waking(event, wiring.settings.prefix), clock.now())


def waking(event: dict[str, Any], source: str) -> Waking:
    """A schedule says which tick it is; an event names its posts. A wrong shape raises: the dead-letter queue keeps it."""
    if "tick" in event:
        kind = str(event["tick"])
        return Waking(kind, None, events.new_trace_id())
    detail = events.parse(event, source)
    if isinstance(detail, events.RulesChanged):
        return Waking("rules", None, detail.trace_id)
    if isinstance(detail, events.AttemptFailed):
        return Waking("attempt", (detail.post_id,), detail.trace_id)
    named = tuple(getattr(detail, "post_ids", ()))
    if getattr(detail, "scope", "posts") == "everything":
        return Waking("everything", None, detail.trace_id)
    return Waking(detail.detail_type, named, detail.trace_id)


def run(wiring: Wiring, why: Waking, now: datetime) -> dict[str, int]:
    """Look, follow the rows, then move the posts, then say it; at last remember how far it came."""
    time = Clock(now, wiring.settings.quiet, wiring.settings.horizon)
    looking = Looking(
        wiring.ledger,
        wiring.runtime,
        wiring.calendar,
        wiring.settings.tz_name,
        time,
        why.trace_id,
        wiring.answered_at,
    )
    try:
        look = looking.look(why)
    except WrongClock as wrong:
        wiring.bus.put([wrong.told(why.trace_id)])
        raise
    this = Run(wiring.ledger, wiring.runtime, wiring.bookings, wiring.bus, look.rulebook, time, why.trace_id)
    this.found.troubles += look.troubles
    moved = _follow_and_move(wiring, this, look, now, why.trace_id) if look.scope else []
    sent = this.emit()
    if look.remember is not None:
        wiring.runtime.put(SCHEDULER_STATE, look.remember.item())
    log.line(
        _log,
        "scheduler ran",
        trace_id=why.trace_id,
        move=why.kind,
        count=len(moved),
        outcome=f"{this.found.moves} moved, {sent} events",
    )
    return {"posts": len(moved), "moved": this.found.moves, "events": sent}


def _follow_and_move(wiring: Wiring, this: Run, look: Look, now: datetime, trace_id: str) -> list[Status]:
    """The posts that were moved."""
    scope, open_ids, known, rulebook = look.scope, look.open_ids, look.known, look.rulebook
    if look.plans is not None:
        for post_id in scope:
            this.follow(post_id, known.get(post_id), look.plans.get(post_id))
    statuses = wiring.ledger.statuses({*scope, *open_ids})
    heads = wiring.ledger.heads(_with_left_channels(status, known.get(key)) for key, status in statuses.items())
    this.look_up({*rulebook.channels, *(channel for status in statuses.values() for channel in status.channels)})
    moved = [statuses[post_id] for post_id in sorted(scope, key=lambda key: _due(statuses, key)) if post_id in statuses]
    since = looks_back_to(moved, heads, rulebook, now)
    sent = wiring.ledger.sent_since(since, now) if since is not None else []
    this.say_once(no_minute_trouble(moved, rulebook, trace_id))
    taken = Taken(statuses.values(), heads, sent, now)
    for status in moved:
        times = taken.around(status)
        this.move(status, heads[status.post_id], times)
        taken.learn(status, times)
    this.ask()
    after = wiring.ledger.statuses(status.post_id for status in moved)
    for post_id, new_heads in wiring.ledger.heads(after.values()).items():
        this.settle_queue(after[post_id], new_heads)
    return moved


def _with_left_channels(status: Status, known: Status | None) -> Status:
    """Also the channels that this run took out of the post: what is booked there is to be cancelled."""
    left = known.channels if known is not None else ()
    return status.model_copy(update={"channels": tuple(dict.fromkeys((*status.channels, *left)))})


def _due(statuses: dict[str, Any], post_id: str) -> tuple[str, str]:
    status = statuses.get(post_id)
    return (status.due_at or "") if status is not None else "", post_id
