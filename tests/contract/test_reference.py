"""The reference tells of everything there is, in words, and agrees with what the functions say of themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from local.__main__ import _COMMANDS
from local.reference.commands import takes, targets
from local.reference.functions import Drawn, drawn, functions_page
from local.reference.pages import FOLDER, reference_pages
from mesh.events import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
MESH = drawn(ROOT)
ROWS = re.compile(r"^\| (.+) \|$", re.MULTILINE)
WAKING = re.compile(r"`([^`]*ss\.[^`]*)`")


def page(name: str) -> str:
    return reference_pages(ROOT)[FOLDER / f"{name}.md"].decode()


def told(function: str, word: str) -> set[str]:
    """The detail-types that the function's README names behind a word of its own, up to the next."""
    text = (ROOT / "functions" / function.replace("-", "_") / "README.md").read_text("utf-8")
    (found,) = re.findall(rf"(?:\| {word} \||\*\*{word}\*\*)(.*?)(?=\n\n|\n\| |\n\*\*|\Z)", text, re.DOTALL)
    return set(re.findall(r"ss\.[a-z.]+[a-z]", " ".join(WAKING.findall(found))))


def test_what_is_on_disk_is_what_the_code_says() -> None:
    pages = reference_pages(ROOT)
    assert [str(path) for path, content in pages.items() if (ROOT / path).read_bytes() != content] == []
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == {path.name for path in pages}


@pytest.mark.parametrize("path", reference_pages(ROOT), ids=lambda path: path.stem)
def test_no_page_tells_of_this_computer_and_every_line_of_a_table_says_something(path: Path) -> None:
    text = reference_pages(ROOT)[path].decode()
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    for row in ROWS.findall(text):
        first, *others = re.split(r"(?<!\\) \| ", row)
        if first.strip():
            assert any(cell.strip() for cell in others), row


def test_every_command_and_target_is_there() -> None:
    text = page("commands")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [name for name in targets(makefile) if f"`make {name}`" not in text] == []
    assert [name for name in _COMMANDS if f"### python -m local {name}\n" not in text] == []
    named = set(re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE)) - {"PYTHON", "UV"}
    assert named <= {one for _, recipe in targets(makefile).values() for one in takes(recipe)}


@pytest.mark.parametrize("name", MESH.named("function"))
def test_a_functions_readme_names_the_events_that_wake_it_and_that_it_emits(name: str) -> None:
    emitted = {str(one["name"]) for one in MESH.from_(f"function/{name}", "puts")}
    waking = {str(one["name"]) for one in MESH.to(f"function/{name}", "wakes", "type")}
    assert told(name, "Emits") == emitted
    assert told(name, "Woken by") == {one for one in waking if one.startswith("ss.")}


def test_the_architecture_names_the_same() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = {row.split(" | ")[0]: row.split(" | ") for row in ROWS.findall(text.partition("| function | woken by")[2])}
    wrong = [name for name in MESH.named("function") if not _agrees(MESH, name, rows[name])]
    assert wrong == []


def _agrees(mesh: Drawn, name: str, row: list[str]) -> bool:
    emitted = {str(one["name"]) for one in mesh.from_(f"function/{name}", "puts")}
    waking = {str(one["name"]) for one in mesh.to(f"function/{name}", "wakes", "type")}
    said = [set(re.findall(r"`(ss\.[a-z.]+)`", cell)) for cell in (row[1], row[-1])]
    return said == [{one for one in waking if one.startswith("ss.")}, emitted]


def test_every_event_is_emitted_by_somebody_and_wakes_somebody() -> None:
    assert [name for name in REGISTRY if not MESH.to(f"type/{name}", "puts", "function")] == []
    assert [name for name in REGISTRY if not MESH.from_(f"type/{name}", "wakes")] == []


def test_a_function_that_writes_nothing_is_told_as_such() -> None:
    silent = replace(MESH, edges=tuple(one for one in MESH.edges if one["kind"] not in ("reads", "writes")))
    assert "| reads | - |\n| writes | - |" in functions_page(ROOT, silent)
