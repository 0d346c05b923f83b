"""A module imported when something of it is first asked for: what one event in twenty needs is no part of every cold start.

if TYPE_CHECKING:
    from approve_handler import drafts
else:
    drafts = Later("approve_handler.drafts")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for the module of this name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
