"""Prompts: texts in files, one a version, and the marks around what is put into them. Pure but for reading its own files.

What is put in stands between ``<name-mark>`` and ``</name-mark>``, where the mark is derived from all of it: nothing that is put in can
hold it, so that nothing can close its own block or open another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from string import Template

_MARK_CHARACTERS = 16


@cache
def _template(version: str) -> Template:
    return Template(files("draft_helper").joinpath("prompts", f"{version}.txt").read_text("utf-8").rstrip("\n"))


def filled(version: str, values: Mapping[str, str]) -> str:
    """The prompt of this version. What is put in is put in once: a dollar sign in it is one. KeyError where a value is missing."""
    return _template(version).substitute(values)


def mark_for(contents: Iterable[str]) -> str:
    """The same contents, the same mark; it stands in none of them."""
    parts = list(contents)
    whole = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass"))
    while True:
        mark = whole.hexdigest()[:_MARK_CHARACTERS]
        if not any(mark in part.lower() for part in parts):
            return mark
        whole.update(b"\x00")


def block(name: str, mark: str, content: str) -> str:
    return f"<{name}-{mark}>\n{content}\n</{name}-{mark}>"


def blocks(mark: str, contents: Mapping[str, str]) -> str:
    """Those that say something, an empty line between."""
    return "\n\n".join(block(name, mark, content) for name, content in contents.items() if content)
