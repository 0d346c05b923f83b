"""One approved post before a scripted Google and scripted networks; the tables, buckets and secrets are moto's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto_mesh import ENVIRONMENT, RULES_BUCKET, MotoMesh

from mesh.events import Detail, Retry, Send
from mesh.ledger import Act, Approval, Attempt, Flag, FlagState, Head, HeadState, Hold, PackageRef, Status, head_key
from mesh.packages import Manifest, PackedChannel, PackedImage, SourceImage
from mesh.posts import Plan, plan_row, stamp
from mesh.rulebook import parse_rules
from mesh.sheet import read_table
from mesh.side_by_side import one_by_one
from networks import network
from networks.model import Draft, Image, Rendition
from sender.channels import Channels
from sender.edges import Surroundings
from sender.ports import Ports
from sender.send import Done, deliver
from sender.settings import SenderSettings

DUE = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
POST, CHANNEL = "p_7k2m9qf4", "bluesky-main"
DID = "did:plc:abcdefghijklmnopqrstuvwx"
BLUESKY_HOST, MASTODON_HOST = "https://pds.example.test", "https://masto.example.test"
TEXT = "Fresh apple cake from nine"
PNG = b"\x89PNG\r\n\x1a\n" + b"cake" * 8
RULES = f"""Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account {DID}, {BLUESKY_HOST}
- mastodon-main: mastodon, account 42, {MASTODON_HOST}
"""
HEADER = [
    "post_id",
    "date",
    "time",
    "text",
    "channels",
    "image",
    "alt text",
    "link",
    "approved",
    "approved for",
    "status",
]

Answer = Callable[[httpx.Request], httpx.Response]
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
SERVICE_ACCOUNT = {
    "type": "service_account",
    "client_email": "scheduler@example.test",
    "private_key_id": "k1",
    "private_key": _PEM,
    "token_uri": "https://google.example.test/token",
    "api_endpoint": "https://google.example.test",
}


@dataclass
class FakeGoogle:
    """The sheet's cells and the folder's images. ``down`` answers instead; ``meanwhile`` runs at the next read of the sheet."""

    values: list[list[Any]] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)
    down: Answer | None = None
    meanwhile: Callable[[], None] | None = None
    calls: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})
        if self.down is not None:
            return self.down(request)
        if request.url.path.startswith("/v4/spreadsheets/sheet-1/values/"):
            shown = [list(row) for row in self.values]
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile is not None:
                meanwhile()
            return httpx.Response(200, json={"range": "Posts!A1:Z99", "majorDimension": "ROWS", "values": shown})
        files = [{"id": name, "name": name, "md5Checksum": md5} for name, md5 in self.images.items()]
        return httpx.Response(200, json={"files": files})


@dataclass
class FakeNetworks:
    """A PDS and a Mastodon that keep what they accept. ``script`` takes the next creating requests, one each.

    A scripted function gets ``accept`` and decides whether to call it, before or after whatever else it does.
    """

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    script: list[Callable[[Callable[[], httpx.Response]], httpx.Response]] = field(default_factory=list)
    creating: list[httpx.Request] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    refreshed: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        self.paths.append(name)
        match name:
            case "com.atproto.repo.putRecord" | "statuses" if request.method == "POST":
                self.creating.append(request)
                todo = self.script.pop(0) if self.script else lambda accept: accept()
                return todo(lambda: self.land(request))
            case "com.atproto.repo.getRecord":
                return self._record(request.url.params["rkey"])
            case "statuses":
                return httpx.Response(200, json=list(self.posts.values()))
            case "com.atproto.repo.uploadBlob":
                return httpx.Response(200, json={"blob": {"$type": "blob", "ref": {"$link": "x"}, "size": 1}})
            case "com.atproto.server.refreshSession":
                self.refreshed += 1
                return httpx.Response(200, json={"did": DID, "accessJwt": "fresh", "refreshJwt": "fresh-r"})
            case "com.atproto.server.getSession":
                return httpx.Response(200, json={"did": DID, "handle": "cafe.test", "active": True})
        return httpx.Response(404, json={"error": "NotFound"})

    def land(self, request: httpx.Request) -> httpx.Response:
        """Its effect, whenever it comes, and the answer to it."""
        told = json.loads(request.content)
        if "rkey" not in told:
            key = request.headers["idempotency-key"]
            content = {"id": str(len(self.posts) + 1), "url": f"{MASTODON_HOST}/@cafe/1", "account": {"id": "42"}}
            status = {
                **content,
                "content": f"<p>{told['status']}</p>",
                "media_attachments": [],
                "created_at": DUE.isoformat(),
            }
            return httpx.Response(200, json=self.posts.setdefault(key, status))
        uri = f"at://{DID}/app.bsky.feed.post/{told['rkey']}"
        if self.posts.setdefault(told["rkey"], told["record"]) != told["record"]:
            return httpx.Response(400, json={"error": "InvalidSwap"})
        return httpx.Response(200, json={"uri": uri, "cid": "c1"})

    def _record(self, rkey: str) -> httpx.Response:
        if rkey not in self.posts:
            return httpx.Response(400, json={"error": "RecordNotFound"})
        uri = f"at://{DID}/app.bsky.feed.post/{rkey}"
        return httpx.Response(200, json={"uri": uri, "cid": "c1", "value": self.posts[rkey]})


class Stage:
    """Set up: the post is approved, flagged and stamped, its head is ready, and it is due now."""

    def __init__(
        self,
        mesh: MotoMesh,
        *,
        image: bool = False,
        channels: tuple[str, ...] = (CHANNEL,),
        images: dict[str, str] | None = None,
    ) -> None:
        """``images`` are other names and MD5s than the one picture of the folder."""
        self.mesh = mesh
        self.all_calls = mesh.calls
        """The AWS calls, and between them those to Google and the networks."""
        self.now = DUE
        self.remaining_seconds = 60.0
        self.google = FakeGoogle()
        self.networks = FakeNetworks()
        self.naps: list[float] = []
        mesh.put_secret("ss/drive/sa", SERVICE_ACCOUNT)
        self.connect("bluesky-main", "bluesky", DID, BLUESKY_HOST, {"access_jwt": "stale", "refresh_jwt": "r"})
        self.connect("mastodon-main", "mastodon", "42", MASTODON_HOST, {"access_token": "t"})
        self.rules(RULES)
        self.row = [
            POST,
            46108,
            0.375,
            TEXT,
            ", ".join(channels),
            ", ".join(images or {}) or ("cake.png" if image else ""),
            "A cake",
            "",
            True,
            "",
            "",
        ]
        self.google.images = images or ({"cake.png": "m" * 32} if image else {})
        self.revision = self._package(image)
        self.row[9] = stamp(POST, self.revision)
        self.google.values = [HEADER, self.row]
        self._approve(channels)
        for channel in channels:
            self._ready(channel)
        self.ports = self._ports()
        mesh.entries.clear()
        mesh.calls.clear()

    # what happens

    def send(self, attempt: int = 1, channel: str = CHANNEL, revision: str = "") -> Done:
        model = Send if attempt == 1 else Retry
        event = model(post_id=POST, channel=channel, revision=revision or self.revision, attempt=attempt)
        return deliver(self.ports, event, lambda: self.remaining_seconds)

    def wait(self, length: timedelta) -> None:
        self.now += length

    # what is

    def head(self, channel: str = CHANNEL) -> Head:
        head = self.mesh.ledger.head(POST, channel)
        assert head is not None
        return head

    def attempts(self, channel: str = CHANNEL) -> list[Attempt]:
        return self.mesh.ledger.attempts(POST, channel)

    def event_names(self) -> list[str]:
        return [event.detail_type for event in self.mesh.events]

    def last_event(self) -> Detail:
        return self.mesh.events[-1]

    # what others change

    def connect(self, channel: str, kind: str, account: str, host: str, credentials: dict[str, str]) -> None:
        document = {"network": kind, "account_id": account, "host": host, "credentials": credentials, "note": "kept"}
        self.mesh.put_secret(f"ss/channels/{channel}", document)

    def rules(self, text: str) -> None:
        self.mesh.put_rules(text)

    def change(self, **update: Any) -> None:
        act = Act("test", by="test", at=self.now)
        self.mesh.ledger.change_status(POST, act, lambda before: before and before.model_copy(update=update))

    def hold(self) -> None:
        self.change(held=Hold(by="ada@example.test", how="card", at=self.now.isoformat()))

    # building

    def _plan(self) -> Plan:
        rulebook, problems = parse_rules(RULES, default_zone="Europe/Berlin")
        assert not problems
        row = read_table([HEADER, self.row]).rows[0].row
        plan = plan_row(replace(row, images=dict(self.google.images)), rulebook)
        assert isinstance(plan, Plan), plan
        return plan

    def _package(self, image: bool) -> str:
        plan = self._plan()
        sha256 = hashlib.sha256(PNG).hexdigest()
        images = (Image(sha256, "image/png", len(PNG), 800, 600, "A cake"),) if image else ()
        packed = {}
        for channel in plan.channels:
            made = network(channel.network).compose(Draft(TEXT, "", images))
            assert isinstance(made, Rendition)
            packed[channel.name] = PackedChannel(
                network=channel.network,
                account=channel.account,
                host=channel.host,
                text=made.text,
                payload=dict(made.payload),
                images=tuple(PackedImage(**vars(one)) for one in made.images),
            )
        manifest = Manifest(
            post_id=POST,
            source_revision=plan.source_revision,
            planned_at=plan.planned_at.isoformat(),
            time_zone="Europe/Berlin",
            source_images=tuple(SourceImage(name=name, md5=md5) for name, md5 in self.google.images.items()),
            channels=packed,
        )
        self.source_revision = plan.source_revision
        return self.mesh.packages.write(manifest, {sha256: PNG} if image else {})

    def _approve(self, channels: tuple[str, ...]) -> None:
        at = (DUE - timedelta(days=1)).isoformat()
        status = Status(
            post_id=POST,
            due_at=DUE.isoformat(),
            channels=channels,
            source_revision=self.source_revision,
            package=PackageRef(source_revision=self.source_revision, revision=self.revision),
            approval=Approval(revision=self.revision, by="ada@example.test", how="card", at=at),
            flag=Flag(state=FlagState.WRITTEN, at=at),
        )
        self.mesh.ledger.change_status(POST, Act("approve", by="test", at=DUE), lambda _: status)

    def _ready(self, channel: str) -> None:
        head = Head(post_channel=head_key(POST, channel), state=HeadState.READY, revision=self.revision)
        self.mesh.ledger.change_head(None, head, Act("ready", by="test", at=DUE))

    def _client(self, answer: Answer) -> httpx.Client:
        def seen(request: httpx.Request) -> httpx.Response:
            self.all_calls.append(
                f"{request.method} {'/'.join(request.url.path.split('/')[4:]) or request.url.path[6:]}"
            )
            return answer(request)

        return httpx.Client(transport=httpx.MockTransport(seen))

    def _ports(self) -> Ports:
        mesh = self.mesh
        settings = SenderSettings.load(ENVIRONMENT)
        around = Surroundings(settings, mesh.vault, mesh.secrets, mesh.s3, self._client(self.google))
        http = self._client(self.networks)
        return Ports(
            ledger=mesh.ledger,
            runtime=mesh.runtime,
            packages=mesh.packages,
            bus=mesh.bus,
            surroundings=around,
            channels=Channels(
                mesh.ledger, mesh.runtime, mesh.bus, around, http, network, lambda: self.now, self.naps.append
            ),
            http=http,
            network=network,
            clock=lambda: self.now,
            sleep=self.naps.append,
            spread=lambda: 0.5,
            together=one_by_one,
        )


__all__ = ["CHANNEL", "DUE", "POST", "RULES", "RULES_BUCKET", "Stage"]
