"""Woken by the daily tick, the sweep and every event that may change a move (README.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from mesh import clock, events, log
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.ledger import ChannelProblem, Ledger, Runtime, Status, TableNames, Tables
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Rulebook
from mesh.side_by_side import Together, in_threads
from scheduler.acting import Run, taken_times
from scheduler.decide import decide
from scheduler.edges import Calendar
from scheduler.settings import SchedulerSettings
from scheduler.steps import Clock, Gathered

MIRROR_KEY = "scheduler#mirror"
_log = log.logger("scheduler")


@dataclass(frozen=True)
class Wiring:
    settings: SchedulerSettings
    ledger: Ledger
    runtime: Runtime
    calendar: Calendar
    bookings: Bookings
    bus: Bus
    together: Together = in_threads


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
        Bookings(boto3.client("scheduler"), booking),
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
    this = Run(
        wiring.ledger, wiring.runtime, wiring.bookings, wiring.bus, rulebook, time, why.trace_id, wiring.together
    )
    open_ids = [status.post_id for status in wiring.ledger.open_statuses()]
    scope = _scope(why, rows or {}, open_ids, whole=whole)
    known = wiring.ledger.statuses(scope)
    if rows is not None:
        for post_id in scope:
            this.follow(post_id, known.get(post_id), _seen(rows.get(post_id), rulebook))
    statuses = wiring.ledger.statuses({*scope, *open_ids})
    heads = wiring.ledger.heads(_with_left_channels(status, known.get(key)) for key, status in statuses.items())
    this.look_up({*rulebook.channels, *(channel for status in statuses.values() for channel in status.channels)})
    posts = [statuses[post_id] for post_id in scope if post_id in statuses and post_id not in this.carrier.failed]
    taken = taken_times(statuses.values(), heads)
    decisions = decide(Gathered(posts, heads, taken, frozenset(this.standing), rulebook, time, why.trace_id))
    this.carry_out(decisions, heads)
    sent = this.emit()
    if whole and not this.carrier.failed:
        wiring.runtime.put(MIRROR_KEY, {"version": wiring.calendar.version})
    _log_run(why, this, len(posts), sent)
    this.carrier.finish()
    return {"posts": len(posts), "moved": this.found.moves, "events": sent}


def _log_run(why: Waking, this: Run, posts: int, sent: int) -> None:
    """A line for each move that changed something, and one for the run."""
    for one in this.carrier.changes:
        log.line(
            _log,
            "moved",
            trace_id=why.trace_id,
            post_id=one.post_id,
            channel=one.channel,
            move=one.move,
            reason=one.code,
            attempt=one.attempt or None,
        )
    failed = f", {len(this.carrier.failed)} failed" if this.carrier.failed else ""
    outcome = f"{this.found.moves} moved, {sent} events{failed}"
    log.line(_log, "scheduler ran", trace_id=why.trace_id, move=why.kind, count=posts, outcome=outcome)


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
