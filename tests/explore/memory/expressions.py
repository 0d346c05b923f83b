"""DynamoDB's condition and update expressions, as far as this project writes them, compiled once to functions.

``#name`` is the attribute ``name``; ``#a.#b`` is an attribute within a map; ``:value`` stands for a value given with the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Item = Mapping[str, Any]
Condition = Callable[[Item, Mapping[str, Any]], bool]
Update = Callable[[dict[str, Any], Mapping[str, Any]], None]

MISSING = object()
_TOKEN = re.compile(r"\s*(<=|>=|<>|=|<|>|\(|\)|,|#[\w]+(?:\.#[\w]+)*|:\w+|\w+)")


class NotUnderstood(ValueError):
    """An expression this project does not write: the port has to learn it first."""


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise NotUnderstood(f"{text!r} at {place}")
        tokens.append(found[1])
        place = found.end()
    return tokens


@cache
def condition(text: str) -> Condition:
    """True for an item that meets it; a comparison with an attribute that is not there does not hold."""
    reader = _Reader(_tokens(text), text)
    compiled = reader.either()
    reader.end()
    return compiled


@cache
def update(text: str) -> Update:
    """Changes the item in place: SET to a value, REMOVE, and ADD of a number."""
    reader = _Reader(_tokens(text), text)
    changes: list[Update] = []
    while reader.left():
        word = reader.take()
        if word == "SET":
            changes.append(reader.assignment())
            while reader.accept(","):
                changes.append(reader.assignment())
        elif word == "REMOVE":
            changes.append(_remove(_path(reader.take())))
            while reader.accept(","):
                changes.append(_remove(_path(reader.take())))
        elif word == "ADD":
            changes.append(reader.addition())
            while reader.accept(","):
                changes.append(reader.addition())
        else:
            raise NotUnderstood(text)

    def apply(item: dict[str, Any], values: Mapping[str, Any]) -> None:
        for change in changes:
            change(item, values)

    return apply


def _path(token: str) -> tuple[str, ...]:
    if not token.startswith("#"):
        raise NotUnderstood(f"{token!r} is no attribute")
    return tuple(part.removeprefix("#") for part in token.split("."))


def _at(item: Item, path: tuple[str, ...]) -> Any:
    value: Any = item
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def _remove(path: tuple[str, ...]) -> Update:
    if len(path) != 1:
        raise NotUnderstood("REMOVE of a nested attribute")

    def apply(item: dict[str, Any], _: Mapping[str, Any]) -> None:
        item.pop(path[0], None)

    return apply


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def _comparable(one: Any, other: Any) -> bool:
    """Of one DynamoDB type: a boolean is no number there."""
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool)
    numbers = (int, float)
    return type(one) is type(other) or (isinstance(one, numbers) and isinstance(other, numbers))


class _Reader:
    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._place = 0

    def left(self) -> bool:
        return self._place < len(self._tokens)

    def take(self) -> str:
        if not self.left():
            raise NotUnderstood(self._text)
        self._place += 1
        return self._tokens[self._place - 1]

    def accept(self, token: str) -> bool:
        if self.left() and self._tokens[self._place] == token:
            self._place += 1
            return True
        return False

    def end(self) -> None:
        if self.left():
            raise NotUnderstood(self._text)

    def either(self) -> Condition:
        parts = [self.both()]
        while self.accept("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda item, values: any(part(item, values) for part in parts)

    def both(self) -> Condition:
        parts = [self.single()]
        while self.accept("AND"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else lambda item, values: all(part(item, values) for part in parts)

    def single(self) -> Condition:
        if self.accept("NOT"):
            inner = self.single()
            return lambda item, values: not inner(item, values)
        if self.accept("("):
            inner = self.either()
            if not self.accept(")"):
                raise NotUnderstood(self._text)
            return inner
        token = self.take()
        if token in {"attribute_exists", "attribute_not_exists"}:
            return self._existence(exists=token == "attribute_exists")
        if token == "begins_with":
            return self._beginning()
        path, operator, value = _path(token), self.take(), self.take()
        if operator == "BETWEEN":
            return self._between(path, value)
        if operator not in _COMPARE or not value.startswith(":"):
            raise NotUnderstood(self._text)
        compare = _COMPARE[operator]

        def holds(item: Item, values: Mapping[str, Any]) -> bool:
            found, given = _at(item, path), values[value]
            if found is MISSING:
                return operator == "<>"
            return compare(found, given) if _comparable(found, given) else operator == "<>"

        return holds

    def _existence(self, *, exists: bool) -> Condition:
        if not self.accept("("):
            raise NotUnderstood(self._text)
        path = _path(self.take())
        if not self.accept(")"):
            raise NotUnderstood(self._text)
        return lambda item, _: (_at(item, path) is not MISSING) is exists

    def _between(self, path: tuple[str, ...], first: str) -> Condition:
        """Both ends are meant; the AND is its own."""
        if not self.accept("AND") or not first.startswith(":"):
            raise NotUnderstood(self._text)
        last = self.take()

        def holds(item: Item, values: Mapping[str, Any]) -> bool:
            found = _at(item, path)
            return _comparable(found, values[first]) and values[first] <= found <= values[last]

        return holds

    def _beginning(self) -> Condition:
        if not self.accept("("):
            raise NotUnderstood(self._text)
        path, comma, value = _path(self.take()), self.take(), self.take()
        if comma != "," or not value.startswith(":") or not self.accept(")"):
            raise NotUnderstood(self._text)

        def holds(item: Item, values: Mapping[str, Any]) -> bool:
            found = _at(item, path)
            return isinstance(found, str) and found.startswith(values[value])

        return holds

    def assignment(self) -> Update:
        path = _path(self.take())
        if len(path) != 1 or not self.accept("="):
            raise NotUnderstood(self._text)
        value = self.take()
        if not value.startswith(":"):
            raise NotUnderstood(self._text)

        def apply(item: dict[str, Any], values: Mapping[str, Any]) -> None:
            item[path[0]] = values[value]

        return apply

    def addition(self) -> Update:
        path, value = _path(self.take()), self.take()
        if len(path) != 1 or not value.startswith(":"):
            raise NotUnderstood(self._text)

        def apply(item: dict[str, Any], values: Mapping[str, Any]) -> None:
            if not isinstance(values[value], int):
                raise NotUnderstood("ADD of what is no number")
            item[path[0]] = item.get(path[0], 0) + values[value]

        return apply
