"""What runs at a business that has not upgraded yet: the tree of the last tag, else of the commit before template.yaml last changed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from local import ROOT


def unpacked(into: Path) -> tuple[str, Path]:
    """Which commit it is, and its tree. Skips where there is no history to take it from."""
    commit = _asked("describe", "--tags", "--abbrev=0", "HEAD^") or _before_the_template()
    if not commit:
        pytest.skip("there is no git history here (a shallow clone, or no clone): nothing to upgrade from")
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(into, filter="data")
    return commit, into


def _before_the_template() -> str:
    changed = _asked("log", "-1", "--format=%H", "--", "template.yaml")
    return _asked("rev-parse", "--verify", "--quiet", f"{changed}^") if changed else ""


def _asked(*words: str) -> str:
    """Nothing where git is not there, or does not know."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
