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


def test_no_file_of_the_bank_is_left_aside() -> None:
    bank = ROOT / "tests" / "defects" / "bank"
    listed = (bank / "__init__.py").read_text("utf-8")
    files = {file.stem for file in bank.glob("*.py")} - {"__init__", "model"}
    assert {name for name in files if f"*{name}.DEFECTS," not in listed} == set()
