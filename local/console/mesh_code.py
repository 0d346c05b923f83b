"""Which kinds of event a function's code makes. It may make one for its own use; its policy says which it can put on the bus."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mesh import events


@cache
def made_by(functions: Path) -> dict[str, list[str]]:
    """By package, for every function's folder below ``functions``: the detail-types in the order of the registry.

    Read once: what is changed on the disk is deployed at the next start.
    """
    return {
        folder.name: _in_order({found for file in folder.rglob("*.py") for found in _made(file.read_text())})
        for folder in sorted(functions.iterdir())
        if (folder / "handler.py").exists()
    }


def _in_order(found: set[str]) -> list[str]:
    return [one for one in events.REGISTRY if one in found]


def _made(text: str) -> Iterator[str]:
    """What is called or chosen (``Sent if … else Failed``) of what ``mesh.events`` has; a pattern that is only matched is not made."""
    if "events" not in text:  # most files, and reading one takes a while
        return
    tree = ast.parse(text)
    known = _known(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=made):
                names = [made]
            case ast.IfExp(body=yes, orelse=no):
                names = [yes, no]
            case _:
                continue
        for one in names:
            if isinstance(one, ast.Name) and one.id in known:
                yield known[one.id]
            elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "events":
                yield from filter(None, [_type_of(one.attr)])


def _known(tree: ast.Module) -> dict[str, str]:
    """The names that this module has from ``mesh.events``, and the detail-type that comes of each."""
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "mesh.events"]
    names = [(one.asname or one.name, _type_of(one.name)) for node in imported for one in node.names]
    return {name: found for name, found in names if found}


def _type_of(name: str) -> str:
    """Of a model, or of a function that returns one; "" for anything else."""
    found = getattr(events, name, None)
    if callable(found) and not isinstance(found, type):
        found = typing.get_type_hints(found).get("return")
    return str(getattr(found, "detail_type", "")) if isinstance(found, type) else ""
