"""Woken by ``ss.package.wanted``: renders each post, stores the package or its problems, and says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3

from mesh import clock, log
from mesh.bus import Bus
from mesh.errors import Doubt
from mesh.events import PackageReady, PackageWanted, parse
from mesh.ledger import Act, Ledger, PackageRef, TableNames, Tables
from mesh.packages import Manifest, Packages
from mesh.posts import Plan
from renderer.decide import Render, Skip, make_package, what_to_do, with_package
from renderer.edges import Mirror, make_variants
from renderer.images import Variant
from renderer.settings import RendererSettings

_LOG = log.logger("renderer")
_DONE = frozenset({"ready", "problems"})
# The slowest post measured, four noisy transparent pictures of 10 megapixels, takes 13 s of a processor; 1,024 MB give 0.58 of one.
_SPARE_MILLISECONDS = 25_000


@dataclass(frozen=True)
class Renderer:
    mirror: Mirror
    ledger: Ledger
    packages: Packages
    bus: Bus


@cache
def wire() -> Renderer:
    settings = RendererSettings.load()
    s3 = boto3.client("s3")
    # It has no rights on the other two tables, and asks nothing of them.
    names = TableNames(status=settings.status_table, sends="", audit=settings.audit_table, runtime="")
    return Renderer(
        mirror=Mirror(s3, settings),
        ledger=Ledger(Tables(boto3.client("dynamodb")), names),
        packages=Packages(s3, settings.posts_bucket),
        bus=Bus(boto3.client("events"), settings.prefix),
    )


def handler(event: dict[str, Any], context: Any) -> None:
    """An ExceptionGroup at the end when a post failed unexpectedly: the others are done, and the retry finds their packages."""
    renderer = wire()
    wanted = parse(event, renderer.bus.source)
    if not isinstance(wanted, PackageWanted):
        raise TypeError(f"the renderer is not woken by {wanted.detail_type}")
    post_ids = list(dict.fromkeys(wanted.post_ids))
    rows, rulebook = renderer.mirror.rows(), renderer.mirror.rulebook()
    done: list[str] = []
    counts: Counter[str] = Counter()
    failures: list[Exception] = []
    for post_id in post_ids:
        try:
            if context is not None and context.get_remaining_time_in_millis() < _SPARE_MILLISECONDS:
                raise Doubt(f"no time left for {post_id}")  # noqa: TRY301 - counted like every other failure
            todo = what_to_do(rows.get(post_id, []), renderer.ledger.status(post_id), rulebook)
            outcome = _render(renderer, todo, rulebook.time_zone, clock.now(), wanted.trace_id)
        except Exception as error:  # noqa: BLE001 - one post's failure must not stop the others; all are raised below
            failures.append(error)
            counts["failed"] += 1
            continue
        counts[outcome] += 1
        if outcome in _DONE:
            done.append(post_id)
    renderer.bus.put([PackageReady(post_ids=done, trace_id=wanted.trace_id)])
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    log.line(_LOG, "packages", trace_id=wanted.trace_id, count=len(post_ids), outcome=summary)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(post_ids)} posts", failures)


def _render(renderer: Renderer, todo: Render | Skip, time_zone: str, now: datetime, trace_id: str) -> str:
    """Package first, table second. What became of it, in a word or a few for the log: ``ready``, ``problems``, or why it was skipped."""
    if isinstance(todo, Skip):
        return f"skipped ({todo.reason})"
    package = _package(renderer, todo.plan, time_zone)
    outcome = "problems" if package.problems else "ready"
    act = Act(f"package {outcome}", by="renderer", at=now, trace_id=trace_id)
    renderer.ledger.change_status(todo.plan.row.post_id, act, lambda before: with_package(before, package))
    return outcome


def _package(renderer: Renderer, plan: Plan, time_zone: str) -> PackageRef:
    """What was rendered from this source before stands, whatever this version would make of it: an approval may be bound to it."""
    source = plan.source_revision
    revision = renderer.packages.revision_of(plan.row.post_id, source)
    if revision is not None:
        return PackageRef(source_revision=source, revision=revision)
    variants = make_variants(plan, renderer.mirror)
    made = make_package(plan, time_zone, variants)
    if not isinstance(made, Manifest):
        return PackageRef(source_revision=source, problems=made)
    contents = {variant.sha256: variant.content for variant in variants.values() if isinstance(variant, Variant)}
    return PackageRef(source_revision=source, revision=renderer.packages.write(made, contents))
