"""A batch over moto and the stand-in: noted, planned, agreed to, drafted. ``run`` goes through the steps as the machine does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from draft_desk import NOW, Context, Desk, photo

from draft_helper.handler import handler
from mesh import clock
from mesh.errors import MeshError
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source, Upload

ADA = "ada@example.test"
WISH = "Five posts for the spring sale, two with photos, in the next two weeks. Everything is 20 percent off."
SHORT = "Two posts for the spring sale."


@dataclass
class Batches:
    desk: Desk

    def photos(self, count: int = 2) -> tuple[Upload, ...]:
        return tuple(self.desk.uploads(f"photo-{number}.jpg", photo(40 + number)) for number in range(1, count + 1))

    def notes(self, text: str = SHORT, uploads: tuple[Upload, ...] = (), batch_id: str = "b_1", **told: Any) -> str:
        """As the page stores it."""
        values = {"channels": ("bluesky-main", "mastodon-main"), "source": Source.BATCH, **told}
        note = Note(text=text, uploads=uploads, by=ADA, at=clock.now().isoformat(), **values)
        proposal = Proposal(state=DraftState.REQUESTED, note=note)
        status = Status(post_id=batch_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal, trace_id="t_1")
        self.desk.mesh.ledger.change_status(batch_id, Act("noted", ADA, clock.now()), lambda _: status)
        return batch_id

    def step(self, step: str, batch_id: str = "b_1", *, run: str = "run-1", **more: Any) -> dict[str, Any]:
        event = {"step": step, "batch_id": batch_id, "trace_id": "t_1", "run": run, **more}
        found: dict[str, Any] = handler(event, Context())
        return found

    def run(self, batch_id: str = "b_1", run: str = "run-1") -> dict[str, Any]:
        """What the machine would do where every error lasts."""
        begun = self.step("begin", batch_id, run=run)
        if begun["todo"] == "plan":
            try:
                return self.step("plan", batch_id, run=run)
            except MeshError as error:
                return self.step("unplanned", batch_id, run=run, error=type(error).__name__)
        for post_id in begun["post_ids"]:
            try:
                self.step("draft", batch_id, run=run, post_id=post_id)
            except MeshError as error:
                self.step("undrafted", batch_id, run=run, post_id=post_id, error=type(error).__name__)
        return self.step("deliver", batch_id, run=run) if begun["todo"] in {"draft", "deliver"} else begun

    def agrees(self, batch_id: str = "b_1") -> tuple[Planned, ...]:
        """Somebody pressed "Draft these"."""
        self.desk.changes(
            batch_id, state=DraftState.ACCEPTED, tries=0, decided_by=ADA, decided_at=clock.now().isoformat()
        )
        return self.desk.draft(batch_id).plan

    def discards(self, batch_id: str = "b_1") -> None:
        self.desk.changes(batch_id, state=DraftState.DISCARDED, decided_by=ADA, decided_at=clock.now().isoformat())

    def planned(self, **told: Any) -> tuple[Planned, ...]:
        """A batch whose plan was agreed to."""
        self.run(self.notes(**told))
        return self.agrees()
