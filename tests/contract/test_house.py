"""Rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from local.__main__ import _COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Put together, so that this file does not hold them.
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "managers"}
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(\[[a-z0-9,_-]+\])?==\S+", re.IGNORECASE)


def files() -> list[Path]:
    """What is in the repository or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def name_of(requirement: str) -> str:
    return re.split(r"[\[=<>;\s]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def wanted(file: Path) -> set[str]:
    """The names in an .in file and in those it includes."""
    names: set[str] = set()
    for line in file.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            names |= wanted(file.parent / line[3:].strip())
        elif line:
            names.add(name_of(line))
    return names


def pins(file: Path) -> dict[str, tuple[str, bool]]:
    """Version and whether hashes follow, by name."""
    found: dict[str, tuple[str, bool]] = {}
    lines = file.read_text().splitlines()
    for number, line in enumerate(lines):
        if match := PINNED.match(line):
            hashed = number + 1 < len(lines) and lines[number + 1].strip().startswith("--hash=sha256:")
            found[name_of(match[1])] = (line.split("==")[1].split()[0], hashed)
    return found


each_list = pytest.mark.parametrize("name", ["base", "google", "holidays", "imaging", "local", "dev"])


@each_list
def test_every_pin_has_its_hashes_and_every_wish_its_pin(name: str) -> None:
    found = pins(ROOT / "requirements" / f"{name}.txt")
    assert not [package for package, (_, hashed) in found.items() if not hashed]
    assert wanted(ROOT / "requirements" / f"{name}.in") <= set(found)


@each_list
def test_all_lists_agree_on_one_version(name: str) -> None:
    everything = pins(ROOT / "requirements" / "dev.txt")
    assert pins(ROOT / "requirements" / f"{name}.txt").items() <= everything.items()


def test_a_pin_list_says_how_to_make_it_anew() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        assert "make pins" in file.read_text().splitlines()[1], file.name


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in files()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert not found


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for path in files() if path.suffix == ".py" for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & VAGUE


def test_it_runs_on_python_311_and_newer() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert PROJECT["tool"]["mypy"]["python_version"] == "3.11"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"


def test_the_import_rules_know_every_function() -> None:
    packages = {path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")}
    rules = PROJECT["tool"]["importlinter"]
    assert packages | {"mesh", "networks", "local"} == set(rules["root_packages"])
    (independence,) = [contract for contract in rules["contracts"] if contract["type"] == "independence"]
    assert packages == set(independence["modules"])
    lists = [set(value) for one in rules["contracts"] for value in one.values() if isinstance(value, list)]
    assert [packages - named for named in lists if packages & named and not packages <= named] == []


def test_every_function_has_tests_in_a_folder_of_its_name() -> None:
    packages = {path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")}
    assert packages == {name for name in packages if any((ROOT / "tests/unit" / name).glob("test_*.py"))}


def test_a_functions_readme_has_25_lines_at_most() -> None:
    pages = {path.parent.name: path.read_text().splitlines() for path in (ROOT / "functions").glob("*/README.md")}
    assert {name: len(lines) for name, lines in pages.items() if len(lines) > 25} == {}


def test_each_function_ships_its_own_folder() -> None:
    ships = dict(
        re.findall(r"^build-(\w+):\n\t\$\(call ship,(\w+)\)$", (ROOT / "functions/Makefile").read_text(), re.M)
    )
    template = (ROOT / "template.yaml").read_text()
    blocks = re.findall(
        r"^  (\w+):\n    Type: AWS::Serverless::Function\n(?:.*\n)*?      Handler: (\w+)\.", template, re.M
    )
    assert ships == dict(blocks)
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "functions/Makefile").read_text(), re.M)
    assert phony is not None
    assert phony[1].split() == [f"build-{name}" for name in ships]


def test_every_command_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([\w-]+):.*##", makefile, re.M))
    assert set(re.findall(r"-m local ([\w-]+)", makefile)) <= set(_COMMANDS)


def test_no_model_of_what_runs_on_aws_says_what_it_was_given() -> None:
    """pydantic's errors show their input; one that nobody catches would stand in the log and among the dead letters with a post's words."""
    silent, models = [], 0
    for path in (one for top in ("functions", "layers") for one in (ROOT / top).rglob("*.py")):
        text = path.read_text("utf-8")
        bare = re.findall(r"^class (\w+)\((?:BaseModel|Deferred|RootModel\b.*)\):", text, re.MULTILINE)
        models += len(bare)
        told = len(re.findall(r"ConfigDict\(\s*hide_input_in_errors=True", text))
        adapted = re.findall(r"TypeAdapter\((?!Told\))", text)  # the recap's own says it in its class
        if told < max(len(bare), text.count("ConfigDict(")) or adapted or "@validate_call" in text:
            silent.append(str(path.relative_to(ROOT)))
    assert models >= 10
    assert silent == []
