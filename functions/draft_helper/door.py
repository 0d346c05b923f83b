"""PLACEHOLDER."""

from __future__ import annotations

from typing import Any


def visit(event: dict[str, Any]) -> dict[str, Any]:
    raise NotImplementedError
