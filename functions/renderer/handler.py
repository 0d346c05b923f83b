"""Woken by ``ss.package.wanted``: renders each post, stores the package or its problems, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
import httpx

from mesh import clock, log
from mesh.bus import Bus
from mesh.errors import Doubt
from mesh.events import PackageReady, PackageWanted, parse
from mesh.ledger import Act, Ledger, PackageRef, TableNames, Tables
from mesh.ledger.items import ChannelProblem
from mesh.packages import Manifest, Packages
from mesh.posts import Plan, Row
from mesh.rulebook import Rulebook
from renderer.asking import Outside, Servers
from renderer.cache import RenderCache
from renderer.decide import Render, Skip, Told, make_package, reference, remarks, what_to_do, with_package
from renderer.edges import Mirror, make_variants
from renderer.images import Variant
from renderer.settings import RendererSettings
from renderer.web import Web

_LOG = log.logger("renderer")
_DONE = frozenset({"ready", "problems"})
# The slowest post measured, four noisy transparent pictures of 10 megapixels, takes 13 s of a processor, and 1,024 MB give 0.58 of one;
# a server and a page that do not answer are waited for 10 s each at most.
_SPARE_MILLISECONDS = 40_000


@dataclass(frozen=True)
class Renderer:
    mirror: Mirror
    ledger: Ledger
    packages: Packages
    bus: Bus
    cache: RenderCache
    outside: Callable[[], Outside]  # made anew for every invocation


@cache
def wire() -> Renderer:
    settings = RendererSettings.load()
    s3 = boto3.client("s3")
    http, web = httpx.Client(follow_redirects=False, trust_env=False), Web(settings.link_pages)
    # It has no rights on the other two tables, and asks nothing of them.
    names = TableNames(status=settings.status_table, sends="", audit=settings.audit_table, runtime="")
    return Renderer(
        mirror=Mirror(s3, settings),
        ledger=Ledger(Tables(boto3.client("dynamodb")), names),
        packages=Packages(s3, settings.posts_bucket),
        bus=Bus(boto3.client("events"), settings.prefix, _LOG),
        cache=RenderCache(s3, settings.render_cache_bucket),
        outside=lambda: Servers(http, web),
    )


def handler(event: dict[str, Any], context: Any) -> None:
    """An ExceptionGroup at the end when a post failed unexpectedly: the others are done, and the retry finds their packages."""
    renderer = wire()
    wanted = parse(event, renderer.bus.source)
    if not isinstance(wanted, PackageWanted):
        raise TypeError(f"the renderer is not woken by {wanted.detail_type}")
    post_ids = list(dict.fromkeys(wanted.post_ids))
    job = _Job(renderer, renderer.mirror.rows(), renderer.mirror.rulebook(), renderer.outside(), wanted.trace_id)
    done: list[str] = []
    counts: Counter[str] = Counter()
    failures: list[Exception] = []
    for post_id in post_ids:
        try:
            if context is not None and context.get_remaining_time_in_millis() < _SPARE_MILLISECONDS:
                raise Doubt(f"no time left for {post_id}")  # noqa: TRY301 - counted like every other failure
            todo = what_to_do(job.rows.get(post_id, []), renderer.ledger.status(post_id), job.rulebook)
            outcome = _render(job, todo, clock.now())
        except Exception as error:  # noqa: BLE001 - one post's failure must not stop the others; all are raised below
            failures.append(error)
            counts["failed"] += 1
            continue
        counts[outcome] += 1
        if outcome in _DONE:
            done.append(post_id)
    renderer.bus.put([PackageReady(post_ids=done, trace_id=wanted.trace_id)])
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    log.line(_LOG, "packages", got=wanted.detail_type, outcome=summary, **{**log.about(wanted), "count": len(post_ids)})
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(post_ids)} posts", failures)


@dataclass(frozen=True)
class _Job:
    """One invocation."""

    renderer: Renderer
    rows: Mapping[str, list[Row]]
    rulebook: Rulebook
    outside: Outside
    trace_id: str


def _render(job: _Job, todo: Render | Skip, now: datetime) -> str:
    """Package first, table second. What became of it, in a word or a few for the log: ``ready``, ``problems``, or why it was skipped."""
    if isinstance(todo, Skip):
        return f"skipped ({todo.reason})"
    package = _package(job, todo.plan)
    outcome = "ready" if package.revision else "problems"
    act = Act(f"package {outcome}", by="renderer", at=now, trace_id=job.trace_id)
    job.renderer.ledger.change_status(todo.plan.row.post_id, act, lambda before: with_package(before, package))
    return outcome


def _package(job: _Job, plan: Plan) -> PackageRef:
    """What was rendered from this source before stands, whatever this version would make of it: an approval may be bound to it."""
    source, packages = plan.source_revision, job.renderer.packages
    told = job.outside.told(plan, job.rulebook)
    about = remarks(plan, told, [row for rows in job.rows.values() for row in rows], job.rulebook)
    revision = packages.revision_of(plan.row.post_id, source)
    if revision is None:
        made, contents = _make(job, plan, told)
        if not isinstance(made, Manifest):
            return PackageRef(source_revision=source, problems=made, remarks=about)
        revision = packages.write(made, contents)
    return reference(source, packages.read(plan.row.post_id, revision), about)


def _make(
    job: _Job, plan: Plan, told: Mapping[str, Told]
) -> tuple[Manifest | tuple[ChannelProblem, ...], dict[str, bytes]]:
    """The manifest and the bytes that it names, or what is wrong."""
    declared = {name: server.composer.declared for name, server in told.items()}
    variants = make_variants(plan, declared, job.renderer.mirror, job.renderer.cache)
    page = (
        job.outside.page(plan.row.link) if not plan.row.image_names else None
    )  # no network makes a card beside images
    made = make_package(plan, job.rulebook.time_zone, told, variants, page)
    if not isinstance(made, Manifest):
        return made, {}
    named = {image.sha256 for channel in made.channels.values() for image in channel.every_image}
    found = [variant for variant in variants.values() if isinstance(variant, Variant)]
    found += [page.thumbnail] if page is not None and page.thumbnail is not None else []
    return made, {variant.sha256: variant.content for variant in found if variant.sha256 in named}
