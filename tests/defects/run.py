"""``make defects``: each defect of the bank in a copy of the code, and what notices it. Ends with ``caught N of N``.

The test that noticed it the last time (``noticed.txt``) is run first, and all that have to notice it only where that one does not: a defect
takes as long as one test. ``--note`` writes that file anew.

``--fit`` looks only whether each still has its one place in the code, and its tests: a second for all of them.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from bank import BANK, Defect
from seeding import ROOT, Workplace, misfit

NOTICED = Path(__file__).with_name("noticed.txt")
QUICK = "not slow and not night and not real"
"""What ``make test`` runs: a defect has to be noticed by that."""
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """``by`` is the first test that failed, "" where none did; ``trouble`` why it could not be seeded."""

    defect: Defect
    by: str = ""
    trouble: str = ""
    seconds: float = 0.0


class Defects:
    """Tries defects in as many copies as there are at a time. ``noticed`` is by a defect's name the test that noticed it before."""

    def __init__(self, folders: Iterable[Path], noticed: Mapping[str, str]) -> None:
        self._noticed = noticed
        self._free: SimpleQueue[Workplace] = SimpleQueue()
        for folder in folders:
            self._free.put(Workplace(folder))

    def judge(self, defect: Defect) -> Verdict:
        place = self._free.get()
        begun = time.monotonic()
        try:
            if trouble := misfit(defect, place.folder):
                return Verdict(defect, trouble=trouble)
            with place.with_defect(defect):
                before = self._noticed.get(defect.name)
                by, _ = _tried(place.folder, [before]) if before else ("", "")
                if not by:
                    by, trouble = _tried(place.folder, defect.looks_at)
            return Verdict(defect, by, trouble, time.monotonic() - begun)
        finally:
            self._free.put(place)


def _tried(folder: Path, tests: Sequence[str]) -> tuple[str, str]:
    """The first of the tests that fails, and why pytest could not say, each "" where there is none."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", QUICK, *tests]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1, 2}:
        return "", f"pytest ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}"
    found = _FAILED.search(done.stdout)
    return found[1] if found else "", ""


def remembered() -> dict[str, str]:
    """By a defect's name."""
    lines = NOTICED.read_text("utf-8").splitlines() if NOTICED.exists() else []
    return dict(line.split(" | ", 1) for line in lines)


def note(verdicts: Iterable[Verdict]) -> None:
    """In the bank's order; a defect that was not tried this time keeps its line, one that is no more has none."""
    known = remembered() | {one.defect.name: one.by.partition("[")[0] for one in verdicts if one.by}
    lines = [f"{defect.name} | {known[defect.name]}\n" for defect in BANK if defect.name in known]
    NOTICED.write_text("".join(lines), "utf-8")


def fit(chosen: Sequence[Defect]) -> int:
    troubles = {defect.name: trouble for defect in chosen if (trouble := misfit(defect, ROOT))}
    for name, trouble in troubles.items():
        print(f"✗ {name}: {trouble}")
    print(f"fit: {len(chosen) - len(troubles)} of {len(chosen)}")
    return 1 if troubles else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only defects whose name holds this")
    parser.add_argument("--in", dest="place", default="", help="only defects of files whose path holds this")
    parser.add_argument("--fit", action="store_true", help="look only whether they still fit")
    parser.add_argument("--note", action="store_true", help="write down which test noticed each, to be run first")
    parser.add_argument("--at-once", type=int, default=2, help="how many are tried side by side")
    arguments = parser.parse_args()
    chosen = [defect for defect in BANK if arguments.only in defect.name and arguments.place in defect.file]
    if arguments.fit:
        return fit(chosen)
    workplace = ROOT / "build" / "defects"
    shutil.rmtree(workplace, ignore_errors=True)
    noticed, verdicts = remembered(), []
    defects = Defects((workplace / str(number) for number in range(min(arguments.at_once, len(chosen)))), noticed)
    with ThreadPoolExecutor(arguments.at_once) as pool:
        for verdict in pool.map(defects.judge, chosen):
            verdicts.append(verdict)
            said = (
                f"caught by {verdict.by} ({verdict.seconds:.1f} s)" if verdict.by else verdict.trouble or "NOT CAUGHT"
            )
            print(f"{'✓' if verdict.by else '✗'} {verdict.defect.name}: {said}", flush=True)
    shutil.rmtree(workplace, ignore_errors=True)
    others = [one for one in verdicts if one.by and one.by.partition("[")[0] != noticed.get(one.defect.name)]
    if arguments.note:
        note(verdicts)
    elif others:
        print(
            f"{len(others)} were noticed by another test than {NOTICED.name} has, which took longer: --note writes it anew"
        )
    caught = sum(bool(one.by) for one in verdicts)
    print(f"caught {caught} of {len(chosen)}")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
