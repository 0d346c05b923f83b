"""``make scale``: how many businesses this design carries, from one to fifty thousand: what bends first, and what each turn mends.

Counts what stands in the templates, and simulates the hour in which most posts are due, over the quotas of AWS and Google.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from local import ROOT
from local.cost.command import OUT as COST
from local.cost.command import standing_now
from local.run import say
from local.scale.measured import FILE, measured
from local.scale.measuring import NotCountedError, count_steps, kept
from local.scale.page import PAGE, read_page, row_of, simulated_lines, with_counted, with_simulated
from local.scale.steps import SIZES, steps
from local.scale.telling import counted_lines
from local.stack import StackError
from local.story_world import StoryError


def main(argv: list[str]) -> int:
    options = _options(argv)
    if options.measure:
        try:
            _measure(options.measure)
        except (NotCountedError, StackError, StoryError) as error:
            say(f"✗ {error}")
            return 1
    began = time.process_time()
    if not options.page:
        say("\n".join(counted_lines(measured())))
    told = []
    for step in steps():
        if step.house.businesses <= options.most:
            told.append((step, row_of(step)))
            say(f"{step.house.businesses:>7,}  {step.house.shape.value}: {step.name}: {', '.join(told[-1][1][3:])}")
    if options.page:
        (ROOT / PAGE).write_text(with_simulated(with_counted(read_page()), told), "utf-8")
        say(f"written into {PAGE}")
    else:
        say("\n" + "\n".join(simulated_lines(told)))
    say(f"{len(told)} towns in {time.process_time() - began:.0f} s of the processor")
    return 0


def _measure(day: str) -> None:
    cost = json.loads(COST.read_text()) if COST.exists() else {}
    if not cost.get("months"):
        raise NotCountedError("build/cost.json holds no month: make cost, and make cost POSTS=600, first")
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        lived = count_steps(Path(folder), say)
    FILE.write_text(json.dumps(kept(lived, cost, standing_now(), day), indent=1) + "\n", "utf-8")
    say(f"written into {FILE.relative_to(ROOT)}")


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="simulate no town with more businesses than this")
    parser.add_argument("--page", action="store_true", help="write the tables into docs/scale.md (all of the towns)")
    parser.add_argument(
        "--measure",
        metavar="DAY",
        help="first count anew what a post takes, two days on the deployed template, under the words of this day; needs build/cost.json",
    )
    options = parser.parse_args(argv)
    if options.page:
        options.most = SIZES[-1]
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
