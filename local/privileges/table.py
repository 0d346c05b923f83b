"""Every grant of the template beside what used it: ``tests/privilege/used.json``, and the page made of both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import ROOT
from local.privileges.recording import Grant
from local.privileges.roles import Role

USED = ROOT / "tests" / "privilege" / "used.json"

Used = Mapping[Grant, set[str]]


def grants(roles: Mapping[str, Role]) -> list[Grant]:
    """In the template's order, each once."""
    return list(
        dict.fromkeys(
            (role.owner, action, resource.label)
            for role in roles.values()
            for statement in role.statements
            for action in statement.actions
            for resource in statement.resources
        )
    )


def kept(file: Path = USED) -> dict[Grant, set[str]]:
    told = json.loads(file.read_text("utf-8"))
    return {
        (owner, action, label): set(suites)
        for owner, actions in told.items()
        for action, labels in actions.items()
        for label, suites in labels.items()
    }


def as_json(used: Used) -> str:
    told: dict[str, dict[str, dict[str, list[str]]]] = {}
    for owner, action, label in sorted(used):
        told.setdefault(owner, {}).setdefault(action, {})[label] = sorted(used[owner, action, label])
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def wrong(roles: Mapping[str, Role], used: Used) -> Iterator[str]:
    """A sentence for each grant that nothing uses, and for each use that the template no longer grants."""
    there = grants(roles)
    for grant in there:
        if grant not in used:
            yield f"{' '.join(grant)}: granted, and no recorded call uses it"
    for grant in used:
        if grant not in there:
            yield f"{' '.join(grant)}: recorded as used, and the template grants it no more; make privileges"


def lines(roles: Mapping[str, Role], used: Used) -> Iterator[tuple[str, str, str, str]]:
    """``(owner, label, actions, used by)``, one for each resource of an owner."""
    for role in roles.values():
        mine = [grant for grant in grants(roles) if grant[0] == role.owner]
        for label in dict.fromkeys(label for _, _, label in mine):
            acting = [grant for grant in mine if grant[2] == label]
            suites = sorted({suite for grant in acting for suite in used.get(grant, set())})
            yield role.owner, label, ", ".join(action for _, action, _ in acting), ", ".join(suites)
