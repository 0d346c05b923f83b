"""``make quarter``: thirteen virtual weeks on the deployed template, unattended, made of one seed.

A business edits, re-times, holds and undoes, changes its rules and moves to another time zone, while one thing after the other is
down for an hour and for a day, throttled, killed, lost or doubled. What must not happen is judged by the referee of the week, who knows
only what people see; anything of it ends with a non-zero exit, the seed and the story of that post. ``build/quarter.json`` holds the
figures.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local import ROOT
from local.calendars.sample import load_sample
from local.quarter_outages import KINDS
from local.quarter_plan import DAY, HOUR, plan_quarter
from local.quarter_run import QuarterRun
from local.quarter_verdict import NOUGHTS, judge_bursts, print_noughts, quarter_figures
from local.run import SAMPLE, SAMPLE_ZONE, say
from local.stack import StackError
from local.story_world import StoryError
from local.week import TODAY, working_folder
from local.week_stack import deployed
from local.week_verdict import print_figures, print_stories, print_table
from local.week_world import WeekWorld

DAYS, POSTS = 91, 160
SHORT_DAYS, SHORT_POSTS = 3, 14
_PACE = ("--retry-seconds", "0.1", "--sdk-attempts", "2", "--save-seconds", "30")
"""An outage is long enough in virtual time, and nobody comes back to the tables of a quarter."""

_DOWN = ("tables", "deliveries", "google", "bluesky", "mastodon", "everything")
OUTAGES: tuple[tuple[str, timedelta], ...] = (
    *((kind, HOUR) for kind in (*_DOWN, "storage")),
    *((kind, DAY) for kind in _DOWN),
    *((kind, timedelta(minutes=minutes)) for kind, minutes in (
        ("throttled bookings", 30),
        ("throttled tables", 15),
        ("throttled google", 30),
        ("bluesky limit", 40),
        ("mastodon limit", 25),
    )),
)  # fmt: skip
SHORT: tuple[tuple[str, timedelta], ...] = (("google", HOUR), ("deliveries", DAY))
assert {kind for kind, _ in OUTAGES} <= set(KINDS)


def main(argv: list[str]) -> int:
    options = _options(argv)
    began = time.monotonic()
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    days, posts = (SHORT_DAYS, SHORT_POSTS) if options.short else (options.days, options.posts)
    try:
        outages = SHORT if options.short else listed(options.outages) if options.outages else OUTAGES
        with working_folder(options.state) as folder:
            told = live(folder, seed, days, posts, outages, say, ROOT / "build" / "quarter.json")
    except (StackError, StoryError, ValueError) as error:
        say(f"✗ {error} (seed {seed})")
        return 1
    say(f"{time.monotonic() - began:.0f} s in all, seed {seed}")
    return 1 if any(told[kind] for kind in NOUGHTS) else 0


def live(
    folder: Path,
    seed: int,
    days: int,
    posts: int,
    outages: Sequence[tuple[str, timedelta]],
    tell: Callable[[str], None],
    out: Path,
) -> dict[str, Any]:
    """The whole of it; the figures, which are written to the file ``out`` as well."""
    began = time.monotonic()
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, TODAY, zone, recurring=False)
    assert sample.start is not None
    week = plan_quarter(seed, sample.start, zone, sample.rows, days=days, posts=posts, outages=outages)
    tell(f"seed {seed}: {posts} posts in {days} days, {len(week.happenings)} happenings")
    with deployed(folder, replace(sample, rows=week.rows), tell, pace=_PACE) as stack:
        run = QuarterRun(WeekWorld(stack), stack, week, tell)
        try:
            run.go()
        except StackError as error:
            run.referee.complain("missed", 0, f"the stack came to no end: {error}")
        ends = run.referee.finish()
        told = quarter_figures(run, ends, judge_bursts(run), time.monotonic() - began)
        print_table(run, ends, tell)
        print_stories(run, tell, NOUGHTS)
        print_figures(told, tell)
        print_noughts(told, tell)
        _keep(told, run, out)
        tell(f"written to {out}")
    return told


def listed(told: str) -> tuple[tuple[str, timedelta], ...]:
    """ "google:60, throttled tables:15": kinds and minutes. ValueError names what is none of ``KINDS``."""
    found = []
    for part in told.split(","):
        kind, _, minutes = part.strip().partition(":")
        if kind not in KINDS or not minutes.isdigit():
            raise ValueError(f"“{part.strip()}” is no outage; write it like google:60, of {', '.join(KINDS)}")
        found.append((kind, timedelta(minutes=int(minutes))))
    return tuple(found)


def _keep(told: dict[str, Any], run: QuarterRun, out: Path) -> None:
    out.parent.mkdir(exist_ok=True)
    complaints = [vars(complaint) for complaint in run.referee.complaints]
    out.write_text(json.dumps({**told, "complaints": complaints}, indent=1, ensure_ascii=False))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local quarter", description=__doc__)
    parser.add_argument("--seed", type=int, help="one quarter; without it a random one, printed")
    parser.add_argument("--days", type=int, default=DAYS, help="how many days (%(default)s)")
    parser.add_argument("--posts", type=int, default=POSTS, help="how many posts (%(default)s)")
    parser.add_argument("--outages", help="other ones, like google:60,mastodon:1440 (minutes)")
    parser.add_argument("--short", action="store_true", help="three days, an outage of an hour and one of a day")
    parser.add_argument("--state", help="an empty folder to keep everything in, logs and tables too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
