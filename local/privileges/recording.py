"""What was asked of AWS and by whom, held against the roles at once, and kept as a list of grants that were used.

A recording is a JSON object: ``used`` has an entry ``[owner, action, label, [suites]]`` for each grant, ``denied`` a sentence for each call
that no role allows, ``calls`` how many there were.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from local.privileges.asked import Asked, UnknownCallError, asked
from local.privileges.policy import Use, uses
from local.privileges.roles import Role

FOLDER = "PRIVILEGES_TO"
"""The variable that names a folder: whatever records writes there as it ends."""

Grant = tuple[str, str, str]
"""Owner, action, label."""


class Recording:
    """Thread-safe. An owner that has no role in the template is somebody else, and not looked at."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._roles = roles
        self._lock = threading.Lock()
        self._judged: dict[tuple[str, Asked], tuple[Use, ...]] = {}
        self.used: dict[Grant, set[str]] = {}
        self.denied: dict[str, None] = {}
        self.calls = 0

    def call(
        self, owner: str, service: str, operation: str, call: Mapping[str, Any], suite: str, *, missed: bool = False
    ) -> list[str]:
        """A sentence for everything in it that the owner's role does not allow."""
        if owner not in self._roles:
            return []  # before it is looked into: it may be anything
        try:
            wanted = asked(service, operation, call, missed=missed)
        except UnknownCallError as unknown:
            return self._refused(
                f"{owner} calls {unknown}, and local/privileges/asked.py does not say what that asks for"
            )
        return [sentence for one in wanted for sentence in self.asked(owner, one, suite)]

    def asked(self, owner: str, one: Asked, suite: str) -> list[str]:
        if owner not in self._roles:
            return []
        found = self._judged.get((owner, one))
        if found is None:
            found = self._judged[owner, one] = uses(self._roles[owner].statements, one)
        if not found:
            told = "".join(f", {key} {value}" for key, value in one.conditions)
            return self._refused(f"{owner} may not {one.action} on {one.resource}{told}")
        with self._lock:
            self.calls += 1
            for use in found:
                self.used.setdefault((owner, use.action, use.label), set()).add(suite)
        return []

    def meant(self, sentences: Iterable[str]) -> None:
        """These refusals are what somebody wanted to see: nothing is wrong with the roles."""
        with self._lock:
            for sentence in sentences:
                self.denied.pop(sentence, None)

    def _refused(self, sentence: str) -> list[str]:
        with self._lock:
            self.denied[sentence] = None
        return [sentence]

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "used": [[*grant, sorted(suites)] for grant, suites in sorted(self.used.items())],
                "denied": list(self.denied),
                "calls": self.calls,
            }

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{uuid.uuid4().hex}.json").write_text(json.dumps(self.told()))


def gathered(folder: Path) -> tuple[dict[Grant, set[str]], list[str]]:
    """All recordings of a folder together: what was used, by which suites; and what was denied."""
    told = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    return merged(one["used"] for one in told), [sentence for one in told for sentence in one["denied"]]


def merged(lists: Iterable[Iterable[Any]]) -> dict[Grant, set[str]]:
    found: dict[Grant, set[str]] = {}
    for used in lists:
        for owner, action, label, suites in used:
            found.setdefault((owner, action, label), set()).update(suites)
    return found
