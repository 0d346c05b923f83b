"""Woken by its schedules, by ``ss.rules.changed`` and by its own sweep. Every run does all that there is to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from mesh import clock, events, log
from mesh.bus import Bus
from mesh.errors import Damaged
from mesh.ledger import Act, Ledger, TableNames, Tables
from mesh.rulebook import Rulebook, Template
from mesh.schedules import ScheduleGroup
from mesh.side_by_side import in_threads
from template_sync.decide import (
    BY,
    MOST_AHEAD,
    Occurrence,
    comes_too_often,
    days_ahead,
    lead_of,
    status_of,
    wanted_now,
)
from template_sync.edges import Kept, TemplateSchedules, read_rules
from template_sync.settings import TemplateSettings

# Each call is tried again by itself; with boto3's own tries and its minute of patience one lost answer would be the whole run.
_HASTE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2}, max_pool_connections=16)
_LOG = log.logger("template-sync")


@dataclass(frozen=True)
class Wiring:
    settings: TemplateSettings
    rules: Callable[[], Rulebook | None]
    ledger: Ledger
    schedules: TemplateSchedules
    bus: Bus


@cache
def wire() -> Wiring:
    settings = TemplateSettings.load()
    s3 = boto3.client("s3")
    # It has no rights on the other two tables, and asks nothing of them.
    names = TableNames(status=settings.status_table, sends="", audit=settings.audit_table, runtime="")
    group = ScheduleGroup(boto3.client("scheduler", config=_HASTE), settings.template_group)
    return Wiring(
        settings,
        lambda: read_rules(s3, settings),
        Ledger(Tables(boto3.client("dynamodb")), names),
        TemplateSchedules(group, settings, in_threads),
        Bus(boto3.client("events"), settings.prefix, _LOG),
    )


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many rows and drafts were wanted, and how many schedules were made and deleted."""
    wiring = wire()
    move, trace_id = woken_by(event, wiring.bus.source)
    return run(wiring, move, trace_id, clock.now())


def woken_by(event: dict[str, Any], source: str) -> tuple[str, str]:
    """By what, in a word, and the trace id. A wrong shape raises: the dead-letter queue keeps it."""
    if "template" in event:
        return "template", events.new_trace_id()
    if event.get("tick") == "templates":
        return "sweep", events.new_trace_id()
    detail = events.parse(event, source)
    if not isinstance(detail, events.RulesChanged):
        raise TypeError(f"template-sync is not woken by {detail.detail_type}")
    return "rules", detail.trace_id


def run(wiring: Wiring, move: str, trace_id: str, now: datetime) -> dict[str, int]:
    """Rows first, then the schedules, which only hurry the next ones. An ExceptionGroup at the end of what failed: the rest is done."""
    try:
        rulebook = wiring.rules()
    except Damaged as damage:  # its owner is told by who mirrors it; until then all stays as it is
        log.line(_LOG, "recurring posts", trace_id=trace_id, move=move, outcome="nothing done", reason=str(damage))
        return {}
    if rulebook is None:
        log.line(_LOG, "recurring posts", trace_id=trace_id, move=move, outcome="there are no rules yet")
        return {}
    rows, drafts, failures = _want(wiring, rulebook, trace_id, now)
    kept = _keep_schedules(wiring, rulebook, trace_id, now)
    counts = {"rows": rows, "drafts": drafts, "made": kept.made, "deleted": kept.deleted}
    outcome = f"{rows} rows and {drafts} drafts wanted, {kept.made} schedules made, {kept.deleted} deleted"
    log.line(_LOG, "recurring posts", trace_id=trace_id, move=move, count=len(rulebook.templates), outcome=outcome)
    if failed := [*failures, *kept.failures]:
        raise ExceptionGroup(f"{len(failed)} things of the recurring posts failed", failed)
    return counts


def _want(wiring: Wiring, rulebook: Rulebook, trace_id: str, now: datetime) -> tuple[int, int, list[Exception]]:
    """Each item before the event that tells of it; what was there first is told by who put it there."""
    days = days_ahead(rulebook, now, lead_of(rulebook, wiring.settings.lead))
    known = wiring.ledger.statuses([post_id for one in days for post_id in one.ids]) if days else {}
    rows: list[str] = []
    drafts: list[str] = []
    failures: list[Exception] = []
    for one in wanted_now(days, known, rulebook.zone):
        try:
            if _begin(wiring.ledger, one, trace_id, now):
                (drafts if one.template.drafted else rows).append(one.post_id)
        except Exception as error:  # noqa: BLE001 - raised at the end of the run, after the others had their turn
            failures.append(error)
    wiring.bus.put(
        [
            events.RowWanted(post_ids=rows, trace_id=trace_id),
            events.DraftRequested(post_ids=drafts, trace_id=trace_id),
        ]
    )
    return len(rows), len(drafts), failures


def _begin(ledger: Ledger, one: Occurrence, trace_id: str, now: datetime) -> bool:
    """False where it has an item by now, whatever became of it."""
    action = "draft of a recurring post wanted" if one.template.drafted else "row of a recurring post wanted"
    act = Act(action=action, by=BY, at=now, trace_id=trace_id)
    fresh = status_of(one, now, trace_id)
    return ledger.change_status(one.post_id, act, lambda before: None if before else fresh, read={}) is not None


def _keep_schedules(wiring: Wiring, rulebook: Rulebook, trace_id: str, now: datetime) -> Kept:
    """Equal to the rules. What comes too often is said before its schedules are made, so that it is said with the rules that made it so."""
    missing, extra = wiring.schedules.missing(rulebook)
    new = {template.line: template for template, _ in missing.values()}
    wiring.bus.put(_too_often(list(new.values()), wiring.settings, rulebook, trace_id, now))
    return wiring.schedules.make_and_delete([request for _, request in missing.values()], extra)


def _too_often(
    templates: Sequence[Template], settings: TemplateSettings, rulebook: Rulebook, trace_id: str, now: datetime
) -> list[events.Trouble]:
    """The line and not the name: an event carries nobody's words."""
    lead = lead_of(rulebook, settings.lead)
    return [
        events.Trouble(
            cause=f"recurring-often#{template.line}#{now:%Y-%m-%d}",
            message=(
                f"The recurring post in line {template.line} of your rules doc comes more than {MOST_AHEAD} times in the next"
                f" {lead.days} days. Its next {MOST_AHEAD} posts are in the sheet, and each that goes by makes room for"
                " another. Is that what you want? If not, write fewer times or days into that line."
            ),
            trace_id=trace_id,
        )
        for template in templates
        if comes_too_often(template, now, lead, rulebook.zone)
    ]
