"""The public door at an address that a browser can open: the real approve-handler behind an HTTP server, over tables in this process.

``door(folder)`` is a whole stage for one test: an empty stack by moto, the server on a free loopback port, and the hands a test
needs - put a post there, sign a link as the mail would carry it, look at what came of it. Every request is turned into a Function
URL event (payload version 2) as AWS makes it and its answer back into HTTP, cookies among them; nothing in between decides anything.
Requests run in threads, side by side, as invocations do. ``Stage.visits`` has every request in the order of their answers.

    with door(tmp_path) as stage:
        revision = stage.post("p_1", "Fresh rolls from seven")
        page.goto(stage.link(Action.REVIEW, [("p_1", revision)]))
        page.get_by_role("button", name="Approve").click()
        assert stage.status("p_1").approved

``http://127.0.0.1`` counts as a secure origin in Chromium, so that ``__Host-`` cookies are kept there; cookies do not tell ports apart,
so each stage wants a browser context of its own.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from approve_handler.handler import handler
from mesh.approvals import LIFETIME, Action, Signer, Token
from mesh.ledger import Act, Asking, PackageRef, Status
from mesh.packages import Manifest, PackedChannel, PackedImage
from tests.browser.serving import served
from tests.integration.moto_mesh import ENVIRONMENT, SIGNING_KEY, MotoMesh, standing

Handle = Callable[[dict[str, Any], object], dict[str, Any]]
ADA, BEN = "ada@example.test", "ben@example.test"


@dataclass(frozen=True)
class Visit:
    """One request and its answer. ``headers`` are the request's, names in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass
class FunctionUrl:
    """An ASGI application: a Function URL before one handler. A handler that raises answers 502, as AWS does."""

    handle: Handle
    visits: list[Visit] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        event = function_url_event(scope, body)
        try:
            answer = await asyncio.to_thread(self.handle, event, object())
        except Exception as error:  # noqa: BLE001 - what a Function URL answers then
            answer = {"statusCode": 502, "headers": {}, "body": f"Internal Server Error: {type(error).__name__}"}
        text = answer.get("body") or ""
        content = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
        path = scope["raw_path"].decode("latin-1")
        self.visits.append(Visit(scope["method"], path, event["headers"], body, answer["statusCode"], content))
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.get("headers", {}).items()]
        headers += [(b"set-cookie", cookie.encode()) for cookie in answer.get("cookies", ())]
        await send({"type": "http.response.start", "status": answer["statusCode"], "headers": headers})
        await send({"type": "http.response.body", "body": content})


def function_url_event(scope: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Payload version 2: repeated headers joined by commas, cookies in a list of their own, what is no text in base64."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            cookies += [part.strip() for part in value.split(";")]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": scope["raw_path"].decode("latin-1"),
        "rawQueryString": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "requestContext": {
            "domainName": headers.get("host", ""),
            "http": {"method": scope["method"], "path": scope["path"], "sourceIp": "127.0.0.1"},
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if body:
        event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    return event


async def _read(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


@dataclass
class Stage:
    """What a test does at the door. ``origin`` is where it listens; links are good for ``LIFETIME`` unless told otherwise."""

    origin: str
    mesh: MotoMesh
    visits: list[Visit]
    _numbers: Iterator[int] = field(default_factory=count)

    def post(
        self,
        post_id: str,
        text: str,
        *,
        source: str = "",
        pictures: Sequence[tuple[str, bytes, int, int]] = (),
        reason: str = "new",
    ) -> str:
        """A post that waits for its approval tomorrow; again with another text: the same post, edited. Its revision.

        ``pictures`` are (mime, bytes, width, height), all with one alt text.
        """
        images = tuple(
            PackedImage(
                sha256=hashlib.sha256(data).hexdigest(),
                mime=mime,
                size_bytes=len(data),
                width_px=width,
                height_px=height,
                alt="A basket of rolls",
            )
            for mime, data, width, height in pictures
        )
        channel = PackedChannel(
            network="bluesky", account="did:plc:a", host="https://bsky.social", text=text, payload={}, images=images
        )
        source = source or hashlib.sha256(f"{text}{[image.sha256 for image in images]}".encode()).hexdigest()
        planned = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        before = self.mesh.ledger.status(post_id)
        planned_at = before.due_at if before is not None and before.due_at else planned.isoformat()
        manifest = Manifest(
            post_id=post_id,
            source_revision=source,
            planned_at=planned_at,
            time_zone="Europe/Berlin",
            channels={"bluesky-main": channel},
        )
        revision = self.mesh.packages.write(
            manifest, {image.sha256: data for image, (_, data, _, _) in zip(images, pictures, strict=True)}
        )

        def change(status: Status | None) -> Status:
            base = status or Status(post_id=post_id, channels=("bluesky-main",), due_at=planned_at)
            asked = Asking(revision=revision, round_id="r_1", reason=reason, at=datetime.now(UTC).isoformat())
            package = PackageRef(source_revision=source, revision=revision)
            return base.model_copy(update={"source_revision": source, "package": package, "asked": asked})

        self.mesh.ledger.change_status(post_id, Act("package ready", "renderer", datetime.now(UTC)), change)
        return revision

    def token(self, action: Action, posts: Sequence[tuple[str, str]], recipient: str = ADA, **update: Any) -> str:
        token = Token(
            action=action,
            posts=tuple(posts),
            recipient=recipient,
            round_id="r_1",
            nonce=f"nonce-{next(self._numbers)}",
            expires_at=int((datetime.now(UTC) + LIFETIME).timestamp()),
        )
        return Signer([SIGNING_KEY], "ss").sign(token.model_copy(update=update))

    def link(self, action: Action, posts: Sequence[tuple[str, str]], recipient: str = ADA, **update: Any) -> str:
        """A signed address as a mail would carry it; ``update`` changes any field of its token."""
        return f"{self.origin}/{self.token(action, posts, recipient, **update)}"

    def status(self, post_id: str) -> Status:
        found = self.mesh.ledger.status(post_id)
        assert found is not None
        return found

    def decisions(self) -> list[str]:
        """What humans decided so far, of every post: the audit's actions that a press made, in each post's order."""
        made = {"approved", "approved to go now", "held", "released", "everything held", "everything released"}
        rows = self.mesh.dynamodb.scan(TableName=self.mesh.names.audit)["Items"]
        rows.sort(key=lambda row: (row["subject"]["S"], row["seq"]["S"]))
        return [row["action"]["S"] for row in rows if row["action"]["S"] in made]


@contextmanager
def door(folder: Path, handle: Handle = handler) -> Iterator[Stage]:
    """``folder`` is for the stack's clock: pytest's ``tmp_path``."""
    app = FunctionUrl(handle)
    with served(app) as origin, standing(folder, {**ENVIRONMENT, "APPROVE_URL": origin}) as mesh:
        yield Stage(origin, mesh, app.visits)
