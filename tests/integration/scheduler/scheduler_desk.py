"""The scheduler over moto: the mirror it follows, the renderer, the approver and the sender around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from moto_mesh import MotoMesh

from mesh import clock
from mesh.events import Detail
from mesh.ledger import Act, Approval, Flag, FlagState, Head, HeadState, Hold, PackageRef, Status
from mesh.ledger.items import ChannelProblem
from mesh.ledger.verify import End, walk
from mesh.posts import Row
from mesh.posts_csv import write_csv
from scheduler.handler import handler

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
BLUESKY, MASTODON = "bluesky-main", "mastodon-main"
RULES = f"""Time zone: UTC
Channels
- {BLUESKY}: bluesky, account did:plc:abc, https://bsky.social
- {MASTODON}: mastodon, account 109, mastodon.social
"""
GROUP = "ss-bookings"


class SchedulerDesk:
    def __init__(self, mesh: MotoMesh) -> None:
        self.mesh = mesh
        self.rows: dict[str, Row] = {}
        mesh.put_rules(RULES)

    # the owner's rows, as drive-sync mirrored them

    def plan(self, post_id: str, at: datetime, *, channels: str = BLUESKY, text: str = "Hallo") -> None:
        """Write or rewrite a row and mirror the calendar."""
        self.rows[post_id] = Row(
            post_id=post_id, date=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}", text=text, channels=channels
        )
        self.mirror()

    def drop(self, post_id: str) -> None:
        del self.rows[post_id]
        self.mirror()

    def mirror(self) -> None:
        body = write_csv(self.rows.values())
        self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key="posts.csv", Body=body)

    # the scheduler

    def wake(self, event: Detail) -> dict[str, int]:
        detail = json.loads(event.model_dump_json())
        return handler({"detail-type": event.detail_type, "source": "ss", "detail": detail}, object())

    def tick(self, kind: str = "sweep") -> dict[str, int]:
        return handler({"tick": kind}, object())

    def turn(self, **span: float) -> None:
        """The clock, forward."""
        self.mesh.turn_clock(clock.now() + timedelta(**span))

    # the others

    def change(self, post_id: str, action: str, **update: Any) -> None:
        def changed(before: Status | None) -> Status | None:
            return before and before.model_copy(update={**update, "open": "1"})

        self.mesh.ledger.change_status(post_id, Act(action, "test", clock.now()), changed)

    def render(self, post_id: str, leaves_out: str = "") -> str:
        """As the renderer does; the package's revision is made of its source's. ``leaves_out`` is a channel that cannot take it."""
        source = self.status(post_id).source_revision
        assert source is not None
        revision = f"r-{source[:8]}"
        out = (ChannelProblem(channel=leaves_out, code="too-long", message="Too long."),) if leaves_out else ()
        package = PackageRef(source_revision=source, revision=revision, problems=out)
        self.change(post_id, "package ready", package=package)
        return revision

    def clear(self, post_id: str, *, now: bool = False) -> None:
        """As approver and drive-sync do: approved, tick and stamp in the sheet."""
        at = clock.now().isoformat()
        revision = self.status(post_id).current_revision or ""
        approval = Approval(revision=revision, by="ada@example.test", how="mail", at=at, now=now)
        self.change(
            post_id, "approved and flagged", approval=approval, held=None, flag=Flag(state=FlagState.WRITTEN, at=at)
        )

    def hold(self, post_id: str) -> None:
        at = clock.now().isoformat()
        self.change(
            post_id,
            "held",
            held=Hold(by="ada@example.test", how="mail", at=at),
            flag=Flag(state=FlagState.CLEARED, at=at),
        )

    def try_once(
        self, post_id: str, state: HeadState, *, next_at: datetime | None = None, channel: str = BLUESKY
    ) -> None:
        """As the sender does: one try that ended so."""
        head = self.head(post_id, channel)
        update = {
            "state": state,
            "attempts": head.attempts + 1,
            "booking": None,
            "since": clock.now().isoformat(),
            "next_at": next_at.isoformat() if next_at else None,
        }
        self.mesh.ledger.change_head(head, head.model_copy(update=update), Act("tried", "sender", clock.now()))

    # what is there

    def status(self, post_id: str) -> Status:
        found = self.mesh.ledger.status(post_id)
        assert found is not None
        return found

    def head(self, post_id: str, channel: str = BLUESKY) -> Head:
        found = self.mesh.ledger.head(post_id, channel)
        assert found is not None
        return found

    def bookings(self) -> dict[str, dict[str, Any]]:
        """Every schedule in the group, whole, by name."""
        names = [found["Name"] for found in self.mesh.schedules.list_schedules(GroupName=GROUP)["Schedules"]]
        return {name: self.mesh.schedules.get_schedule(GroupName=GROUP, Name=name) for name in names}

    def times(self) -> list[str]:
        """When the booked schedules fire, first to last."""
        return sorted(booking["ScheduleExpression"] for booking in self.bookings().values())

    def audit_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        request: dict[str, Any] = {"TableName": self.mesh.names.audit}
        for page in self.mesh.dynamodb.get_paginator("scan").paginate(**request):
            rows += page["Items"]
        return rows

    def assert_audited(self, post_id: str, *channels: str) -> None:
        """One audit row per version of the item and of each head, each hashing to its hash and holding the one before."""
        items: dict[str, Status | Head] = {post_id: self.status(post_id)}
        items |= {f"{post_id}#{channel}": self.head(post_id, channel) for channel in channels}
        for subject, item in items.items():
            assert walk(subject, self.mesh.audit(subject), End(item.audit.seq, item.audit.hash, item.version)) == ()
