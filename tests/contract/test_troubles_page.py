"""docs/troubles.md and the words of the messages know every trouble that any function can tell; none is made up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mesh.messages.bounced import TRIED_AGAIN_AFTER
from notifier.gathering import APART, GATHER, MOST_AN_HOUR, STANDS_FOR
from notifier.returns import MOST_PASSING, PASSING_WITHIN
from notifier.trouble_words import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubles.md").read_text("utf-8")
# Causes that are put together from more than their first words, by the file they are in.
MADE = {
    "functions/sender/channels.py": {"pause"},  # the key of the pause
    "functions/scheduler/memory.py": {"posts-unreadable", "rules-unreadable"},
    "functions/drive_sync/docs.py": {"rules-too-big", "voice-too-big"},
    "functions/drive_sync/watching.py": {"sweep-silent", "tick-silent"},
    "local/setup/trial_mail.py": {"test"},  # no function: whoever sets the business up
}
_SAYS = {"trouble", "_trouble", "_noted", "say", "Trouble", "_say"}


def texts(node: ast.AST) -> Iterator[str]:
    """The first words of every string in a call's arguments that begins like a cause."""
    for one in ast.walk(node):
        parts = one.values if isinstance(one, ast.JoinedStr) else [one]
        first = parts[0] if parts else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def emitted() -> dict[str, set[str]]:
    """The kinds of the causes in each file, as far as they stand there in so many words."""
    found: dict[str, set[str]] = {}
    for folder in ("functions", "layers/mesh/python/mesh"):
        for file in (ROOT / folder).rglob("*.py"):
            where = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                named = node.func if isinstance(node, ast.Call) else None
                name = getattr(named, "attr", getattr(named, "id", ""))
                assigned = isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == "cause" for target in node.targets
                )
                if name not in _SAYS and not assigned:
                    continue
                for text in texts(node):
                    match = re.match(r"([a-z]+(?:-[a-z]+)*)(?:#|$)", text)
                    if match and ("#" in text or match[1] in KINDS):
                        found.setdefault(where, set()).add(match[1])
    return found


def test_every_trouble_of_the_code_has_its_words() -> None:
    kinds = set[str]().union(*emitted().values(), *MADE.values())
    known = kinds - {"everything", "package", "row"}  # second words, behind ahead
    assert known - set(KINDS) == set()
    assert set(KINDS) - known == set(), "nobody tells these"


def test_the_page_tells_of_every_kind_with_its_title_and_of_no_other() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]+?) \|", PAGE, re.MULTILINE))
    assert set(rows) == set(KINDS)
    for kind, title in rows.items():
        assert title == KINDS[kind].one.replace("{name}", "x-main"), kind


def test_every_row_says_what_to_do() -> None:
    rows = re.findall(r"^\| `[a-z-]+` \|(.*)\|$", PAGE, re.MULTILINE)
    for row in rows:
        cells = [cell.strip() for cell in row.split("|")]
        assert len(cells) == 4, row
        assert all(cells), row


def test_the_page_names_the_figures_of_the_code() -> None:
    days = [f"{one.days}" for one in STANDS_FOR]
    for said in (
        f"{GATHER.seconds // 60} minute for",
        f"{APART.seconds // 60} minutes after",
        f"{MOST_AN_HOUR} messages an hour",
        f"after {', '.join(days[:-1])} and {days[-1]} days",
        f"{TRIED_AGAIN_AFTER.days} days",
        f"{MOST_PASSING} mails within {PASSING_WITHIN.days} days",
    ):
        assert said in PAGE, said
