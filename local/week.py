"""``make week``: a virtual week on the deployed template, unattended, made of one seed: the owner's deeds, faults and kills.

At its end nothing may be out twice, missed without a word, or out without an approval of exactly that; no cell of the owner's may be lost.
Anything else ends with a non-zero exit, the seed and the story of that post. ``build/week.json`` holds the figures.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from local import ROOT
from local.calendars.sample import load_sample
from local.run import SAMPLE, SAMPLE_ZONE, say
from local.stack import StackError
from local.story_world import StoryError, World
from local.week_histories import HISTORIES, History, Telling, print_histories, rows_for
from local.week_plan import plan_week
from local.week_run import Run
from local.week_stack import deployed
from local.week_verdict import ZEROS, figures, print_figures, print_stories, print_table
from local.week_world import WeekWorld

TODAY = date(2027, 2, 20)  # the week is the same whenever it is run: the Monday three weeks later


def main(argv: list[str]) -> int:
    options = _options(argv)
    began = time.monotonic()
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    try:
        with working_folder(options.state) as folder:
            if options.histories:
                wrong = print_histories(tell_histories(folder, seed, options.histories, say), say)
            else:
                wrong = _week(folder, seed, options.days, options.posts, began)
    except (StackError, StoryError, ValueError) as error:
        say(f"✗ {error} (seed {seed})")
        return 1
    say(f"{time.monotonic() - began:.0f} s in all, seed {seed}")
    return 1 if wrong else 0


def _week(folder: Path, seed: int, days: int, posts: int, began: float) -> int:
    """How many things were not as they must be."""
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, TODAY, zone, recurring=False)
    assert sample.start is not None
    week = plan_week(seed, sample.start, zone, sample.rows, days=days, posts=posts)
    say(f"seed {seed}: {posts} posts in {days} days, {len(week.happenings)} happenings")
    with deployed(folder, replace(sample, rows=week.rows), say) as stack:
        run = Run(WeekWorld(stack), stack, week, say)
        try:
            run.go()
        except StackError as error:
            run.referee.complain("missed", 0, f"the stack came to no end: {error}")
        ends = run.referee.finish()
        told = figures(run, ends, time.monotonic() - began)
        print_table(run, ends, say)
        print_stories(run, say)
        print_figures(told, say)
        _keep(told, run)
    return sum(int(told[kind]) for kind in ZEROS)


def tell_histories(folder: Path, seed: int, count: int, tell: Callable[[str], None]) -> list[History]:
    """``count`` histories on a stack of their own."""
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, TODAY, zone, recurring=False)
    assert sample.start is not None
    rows = rows_for(count, sample.start, zone, sample.rows)
    with deployed(folder, replace(sample, rows=tuple(rows), images={}, rules=None), tell) as stack:
        return Telling(World(stack), stack, sample.start, tell).tell(seed, count)


def _keep(told: dict[str, object], run: Run) -> None:
    out = ROOT / "build" / "week.json"
    out.parent.mkdir(exist_ok=True)
    complaints = [vars(complaint) for complaint in run.referee.complaints]
    out.write_text(json.dumps({**told, "complaints": complaints}, indent=1, ensure_ascii=False))
    say(f"written to {out.relative_to(ROOT)}")


@contextmanager
def working_folder(state: str | None) -> Iterator[Path]:
    """The named one, or one that goes afterwards."""
    if state:
        yield Path(state).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="week-") as folder:
        yield Path(folder)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local week", description=__doc__)
    parser.add_argument("--seed", type=int, help="one week; without it a random one, printed")
    parser.add_argument("--days", type=int, default=7, help="how many days (%(default)s)")
    parser.add_argument("--posts", type=int, default=40, help="how many posts (%(default)s)")
    parser.add_argument("--state", help="an empty folder to keep everything in, logs and tables too")
    parser.add_argument(
        "--histories",
        type=int,
        default=0,
        metavar="N",
        help=f"N sends with kills and duplicates instead (the tests: {HISTORIES})",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
