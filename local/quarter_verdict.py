"""The end of a quarter: what must be nought, how far apart posts went out, how late, and what stood in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from local.quarter_run import QuarterRun
from local.week_bursts import Distance, Out, distances, most_within
from local.week_spans import SILENCE, network_of
from local.week_verdict import ZEROS, figures

NOUGHTS = (*ZEROS, "silent", "unsettled", "early", "outside", "burst")


def judge_bursts(run: QuarterRun) -> list[Distance]:
    """All distances; a complaint for each that is too close."""
    found = distances(outs(run), run.doc)
    for one in found:
        if one.too_close:
            said = (
                f"on {one.first.channel} No. {one.first.number} and No. {one.second.number} went out {_words(one.span)} apart,"
                f" {one.second.at:%a %d %b %H:%M:%S} UTC; the rules want {_words(one.wanted)}"
            )
            run.referee.complain("burst", one.second.number, said)
    return found


def outs(run: QuarterRun) -> list[Out]:
    return [
        Out(
            one.channel,
            one.number,
            one.at,
            timedelta(seconds=one.late_seconds),
            (one.number, one.channel) in run.referee.in_flight,
        )
        for one in run.referee.out.values()
    ]


def quarter_figures(
    run: QuarterRun, ends: Mapping[tuple[int, str], str], apart: list[Distance], seconds: float
) -> dict[str, Any]:
    told = figures(run, ends, seconds)
    told |= {kind: run.referee.count(kind) for kind in NOUGHTS}
    told["longest_unsettled_minutes"] = round(max(run.referee.unsettled.values(), default=0.0), 1)
    told |= _after_trouble(run.referee.after_trouble)
    after = [one for one in outs(run) if _after_an_outage(run, one)]
    told["smallest_distance_seconds"] = _smallest(apart)
    told["smallest_distance_after_an_outage_seconds"] = _smallest(distances(after, run.doc))
    told["most_within_ten_minutes"] = most_within(outs(run))
    told["most_within_ten_minutes_after_an_outage"] = most_within(after)
    told["asked_about_instead_of_sent"] = asked_about(run)
    told["outages"] = dict(Counter(kind for kind, _ in run.outages.had))
    told["edits_of_the_rules"] = run.doc.edits
    told["happenings"] = len(run.week.happenings) - run.skipped
    return told


def _after_trouble(waits: Sequence[timedelta]) -> dict[str, Any]:
    """Out later than a quarter of an hour after the trouble: its owner was asked, or its row named the time of the next try."""
    late = [wait for wait in waits if wait > SILENCE]
    longest = max(late, default=timedelta())
    return {
        "out_over_15_minutes_after_the_trouble": len(late),
        "longest_after_the_trouble_minutes": round(longest.total_seconds() / 60, 1),
    }


def asked_about(run: QuarterRun) -> int:
    """Posts whose owner was asked, late or in doubt, at any time."""
    asked = {
        number
        for mail, numbers in run.owner.mails
        if mail.subject.startswith(("Too late", "Did this go out")) or "missed their time" in mail.subject
        for number in numbers
    }
    return len(asked)


def print_noughts(told: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    """The one table: what must not happen, and how often it did; then how late, and how close together."""
    tell("")
    tell("  must not happen                                                       times")
    for kind, words in _WORDS.items():
        tell(f"  {'✓' if not told[kind] else '✗'} {words:<66}{told[kind]:>6}")
    tell("")
    tell("  lateness in seconds        posts        p50        p99        max")
    for name, part in told["lateness_seconds"].items():
        tell(f"  {name.replace('_', ' '):<24}{part['count']:>8}{part['p50']:>11}{part['p99']:>11}{part['max']:>11}")
    tell("")


_WORDS = {
    "unapproved": "out without an approval of exactly that",
    "doubled": "out twice on one channel",
    "missed": "approved and due, and neither out nor asked about at the end",
    "silent": "a quarter of an hour late without a word",
    "unsettled": "a quarter of an hour after the trouble neither out nor asked about",
    "burst": "closer together on a channel than the rules want",
    "early": "out before its time",
    "outside": "out against window or blackout days, with nothing in the way",
    "cells": "a cell of the owner's not as typed",
    "audit": "an audit row missing or a chain broken",
}


def _after_an_outage(run: QuarterRun, one: Out) -> bool:
    """Late, and out within six hours of the end of one that concerned its channel."""
    return one.late > timedelta(minutes=2) and any(
        span.until is not None
        and span.until <= one.at <= span.until + timedelta(hours=6)
        and span.network in {"", network_of(one.channel)}
        for _, span in run.outages.had
    )


def _smallest(apart: list[Distance]) -> float | None:
    return min((round(one.span.total_seconds(), 1) for one in apart), default=None)


def _words(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
