"""The mesh over moto with a local Slack beside it: cards are delivered, buttons pressed, and what stands in the channel is read."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from moto_mesh import MotoMesh

import approve_handler.handler
import notifier.handler
from local.slack.serve import LocalSlack
from mesh import clock
from mesh.events import Asked, Detail, ReviewRequested
from mesh.ledger import Act, Asking, PackageRef, Status
from mesh.packages import Manifest, PackedChannel, PackedImage
from mesh.slack import signature

NOW = datetime.now(UTC)
ACT = Act("test", by="test", at=NOW)
OWNER, GUEST, STRANGER = "U0OWNER001", "U0GUEST001", "U0STRANGER"
ADA = "ada@example.test"
PNG = b"\x89PNG\r\n\x1a\n picture"


@dataclass
class Channel:
    mesh: MotoMesh
    slack: LocalSlack
    secret: str
    revisions: dict[str, str] = field(default_factory=dict)

    # the post

    def package(self, post_id: str = "p_1", source: str = "s1", text: str = "Cake", image: bytes = b"") -> str:
        """A post with a package of its own, waiting."""
        images: tuple[PackedImage, ...] = ()
        stored: dict[str, bytes] = {}
        if image:
            digest = hashlib.sha256(image).hexdigest()
            stored = {digest: image}
            size = {"size_bytes": len(image), "width_px": 8, "height_px": 8}
            images = (PackedImage(sha256=digest, mime="image/png", alt="A cake", **size),)
        made = self.mesh.packages.write(
            Manifest(
                post_id=post_id,
                source_revision=source,
                planned_at=(NOW + timedelta(days=1)).isoformat(),
                time_zone="Europe/Berlin",
                channels={
                    "main": PackedChannel(
                        network="bluesky",
                        account="did:plc:a",
                        host="https://bsky.social",
                        text=text,
                        payload={},
                        images=images,
                    )
                },
            ),
            stored,
        )

        def change(before: Status | None) -> Status:
            base = before or Status(post_id=post_id, channels=("main",), due_at=(NOW + timedelta(days=1)).isoformat())
            package = PackageRef(source_revision=source, revision=made)
            return base.model_copy(update={"source_revision": source, "package": package})

        self.mesh.ledger.change_status(post_id, ACT, change)
        self.revisions[post_id] = made
        return made

    def ask(self, *post_ids: str, round_id: str = "r_1", reason: str = "new") -> ReviewRequested:
        """As the scheduler asks: noted on the posts, and the event."""
        for post_id in post_ids:
            revision = self.revisions[post_id]

            def change(before: Status | None, revision: str = revision) -> Status | None:
                earlier = before.asked.revision if before and before.asked else ""
                asking = Asking(
                    revision=revision, round_id=round_id, reason=reason, at=clock.now().isoformat(), instead_of=earlier
                )
                return before and before.model_copy(update={"asked": asking})

            self.mesh.ledger.change_status(post_id, ACT, change)
        asked = [Asked(post_id=post_id, revision=self.revisions[post_id]) for post_id in post_ids]
        return ReviewRequested(posts=asked, round_id=round_id, reason=reason)

    def status(self, post_id: str = "p_1") -> Status:
        found = self.mesh.ledger.status(post_id)
        assert found is not None
        return found

    # events and clicks

    def deliver(self, detail: Detail) -> dict[str, int]:
        event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
        return notifier.handler.handler(event, object())

    def deliver_news(self) -> None:
        """Every event that was put so far, once more or for the first time."""
        for detail in self.mesh.events:
            self.deliver(detail)

    def click(self, action_id: str, user: str = OWNER, number: int = 0, **headers: str) -> dict[str, Any]:
        """Presses the ``number``-th button of that kind from the top of the channel."""
        message, element = self.buttons(action_id)[number]
        return self.send(self.slack.clicks.body(message, element, user), **headers)

    def send(self, body: bytes, *, secret: str = "", stamp: str = "", **headers: str) -> dict[str, Any]:
        stamp = stamp or str(int(clock.now().timestamp()))
        signed = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(secret or self.secret, stamp, body),
            "Content-Type": "application/x-www-form-urlencoded",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.call("POST", "/slack", body, signed)

    def call(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> dict[str, Any]:
        event = {
            "rawPath": path,
            "headers": headers or {},
            "requestContext": {"http": {"method": method}, "domainName": "x.on.aws"},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        return approve_handler.handler.handler(event, object())

    # what stands in the channel

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.slack.workspace.feed()["messages"])

    @property
    def whispers(self) -> list[dict[str, str]]:
        return list(self.slack.workspace.feed()["whispers"])

    def buttons(self, action_id: str = "") -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [
            (message, node)
            for message in self.messages
            for node in nodes(message["blocks"])
            if node.get("type") == "button" and action_id in {"", node["action_id"]}
        ]

    def words(self, number: int = -1) -> str:
        """The text of one message."""
        blocks = self.messages[number]["blocks"]
        return "".join(node["text"] for node in nodes(blocks) if isinstance(node.get("text"), str))


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(part)


def payload_of(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unquote_plus(body.decode().removeprefix("payload=")))
    return found
