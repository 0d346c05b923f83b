"""draft-helper over moto and the stand-in: rules, voice, rows and notes as others would have put them there."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from moto_mesh import MotoMesh
from PIL import Image

from draft_helper.handler import handler
from draft_helper.wiring import Parts, wire
from mesh import clock
from mesh.events import DraftReady
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Upload
from mesh.posts import Row
from mesh.posts_csv import write_csv

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
"""
NOW = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)
NOTE = "Fresh cinnamon rolls from Friday on. Come early."


@dataclass
class Context:
    """An invocation's clock: each look at it takes ``step`` milliseconds."""

    milliseconds: int = 120_000
    step: int = 0

    def get_remaining_time_in_millis(self) -> int:
        self.milliseconds -= self.step
        return self.milliseconds


@dataclass
class Desk:
    mesh: MotoMesh
    bedrock: str
    rows: list[Row] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        return wire()

    def notes(self, post_id: str = "p_1", text: str = NOTE, **told: Any) -> Status:
        """Somebody's note, as the page stores it; ``proposal`` overrides the draft's own fields."""
        own = told.pop("proposal", {})
        card = told.pop("card", None)
        values = {"channels": ("bluesky-main",), "by": "ada@example.test", "at": NOW.isoformat(), **told}
        proposal = Proposal(state=DraftState.REQUESTED, note=Note(text=text, **values)).model_copy(update=own)
        status = Status(post_id=post_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal, card=card)
        act = Act("noted", by="ada@example.test", at=clock.now())
        stored = self.mesh.ledger.change_status(post_id, act, lambda _: status)
        assert stored is not None
        return stored

    def changes(self, post_id: str, **own: Any) -> None:
        """Another's write: of the draft's own fields."""

        def change(before: Status | None) -> Status | None:
            assert before is not None
            assert before.proposal is not None
            return before.model_copy(update={"proposal": before.proposal.model_copy(update=own)})

        self.mesh.ledger.change_status(post_id, Act("changed", by="ada@example.test", at=clock.now()), change)

    def uploads(self, name: str, content: bytes, kind: str = "image", **told: Any) -> Upload:
        number = f"u_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key=f"uploads/{number}", Body=content)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        mime = "application/pdf" if kind == "pdf" else "image/jpeg"
        values = {"mime": mime, "size": len(content), "md5": md5, **told}
        return Upload(upload_id=number, kind=kind, name=name, **values)

    def posted(self, date: str, text: str) -> None:
        self.rows.append(
            Row(post_id=f"p_old{len(self.rows)}", date=date, time="09:00", text=text, channels="bluesky-main")
        )
        self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key="posts.csv", Body=write_csv(self.rows))

    def asks(self, *post_ids: str, context: Any = None) -> None:
        detail = {"schema_version": 1, "trace_id": "t_1", "post_ids": list(post_ids)}
        handler({"detail-type": "ss.draft.requested", "source": "ss", "detail": detail}, context or Context())

    def sweeps(self) -> None:
        handler({"tick": "drafts"}, Context())

    def later(self, **span: float) -> None:
        self.mesh.turn_clock(clock.now() + timedelta(**span))

    def status(self, post_id: str = "p_1") -> Status:
        status = self.mesh.ledger.status(post_id)
        assert status is not None
        return status

    def draft(self, post_id: str = "p_1") -> Proposal:
        proposal = self.status(post_id).proposal
        assert proposal is not None
        return proposal

    @property
    def told(self) -> list[tuple[list[str], str]]:
        """Every ``ss.draft.ready``: its posts and its batch."""
        return [(one.post_ids, one.batch_id) for one in self.mesh.events_of(DraftReady)]

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What the stand-in was asked, since the test began."""
        found: list[dict[str, Any]] = httpx.get(f"{self.bedrock}/_local/calls").json()
        return found

    def orders(self, *orders: str) -> None:
        httpx.post(f"{self.bedrock}/_local/orders", json={"next": list(orders)}).raise_for_status()


def photo(width: int = 400, height: int = 300, form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#c0602f").save(out, form, **options)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
