"""``make defects``: each defect of the bank in a copy of the code, and what notices it. Ends with ``caught N of N``.

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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bank import BANK, Defect

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    ".ci",
    ".github",
    "requirements",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "functions",
    "layers",
    "local",
    "tests",
    "events",
    "docs",
    "stacks",
    "template.yaml",
    "pyproject.toml",
    "samconfig.toml",
)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """``by`` is the first test that failed, "" where none did; ``trouble`` why it could not be seeded."""

    defect: Defect
    by: str = ""
    trouble: str = ""
    seconds: float = 0.0


def misfit(defect: Defect, folder: Path) -> str:
    """A sentence where it has not its one place in the code, or where a test that is to notice it is not there."""
    path = folder / defect.file
    count = path.read_text("utf-8").count(defect.before) if path.exists() else 0
    if count != 1:
        return f"its place stands {count} times in {defect.file}: seed it anew"
    lost = [test for test in defect.looks_at if not (folder / test.partition("::")[0]).exists()]
    return f"there is no {', '.join(lost)}" if lost else ""


def seed(defect: Defect, folder: Path) -> str:
    """Put it into the copy. A sentence where the patch does not fit."""
    if trouble := misfit(defect, folder):
        return trouble
    path = folder / defect.file
    path.write_text(path.read_text("utf-8").replace(defect.before, defect.after), "utf-8")
    return ""


def judge(defect: Defect, folder: Path) -> Verdict:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        elif source.exists():
            shutil.copy2(source, folder / name)
    try:
        trouble = seed(defect, folder)
        if trouble:
            return Verdict(defect, trouble=trouble)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-m",
            "not slow and not story and not real",
            *defect.looks_at,
        ]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        begun = time.monotonic()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        found = _FAILED.search(done.stdout)
        if done.returncode not in {0, 1, 2}:
            return Verdict(
                defect, trouble=f"pytest ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}"
            )
        return Verdict(defect, by=found[1] if found else "", seconds=time.monotonic() - begun)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fit(chosen: Sequence[Defect]) -> int:
    troubles = {defect.name: trouble for defect in chosen if (trouble := misfit(defect, ROOT))}
    for name, trouble in troubles.items():
        print(f"✗ {name}: {trouble}")
    print(f"fit: {len(chosen) - len(troubles)} of {len(chosen)}")
    return 1 if troubles else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only defects whose name holds this")
    parser.add_argument("--in", dest="place", default="", help="only defects of files whose path holds this")
    parser.add_argument("--fit", action="store_true", help="look only whether they still fit")
    parser.add_argument("--at-once", type=int, default=2)
    arguments = parser.parse_args()
    chosen = [defect for defect in BANK if arguments.only in defect.name and arguments.place in defect.file]
    if arguments.fit:
        return fit(chosen)
    workplace = ROOT / "build" / "defects"
    shutil.rmtree(workplace, ignore_errors=True)
    caught = 0
    with ThreadPoolExecutor(arguments.at_once) as pool:
        folders = [workplace / str(number) for number in range(len(chosen))]
        for verdict in pool.map(judge, chosen, folders):
            caught += bool(verdict.by)
            said = (
                f"caught by {verdict.by} ({verdict.seconds:.1f} s)" if verdict.by else verdict.trouble or "NOT CAUGHT"
            )
            print(f"{'✓' if verdict.by else '✗'} {verdict.defect.name}: {said}", flush=True)
    print(f"caught {caught} of {len(chosen)}")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
