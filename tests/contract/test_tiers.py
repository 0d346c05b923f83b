"""No test goes unrun: whatever its marks, some target of the Makefile takes it, and some workflow calls that target."""

from __future__ import annotations

import re
import tomllib
from itertools import chain, combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
QUICK = re.search(r"^QUICK := (.*)$", MAKEFILE, re.MULTILINE)[1]  # type: ignore[index]
MARKS = [
    line.partition(":")[0]
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
]
RECIPES = {
    target: (needs.split("##")[0].split(), recipe.replace("$(QUICK)", QUICK))
    for target, needs, recipe in re.findall(r"^([a-z-]+):(.*)\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
}


def reached(target: str) -> set[str]:
    """It, and every target that runs with it."""
    needs, recipe = RECIPES[target]
    others = {*needs, *re.findall(r"\$\(MAKE\).* ([a-z-]+)$", recipe, re.MULTILINE)} & RECIPES.keys()
    return {target}.union(*map(reached, others))


def called() -> set[str]:
    """Every target that a workflow runs, by itself or by what continuous integration runs for it."""
    texts = [file.read_text("utf-8") for file in (ROOT / ".github" / "workflows").glob("*.yml")]
    if any("run: .ci/run" in text for text in texts):
        texts.append((ROOT / ".ci" / "run").read_text("utf-8").replace("exec make", "run: make"))
    return {found for text in texts for target in re.findall(r"run: make ([a-z-]+)", text) for found in reached(target)}


RUN = "".join(RECIPES[target][1] for target in sorted(called()))
TAKEN = re.findall(r'pytest .*-m (?:"([^"]+)"|(\w+)(?: |$))', RUN, re.MULTILINE)


def taken(marks: tuple[str, ...]) -> bool:
    names = {name: name in marks for name in MARKS}
    return any(eval(quoted or word, {"__builtins__": {}}, names) for quoted, word in TAKEN)


def test_whatever_marks_a_test_has_some_workflow_runs_it() -> None:
    every = chain.from_iterable(combinations(MARKS, count) for count in range(len(MARKS) + 1))
    assert [marks for marks in every if not taken(marks)] == []


def test_what_needs_real_servers_stands_where_it_is_looked_for() -> None:
    assert "-m real tests/real\n" in RECIPES["test-real"][1]
    marked = [
        path for path in (ROOT / "tests").rglob("test_*.py") if re.search(r"mark\.real\b", path.read_text("utf-8"))
    ]
    assert marked
    assert [path for path in marked if ROOT / "tests" / "real" not in path.parents] == []


@pytest.mark.parametrize(
    "command",
    [
        "tests/explore/run.py --whole",
        "tests/explore/run.py --random",
        "tests/fuzz/run.py",
        "tests/defects/run.py",
        "-m local story",
    ],
)
def test_what_is_no_test_of_pytest_is_run_too(command: str) -> None:
    assert command in RUN


def test_a_defect_has_to_be_noticed_by_what_every_change_is_tried_by() -> None:
    assert f'QUICK = "{QUICK}"\n' in (ROOT / "tests" / "defects" / "run.py").read_text("utf-8")


def test_each_remembered_test_is_of_a_defect_of_the_bank() -> None:
    bank = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "defects" / "bank").glob("*.py"))
    lines = (ROOT / "tests" / "defects" / "noticed.txt").read_text("utf-8").splitlines()
    names = [line.partition(" | ")[0] for line in lines]
    assert len(names) == len(set(names))
    assert [name for name in names if f'"{name}"' not in bank] == []
