"""The bill in words and columns, for the terminal and for docs/cost.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.cost.bill import Bill, Line
from local.cost.hammering import ACCOUNT_CONCURRENCY, NEW_ACCOUNT_CONCURRENCY, Hit
from local.cost.prices import AIM_USD, AS_OF, REGION

RESERVED = 2
_DOUBLED = ("lambda.gb_seconds",)


_LEAST = 0.00005


def money(usd: float) -> str:
    return "0" if usd == 0 else _small(usd) if usd < 0.1 else f"{usd:,.2f}"


def amount(count: float) -> str:
    return f"{count:,.0f}" if count >= 100 or count == int(count) else f"{count:,.2f}" if count >= 1 else _small(count)


def _small(number: float) -> str:
    return f"{number:.4f}" if number >= _LEAST else "< 0.0001"


def bill_table(bill: Bill) -> list[str]:
    """As a table of Markdown."""
    lines = [
        "| service | how much a month | price | without free tier | with what is always free |",
        "| --- | --- | --- | --- | --- |",
    ]
    for line in sorted((one for one in bill.lines if one.count), key=lambda one: (not one.in_the_aim, -one.usd)):
        lines.append(
            f"| {line.price.service}{'' if line.in_the_aim else ' *'} | {amount(line.count)} {line.price.unit} |"
            f" {_price(line)} | {money(line.usd)} | {money(line.free_usd)} |"
        )
    for name, aim_only in ((f"sum of the aim ({AIM_USD:.0f} USD)", True), ("sum with *", False)):
        sums = [money(bill.total(kind, aim_only=aim_only)) for kind in ("usd", "free_usd")]
        lines.append(f"| **{name}** | | | **{sums[0]}** | **{sums[1]}** |")
    return lines


def _price(line: Line) -> str:
    per = "" if line.price.per == 1 else f" / {line.price.per:,.0f}"
    usd = f"{line.price.usd:.10f}".rstrip("0").rstrip(".")
    return f"{usd}{per}{'' if line.price.sure else ' (?)'}"


def bill_notes(bill: Bill, counted: dict[str, Any]) -> list[str]:
    doubled = sum(bill.of(key).usd for key in _DOUBLED)
    cold = sum(one.cold * 30 / counted["days"] for one in bill.durations.values())
    unsure = sum(line.usd for line in bill.lines if not line.price.sure and line.in_the_aim)
    return [
        f"Prices of {AS_OF} in {REGION}, US dollars without tax; (?) is a price from memory, {money(unsure)} of the aim's sum.",
        f"Were every duration twice what is assumed, it would be {money(doubled)} more; {cold:,.0f} cold starts are in it.",
        f"{counted['posts']} posts, {counted['published']} sent, {counted['drafts']} drafts in {counted['days']} days of virtual time.",
    ]


def functions_table(bill: Bill, counted: Mapping[str, Any]) -> list[str]:
    """``held`` is the most megabytes that a process of it held here; "-" in a file of an earlier count."""
    lines = [
        "| function | MB | held | invocations a month | computing | waiting | cold starts | GB-seconds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    days, held = counted["days"], counted["figures"].get("held", {})
    month = 30 / days
    for name, one in sorted(bill.durations.items(), key=lambda pair: -pair[1].gb_seconds):
        each = 1000 / one.invocations
        per_month = f"{one.invocations * month:,.0f} | {one.computing * each:.0f} ms | {one.waiting * each:.0f} ms"
        lines.append(
            f"| {name} | {one.memory_mb} | {held.get(name, '-')} | {per_month} |"
            f" {one.cold * month:,.0f} | {one.gb_seconds * month:,.0f} |"
        )
    return lines


def hits_table(hits: Sequence[Hit]) -> list[str]:
    lines = [
        "| one request | took | calls | reads | writes | log | a million of them |"
        f" all month at {RESERVED} at a time | at {NEW_ACCOUNT_CONCURRENCY} | at {ACCOUNT_CONCURRENCY:,} |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for hit in sorted(hits, key=lambda one: -one.month_usd(ACCOUNT_CONCURRENCY)):
        months = " | ".join(
            f"{hit.month_usd(places):,.0f}" for places in (RESERVED, NEW_ACCOUNT_CONCURRENCY, ACCOUNT_CONCURRENCY)
        )
        lines.append(
            f"| {hit.name} | {hit.seconds * 1000:.0f} ms | {hit.calls:.1f} | {hit.reads:.1f} | {hit.writes:.1f} |"
            f" {hit.log_bytes:.0f} B | {hit.usd * 1e6:.2f} | {months} |"
        )
    return lines
