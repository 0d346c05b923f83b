"""A week written into the tables post by post, as the mesh's functions leave it; and what the digest then says of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from mesh.ledger import (
    Act,
    Answer,
    Approval,
    Asking,
    Attempt,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    Ledger,
    PackageRef,
    Runtime,
    Says,
    State,
    Status,
    head_key,
)
from mesh.ledger.items import CardSent
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Wording
from mesh.packages import Manifest, Packages, PackedChannel, PackedImage

SUNDAY = datetime(2027, 3, 21, 17, tzinfo=UTC)  # 18:00 in Berlin; a week later the clocks go forward
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA = "ada@example.test"
RULES = """
Channels
- bluesky-main: bluesky, account did:plc:a, https://bsky.social
- mastodon-main: mastodon, account 42, https://mastodon.test
"""


def a_picture(side_px: int = 400, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side_px, side_px // 2), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Week:
    """``put`` a post in whatever state it is; ``at`` is when the clicks and looks about it were."""

    ledger: Ledger
    runtime: Runtime
    packages: Packages

    def act(self, action: str, at: datetime, **more: str) -> Act:
        return Act(action, by=more.pop("by", "test"), at=at, **more)

    # a post's item

    def package(
        self, post_id: str, due: datetime, text: str, channels: Sequence[str], picture: bytes = b"", alt: str = "A cake"
    ) -> str:
        images: tuple[PackedImage, ...] = ()
        stored: dict[str, bytes] = {}
        if picture:
            sha256 = hashlib.sha256(picture).hexdigest()
            stored = {sha256: picture}
            size = {"size_bytes": len(picture), "width_px": 400, "height_px": 200}
            images = (PackedImage(sha256=sha256, mime="image/jpeg", alt=alt, **size),)
        packed = {
            name: PackedChannel(
                network=name.partition("-")[0], account="a", host="https://n.test", text=text, payload={}, images=images
            )
            for name in channels
        }
        manifest = Manifest(
            post_id=post_id,
            source_revision=f"s-{post_id}",
            planned_at=due.isoformat(),
            time_zone="Europe/Berlin",
            channels=packed,
        )
        return self.packages.write(manifest, stored)

    def post(
        self,
        post_id: str,
        due: datetime,
        text: str = "Cake",
        channels: Sequence[str] = ("bluesky-main",),
        picture: bytes = b"",
        **update: Any,
    ) -> Status:
        """Asked about two days before the Sunday; nobody has clicked."""
        revision = self.package(post_id, due, text, channels, picture)
        asked = Asking(revision=revision, round_id=f"r-{post_id}", reason="new", at=(SUNDAY - 2 * DAY).isoformat())
        base = Status(
            post_id=post_id,
            due_at=due.isoformat(),
            channels=tuple(channels),
            source_revision=f"s-{post_id}",
            package=PackageRef(source_revision=f"s-{post_id}", revision=revision),
            asked=asked,
            card=CardSent(round_id=asked.round_id, sent_at=asked.at, sent_to=2),
        )
        return self.put(base.model_copy(update=update), self.act("asked: new", SUNDAY - 2 * DAY))

    def put(self, status: Status, act: Act) -> Status:
        self.ledger.change_status(status.post_id, act, lambda _: status)
        found = self.ledger.status(status.post_id)
        assert found is not None
        return found

    def change(self, post_id: str, action: str, at: datetime = SUNDAY - DAY, **update: Any) -> Status:
        self.ledger.change_status(
            post_id, self.act(action, at), lambda before: before and before.model_copy(update=update)
        )
        found = self.ledger.status(post_id)
        assert found is not None
        return found

    def approve(self, post_id: str, at: datetime = SUNDAY - DAY) -> Status:
        status = self.ledger.status(post_id)
        assert status is not None
        revision = status.current_revision or ""
        approval = Approval(revision=revision, by=ADA, how="mail", at=at.isoformat())
        flag = Flag(state=FlagState.WRITTEN, at=at.isoformat())
        act = Act("approved", by=ADA, at=at, how="mail", revision=revision)
        update = {"approval": approval, "flag": flag, "state": State.QUEUED, "queued_for": status.due_at}
        self.ledger.change_status(post_id, act, lambda before: before and before.model_copy(update=update))
        found = self.ledger.status(post_id)
        assert found is not None
        return found

    # what became of it

    def out(self, post_id: str, at: datetime, channel: str = "bluesky-main", url: str = "https://n.test/1") -> None:
        """Out on one channel; on its last one the post is off the index, as the sheet says so by then."""
        status = self._sent(post_id, at, channel, url)
        heads = {head.channel: head.state for head in self.ledger.heads([status])[post_id]}
        if all(heads.get(name) is HeadState.SENT for name in status.channels):
            self.change(post_id, "derived", at, state=State.SENT, open=None, queued_for=None)

    def _sent(self, post_id: str, at: datetime, channel: str, url: str) -> Status:
        status = self.ledger.status(post_id)
        assert status is not None
        revision = status.approval.revision if status.approval else status.current_revision or ""
        head = Head(
            post_channel=head_key(post_id, channel),
            state=HeadState.SENT,
            revision=revision,
            attempts=1,
            posted_url=url,
            due=status.due_at,
        )
        attempt = Attempt(
            post_channel=head_key(post_id, channel),
            attempt=1,
            revision=revision,
            result="ok",
            started_at=at.isoformat(),
            key_at=at.isoformat(),
            sent_at=at.isoformat(),
            month=f"{at:%Y-%m}",
            posted_url=url,
        )
        before = self.ledger.head(post_id, channel)
        head = head.model_copy(update={"audit": before.audit}) if before else head
        self.ledger.change_head(before, head, self.act("published", at), attempt=attempt, attempt_is_new=True)
        return status

    def head(self, post_id: str, state: HeadState, at: datetime, channel: str = "bluesky-main", **update: Any) -> Head:
        status = self.ledger.status(post_id)
        revision = status.current_revision or "" if status else ""
        base = Head(post_channel=head_key(post_id, channel), state=state, revision=revision, attempts=1)
        action = {HeadState.FAILED: "failed", HeadState.UNKNOWN: "unknown"}.get(state, "queue")
        before = self.ledger.head(post_id, channel)
        after = base.model_copy(update={"since": at.isoformat(), **update})
        return self.ledger.change_head(before, after, self.act(action, at))

    def fail(self, post_id: str, at: datetime, why: str, channel: str = "bluesky-main") -> None:
        self.head(post_id, HeadState.FAILED, at, channel, detail=why)
        self.change(post_id, "derived", at, state=State.FAILED)

    def unknown(self, post_id: str, at: datetime, channel: str = "bluesky-main", *, answered: bool = False) -> None:
        head = self.head(post_id, HeadState.UNKNOWN, at, channel, asked_at=at.isoformat())
        if answered:
            said = Answer(
                channel=channel,
                revision=head.revision,
                attempt=1,
                says=Says.FOUND,
                by=ADA,
                how="mail",
                at=at.isoformat(),
            )
            before = self.ledger.status(post_id)
            self.change(post_id, "answered", at, answers=(*(before.answers if before else ()), said))

    def hold(self, post_id: str, at: datetime = SUNDAY - DAY) -> None:
        held = Hold(by=ADA, how="mail", at=at.isoformat())
        self.change(post_id, "held", at, held=held, state=State.HELD, queued_for=None)

    def problem(self, post_id: str, due: datetime | None, message: str) -> None:
        said = due.isoformat() if due else "9999-12-31T00:00:00+00:00"
        problem = ChannelProblem(code="date", message=message)
        self.put(Status(post_id=post_id, due_at=said, row_problems=(problem,)), self.act("seen", SUNDAY - DAY))

    def draft(
        self, post_id: str, text: str = "Soup of the day", date: str = "", state: DraftState = DraftState.READY
    ) -> None:
        note = Note(
            text="soup",
            channels=("bluesky-main",),
            date=date,
            time="12:00" if date else "",
            by=ADA,
            at=SUNDAY.isoformat(),
        )
        wording = Wording(text=text, by="model", at=SUNDAY.isoformat(), model="m")
        wordings = (wording,) if state is DraftState.READY else ()
        proposal = Proposal(state=state, note=note, wordings=wordings, error="" if wordings else "The model was busy.")
        status = Status(
            post_id=post_id, open=DRAFTING, due_at=SUNDAY.isoformat(), channels=("bluesky-main",), proposal=proposal
        )
        self.put(status, self.act("draft ready", SUNDAY - HOUR))

    def pause(self, channel: str, reason: str = "reauthorise", detail: str = "the sign-in has ended") -> None:
        at = SUNDAY - DAY
        values: Mapping[str, str] = {"reason": reason, "detail": detail, "since": at.isoformat()}
        self.ledger.set_standing(f"channel#{channel}", f"pause#{channel}", dict(values), self.act("pause", at))
