"""Everything kept in the state folder, within a second of its change.

MiniStack saves at shutdown alone, so that a kill loses the day. Here each service that a call may have changed is
written within a second (``save_seconds``); reads cost nothing. Log groups and metrics, which change with every invocation and which
nobody would miss, wait for the shutdown.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app as ministack_app
from ministack.core.persistence import save_state

logger = logging.getLogger(__name__)

_READING = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "TransactGet", "Search", "Lookup", "Filter")
_AT_SHUTDOWN_ONLY = {"cloudwatch_logs", "cloudwatch"}


def changes_state(service: str, method: str, action: str) -> bool:
    """Whether a call may have changed something. A plain read by name or by method has not, but for CloudFormation: it
    works on after its answer, and whoever waits for that asks how far it is.
    """
    if service == "cloudformation":
        return True
    return method not in ("GET", "HEAD", "OPTIONS") and not action.startswith(_READING)


class Keeper:
    """Saves MiniStack's services and the launcher's own parts of the state. ``note`` may be called from any thread."""

    def __init__(self, folder: Path, save_seconds: float) -> None:
        self._folder = folder
        self._save_seconds = save_seconds
        self._parts: dict[str, Callable[[], Any]] = {}
        self._written: dict[str, str] = {}
        self._changed: set[str] = set()

    def add_part(self, name: str, content: Callable[[], Any]) -> None:
        """``content`` gives what belongs in the file of this name; it is written when it differs from last time."""
        self._parts[name] = content

    def read(self, name: str) -> Any:
        path = self._folder / name
        return json.loads(path.read_text()) if path.exists() else None

    def note(self, service: str) -> None:
        """A call to this service (SigV4 or MiniStack name) may have changed it. CloudFormation changes everything."""
        name = ministack_app.SERVICE_NAME_ALIASES.get(service, service)
        config = ministack_app.SERVICE_REGISTRY.get(name)
        if config is None or name == "cloudformation":
            self._changed.update(ministack_app._build_persistence_save_dict())
        else:
            self._changed.add(config.get("state_key", config["module"]))
            self._changed.update(config.get("sub_modules", ()))

    async def keep_saving(self) -> None:
        while True:
            await asyncio.sleep(self._save_seconds)
            try:
                await self.save()
            except Exception:
                logger.exception("the state could not be saved; trying again")

    async def save(self) -> None:
        due = self._changed - _AT_SHUTDOWN_ONLY
        self._changed -= due
        states = ministack_app._build_persistence_save_dict()
        for key in due & states.keys():
            # Copied here, on the loop that serves the calls, so that no transaction is seen half done; written in a
            # thread.
            state = states[key]()
            if state is not None:
                await asyncio.to_thread(save_state, key, state)
        self.save_parts()

    def save_parts(self) -> None:
        for name, part in self._parts.items():
            text = json.dumps(part())
            if self._written.get(name) != text:
                waiting = self._folder / f"{name}.tmp"
                waiting.write_text(text)
                waiting.replace(self._folder / name)
                self._written[name] = text
