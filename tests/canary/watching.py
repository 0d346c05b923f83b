"""The watch over a whole run: hung where everything passes, whatever test it is and whether AWS is moto or memory.

What is watched for is learnt where it comes in: a secret as Secrets Manager hands it over, a text as a row is read or a note taken, and
anything signed by its look. So no fixture has to remember to mark what it holds.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import botocore.client
import pytest

import mesh.ledger.audit
from local.leaks.canaries import Canaries
from mesh import log
from mesh.bus import Bus
from mesh.errors import MeshError
from mesh.ledger.proposals import Note, Wording
from mesh.posts import Row
from mesh.vault import Vault

LOG, EVENT, SCHEDULE, MACHINE, AUDIT, LETTER, PRINTED, FIGURE, LABEL, ERROR = (
    "a log line",
    "an event",
    "a schedule",
    "a machine's input",
    "an audit row",
    "a letter to a queue",
    "a printed record",
    "a figure",
    "a label",
    "an error's message",
)
_INPUTS = {
    "CreateSchedule": SCHEDULE,
    "UpdateSchedule": SCHEDULE,
    "StartExecution": MACHINE,
    "SendTaskSuccess": MACHINE,
    "SendTaskFailure": MACHINE,
    "PutEvents": EVENT,
    "SendMessage": LETTER,
    "SendMessageBatch": LETTER,
    "Publish": LETTER,
    "Invoke": LETTER,
    "PutLogEvents": LOG,
    "PutMetricData": FIGURE,
    "PutTraceSegments": FIGURE,
    "TagResource": LABEL,
    "TagResources": LABEL,
    "PutObjectTagging": LABEL,
    "PutParameter": LABEL,
}
"""Calls whose whole request others read: bodies, and attributes, names, dimensions, annotations and tags too."""
_LABELS = ("Tags", "Tagging", "Metadata", "EmailTags", "Description")
"""Fields that every console shows, whichever call they are in."""
_SECRETS = frozenset({"GetSecretValue", "CreateSecret", "PutSecretValue"})


class Watch:
    """``leaks`` are sentences about what was told since the test began, without what it was. ``spent_seconds``: the processor's time for
    looking, all in all."""

    def __init__(self) -> None:
        self.canaries = Canaries()
        self.leaks: list[str] = []
        self.spent_seconds = 0.0
        self._words = True

    def begin(self, *, words: bool = True) -> None:
        """Without ``words`` only secrets and what is signed are watched for."""
        self.canaries.clear()
        self.leaks.clear()
        self._words = words

    def take(self) -> list[str]:
        """For who leaked on purpose."""
        leaks, self.leaks = self.leaks, []
        return leaks

    def look(self, where: str, told: Any) -> None:
        began = time.thread_time()
        if kind := self.canaries.found_in(told):
            self.leaks.append(f"{where} tells {kind}")
        self.spent_seconds += time.thread_time() - began

    def hang(self, patch: pytest.MonkeyPatch) -> None:
        """Around what is there, which goes on as before."""
        self._hang_at_the_lines(patch)
        self._hang_at_the_bus(patch)
        self._hang_at_the_audit(patch)
        self._hang_at_the_clients(patch)
        self._hang_at_the_errors(patch)
        for kind, fields in ((Row, ("text", "alt", "note")), (Note, ("text", "alt")), (Wording, ("text", "alt"))):
            self._learn_words(patch, kind, fields)

    def _hang_at_the_lines(self, patch: pytest.MonkeyPatch) -> None:
        write = log._StandardOutput.write

        def watched(stream: Any, text: str) -> int:
            self.look(LOG, text)
            return write(stream, text)

        patch.setattr(log._StandardOutput, "write", watched)

    def _hang_at_the_bus(self, patch: pytest.MonkeyPatch) -> None:
        put = Bus._put

        def watched(bus: Bus, entries: list[dict[str, str]]) -> list[str]:
            self.look(EVENT, [entry["Detail"] for entry in entries])
            return put(bus, entries)

        patch.setattr(Bus, "_put", watched)

    def _hang_at_the_audit(self, patch: pytest.MonkeyPatch) -> None:
        row_hash = mesh.ledger.audit.row_hash

        def watched(row: dict[str, Any]) -> str:
            self.look(AUDIT, row)
            return row_hash(row)

        patch.setattr(mesh.ledger.audit, "row_hash", watched)

    def _hang_at_the_clients(self, patch: pytest.MonkeyPatch) -> None:
        """What the bus does not see: schedules, machines, queues, and events that somebody puts past it. Here the secrets are learnt."""
        call, document = botocore.client.BaseClient._make_api_call, Vault.document

        def watched(client: Any, operation: str, request: dict[str, Any]) -> Any:
            if operation in _INPUTS:
                self.look(_INPUTS[operation], request)
            elif labels := [request[name] for name in _LABELS if name in request]:
                self.look(LABEL, labels)
            if operation in _SECRETS and "SecretString" in request:
                self._learn_secret(str(request.get("Name") or request.get("SecretId")), request["SecretString"])
            return call(client, operation, request)

        def read(vault: Vault, name: str) -> dict[str, Any]:
            found = document(vault, name)
            self.canaries.add_document(name, found)
            return found

        patch.setattr(botocore.client.BaseClient, "_make_api_call", watched)
        patch.setattr(Vault, "document", read)

    def _hang_at_the_errors(self, patch: pytest.MonkeyPatch) -> None:
        """What nobody catches goes with its message into the log, and with the event that it was about to the dead letters."""
        make = MeshError.__init__

        def watched(error: MeshError, *told: Any, **named: Any) -> None:
            make(error, *told, **named)
            self.look(ERROR, str(error))

        patch.setattr(MeshError, "__init__", watched)

    def _learn_secret(self, name: str, text: str) -> None:
        try:
            self.canaries.add_document(name, json.loads(text))
        except ValueError:
            self.canaries.add_secret(name, text)

    def _learn_words(self, patch: pytest.MonkeyPatch, kind: type, fields: tuple[str, ...]) -> None:
        make = kind.__init__

        def learning(made: Any, *positional: Any, **named: Any) -> None:
            make(made, *positional, **named)
            if self._words:
                own = getattr(made, "overrides", None) or getattr(made, "texts", None) or {}
                for text in (*(getattr(made, name) for name in fields), *own.values()):
                    self.canaries.add_text(str(text))

        patch.setattr(kind, "__init__", learning)


watch = Watch()


@pytest.fixture(scope="session", autouse=True)
def watched_for_leaks() -> Any:
    began = time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        watch.hang(patch)
        yield
    if timed := os.environ.get("CANARIES_TIMED"):
        Path(timed).write_text(f"{watch.spent_seconds:.2f} s of {time.process_time() - began:.1f} s\n")


@pytest.fixture(autouse=True)
def nothing_leaks(watched_for_leaks: None, request: pytest.FixtureRequest) -> Any:
    """A test that told what may not be told fails, whatever else it claims."""
    watch.begin(words=request.node.get_closest_marker("same_words") is None)
    yield
    for phase, channel, text in request.node._report_sections:
        if channel == "stdout" and phase == "call":
            for line in text.splitlines():
                if line.startswith('{"_aws"'):
                    watch.look(PRINTED, line)
    assert not watch.leaks, "; ".join(sorted(set(watch.take())))
