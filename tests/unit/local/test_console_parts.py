"""The console's page is put together in four places: each part that is there stands in all of them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "local" / "console" / "page"
HTML = (PAGE / "index.html").read_text("utf-8")
MAIN = (PAGE / "main.js").read_text("utf-8")
VIEWS = (PAGE / "views.js").read_text("utf-8")
PANES = set(re.findall(r'"([a-z]+)"', VIEWS[VIEWS.index("PAGES = {") : VIEWS.index("};")]))


def test_every_pane_is_on_the_page_and_can_be_opened_where_it_is_a_view_of_its_own() -> None:
    there = {
        name
        for tag in re.findall(r"<(?:section|aside)\b[^>]*>", HTML)
        for name in re.findall(r'\bid="(\w+)"', tag)
        if re.search(r'class="pane\b', tag)
    }
    assert there == PANES
    assert set(re.findall(r'data-to="(\w+)"', HTML)) <= PANES
    assert set(re.findall(r'data-to="(\w+)"', HTML)) >= PANES - {"trail"}, "the trail stands beside the mesh"


def test_every_part_that_is_started_is_among_those_that_are_told_of_an_answer() -> None:
    (told,) = re.findall(r"^const PARTS = \{ (.*) \};$", MAIN, re.MULTILINE)
    files = {file.stem: file.read_text("utf-8") for file in PAGE.glob("**/*.js")}
    parts = {name for name, text in files.items() if re.search(r"^export (async )?function take\(", text, re.MULTILINE)}
    own = {path.parent.name for path in PAGE.glob("*/*.js") if path.stem == path.parent.name}
    assert set(told.split(", ")) >= own & parts
    assert set(told.split(", ")) <= parts


def test_nothing_on_the_page_is_what_its_policy_refuses() -> None:
    assert re.findall(r"<style\b|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", HTML) == []
    linked = set(re.findall(r'<link rel="stylesheet" href="/page/([^"]+)"', HTML))
    assert {str(path.relative_to(PAGE)) for path in PAGE.glob("**/*.css")} <= linked


def test_what_a_part_takes_of_an_answer_and_the_routes_it_asks_are_there() -> None:
    code = "\n".join(file.read_text("utf-8") for file in PAGE.parent.glob("*.py"))
    state = (PAGE.parent / "state.py").read_text("utf-8")
    app = (PAGE.parent / "app.py").read_text("utf-8")
    told = set(
        re.findall(
            r'^        "(\w+)": ', state[state.rindex("return {", 0, state.index("def with_choices")) :], re.MULTILINE
        )
    )
    told |= set(re.findall(r'^        "(\w+)": ', app[app.index("parts = {") :], re.MULTILINE))
    for file in PAGE.glob("**/*.js"):
        text = file.read_text("utf-8")
        for given, body in re.findall(r"^export (?:async )?function take\((.*?)\) \{\n(.*?)^\}", text, re.M | re.S):
            named = re.findall(r"\bstate\.(\w+)", body) if given.startswith("state") else []
            taken = {*named, *re.findall(r"(\w+)(?:: \w+)?(?=[,} ])", given if given.startswith("{") else "")} - {
                "first"
            }
            assert taken <= told, file.name
        for route in re.findall(r"[\"`](/api/\w+)", text):
            assert f'"{route}' in code, file.name
