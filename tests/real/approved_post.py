"""One approved post that is due, before the real sender: the AWS side and Google are the local ones, the network is real.

The sender is ``sender.handler`` with its own wiring; time is moved by the clock file, as on the local stack.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from moto_mesh import MotoMesh
from real_channels import PNG, RealChannel

from mesh import clock
from mesh.google import DRIVE_READ, SHEETS_READ, Google
from mesh.ledger import Act, Approval, Attempt, Flag, FlagState, Head, HeadState, PackageRef, Status, head_key
from mesh.packages import Manifest, PackedChannel, PackedImage, SourceImage
from mesh.posts import Plan, plan_row, stamp
from mesh.rulebook import Rulebook, parse_rules
from mesh.sheet import SheetRow, find, read_table
from networks.model import Draft, Image, Rendition
from sender.handler import handler

HERE = Path(__file__).resolve().parent
TEXT = "Käsekuchen 🥧 ab neun, #kuchen"


class Context:
    """As long as a Lambda has."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass(frozen=True)
class Backstage:
    """The mesh's AWS side and the owner's Google, both local servers. ``sheet_id`` and ``folder_id`` are Google's."""

    mesh: MotoMesh
    google: Google
    owner: httpx.Client
    sheet_id: str
    folder_id: str


@dataclass
class ApprovedPost:
    """Set up: package written, approved, flagged and stamped in the sheet, its head ready."""

    stage: Backstage
    channel: RealChannel
    image: bool = False
    name: str = field(default_factory=lambda: f"real-{secrets.token_hex(3)}")
    post_id: str = field(default_factory=lambda: f"p_{secrets.token_hex(4)}")
    revision: str = ""

    def __post_init__(self) -> None:
        self.connect(**self.channel.account.credentials)
        account = self.channel.account
        line = f"- {self.name}: {account.network}, account {account.account_id}, {account.host}\n"
        self.rules = f"Time zone: Europe/Berlin\nChannels\n{line}"
        self.stage.mesh.put_rules(self.rules)
        if self.image:
            self.stage.owner.put("/owner/files/cake.png", content=PNG).raise_for_status()
        self._type_row()
        plan = self._plan()
        self.revision = self._package(plan)
        self._type(**{"approved for": stamp(self.post_id, self.revision), "approved": True})
        self._approve(plan.source_revision)

    # what happens

    def event(self, attempt: int = 1) -> dict[str, Any]:
        detail = {"post_id": self.post_id, "channel": self.name, "revision": self.revision, "attempt": attempt}
        kind = "ss.send" if attempt == 1 else "ss.retry"
        return {"source": "ss", "detail-type": kind, "detail": {"schema_version": 1, "trace_id": "t_real", **detail}}

    def send(self, attempt: int = 1) -> None:
        handler(self.event(attempt), Context())

    def sender_process(self, attempt: int = 1) -> subprocess.Popen[bytes]:
        """The same delivery in a process of its own, with this one's environment."""
        command = [sys.executable, str(HERE / "deliver_once.py"), json.dumps(self.event(attempt))]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def wait(self, length: timedelta) -> None:
        self.stage.mesh.turn_clock(clock.now() + length)

    def connect(self, **credentials: str) -> None:
        account = self.channel.account
        document = {"network": account.network, "account_id": account.account_id, "host": account.host}
        self.stage.mesh.put_secret(f"ss/channels/{self.name}", {**document, "credentials": credentials})

    # what is

    def head(self) -> Head:
        head = self.stage.mesh.ledger.head(self.post_id, self.name)
        assert head is not None
        return head

    @property
    def attempts(self) -> list[Attempt]:
        return self.stage.mesh.ledger.attempts(self.post_id, self.name)

    @property
    def credentials(self) -> dict[str, str]:
        """As they are stored now."""
        stored: dict[str, str] = self.stage.mesh.vault.document(f"ss/channels/{self.name}")["credentials"]
        return stored

    @property
    def actions(self) -> list[str]:
        """What was written about this post on this channel, first to last."""
        return [row["action"] for row in self.stage.mesh.audit(f"{self.post_id}#{self.name}")]

    @property
    def paused(self) -> bool:
        return bool(self.stage.mesh.ledger.standing([f"pause#{self.name}"]))

    # setting up

    def _type_row(self) -> None:
        self._row_number = self.stage.owner.post("/owner/rows", json={"rows": [{"post_id": self.post_id}]}).json()[
            "row"
        ]
        pictures = {"image": "cake.png", "alt text": "A cake"} if self.image else {}
        self._type(date="2026-03-27", time="09:00", text=TEXT, channels=self.name, **pictures)

    def _type(self, **cells: Any) -> None:
        for column, value in cells.items():
            typed = {"row": self._row_number, "column": column, "value": value}
            self.stage.owner.post("/owner/cell", json=typed).raise_for_status()

    def _rulebook(self) -> Rulebook:
        rulebook, problems = parse_rules(self.rules, default_zone="Europe/Berlin")
        assert not problems
        return rulebook

    def _plan(self) -> Plan:
        row: SheetRow | None = find(read_table(self.stage.google.values(self.stage.sheet_id, "Posts")), self.post_id)
        assert row is not None
        plan = plan_row(replace(row.row, images=self._md5s()), self._rulebook())
        assert isinstance(plan, Plan), plan
        return plan

    def _md5s(self) -> dict[str, str]:
        return {"cake.png": hashlib.md5(PNG).hexdigest()} if self.image else {}

    def _package(self, plan: Plan) -> str:
        sha256 = hashlib.sha256(PNG).hexdigest()
        images = (Image(sha256, "image/png", len(PNG), 120, 80, "A cake"),) if self.image else ()
        (channel,) = plan.channels
        made = self.channel.adapter.compose(Draft(TEXT, "", images))
        assert isinstance(made, Rendition)
        packed = PackedChannel(
            network=channel.network,
            account=channel.account,
            host=channel.host,
            text=made.text,
            payload=dict(made.payload),
            images=tuple(PackedImage(**vars(one)) for one in made.images),
        )
        manifest = Manifest(
            post_id=self.post_id,
            source_revision=plan.source_revision,
            planned_at=plan.planned_at.isoformat(),
            time_zone="Europe/Berlin",
            source_images=tuple(SourceImage(name=name, md5=md5) for name, md5 in self._md5s().items()),
            channels={self.name: packed},
        )
        return self.stage.mesh.packages.write(manifest, {sha256: PNG} if self.image else {})

    def _approve(self, source_revision: str) -> None:
        now = clock.now()
        at = (now - timedelta(days=1)).isoformat()
        status = Status(
            post_id=self.post_id,
            due_at=now.isoformat(),
            channels=(self.name,),
            source_revision=source_revision,
            package=PackageRef(source_revision=source_revision, revision=self.revision),
            approval=Approval(revision=self.revision, by="ada@example.test", how="card", at=at),
            flag=Flag(state=FlagState.WRITTEN, at=at),
        )
        ledger = self.stage.mesh.ledger
        ledger.change_status(self.post_id, Act("approve", by="test", at=now), lambda _: status)
        head = Head(post_channel=head_key(self.post_id, self.name), state=HeadState.READY, revision=self.revision)
        ledger.change_head(None, head, Act("ready", by="test", at=now))


def google_of(document: dict[str, Any], http: httpx.Client) -> Google:
    return Google(document, (SHEETS_READ, DRIVE_READ), http)
