"""What a draft from a text takes beside the model's own time: every note is another one, so that none is answered from the day's cache."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from local.stack import PREFIX, Stack
from mesh.ledger import Act, Ledger, Status, TableNames, Tables
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal

_TIMES = 15


@dataclass
class Notes:
    stack: Stack
    handler: Callable[[dict[str, Any]], Any]
    made: int = 0

    def own_time(self) -> dict[str, Any]:
        """The handler's time without that of Converse."""
        times = [self._timed() for _ in range(_TIMES)]
        ours, models = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
        return {
            "name": "our own time of a text draft",
            "value": round(ours),
            "unit": "ms",
            "aim": None,
            "detail": f"beside {models:.0f} ms of the stand-in; a model takes seconds",
        }

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
        return whole - sum(asked), sum(asked)

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
