"""Field masks, both ways: what a response may keep (`fields=`) and what an update may touch.

Google takes `a.b`, `a/b`, `a(b,c)` and `*`, in camelCase or snake_case.
"""

from __future__ import annotations

import re
from typing import Any

from local.sheets.wire import Json, invalid

Mask = dict[str, Any]
"""Name -> mask of what lies below; an empty mask keeps everything below."""

_TOKEN = re.compile(r"\s*([A-Za-z0-9_*]+|[().,/])")


def parse(text: str) -> Mask:
    """GoogleError 400 for what is no mask."""
    tokens = _tokens(text)
    mask, position = _list(tokens, 0, text)
    if position != len(tokens):
        raise invalid(f"Invalid field selection {text}", reason="invalidParameter")
    return mask


def project(value: Any, mask: Mask) -> Any:
    """The value with only what the mask names. A message of which nothing is left stays, as {}."""
    if not mask or "*" in mask:
        below = mask.get("*", {}) if mask else {}
        return value if not below else _each(value, below)
    if isinstance(value, list):
        return [project(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    kept: Json = {}
    for name, below in mask.items():
        if name in value:
            kept[name] = project(value[name], below)
    return kept


def mentions(mask: Mask | None, *path: str) -> bool:
    """Whether anything below that path would be kept; no mask keeps everything."""
    if mask is None:
        return True
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def merge(old: Json, new: Json, mask: Mask) -> Json:
    """A copy of `old` in which what the mask names is as in `new`; absent in `new` means removed."""
    if not mask or "*" in mask:
        return dict(new)
    merged = dict(old)
    for name, below in mask.items():
        if name not in new:
            merged.pop(name, None)
        elif below and isinstance(new[name], dict):
            merged[name] = merge(merged.get(name) or {}, new[name], below)
        else:
            merged[name] = new[name]
    return merged


def _each(value: Any, below: Mask) -> Any:
    if isinstance(value, dict):
        return {name: project(part, below) for name, part in value.items()}
    return [project(item, below) for item in value] if isinstance(value, list) else value


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    stripped = text.rstrip()
    while position < len(stripped):
        found = _TOKEN.match(stripped, position)
        if not found:
            raise invalid(f"Invalid field selection {text}", reason="invalidParameter")
        tokens.append(found.group(1))
        position = found.end()
    return tokens


def _list(tokens: list[str], position: int, text: str) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        position = _path(tokens, position, mask, text)
        if position >= len(tokens) or tokens[position] != ",":
            return mask, position
        position += 1


def _path(tokens: list[str], position: int, mask: Mask, text: str) -> int:
    """Reads one path into the mask. A name given alone keeps all below it, also where another path names a part."""
    while True:
        if position >= len(tokens) or tokens[position] in "().,/":
            raise invalid(f"Invalid field selection {text}", reason="invalidParameter")
        name = _camel(tokens[position])
        position += 1
        follows = tokens[position] if position < len(tokens) else ""
        if follows in (".", "/"):
            mask = _below(mask, name)
            position += 1
            continue
        if follows == "(":
            inner, position = _list(tokens, position + 1, text)
            if position >= len(tokens) or tokens[position] != ")":
                raise invalid(f"Invalid field selection {text}", reason="invalidParameter")
            _unite(_below(mask, name), inner)
            return position + 1
        mask[name] = {}
        return position


def _below(mask: Mask, name: str) -> Mask:
    if name in mask and not mask[name]:
        return {}  # everything is kept already
    below: Mask = mask.setdefault(name, {})
    return below


def _unite(mask: Mask, other: Mask) -> None:
    for name, below in other.items():
        if name in mask and mask[name] and below:
            _unite(mask[name], below)
        else:
            mask[name] = below


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
