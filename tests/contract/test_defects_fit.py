"""A defect that no longer fits the code is found when the code moves, and not when all of them are seeded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_defect_of_the_bank_has_its_one_place_and_its_tests() -> None:
    done = subprocess.run(
        [sys.executable, "tests/defects/run.py", "--fit"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
