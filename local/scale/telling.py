"""The tables, for the terminal and for docs/scale.md. Pure but for the templates."""

from __future__ import annotations

from collections.abc import Iterable

from local.cost.business import MONTH_DAYS
from local.reference.markdown import table
from local.scale.costs import each
from local.scale.house import Shape
from local.scale.measured import BUSY, SMALL, Measured
from local.scale.morning import TOLD_AFTER
from local.scale.outcome import Outcome, Stand
from local.scale.quotas import KEPT, PASSED, RESOURCES_A_STACK, Quota
from local.scale.stacks import fits, held, largest_stack
from local.scale.steps import SIZES, Step
from local.scale.uses import OWN, Use, uses

NAMES = {quota.key: quota for quota in (*(quota for quota, _ in KEPT), *PASSED)}
_UNSURE = " (?)"


def counted_lines(takes: Measured) -> list[str]:
    """What needs no simulation."""
    resources = sum(count for kind, count in held().items() if kind != "AWS::CloudFormation::Stack")
    return [
        f"The three stacks of a business hold {resources} resources, {largest_stack()} of them in the largest,"
        f" which may have {RESOURCES_A_STACK}.",
        "",
        _post_line(takes),
        "",
        *table(
            ("it takes merely by being there", "of", "so one account has room for", "raised, for", "look it up in"),
            (
                (
                    f"{one.each} {one.quota.what} of {one.quota.service}",
                    f"{one.quota.value:,.0f} for each {_scope(one.quota)}",
                    f"{one.businesses:,}",
                    _raised(one.quota, one.raised),
                    _source(one.quota),
                )
                for one in fits()
            ),
        ),
        *_use_table(uses(takes)),
        *_own_table(),
        *_cost_table(takes),
    ]


def _post_line(takes: Measured) -> str:
    longest = ", ".join(f"{count:.1f} s on {name.capitalize()}" for name, count in sorted(takes.send_seconds.items()))
    asked = takes.secrets * len(takes.send_seconds)
    return (
        f"One post on three channels, counted on {takes.counted_on}: {takes.sheet_reads:.2f} reads and {takes.sheet_writes:.2f} writes of"
        f" the sheet, {takes.listings:.2f} listings of Drive, {asked:.1f} requests for secrets, {takes.stored:.0f} of them to write one."
        f" In the assumed times a send takes {longest}."
    )


def _scope(quota: Quota) -> str:
    return quota.scope.replace("account and region", "region")


def _raised(quota: Quota, businesses: int | None) -> str:
    if not quota.adjustable:
        return "never raised"
    return f"{businesses:,}" if businesses is not None else "on request"


def _source(quota: Quota) -> str:
    return quota.source + ("" if quota.sure else _UNSURE)


def _use_table(found: Iterable[Use]) -> list[str]:
    return table(
        ("it passes", "shared by", "raised", "enough for", "small", "busy", "look it up in"),
        (
            (
                f"{one.quota.service}: {one.quota.value:,.0f} {one.quota.what}",
                one.quota.scope,
                "on request" if one.quota.adjustable else "no",
                one.each,
                f"{one.enough_for(one.small):,}",
                f"{one.enough_for(one.busy):,}",
                _source(one.quota),
            )
            for one in found
        ),
    )


def _own_table() -> list[str]:
    return table(
        ("each account's own", "a business of 600 posts a month takes", "look it up in"),
        (
            (f"{one.service}: {one.value:,.0f} {one.what}", f"{BUSY // MONTH_DAYS} posts a day", _source(one))
            for one in OWN
        ),
    )


def _cost_table(takes: Measured) -> list[str]:
    rows = []
    for size in SIZES:
        cells = [f"{size:,}"]
        for posts in (SMALL, BUSY):
            counts = takes.months[posts].counts
            own, shared = each(counts, size, Shape.STACKS), each(counts, size, Shape.SHARED)
            cells += [f"{own.usd:.2f}", f"{own.undashed:.2f}", f"{shared.usd:.2f}"]
        rows.append(cells)
    heads = (f"{kind}, {how}" for kind in ("small", "busy") for how in ("a stack each", "no dashboards", "one for all"))
    return table(("businesses", *heads), rows)


_HEAD = (
    "businesses",
    "how",
    "sends",
    "half within",
    "99 of 100",
    "the last",
    "owners told",
    "places taken",
    "who said no, or wait, and how often; the first one first",
)


def outcome_row(step: Step, outcome: Outcome) -> tuple[str, ...]:
    return (
        f"{step.house.businesses:,}",
        step.name,
        f"{len(outcome.sends):,}",
        seconds(outcome.late(0.5)),
        seconds(outcome.late(0.99)),
        seconds(outcome.late(1.0)),
        f"{told(outcome):,}",
        f"{outcome.most_places:,}",
        bent(outcome),
    )


def told(outcome: Outcome) -> int:
    """Sends that their owner hears of: out too late, asked about, failed, signed out."""
    silent = sum(outcome.standing(one) for one in (Stand.ASKED, Stand.FAILED, Stand.SIGNED_OUT))
    return outcome.later_than(TOLD_AFTER) + silent


def bent(outcome: Outcome) -> str:
    if not outcome.first:
        return "nothing"
    names = sorted(outcome.refused, key=lambda name: (outcome.refused[name][1], name))
    told_of = "; then ".join(f"{_named(name)}: {outcome.refused[name][0]:,}" for name in names)
    lost = outcome.standing(Stand.SIGNED_OUT)
    return told_of + (f"; **{lost:,} sign-ins of X lost**" if lost else "")


def _named(key: str) -> str:
    quota = NAMES[key]
    return (
        f"{quota.value:,.0f} {quota.what} of a {quota.scope}"
        if quota.service.startswith("Google")
        else f"{quota.service}'s {quota.what}"
    )


def seconds(count: float) -> str:
    if count < 90:
        return f"{count:.0f} s"
    return f"{count / 60:.0f} min"


def outcome_table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return table(_HEAD, rows)


def title(shape: Shape, posts: int) -> str:
    what = "60 posts a month" if posts == SMALL else "600 posts a month"
    return f"{shape.value.capitalize()}, {what}"
