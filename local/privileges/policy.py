"""Policies evaluated as IAM does for roles of one account: an explicit Deny wins, else one Allow is needed. Pure.

No permissions boundary, session policy or resource policy: the template has none for these roles. Only the condition operators of
``_OPERATORS`` are understood; any other is an error, never a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from local.privileges.asked import Asked


class NotUnderstoodError(Exception):
    """The policy uses something that is not evaluated here."""


@dataclass(frozen=True)
class Resource:
    """``pattern`` is an ARN with IAM's wildcards, ``label`` how it is written in the table."""

    pattern: str
    label: str


@dataclass(frozen=True)
class Statement:
    """``actions`` and ``resources`` match any of theirs; where ``but_*`` is set, everything that matches none."""

    allows: bool
    actions: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    conditions: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict, hash=False)
    but_actions: tuple[str, ...] = ()
    but_resources: tuple[Resource, ...] = ()

    def concerns(self, asked: Asked) -> bool:
        acts = any(_matches(one, asked.action, any_case=True) for one in self.actions) or bool(
            self.but_actions and not any(_matches(one, asked.action, any_case=True) for one in self.but_actions)
        )
        meant = any(_matches(one.pattern, asked.resource) for one in self.resources) or bool(
            self.but_resources and not any(_matches(one.pattern, asked.resource) for one in self.but_resources)
        )
        return acts and meant and self._holds(asked)

    def _holds(self, asked: Asked) -> bool:
        given = {key.lower(): value for key, value in asked.conditions}
        return all(
            _operator(name)(given.get(key.lower()), wanted)
            for name, keys in self.conditions.items()
            for key, wanted in keys.items()
        )


@dataclass(frozen=True)
class Use:
    """One action on one resource of one statement: what a call was allowed by."""

    action: str
    label: str


def allowed(statements: Iterable[Statement], asked: Asked) -> bool:
    verdicts = [one.allows for one in statements if one.concerns(asked)]
    return bool(verdicts) and all(verdicts)


def uses(statements: Iterable[Statement], asked: Asked) -> tuple[Use, ...]:
    """Every grant that this was allowed by; nothing where it is not allowed."""
    concerned = [one for one in statements if one.concerns(asked)]
    if not all(one.allows for one in concerned):
        return ()
    return tuple(
        Use(action, resource.label)
        for one in concerned
        for action in one.actions
        if _matches(action, asked.action, any_case=True)
        for resource in one.resources
        if _matches(resource.pattern, asked.resource)
    )


@cache
def _compiled(pattern: str, any_case: bool) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    text = "".join(wild.get(letter) or re.escape(letter) for letter in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _matches(pattern: str, text: str, *, any_case: bool = False) -> bool:
    """``*`` is any text, slashes and colons too, ``?`` one character."""
    return _compiled(pattern, any_case).fullmatch(text) is not None


_Operator = Callable[[str | None, Sequence[str]], bool]


def _like(given: str | None, wanted: Sequence[str]) -> bool:
    return given is not None and any(_matches(one, given) for one in wanted)


def _arn_like(given: str | None, wanted: Sequence[str]) -> bool:
    """Each of an ARN's six parts by itself (IAM's reference of ArnLike)."""
    parts = (given or "").split(":", 5)
    return len(parts) == 6 and any(
        len(patterns := one.split(":", 5)) == 6 and all(map(_matches, patterns, parts)) for one in wanted
    )


_OPERATORS: dict[str, _Operator] = {
    "StringEquals": lambda given, wanted: given in wanted,
    "StringNotEquals": lambda given, wanted: given not in wanted,
    "StringLike": _like,
    "ArnLike": _arn_like,
    "ArnEquals": _arn_like,
}


def _operator(name: str) -> _Operator:
    if name not in _OPERATORS:
        raise NotUnderstoodError(f"a condition's operator {name}")
    return _OPERATORS[name]
