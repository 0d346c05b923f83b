"""docs/threats.md claims nothing that no test shows: every test that it names is there, is collected, and every row has one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| threat", "| ---"))]
TOPICS = (
    "forged", "used again", "forwarded", "scanner", "cookie", "CSRF", "clickjacking", "XSS", "Slack", "copies an approved row", "formula",
    "swapped", "bomb", "exchanged", "prompt injection", "SSRF", "takes the token", "confused deputy", "another business", "wallet",
    "a known hole", "audit is changed", "leaks into logs", "backup", "time is bent", "deleted", "administers", "Function URL",
)  # fmt: skip


@cache
def claims_of(file: str) -> frozenset[str]:
    """What pytest collects there: functions at the top that are not skipped whatever happens."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    skipped = {
        one.name
        for one in functions
        if any(re.search(r"mark\.skip\b", ast.unparse(mark)) for mark in one.decorator_list)
    }
    return frozenset(one.name for one in functions if one.name.startswith("test_")) - skipped


@pytest.mark.parametrize(("name", "file"), NAMED, ids=[name for name, _ in NAMED])
def test_a_test_that_the_page_names_is_there(name: str, file: str) -> None:
    assert Path(file).name.startswith("test_")
    assert name in claims_of(file)


def test_every_threat_has_its_defence_and_a_test() -> None:
    assert len(ROWS) >= 40
    for row in ROWS:
        threat, defence, shown = (cell.strip() for cell in row.strip("| ").split(" | "))
        assert threat
        assert defence
        assert re.search(r"\[test_\w+\]", shown), threat


def test_nothing_that_a_reviewer_asks_for_is_left_out() -> None:
    assert [topic for topic in TOPICS if topic not in PAGE] == []
