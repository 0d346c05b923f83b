"""The renderer over moto: a mirrored sheet, and what became of its posts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto_mesh import TZ_NAME, MotoMesh

from mesh.ledger import Act, Status
from mesh.posts import Plan, Row, plan_row
from mesh.posts_csv import write_csv
from mesh.rulebook import parse_rules
from renderer.handler import handler

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
- insta: instagram, account 7, https://graph.example
"""
NOW = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """The owner's side and the scheduler's: what they would have written before the renderer is woken."""

    mesh: MotoMesh
    rows: list[Row] = field(default_factory=list)

    def has(self, post_id: str, **cells: Any) -> Row:
        """A row in the mirror, and its source revision in the table."""
        images: dict[str, bytes] = cells.pop("images", {})
        hashes = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in images.items()}
        row = Row(
            post_id=post_id,
            images=hashes,
            **{
                "date": "2027-03-26",
                "time": "09:00",
                "text": "Zimtschnecken! 🥐",
                "channels": "bluesky-main, mastodon-main",
                "image": ", ".join(images),
                **cells,
            },
        )
        for name, content in images.items():
            self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key=f"images/{hashes[name]}", Body=content)
        self.rows = [other for other in self.rows if other.post_id != post_id] + [row]
        self.mirror()
        self.note_source(row)
        return row

    def edits(self, post_id: str, **cells: Any) -> None:
        """The mirror has it; the scheduler has not looked yet."""
        self.rows = [replace(row, **cells) if row.post_id == post_id else row for row in self.rows]
        self.mirror()

    def mirror(self) -> None:
        self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key="posts.csv", Body=write_csv(self.rows))

    def note_source(self, row: Row) -> None:
        plan = plan_row(row, parse_rules(RULES, default_zone=TZ_NAME)[0])
        source = plan.source_revision if isinstance(plan, Plan) else None

        def change(before: Status | None) -> Status:
            return (before or Status(post_id=row.post_id)).model_copy(update={"source_revision": source})

        self.mesh.ledger.change_status(row.post_id, Act("looked", by="scheduler", at=NOW), change)

    def wants(self, *post_ids: str, context: Any = None) -> None:
        detail = {"schema_version": 1, "trace_id": "t_1", "post_ids": list(post_ids)}
        handler({"detail-type": "ss.package.wanted", "source": "ss", "detail": detail}, context)

    def status(self, post_id: str) -> Status:
        status = self.mesh.ledger.status(post_id)
        assert status is not None
        return status

    def revision(self, post_id: str) -> str:
        revision = self.status(post_id).current_revision
        assert revision is not None, self.status(post_id).problems
        return revision

    def problems(self, post_id: str) -> list[tuple[str, str]]:
        return [(problem.channel, problem.code) for problem in self.status(post_id).problems]
