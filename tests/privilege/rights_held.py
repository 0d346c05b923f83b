"""The policies of ``make doctor`` and ``make setup`` held against calls that were made: each by its resource and its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.checks import rights
from local.privileges.asked import ACCOUNT, REGION, asked
from local.privileges.policy import Resource, Statement, uses


@dataclass(frozen=True)
class Called:
    service: str
    operation: str
    call: Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """``refused``: a sentence for each thing that none allows; ``idle`` are statements, ``idle_actions`` actions that nothing used."""

    refused: list[str]
    idle: set[str]
    idle_actions: set[str]


def held(document: list[rights.Statement], prefix: str, calls: Iterable[Called]) -> Held:
    """UnknownCallError for a call of which nobody said what it asks for. Who one is may be asked without any right."""
    statements = {str(one["Sid"]): _statement(one, prefix) for one in document}
    wanted = dict.fromkeys(
        one
        for called in calls
        if called.service != "sts"
        for one in asked(called.service, called.operation, called.call)
    )
    refused = [
        f"{one.action} on {one.resource} {one.conditions}" for one in wanted if not uses(statements.values(), one)
    ]
    used = {(name, use.action) for name, one in statements.items() for ask in wanted for use in uses([one], ask)}
    return Held(
        refused,
        set(statements) - {name for name, _ in used},
        rights.actions(document) - {action for _, action in used},
    )


def _statement(told: rights.Statement, prefix: str) -> Statement:
    """With the business's prefix, and the local stack's account and region, in the places that a person fills."""

    def filled(text: str) -> str:
        for place, value in (("PREFIX", prefix), ("REGION", REGION), ("ACCOUNT", ACCOUNT)):
            text = text.replace(place, value)
        return text

    resources = tuple(Resource(filled(one), one) for one in told["Resource"])
    conditions = {
        operator: {key: [filled(value)] for key, value in keys.items()}
        for operator, keys in told.get("Condition", {}).items()
    }
    return Statement(told["Effect"] == "Allow", tuple(told["Action"]), resources, conditions)
