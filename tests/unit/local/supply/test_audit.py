"""What is shipped, and what is said of it when nobody can be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.checks.model import Finding, State
from local.supply.bill import bill
from local.supply.command import holes, licences, verdict, workflows
from local.supply.licences import Licensed, licensed
from local.supply.pins import LAYERS, Pin, as_requirements, shipped
from local.supply.release import ReleaseError, gather, section

ROOT = Path(__file__).resolve().parents[4]
PIN = Pin("one", "1.0", ("sha256:" + "0" * 64,), ("base",))
TWO = Pin("two", "2.0", ("sha256:" + "1" * 64,), ("base", "google"))


def tool(folder: Path, name: str, says: str, ends: int = 0) -> Path:
    """A folder of tools with one that always says the same."""
    said = folder / "said"
    said.write_text(says, "utf-8")
    file = folder / name
    file.write_text(f'#!/bin/sh\ncat "{said}"\nexit {ends}\n', "utf-8")
    file.chmod(0o755)
    return folder


def told(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_what_is_shipped_is_what_the_layers_install() -> None:
    makefile = (ROOT / "layers" / "vendor" / "Makefile").read_text("utf-8")
    assert all(f"$(call install,{layer})" in makefile for layer in LAYERS)
    assert makefile.count("$(call install,") == len(LAYERS)
    pins = shipped()
    assert {layer for pin in pins for layer in pin.layers} == set(LAYERS)
    assert all(pin.hashes for pin in pins)
    assert as_requirements((PIN,)) == f"one==1.0 \\\n    --hash=sha256:{'0' * 64}\n"


def test_a_package_without_a_known_hole_is_good(tmp_path: Path) -> None:
    tools = tool(tmp_path, "pip-audit", told({"name": "one", "version": "1.0", "vulns": []}))
    assert holes((PIN,), tools).state is State.GOOD


def test_a_package_that_could_not_be_looked_up_is_not_clean(tmp_path: Path) -> None:
    """pip-audit itself ends with 0 there, and says that it found none."""
    skipped = {"name": "two", "skip_reason": "Dependency not found and could not be audited: two (2.0)"}
    tools = tool(tmp_path, "pip-audit", told({"name": "one", "version": "1.0", "vulns": []}, skipped))
    finding = holes((PIN, TWO), tools)
    assert finding.state is State.UNKNOWN
    assert "could not be asked for 1 of 2 packages (two)" in finding.said


@pytest.mark.parametrize("says", ["", "Traceback", "[]", "{}"])
def test_an_answer_that_says_nothing_is_not_clean(tmp_path: Path, says: str) -> None:
    finding = holes((PIN,), tool(tmp_path, "pip-audit", says, ends=1))
    assert finding.state is State.UNKNOWN
    assert "could not be asked" in finding.said


def test_a_known_hole_is_named_with_what_mends_it(tmp_path: Path) -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    skipped = {"name": "two", "skip_reason": "not found"}
    tools = tool(tmp_path, "pip-audit", told({"name": "one", "version": "1.0", "vulns": [hole]}, skipped), ends=1)
    finding = holes((PIN, TWO), tools)
    assert (finding.state, finding.said) == (State.BAD, "one 1.0 has PYSEC-1")
    assert "one 1.1" in finding.fix


def test_a_tool_that_is_not_there_is_not_clean(tmp_path: Path) -> None:
    assert holes((PIN,), tmp_path).state is State.UNKNOWN
    assert workflows(tmp_path).state is State.UNKNOWN


def test_the_end_tells_bad_from_not_known_from_clean(capsys: pytest.CaptureFixture[str]) -> None:
    def ends(*states: State) -> int:
        return verdict([Finding("it", state, "so") for state in states])

    assert ends(State.GOOD, State.GOOD) == 0
    assert ends(State.GOOD, State.UNKNOWN) == 2
    assert ends(State.UNKNOWN, State.BAD) == 1
    assert ends(State.GOOD, State.LATER) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "clean"
    assert "left out" in said[3]


def test_every_licence_is_one_that_we_may_ship() -> None:
    assert [f"{one.pin.name}: {one.licence}" for one in licensed(shipped()) if not one.allowed] == []


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "LGPL-3.0-only", "Our own", "BSD-3-Clause AND LGPL-3.0-only"],
)
def test_a_licence_that_asks_for_more_is_refused(licence: str) -> None:
    assert licences((Licensed(PIN, licence),)).state is State.BAD


def test_one_of_two_licences_is_enough() -> None:
    assert licences((Licensed(PIN, "GPL-3.0-only OR MIT"),)).state is State.GOOD


def test_the_list_has_every_package_with_its_hashes_and_is_the_same_each_time() -> None:
    if not (ROOT / ".venv" / "audit" / "bin" / "cyclonedx-py").exists():
        pytest.skip("cyclonedx-py is not installed: make audit installs it")
    found = licensed(shipped())
    document = bill(found, "1.2.3")
    assert document == bill(found, "1.2.3")
    listed = json.loads(document)
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    assert {(part["name"].lower(), part["version"]) for part in listed["components"]} == {
        (one.pin.name, one.pin.version) for one in found
    }
    assert all(part["hashes"] and part["licenses"] for part in listed["components"])
    assert str(ROOT) not in document.decode()


def test_a_release_says_one_version_everywhere(tmp_path: Path) -> None:
    for tag in ("1.2.3", "v1.2", "v1.2.3; rm -r ~", "v999.0.0"):
        with pytest.raises(ReleaseError):
            gather(tag, tmp_path)


def test_a_releases_notes_are_its_section_and_no_other() -> None:
    changelog = (
        "# Changelog\n\n## Unreleased\n\n* next\n\n## 1.2.3 (5 March 2027)\n\n* this\n* that\n\n## 1.2.2\n\n* before\n"
    )
    assert section(changelog, "1.2.3") == "* this\n* that\n"
    for missing in ("1.2.4", "1.2"):
        with pytest.raises(ReleaseError):
            section(changelog, missing)
