"""Every page of ``docs/reference/``, and the first that lists them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from local.reference.audit import audit_page
from local.reference.commands import commands_page
from local.reference.events import events_page
from local.reference.functions import drawn, functions_page
from local.reference.parameters import environment_page, parameters_page
from local.reference.schedules import alarms_page, schedules_page
from local.reference.stores import stores_page

FOLDER = Path("docs") / "reference"
_SAYS = {
    "commands": "everything that make offers, with every option",
    "functions": "what wakes each, what it may read and write, what it emits, its memory and time",
    "events": "who emits each, whom it wakes, its fields",
    "stores": "tables, indexes, fields, buckets, secrets, the queue",
    "schedules": "what runs by the clock",
    "alarms": "what rings for whoever operates it, and its runbook",
    "parameters": "what a business sets, for each stack",
    "audit": "what is noted of every change, and each action in words",
    "environment": "what reaches which function",
}


@cache
def reference_pages(root: Path) -> dict[Path, bytes]:
    """By path below ``root``. Same code, same pages. The functions must be importable."""
    mesh = drawn(root)
    made = {
        "commands": commands_page(root),
        "functions": functions_page(root, mesh),
        "events": events_page(mesh),
        "stores": stores_page(root, mesh),
        "schedules": schedules_page(root),
        "alarms": alarms_page(root),
        "parameters": parameters_page(root),
        "audit": audit_page(),
        "environment": environment_page(root),
    }
    first = "\n".join(
        [
            "# Reference",
            "",
            "Made by `python -m local.generate` of the templates, the models and the code; `make test` holds them together.",
            "",
            *[f"* [{name.capitalize()}]({name}.md): {said}" for name, said in _SAYS.items()],
            "* [Networks](../networks.md): every limit of every network, and its source",
            "* [Moves](../moves.md): every reason for which the scheduler does something or nothing",
            "",
        ]
    )
    pages = {"README": first, **made}
    return {FOLDER / f"{name}.md": (text.rstrip() + "\n").encode() for name, text in pages.items()}
