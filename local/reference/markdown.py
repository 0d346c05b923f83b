"""Markdown's tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table's lines and an empty one after it."""
    lines = [head, ["---"] * len(head), *rows]
    return [*("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines), ""]


def code(names: Iterable[object]) -> str:
    """Each as code, in the order given."""
    return " ".join(f"`{name}`" for name in names)


def words(text: str | None) -> str:
    """A docstring on one line, with Markdown's own marks for code."""
    return " ".join((text or "").replace("``", "`").split())


def first_paragraph(text: str) -> str:
    """What stands below a page's title, on one line."""
    return words(re.split(r"\n\s*\n|\n\*\*", text.partition("\n")[2].strip())[0])


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
