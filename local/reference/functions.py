"""``docs/reference/functions.md``: each function and the machine as the template has them; what they mean, from their own READMEs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.console.mesh_code import made_by
from local.console.mesh_map import mesh_map
from local.deploy import read_template
from local.reference.markdown import code, first_paragraph, table

GIVEN = {"Prefix": "ss", "TimeZone": "TimeZone", "SlackSecret": "ss/slack", "MailFrom": "you@cafe.example"}
_DOORS = "its Function URL"


@dataclass(frozen=True)
class Drawn:
    """The mesh of ``template.yaml`` as nodes and edges (``local.console.mesh_map``)."""

    nodes: Mapping[str, Mapping[str, Any]]
    edges: tuple[Mapping[str, Any], ...]

    def named(self, kind: str) -> list[str]:
        return [str(one["name"]) for one in self.nodes.values() if one["kind"] == kind]

    def to(self, target: str, kind: str, of: str = "") -> list[Mapping[str, Any]]:
        """The nodes from which an edge of this kind leads there; ``of``: only nodes of that kind."""
        found = [self.nodes[one["source"]] for one in self.edges if one["target"] == target and one["kind"] == kind]
        return [one for one in found if not of or one["kind"] == of]

    def from_(self, source: str, *kinds: str) -> list[Mapping[str, Any]]:
        found = [self.nodes[one["target"]] for one in self.edges if one["source"] == source and one["kind"] in kinds]
        return list({one["id"]: one for one in found}.values())


def drawn(root: Path) -> Drawn:
    found = mesh_map(read_template(root / "template.yaml"), GIVEN, made_by(root / "functions"))
    return Drawn({one["id"]: one for one in found["nodes"]}, tuple(found["edges"]))


def functions_page(root: Path, mesh: Drawn) -> str:
    """Markdown. Same template and code, same page."""
    names = mesh.named("function")
    rows = (
        (
            f"[{name}](#{name})",
            mesh.nodes[f"function/{name}"]["facts"]["description"],
            f"{mesh.nodes[f'function/{name}']['facts']['memory_mb']} MB",
            f"{mesh.nodes[f'function/{name}']['facts']['timeout_seconds']} s",
        )
        for name in names
    )
    return "\n".join(
        [
            "# Functions",
            "",
            "What wakes a function, what it may read and write and how much it is given stand in",
            "`template.yaml`; the events it emits are those that its",
            "code makes. All run on arm64 and Python 3.14, outside a VPC; an asynchronous call is tried three",
            "times within 15 minutes, then it lies in",
            "`ss-dead-letters`. `ss` stands for the stack's prefix.",
            "",
            *table(("function", "what it is", "memory", "time limit"), rows),
            *[line for name in names for line in _function(root, mesh, name)],
            *[line for name in mesh.named("machine") for line in _machine(mesh, name)],
        ]
    )


def _function(root: Path, mesh: Drawn, name: str) -> Iterator[str]:
    own = f"function/{name}"
    readme = root / "functions" / name.replace("-", "_") / "README.md"
    woken = [
        *(f"{_DOORS}" for _ in mesh.to(own, "wakes", "door")),
        *(f"`ss-{one['name']}` {one['facts']['expression']}" for one in mesh.to(own, "wakes", "schedule")),
        *(f"schedules of the group `ss-{one['name']}`" for one in mesh.to(own, "wakes", "group")),
        *(f"steps of `ss-{one['name']}`" for one in mesh.to(own, "runs", "machine")),
        *(f"`{one['name']}`" for one in mesh.to(own, "wakes", "type")),
    ]
    yield f"## {name}"
    yield ""
    yield first_paragraph(readme.read_text("utf-8"))
    yield ""
    yield from table(
        ("", ""),
        [
            ("woken by", ", ".join(woken)),
            ("reads", _stores(mesh.from_(own, "reads")) or "-"),
            ("writes", _stores(mesh.from_(own, "writes")) or "-"),
            ("books in", _stores(mesh.from_(own, "books")) or "-"),
            ("asks", ", ".join(str(one["name"]) for one in mesh.from_(own, "uses")) or "-"),
            ("emits", code(one["name"] for one in mesh.from_(own, "puts")) or "-"),
        ],
    )
    yield f"When it fails, and which file does what: [its README](../../{readme.relative_to(root)})."
    yield ""


def _machine(mesh: Drawn, name: str) -> Iterator[str]:
    own = f"machine/{name}"
    yield f"## {name}"
    yield ""
    yield "A state machine over a function's steps ([batches](../batch-machine.md)); the only thing that may call a function."
    yield ""
    yield from table(
        ("", ""),
        [
            ("woken by", code(one["name"] for one in mesh.to(own, "wakes", "type"))),
            ("runs", ", ".join(str(one["name"]) for one in mesh.from_(own, "runs"))),
        ],
    )


def _stores(nodes: list[Mapping[str, Any]]) -> str:
    return code(sorted(f"ss{'/' if one['kind'] == 'secret' else '-'}{one['name']}" for one in nodes))
