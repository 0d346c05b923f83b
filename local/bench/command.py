"""``make bench``: the figures, as counts and as ratios to a floor measured in the same run; one table, and ``build/bench.json``.

The table says which aims are met. ``--compare`` says what became better or worse since an earlier file, beyond what two runs of the same
code differ by.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from local import ROOT
from local.bench.figure import Figure
from local.bench.picture import PAGE, write_picture
from local.bench.rows import GROUPS, Bench, rows
from local.bench.telling import compared, details, table
from local.run import say

OUT = ROOT / "build" / "bench.json"


def main(argv: list[str]) -> int:
    options = _options(argv)
    if options.picture:
        write_picture()
        say(f"written to {os.path.relpath(PAGE)}")
        return 0
    groups = [group for group in GROUPS if group in options.only] if options.only else list(GROUPS)
    # read before it is measured: the earlier file may be the one that is written over
    earlier = None if options.compare is None else read(options.compare)
    found: dict[str, list[Figure]] = {}
    began = time.monotonic()
    with Bench() as bench:
        for group in groups:
            found[group] = _measured(group, bench)
    figures = [figure for its in found.values() for figure in its]
    write(options.out, figures)
    say("")
    for line in table(found):
        say(line)
    say(f"measured in {time.monotonic() - began:.0f} s, written to {os.path.relpath(options.out)}")
    if earlier is not None:
        say(f"\nsince {options.compare}")
        names = {figure.name for figure in figures}
        for line in compared([one for one in earlier if not options.only or one.name in names], figures):
            say(line)
    return 0


def _measured(group: str, bench: Bench) -> list[Figure]:
    say(f"== {group}")
    its = []
    for figure in rows(group)(bench):
        its.append(figure)
        for line in details(figure):
            say(line)
    return its


def write(file: Path, figures: Sequence[Figure]) -> None:
    """A list of name, value, unit, floor, ratio, aim, detail, noise."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([figure.document() for figure in figures], indent=1) + "\n", "utf-8")


def read(file: Path) -> list[Figure]:
    documents = json.loads(file.read_text("utf-8"))
    if not isinstance(documents, list):
        raise TypeError(f"{file} holds no list")
    return [Figure.of(document) for document in documents]


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(GROUPS), default=(), help="measure these groups alone")
    parser.add_argument("--compare", type=_file, metavar="FILE", help="say what differs from this earlier bench.json")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help="where the figures go (build/bench.json)")
    parser.add_argument("--picture", action="store_true", help="only draw docs/performance.md's cold starts anew")
    return parser.parse_args(argv)


def _file(name: str) -> Path:
    """An earlier bench.json, or what is wrong with it."""
    try:
        read(Path(name))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise argparse.ArgumentTypeError(f"{name} is no file that make bench wrote") from error
    return Path(name)
