"""What the pages for whoever operates a stack tell them to type is there, with its options, and speaks to the stack that rings."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from local.__main__ import _COMMANDS
from local.__main__ import main as local_main
from local.deploy import read_template

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
PAGES = [*RUNBOOKS, *(ROOT / "docs" / f"{name}.md" for name in ("operating", "watch", "cost", "deploying", "promises"))]
TARGETS = {
    target: (line, recipe)
    for target, line, recipe in re.findall(r"^([a-z-]+):(.*)\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
}
ON_THIS_COMPUTER = {"run", "cost", "verify", "fuzz"}


def commands_in(text: str) -> list[list[str]]:
    """Words of each ``python -m local …`` in it."""
    return [found.split() for found in re.findall(r"`python -m local ([^`]+)`", text)]


def targets_in(text: str) -> list[list[str]]:
    return [found.split() for found in re.findall(r"`make ([a-z][^`]*)`", text)]


@cache
def options_of(command: str) -> frozenset[str]:
    """As the command itself says."""
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as ended:
        local_main([command, "--help"])
    assert ended.value.code == 0
    return frozenset(re.findall(r"--[a-z][a-z-]*", out.getvalue()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_on_a_page_is_one_and_takes_the_options_that_stand_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for name, *rest in commands_in(text):
        assert name in _COMMANDS, name
        assert {word for word in rest if word.startswith("--")} <= options_of(name), (name, rest)
    for name, *rest in targets_in(text):
        assert name in TARGETS, name
        known = "".join(TARGETS[name]) + "".join(re.findall(r"^CHOSEN.*$", MAKEFILE, re.MULTILINE))
        given = re.findall(r"\b([A-Z]+)=", " ".join(rest))
        assert all(f"$({one})" in known or f"{one}=" in known for one in given), (name, rest)


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_a_runbooks_commands_speak_to_the_stack_that_rings_and_not_to_a_make_run(page: Path) -> None:
    """Without its prefix, hold-all would hold what runs on the operator's own computer, and the business would go on."""
    text = page.read_text("utf-8")
    assert all("--prefix" in words for words in commands_in(text))
    assert all(words[0] in ON_THIS_COMPUTER or {"STACK=ss", "ENV=ss"} & set(words) for words in targets_in(text))


def test_the_dashboards_brake_is_this_stacks() -> None:
    body = read_template(ROOT / "stacks" / "watch.yaml")["Resources"]["WatchDashboard"]["Properties"]["DashboardBody"]
    assert commands_in(body["Fn::Sub"]) == [["hold-all", "--prefix", "${Prefix}", "--region", "${AWS::Region}"]]
