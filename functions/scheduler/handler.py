"""Woken by the daily tick, the sweep, the daily probe and every event that may change a move (README.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from mesh import clock, events, figures, log
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.ledger import Ledger, Runtime, Status, TableNames, Tables
from mesh.ledger.runtime import SCHEDULER_STATE
from mesh.side_by_side import Together, in_threads
from scheduler import ahead
from scheduler.acting import Run
from scheduler.decide import decide
from scheduler.echoes import echoes
from scheduler.edges import Calendar
from scheduler.looking import Look, Looking, Waking, WrongClock
from scheduler.never import no_minute_trouble
from scheduler.settings import SchedulerSettings
from scheduler.spacing import looks_back_to
from scheduler.steps import Clock, Gathered
from scheduler.tidying import tidy
from scheduler.watching import ages, queue

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
    together: Together = in_threads
    answered_at: Callable[[], datetime | None] = lambda: None  # the tables' time in their last answer


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
        Bus(boto3.client("events"), settings.prefix, _log),
        answered_at=lambda: tables.answered_at,
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
    """Look, follow the rows, decide, carry it out, say it; at last remember how far it came."""
    time = Clock(now, wiring.settings.quiet, wiring.settings.horizon)
    try:
        look = _looking(wiring, time, why.trace_id).look(why)
    except WrongClock as wrong:
        wiring.bus.put([wrong.told(why.trace_id)])
        raise
    this = Run(
        wiring.ledger, wiring.runtime, wiring.bookings, wiring.bus, look.rulebook, time, why.trace_id, wiring.together
    )
    this.found.troubles += look.troubles
    posts = _follow_and_move(wiring, this, look, why, time) if look.scope else 0
    this.probe_all(look.probed)
    sent = this.emit()
    remember = look.unfinished if this.carrier.failed else look.remember
    if remember is not None:
        wiring.runtime.put(SCHEDULER_STATE, remember.item())
        if why.is_tick:
            found = {**ages(remember, look.synced_at, now), **this.queue}
            figures.put(wiring.settings.prefix, "scheduler", found)
    if look.daily and look.scope:
        tidy(wiring.ledger, wiring.bookings, now, wiring.together)
    _log_run(why, this, posts, sent)
    this.carrier.finish()
    return {"posts": posts, "moved": this.found.moves, "events": sent}


def _looking(wiring: Wiring, time: Clock, trace_id: str) -> Looking:
    return Looking(
        wiring.ledger,
        wiring.runtime,
        wiring.calendar,
        wiring.settings.tz_name,
        time,
        trace_id,
        wiring.answered_at,
        wiring.together,
    )


def _follow_and_move(wiring: Wiring, this: Run, look: Look, why: Waking, time: Clock) -> int:
    """How many posts were decided."""
    if look.plans is not None:
        for post_id in look.scope:
            this.follow(post_id, look.known.get(post_id), look.plans.get(post_id))
    statuses = wiring.ledger.statuses({*look.scope, *look.open_ids})
    heads = wiring.ledger.heads(_with_left_channels(one, look.known.get(key)) for key, one in statuses.items())
    channels = {channel for status in statuses.values() for channel in status.channels}
    this.look_up({*look.rulebook.channels, *channels})
    decided = set(look.scope).difference(this.carrier.failed)
    posts = [status for post_id, status in statuses.items() if post_id in decided]
    others = [status for post_id, status in statuses.items() if post_id not in decided]
    since = looks_back_to(posts, heads, look.rulebook, time.now)
    sent = wiring.ledger.sent_since(since, time.now) if since is not None else []
    gathered = Gathered(posts, heads, frozenset(this.standing), look.rulebook, time, why.trace_id, others, sent)
    this.carry_out(decide(gathered), heads)
    this.say_once(no_minute_trouble(posts, look.rulebook, why.trace_id))
    if why.is_tick:
        after = this.heads_now(heads)
        this.queue = queue(statuses.values(), after, gathered)
        upcoming = ahead.probe(wiring.runtime, statuses, after, time.now, why.trace_id)
        this.carrier.events += [*echoes(statuses, after, time.now), upcoming]
    return len(posts)


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
    named = list(why.named or ())[: log.MOST_POSTS]
    about = {"post_id": named[0]} if len(named) == 1 else {"posts": named}
    log.line(_log, "scheduler ran", trace_id=why.trace_id, move=why.kind, count=posts, outcome=outcome, **about)


def _with_left_channels(status: Status, known: Status | None) -> Status:
    """Also the channels that this run took out of the post: what is booked there is to be cancelled."""
    left = known.channels if known is not None else ()
    return status.model_copy(update={"channels": tuple(dict.fromkeys((*status.channels, *left)))})
