"""What runs at a business that has not upgraded yet: the tree of the last tag.

Before there is one, the newest commit before a change of ``template.yaml`` that has another template, other functions and another
``layers/mesh`` than this tree: with less there would be little to upgrade. ``UPGRADE_FROM=commit`` takes another, as far back as one
likes: more than is promised.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local import ROOT

Commit = str
PARTS = ("template.yaml", "functions", "layers/mesh")
_LOOKED_AT = 50
_WHY = "there is no git history here that goes back so far (a shallow clone, or no clone): nothing to upgrade from"


def before_this() -> Commit:
    """Skips where there is none; where the workflows run, that is a failure: they fetch all of the history for this."""
    named = os.environ.get("UPGRADE_FROM", "")
    commit = _commit(named) if named else _last_tag() or _before_the_template()
    if not commit and os.environ.get("CI"):
        pytest.fail(_WHY)
    if not commit:
        pytest.skip(_WHY)
    return commit


def unpacked(commit: Commit, into: Path) -> tuple[Commit, Path]:
    """The commit and its tree. Skips where a release has the very code of this tree."""
    if not any(map(_differs(commit), PARTS)):
        pytest.skip(f"{commit} has the template and the code of this tree: nothing is upgraded")
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(into, filter="data")
    return commit, into


def _last_tag() -> Commit:
    tag = _asked("describe", "--tags", "--abbrev=0", "HEAD^")
    return _commit(tag) if tag else ""


def _before_the_template() -> Commit:
    changes = _asked("log", f"-{_LOOKED_AT}", "--format=%H", "--", "template.yaml").split()
    before = (_commit(f"{change}^") for change in changes)
    return next((commit for commit in before if commit and all(map(_differs(commit), PARTS))), "")


def _differs(commit: Commit) -> Callable[[str], bool]:
    return lambda part: bool(_asked("diff", "--name-only", commit, "--", part))


def _commit(words: str) -> Commit:
    return _asked("rev-parse", "--verify", "--quiet", f"{words}^{{commit}}")


def _asked(*words: str) -> str:
    """Nothing where git is not there, or does not know."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
