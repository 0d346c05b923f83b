"""What a draft from a text takes beside the model's own time: every note is another one, so that none is answered from the day's cache."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from local.bench.figure import Figure
from local.bench.invoking import function
from local.bench.measuring import Beside
from local.bench.recording import recording, rounds
from local.bench.rows import Bench
from local.stack import PREFIX, Stack
from mesh.ledger import Act, Ledger, Status, TableNames, Tables
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal

_TIMES = 15


def figures(bench: Bench) -> Iterator[Figure]:
    """A note becomes a draft, the stand-in in the model's place."""
    os.environ["BEDROCK_URL"] = bench.stack.bedrock
    draft = function(bench.stack, "draft-helper", "draft_helper")
    notes = Notes(bench.stack, draft)
    draft(notes.event())  # warm
    yield notes.own_time()
    event = notes.event()
    with recording() as calls:
        draft(event)
        yield rounds("a text draft", calls, 12)


@dataclass
class Notes:
    stack: Stack
    handler: Callable[[dict[str, Any]], Any]
    made: int = 0

    def own_time(self) -> Figure:
        """The handler's time without that of Converse, in milliseconds."""
        found = Beside.of([self._timed() for _ in range(_TIMES)])
        detail = "the floor is the stand-in's one answer; a model takes seconds"
        noise = max(found.noise, 0.2)
        return Figure("a text draft but for the model", found.ours, "ms", found.floor, None, detail, noise)

    def _timed(self) -> tuple[float, float]:
        asked: list[float] = []
        call = BaseClient._make_api_call

        def timing(client: Any, operation: str, request: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(client, operation, request)
            finally:
                if operation == "Converse":
                    asked.append(time.perf_counter() - began)

        event = self.event()
        BaseClient._make_api_call = timing
        try:
            began = time.perf_counter()
            self.handler(event)
            whole = time.perf_counter() - began
        finally:
            BaseClient._make_api_call = call
        return (whole - sum(asked)) * 1_000, sum(asked) * 1_000

    def event(self) -> dict[str, Any]:
        """Something new is noted; this has it drafted."""
        detail = {"schema_version": 1, "trace_id": "t_bench", "post_ids": [self._noted()]}
        return {"source": PREFIX, "detail-type": "ss.draft.requested", "detail": detail}

    def _noted(self) -> str:
        self.made += 1
        names = TableNames(f"{PREFIX}-status", f"{PREFIX}-sends", f"{PREFIX}-audit", f"{PREFIX}-runtime")
        ledger, now = Ledger(Tables(self.stack.client("dynamodb")), names), self.stack.now()
        text = f"Fresh cinnamon rolls, {self.made} trays of them, from Friday on. Come early."
        note = Note(text=text, channels=("bluesky-main",), by="bench", at=now.isoformat())
        post_id = f"p_bench{self.made}"
        status = Status(
            post_id=post_id,
            open=DRAFTING,
            due_at=now.isoformat(),
            proposal=Proposal(state=DraftState.REQUESTED, note=note),
        )
        ledger.change_status(post_id, Act("noted", by="bench", at=now), lambda _: status)
        return post_id
