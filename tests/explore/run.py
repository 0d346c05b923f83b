"""``make explore``: every history of every scenario within its bound, and the known-bad protocols; ``build/explore.json`` has the figures.

python tests/explore/run.py            the quick bounds, within a minute on two cores
python tests/explore/run.py --whole    up to two preemptions and two faults
python tests/explore/run.py --random 10000 --seed 7    random ones with more of both
python tests/explore/run.py --whole --backwards    what is read side by side in the opposite order
python tests/explore/run.py --again "scenario | 1,1 | 12=1 40=2"    one history, told
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / part) for part in (".", "functions", "layers/mesh/python", "layers/networks/python", "tests/explore")
]
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")

from exploring.engine import Bound  # noqa: E402
from exploring.search import Result, explore, read, replay, sample, shrink  # noqa: E402
from mesh_world.known_bad import KNOWN_BAD, in_place  # noqa: E402
from mesh_world.scenarios import SCENARIOS, Scenario, factory  # noqa: E402
from mesh_world.tell import figures, line, story  # noqa: E402
from mesh_world.wiring import Clients, backwards  # noqa: E402
from mesh_world.world import in_memory  # noqa: E402

RANDOM_BOUND = Bound(5, 5)
Task = tuple[str, str, Bound, float | None, int, int]  # kind, name, bound, seconds, histories, seed


def by_name(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def work(task: Task) -> tuple[Task, Result, str]:
    """One search, in a process of its own; the story of the first violation, as short as it can be made."""
    kind, name, bound, seconds, histories, seed = task
    with in_memory():
        if kind == "known bad":
            bad = next(one for one in KNOWN_BAD if one.name == name)
            with in_place(bad):
                for scenario in bad.scenarios:
                    result = explore(factory(by_name(scenario)), bound, limit_seconds=seconds)
                    if not result.violations:
                        break
            return task, result, ""
        make = factory(by_name(name), deaf=kind == "deaf")
        random = kind == "random"
        result = (
            sample(make, bound, seed=seed, histories=histories)
            if random
            else explore(make, bound, limit_seconds=seconds)
        )
        told = ""
        if result.violations:
            told = story(name, bound, shrink(make, bound, result.violations[0].path))
        return task, result, told


def tasks(arguments: argparse.Namespace) -> list[Task]:
    chosen = [scenario for scenario in SCENARIOS if arguments.only in scenario.name]
    if arguments.random:
        share = max(1, arguments.random // len(chosen))
        return [("random", one.name, RANDOM_BOUND, None, share, arguments.seed) for one in chosen]
    found: list[Task] = []
    for one in chosen:
        bounds = (one.whole,) if arguments.whole else one.quick
        found += [("scenario", one.name, bound, arguments.seconds, 0, 0) for bound in bounds]
        found.append(("deaf", one.name, Bound(1, 1) if arguments.whole else Bound(0, 0), arguments.seconds, 0, 0))
    if not arguments.only:
        found += [("known bad", bad.name, bad.bound, None, 0, 0) for bad in KNOWN_BAD]  # until each is found out
    return found


def again(text: str) -> int:
    """One history once more."""
    name, bound, path = (part.strip() for part in text.split("|"))
    preemptions, _, faults = bound.partition(",")
    limit = Bound(int(preemptions), int(faults))
    with in_memory():
        violation = replay(factory(by_name(name)), limit, read(path))
    print(story(name, limit, violation) if violation is not None else "nothing is wrong with it")
    return 1 if violation is not None else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--seconds", type=float, default=None, help="for one scenario, at most")
    parser.add_argument("--random", type=int, default=0, help="so many random histories")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backwards", action="store_true", help="what is read side by side from the last to the first")
    parser.add_argument("--again", default="", help="one history")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 2)
    arguments = parser.parse_args()
    if arguments.backwards:  # in every process: they are forked
        Clients.together = staticmethod(backwards)
    if arguments.again:
        return again(arguments.again)
    started, wrong, found = time.monotonic(), 0, []
    with multiprocessing.get_context("fork").Pool(arguments.at_once) as pool:
        for (kind, name, *_), result, told in pool.imap(work, tasks(arguments)):
            shown = name if kind == "scenario" else f"{name} ({kind})"
            bites = kind == "known bad"
            print(_known_bad(shown, result) if bites else line(shown, result, sampled=kind == "random"), flush=True)
            if told:
                print(told, flush=True)
            wrong += not result.violations if bites else bool(result.violations)
            found.append({**figures(shown, result), "known_bad": bites})
    seconds = time.monotonic() - started
    _report(found, seconds, arguments)
    histories, states = (sum(one[key] for one in found) for key in ("histories", "states"))
    worked = sum(one["seconds"] for one in found) or 1.0
    rates = f"{histories / worked:,.0f} histories and {states / worked:,.0f} states a second and core"
    print(f"{histories:,} histories, {states:,} states in {seconds:.0f} s: {rates}")
    return 1 if wrong else 0


def _known_bad(name: str, result: Result) -> str:
    if result.violations:
        return f"✓ {name} is found out after {result.histories:,} histories: {result.violations[0].complaints[0]}"
    return f"✗ {name} is NOT found out in {result.histories:,} histories"


def _report(found: list[dict[str, Any]], seconds: float, arguments: argparse.Namespace) -> None:
    kind = "random" if arguments.random else "whole" if arguments.whole else "quick"
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    report = {"kind": kind, "seed": arguments.seed, "seconds": round(seconds, 1), "scenarios": found}
    (folder / "explore.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
