"""Woken every five minutes and by every event after which the sheet shall say something else (README.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import httpx

from drive_sync.edges import MirrorStore
from drive_sync.parts import Parts
from drive_sync.settings import DriveSyncSettings
from drive_sync.state import SAID_AFTER, STATE_KEY, State, since
from drive_sync.syncing import Sync
from drive_sync.writer import SCOPES, SheetWriter
from mesh import clock, events, log
from mesh.bus import Bus
from mesh.errors import Busy, Doubt, MeshError, Misconfigured, Throttled
from mesh.google import Google, GoogleRefused, NotShared
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.sheet import SheetBroken
from mesh.vault import Vault

_MEANWHILE = "Until then edits wait, and a post whose row cannot be read is not sent."
LEASE_KEY = "lease#drive-sync"
LEASE = timedelta(seconds=75)  # longer than the function may run: a killed run's lease ends by itself
_TIMEOUT = httpx.Timeout(10, connect=3)
_log = log.logger("drive-sync")


@cache
def wire() -> Parts:
    settings = DriveSyncSettings.load()
    document = Vault(boto3.client("secretsmanager")).document(settings.drive_secret)
    tables = Tables(boto3.client("dynamodb"))
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    return Parts(
        google=Google(document, SCOPES, httpx.Client(timeout=_TIMEOUT)),
        writer=SheetWriter(document, settings.sheet_id, settings.tab),
        store=MirrorStore(boto3.client("s3"), settings.posts_bucket, settings.rules_bucket),
        ledger=Ledger(tables, names),
        runtime=Runtime(tables, names),
        bus=Bus(boto3.client("events"), settings.prefix, _log),
        sheet_id=settings.sheet_id,
        folder_id=settings.drive_folder_id,
        tab=settings.tab,
        tz_name=settings.tz_name,
        horizon=timedelta(days=settings.horizon_days),
        clock=clock.now,
        approve_url=settings.approve_url,
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Counts of the run. Returns at once when another run holds the lease: that one looks again before it lets go."""
    parts = wire()
    detail = events.parse(event, parts.bus.source) if "detail-type" in event else None
    trace_id = detail.trace_id if detail is not None else events.new_trace_id()
    got = {"got": detail.detail_type, **log.about(detail)} if detail is not None else {"got": "poll"}
    request_id = str(context.aws_request_id)
    return sync(parts, trace_id, request_id, lambda: context.get_remaining_time_in_millis() / 1000, got)


def sync(
    parts: Parts,
    trace_id: str,
    owner: str,
    remaining_seconds: Callable[[], float],
    got: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, int]:
    """Under the lease, until nobody has asked for another look. ``got``: what the log line says of what woke it."""
    told = {**got, "trace_id": trace_id}
    try:
        parts.runtime.take_lease(LEASE_KEY, owner, parts.clock(), LEASE)
    except Busy:
        log.line(_log, "another run is at it and will look again", **told)
        return {}
    totals: dict[str, int] = {}
    while True:
        try:
            counts = _said(parts, trace_id, remaining_seconds)
        except BaseException:
            parts.runtime.forget(LEASE_KEY)
            raise
        totals = {name: totals.get(name, 0) + count for name, count in counts.items()}
        if parts.runtime.release_lease(LEASE_KEY, owner):
            break
        if remaining_seconds() < 20:  # no time for the other look: the next run's, which must not find us here
            parts.runtime.forget(LEASE_KEY)
            break
    log.line(
        _log,
        "sheet synced" if totals else "the sheet could not be synced, and its owner is told",
        **{**told, "count": totals.get("changed", 0)},
        outcome=f"{totals.get('writes', 0)} rows written",
    )
    return totals


def _said(parts: Parts, trace_id: str, remaining_seconds: Callable[[], float]) -> dict[str, int]:
    """What only the owner can mend is said, under a cause that stays the same while it lasts, and the next run looks again.

    A Doubt is raised, for the retry; one that has lasted a quarter of an hour is said too.
    """
    try:
        return Sync(parts, trace_id, remaining_seconds).run()
    except SheetBroken as error:
        cause = f"sheet-broken#{hashlib.sha256(str(error).encode()).hexdigest()[:12]}"
        parts.bus.put([events.Trouble(trace_id=trace_id, cause=cause, message=f"{error} {_MEANWHILE}")])
    except NotShared as error:
        parts.bus.put([events.Trouble(trace_id=trace_id, cause="sheet-not-shared", message=f"{error} {_MEANWHILE}")])
    except Misconfigured as error:
        wire.cache_clear()  # another key may be in the secret by the next run
        parts.bus.put([events.Trouble(trace_id=trace_id, cause="drive-secret", message=f"{error}. {_MEANWHILE}")])
    except (Doubt, GoogleRefused) as error:
        _say_if_lasting(parts, trace_id, error)
        raise
    return {}


def _in_words(error: MeshError) -> str:
    """For the owner: no name of a call, of an address or of an error, which the log has."""
    if isinstance(error, GoogleRefused):
        return "Google refuses what it is asked for"
    if isinstance(error, Throttled):
        return "it is asked to slow down, each time"
    return "no answer comes, or none that can be used"


def _say_if_lasting(parts: Parts, trace_id: str, error: MeshError) -> None:
    now = parts.clock()
    state = State.of(parts.runtime.get(STATE_KEY, now))
    if state.failing_since is None:
        parts.runtime.put(STATE_KEY, replace(state, failing_since=now.isoformat()).item())
    elif since(state.failing_since, now) >= SAID_AFTER.total_seconds():
        began = datetime.fromisoformat(state.failing_since).astimezone(ZoneInfo(parts.tz_name))
        message = f"Your sheet cannot be read or written since {began:%A %H:%M} ({_in_words(error)}). {_MEANWHILE} It goes on by itself."
        cause = f"sheet-unreachable#{state.failing_since}"
        parts.bus.put([events.Trouble(trace_id=trace_id, cause=cause, message=message)])
