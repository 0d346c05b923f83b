"""drive-sync as it is, over tables and buckets in memory; the others as far as drive-sync sees them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from memory.clients import MemoryBus, MemoryObjects
from memory.sheet import FOLDER_ID, SHEET_ID, MemorySheet
from memory.tables import MemoryTables
from mesh_world.world import schemas

import drive_sync.handler
import mesh.ids
from drive_sync.edges import MirrorStore
from drive_sync.parts import Parts
from mesh.bus import Bus
from mesh.errors import Doubt
from mesh.ledger import Act, Approval, Flag, FlagState, Hold, Ledger, PackageRef, Runtime, State, Status, TableNames
from mesh.ledger.items import Wanted
from mesh.posts import Row, plan_row
from mesh.rulebook import parse_rules
from mesh.side_by_side import one_by_one
from scheduler.decide import post_move, raise_flag
from scheduler.source import follow_source
from scheduler.steps import Clock, Step

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:abc, https://bsky.social
- mastodon-main: mastodon, account 1, https://mastodon.example
"""
NAMES = TableNames(status="ss-status", sends="ss-sends", audit="ss-audit", runtime="ss-runtime")
START = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
HORIZON = timedelta(days=14)
_QUIET = timedelta(minutes=10)


@dataclass
class Mesh:
    """``approved`` is what was approved under which revision: the rows' contents. ``now`` moves by ``minutes``."""

    sheet: Any
    now: datetime = START
    tables: MemoryTables = field(default_factory=lambda: MemoryTables(schemas()))
    s3: MemoryObjects = field(default_factory=lambda: MemoryObjects(("posts", "rules")))
    events: MemoryBus = field(default_factory=MemoryBus)
    approved: dict[tuple[str, str], str] = field(default_factory=dict)
    runs: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # the same ids in the same run

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.tables, NAMES)  # type: ignore[arg-type]
        self.runtime = Runtime(self.tables, NAMES)  # type: ignore[arg-type]
        self.rulebook, problems = parse_rules(RULES, default_zone="Europe/Berlin")
        assert not problems
        self.parts = Parts(
            google=self.sheet,
            writer=self.sheet,
            store=MirrorStore(self.s3, "posts", "rules"),
            ledger=self.ledger,
            runtime=self.runtime,
            bus=Bus(self.events, "ss"),
            sheet_id=SHEET_ID,
            folder_id=FOLDER_ID,
            tab="Posts",
            tz_name="Europe/Berlin",
            horizon=HORIZON,
            clock=self.tick,
            sleep=lambda _: None,
            together=one_by_one,
        )

    def tick(self) -> datetime:
        """Time passes between any two looks at the clock."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def minutes(self, count: float) -> None:
        self.now += timedelta(minutes=count)

    def sync(self) -> bool:
        """One run of drive-sync; False where it gave up on a doubt, as its retry or the next poll will mend."""
        self.runs += 1
        try:
            with patch.object(mesh.ids, "secrets", self.dice):
                drive_sync.handler.sync(self.parts, f"t_{self.runs}", f"run-{self.runs}", lambda: 60.0)
        except Doubt:
            return False
        return True

    def mirrored(self) -> dict[str, Row]:
        data = self.parts.store.last_rows()
        return dict(data)

    # the others

    def follow(self) -> None:
        """The scheduler follows every mirrored row, the renderer makes each package, and an undone edit gets its flag again."""
        rows = self.mirrored()
        clock = Clock(self.now, _QUIET, HORIZON)
        known = {item["post_id"] for item in self.tables.items("ss-status")}
        for post_id in sorted({*rows, *known}):
            self._follow(post_id, rows.get(post_id), clock)

    def _follow(self, post_id: str, row: Row | None, clock: Clock) -> None:
        seen = None if row is None else plan_row(row, self.rulebook)
        self._change(
            post_id, "followed", lambda before: follow_source(before, post_id, seen, self.rulebook, clock, "t")
        )
        status = self.ledger.status(post_id)
        if status is not None and post_move(status, self.rulebook, clock).step is Step.WANT_PACKAGE:
            self._change(post_id, "packed", _packed)
            status = self.ledger.status(post_id)
        if status is not None and post_move(status, self.rulebook, clock).step is Step.RAISE_FLAG:
            self._change(post_id, "flag raised", lambda before: before and raise_flag(before, self.now))

    def approve(self, post_id: str) -> bool:
        """The owner's click in a card on what stands there now; False where there is nothing to approve."""
        status, row = self.ledger.status(post_id), self.mirrored().get(post_id)
        if status is None or row is None or status.current_revision is None or status.gone_at is not None:
            return False
        revision = status.current_revision
        seen = plan_row(row, self.rulebook)
        if isinstance(seen, tuple) or seen.source_revision != status.source_revision:
            return False  # the card shows what the scheduler has followed
        self.approved[post_id, revision] = bound(row)
        there = status.flag
        again = there is not None and (there.state is FlagState.WRITTEN or there.again)

        def change(before: Status | None) -> Status | None:
            return before and before.model_copy(
                update={
                    "approval": Approval(revision=revision, by="ada@example.test", how="mail", at=self.now.isoformat()),
                    "held": None,
                    "flag": Flag(state=FlagState.PENDING, at=self.now.isoformat(), again=again),
                    "open": "1",
                }
            )

        self._change(post_id, "approved", change)
        return True

    def hold(self, post_id: str) -> None:
        hold = Hold(by="ada@example.test", how="mail", at=self.now.isoformat())
        self._change(post_id, "held", lambda before: before and before.model_copy(update={"held": hold, "open": "1"}))

    def send(self, post_id: str) -> None:
        """Out on all its channels, if it is cleared."""
        self._change(
            post_id,
            "sent",
            lambda before: (
                before.model_copy(update={"state": State.SENT, "open": "1"}) if before and before.cleared else None
            ),
        )

    def want(self, post_id: str, text: str) -> None:
        """As template-sync or draft-helper does."""
        day = (self.now + timedelta(days=4)).date().isoformat()
        wanted = Wanted(by="template-sync", date=day, time="09:00", text=text, channels="bluesky-main")
        fresh = Status(post_id=post_id, wanted=wanted, due_at=f"{day}T08:00:00+00:00", open="1")
        self._change(post_id, "wanted", lambda before: before or fresh)

    def statuses(self) -> dict[str, Status]:
        return self.ledger.statuses(item["post_id"] for item in self.tables.items("ss-status"))

    def _change(self, post_id: str, action: str, change: Callable[[Status | None], Status | None]) -> None:
        self.ledger.change_status(post_id, Act(action, "test", self.now, "t"), change)


def bound(row: Row) -> str:
    """What an approval binds of a row: all but its note."""
    return replace(row, note="").content


def _packed(before: Status | None) -> Status | None:
    if before is None or before.source_revision is None:
        return None
    if before.package is not None and before.package.source_revision == before.source_revision:
        return None
    revision = hashlib.sha256(before.source_revision.encode()).hexdigest()[:16]
    package = PackageRef(source_revision=before.source_revision, revision=revision)
    return before.model_copy(update={"package": package, "open": "1"})


def new_sheet(header: tuple[str, ...]) -> MemorySheet:
    sheet = MemorySheet(header)
    sheet.write_doc("Rules", RULES)
    return sheet
