"""Woken by the daily tick, the sweep and every event that may change a move (README.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from mesh import clock, events, log
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.ledger import ChannelProblem, Ledger, Runtime, Status, TableNames, Tables
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Rulebook
from scheduler import ahead
from scheduler.acting import Run, taken_times
from scheduler.echoes import echoes
from scheduler.edges import Calendar
from scheduler.settings import SchedulerSettings
from scheduler.steps import Clock
from scheduler.tidying import tidy

MIRROR_KEY = "scheduler#mirror"
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
    )


@dataclass(frozen=True)
class Waking:
    """Why the scheduler runs: ``named`` posts, or all of them (None); ``every_row``: also those beyond the open ones."""

    kind: str
    named: tuple[str, ...] | None
    every_row: bool
    trace_id: str


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many posts were looked at, moved, and events sent."""
    wiring = wire()
    return run(wiring, waking(event, wiring.settings.prefix), clock.now())


def waking(event: dict[str, Any], source: str) -> Waking:
    """A schedule says which tick it is; an event names its posts. A wrong shape raises: the dead-letter queue keeps it."""
    if "tick" in event:
        kind = str(event["tick"])
        return Waking(kind, None, kind == "daily", events.new_trace_id())
    detail = events.parse(event, source)
    if isinstance(detail, events.RulesChanged):
        return Waking("rules", None, True, detail.trace_id)
    if isinstance(detail, events.AttemptFailed):
        return Waking("attempt", (detail.post_id,), False, detail.trace_id)
    named = tuple(getattr(detail, "post_ids", ()))
    if getattr(detail, "scope", "posts") == "everything":
        return Waking("everything", None, False, detail.trace_id)
    return Waking(detail.detail_type, named, False, detail.trace_id)


def run(wiring: Wiring, why: Waking, now: Any) -> dict[str, int]:
    """Follow the rows, then move the posts, then say it."""
    rows = wiring.calendar.rows()
    rulebook = wiring.calendar.rulebook(wiring.settings.tz_name)
    whole = why.every_row or (why.named is None and _unseen(wiring, now))
    time = Clock(now, wiring.settings.quiet, wiring.settings.horizon)
    this = Run(wiring.ledger, wiring.runtime, wiring.bookings, wiring.bus, rulebook, time, why.trace_id)
    open_ids = [status.post_id for status in wiring.ledger.open_statuses()]
    scope = _scope(why, rows or {}, open_ids, whole=whole)
    known = wiring.ledger.statuses(scope)
    if rows is not None:
        for post_id in scope:
            this.follow(post_id, known.get(post_id), _seen(rows.get(post_id), rulebook))
    statuses = wiring.ledger.statuses({*scope, *open_ids})
    heads = wiring.ledger.heads(_with_left_channels(status, known.get(key)) for key, status in statuses.items())
    this.look_up({*rulebook.channels, *(channel for status in statuses.values() for channel in status.channels)})
    taken = taken_times(statuses.values(), heads)
    moved = [statuses[post_id] for post_id in sorted(scope, key=lambda key: _due(statuses, key)) if post_id in statuses]
    for status in moved:
        others = {  # also a channel on which nothing is booked yet: what this post takes there counts for the next
            channel: [at for key, at in taken.get(channel, {}).items() if key != status.post_id]
            for channel in {*taken, *status.going}
        }
        this.move(status, heads[status.post_id], others)
        for channel in status.going:
            _remember(taken, channel, status.post_id, others.get(channel, []), by_post=taken.get(channel, {}))
    this.ask()
    after = wiring.ledger.statuses(status.post_id for status in moved)
    heads_after = wiring.ledger.heads(after.values())
    for post_id, new_heads in heads_after.items():
        this.settle_queue(after[post_id], new_heads)
    if why.kind in {"sweep", "daily"}:
        this.found.events += [
            *echoes(after, heads_after, now),
            ahead.probe(wiring.runtime, after, heads_after, now, why.trace_id),
        ]
    sent = this.emit()
    if whole:
        wiring.runtime.put(MIRROR_KEY, {"version": wiring.calendar.version})
    if why.kind == "daily":
        tidy(wiring.ledger, wiring.bookings, now)
    log.line(
        _log,
        "scheduler ran",
        trace_id=why.trace_id,
        move=why.kind,
        count=len(moved),
        outcome=f"{this.found.moves} moved, {sent} events",
    )
    return {"posts": len(moved), "moved": this.found.moves, "events": sent}


def _unseen(wiring: Wiring, now: Any) -> bool:
    """The mirror is another than at the last look over every row: an event about it may have been lost."""
    known = wiring.runtime.get(MIRROR_KEY, now) or {}
    return known.get("version") != wiring.calendar.version


def _scope(why: Waking, rows: dict[str, Row], open_ids: Iterable[str], *, whole: bool) -> list[str]:
    if why.named is not None:
        return sorted(set(why.named))
    return sorted({*open_ids, *(rows if whole else ())})


def _seen(row: Row | None, rulebook: Rulebook) -> Plan | tuple[ChannelProblem, ...] | None:
    return None if row is None else plan_row(row, rulebook)


def _with_left_channels(status: Status, known: Status | None) -> Status:
    """Also the channels that this run took out of the post: what is booked there is to be cancelled."""
    left = known.channels if known is not None else ()
    return status.model_copy(update={"channels": tuple(dict.fromkeys((*status.channels, *left)))})


def _due(statuses: dict[str, Any], post_id: str) -> str:
    status = statuses.get(post_id)
    return (status.due_at or "") if status is not None else ""


def _remember(
    taken: dict[str, dict[str, Any]], channel: str, post_id: str, times: list[Any], *, by_post: dict[str, Any]
) -> None:
    """A time booked in this run counts for the posts after it."""
    new = [at for at in times if at not in by_post.values()]
    if new:
        taken.setdefault(channel, {})[post_id] = new[-1]
