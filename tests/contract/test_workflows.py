"""The workflows as a reviewer reads them: whose code runs, with which rights, fed by whom; and that what they call is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
PINNED = re.compile(r"^ *-? ?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
STRANGERS_WORDS = re.compile(r"\$\{\{[^}]*\b(?:github\.(?:event|head_ref|ref_name|actor)|inputs|vars)\b")
WRITES = {("deploy", "id-token"), ("publish", "id-token"), ("publish", "contents"), ("publish", "attestations")}
"""Every right to write that any job has."""

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(file.read_text("utf-8"))
    return document


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in read(file)["jobs"].values() for step in job["steps"]]


@each_file
def test_an_action_is_the_very_commit_that_was_looked_at_and_its_version_stands_beside_it(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if re.search(r"\buses:", line)]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


def test_one_version_of_an_action_everywhere() -> None:
    used = {
        line.split("uses: ")[1] for file in FILES for line in file.read_text("utf-8").splitlines() if "uses: " in line
    }
    assert len(used) == len({one.partition("@")[0] for one in used}), sorted(used)


@each_file
def test_a_workflow_may_nothing_and_each_job_what_it_needs(file: Path) -> None:
    document = read(file)
    assert document["permissions"] == {}
    for name, job in document["jobs"].items():
        assert isinstance(job["permissions"], dict)  # read-all and write-all are words
        writes = {right for right, how in job["permissions"].items() if how == "write"}
        assert {(name, right) for right in writes} <= WRITES, name


@each_file
def test_nobodys_pull_request_runs_with_our_rights(file: Path) -> None:
    triggers = read(file)[True]  # YAML 1.1 reads the word "on" as yes
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)


@each_file
def test_the_checkout_keeps_no_credentials(file: Path) -> None:
    checkouts = [step for step in steps(file) if "actions/checkout@" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@each_file
def test_what_somebody_types_reaches_a_shell_only_by_the_environment_and_looked_at_first(file: Path) -> None:
    """make reads $(…) in what it is given, so quoting alone is not enough: a pattern stands before the first that is made with it."""
    looked_at: set[str] = set()
    for step in steps(file):
        command = step.get("run", "")
        assert not re.search(r"\$\{\{", command), command
        looked_at |= set(re.findall(r'\[\[ "\$(\w+)" =~ \^\S+\$ \]\]', command))
        typed = {name for name, value in step.get("env", {}).items() if STRANGERS_WORDS.search(str(value))}
        used = {name for name in typed if f"${name}" in command and command.startswith("make")}
        assert used <= looked_at, command


@each_file
def test_every_make_that_is_called_is_there(file: Path) -> None:
    commands = [step["run"] for step in steps(file) if "run" in step]
    called = {words for command in commands for words in re.findall(r"^make ([a-z-]+)", command, re.MULTILINE)}
    assert called <= TARGETS, called - TARGETS
    assert all((ROOT / command).is_file() for command in commands if command.startswith("."))


def test_where_an_upgrade_is_tried_the_releases_before_are_there() -> None:
    """A checkout brings one commit unless told otherwise, and the test of upgrades would be left out without a word."""
    jobs = [job for file in FILES for job in read(file)["jobs"].values()]
    tried = [job for job in jobs if any("make verify" in step.get("run", "") for step in job["steps"])]
    assert tried
    assert all(job["steps"][0]["with"].get("fetch-depth") == 0 for job in tried)


@each_file
def test_a_job_ends(file: Path) -> None:
    assert all(0 < job["timeout-minutes"] <= 360 for job in read(file)["jobs"].values())


def test_a_deployment_signs_in_for_one_run_and_is_never_stopped_half_way() -> None:
    document = read(FOLDER / "deploy.yml")
    (job,) = document["jobs"].values()
    assert job["environment"] == "${{ inputs.business }}"
    assert document["concurrency"] == {"group": "deploy-${{ inputs.business }}", "cancel-in-progress": False}
    text = (FOLDER / "deploy.yml").read_text("utf-8")
    assert "role-to-assume" in text
    assert not re.search(r"secrets\.|aws-access-key", text)
    assert set(document[True]) == {"workflow_dispatch"}
    told = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    assert all(f"`{name}`" in told for name in set(re.findall(r"vars\.(\w+)", text)))


def test_every_python_that_it_is_said_to_run_on_is_tried() -> None:
    assert read(FOLDER / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_what_is_looked_after_weekly_is_everything_that_is_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"pip", "github-actions"}
    assert all(one["cooldown"]["default-days"] >= 7 and one["groups"] for one in updates)


def test_contributing_and_security_name_only_commands_that_there_are() -> None:
    for name in ("CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / name).read_text("utf-8")
        called = set(re.findall(r"`make ([a-z-]+)", text))
        assert called
        assert called <= TARGETS, name
