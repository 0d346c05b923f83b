"""CloudWatch Logs' filter patterns, as far as ours go; any other is refused (docs.aws.amazon.com: FilterAndPatternSyntax)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from local.watch.model import Unsupported

Fits = Callable[[str], bool]
_TERM = re.compile(r'\?"([^"]+)"\s*')
_TEST = re.compile(r'\(\s*\$\.(\w+)\s*(=|!=)\s*"([^"*]*)"\s*\)')


def fits(pattern: str) -> Fits:
    """Of a line: ``{ ($.a = "x") && ($.b != "y") }``, all of them; or ``?"one" ?"other"``, any of them, case and all."""
    text = pattern.strip()
    if text.startswith("{") and text.endswith("}"):
        return _json(pattern, text[1:-1])
    terms = _TERM.findall(text)
    if not terms or _TERM.sub("", text):
        raise Unsupported(f"the filter pattern {pattern}")
    return lambda line: any(term in line for term in terms)


def _json(pattern: str, inner: str) -> Fits:
    tests = []
    for part in inner.split("&&"):
        found = _TEST.fullmatch(part.strip())
        if found is None:
            raise Unsupported(f"the filter pattern {pattern}")
        tests.append((found[1], found[2] == "=", found[3]))

    def fit(line: str) -> bool:
        said = _object(line)
        return all(isinstance(said.get(name), str) and (said[name] == value) is equal for name, equal, value in tests)

    return fit


def _object(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
