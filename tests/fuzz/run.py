"""``make fuzz N=100000 SEED=1``: so many requests to the public door, and what came of them; figures in ``build/fuzz.json``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 2_500


def _chunk(seeds: range, stranger: bool = False) -> object:
    from mesh_world.world import in_memory
    from siege import besieged

    with in_memory():
        return besieged(seeds, stranger=stranger)


def main() -> int:
    parser = argparse.ArgumentParser(description="Forged, mangled and replayed requests to the public door.")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for folder in (".", "functions", "layers/mesh/python", "layers/networks/python", "tests/explore", "tests/fuzz"):
        sys.path.insert(0, str(ROOT / folder))
    from siege import Tally

    first = chosen.seed * 10_000_000
    chunks = [
        range(at, min(at + _CHUNK, first + chosen.requests)) for at in range(first, first + chosen.requests, _CHUNK)
    ]
    whole, strangers = Tally(), Tally()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(_chunk, chunks):
            assert isinstance(done, Tally)
            whole.add(done)
        for done in pool.map(_chunk, chunks, [True] * len(chunks)):
            assert isinstance(done, Tally)
            strangers.add(done)
    figures = {
        "requests": whole.requests,
        "seed": chosen.seed,
        "wrong": len(whole.wrong),
        "counted_by_the_alarm": whole.ringing,
        "of_a_stranger": {
            "requests": strangers.requests,
            "wrong": len(strangers.wrong),
            "counted_by_the_alarm": strangers.ringing,
        },
        "a_second_and_core": round(whole.requests / whole.seconds),
        "slowest_milliseconds": round(whole.slowest_seconds * 1_000, 1),
        "kinds": dict(sorted(whole.kinds.items())),
        "statuses": {str(status): count for status, count in sorted(whole.statuses.items())},
    }
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "fuzz.json").write_text(json.dumps(figures, indent=1) + "\n")
    for line in [*whole.wrong, *strangers.wrong][:20]:
        print(f"✗ {line}")
    print(
        f"{'✗' if whole.wrong else '✓'} {whole.requests:,} requests: {len(whole.wrong)} accepted, uncaught, told apart or slow; "
        f"{figures['a_second_and_core']:,} a second and core, the slowest {figures['slowest_milliseconds']} ms"
    )
    print(
        f"{'✗' if strangers.wrong else '✓'} {strangers.requests:,} more of somebody who never saw a link of ours: "
        f"{strangers.ringing} counted by the alarm (docs/watch.md); of those above, many of them made of ours, {whole.ringing:,}"
    )
    return 1 if whole.wrong or strangers.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
