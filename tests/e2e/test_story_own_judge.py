"""The story with MiniStack's own judge of roles in force: a second opinion by another hand, on every call of every function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_story_comes_to_its_end_under_the_emulators_own_roles() -> None:
    """What it refuses wrongly stands in ``known_refusals.py``; any other refusal, and an entry not met any more, ends the story in red."""
    told = subprocess.run(
        [sys.executable, "-m", "local", "story", "--emulator-roles"], cwd=ROOT, capture_output=True, text=True
    )

    wrong = [line for line in told.stdout.splitlines() if line.startswith("✗")]
    assert (told.returncode, wrong, told.stderr) == (0, [], ""), told.stdout[-3000:]
    assert "the emulator's own judge refused nothing else" in told.stdout
