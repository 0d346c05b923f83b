"""Hands at the public door: posts, links as a mail carries them, and visitors with a browser's memory for cookies."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from moto_mesh import SIGNING_KEY, MotoMesh

from approve_handler.handler import handler
from mesh.approvals import LIFETIME, Action, Signer, Token
from mesh.ledger import Act, Approval, Asking, Head, HeadState, PackageRef, Status
from mesh.packages import Manifest, PackedChannel

NOW = datetime.now(UTC)
ORIGIN = "https://approve.example.test"
ADA, BEN = "ada@example.test", "ben@example.test"
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutEvents", "PutObject"}
FORM = "application/x-www-form-urlencoded"


def package(mesh: MotoMesh, source: str, text: str, post_id: str = "p_1") -> str:
    """A post with a package, waiting for its approval; with another source the same post, edited. The revision."""
    channel = PackedChannel(network="bluesky", account="did:plc:a", host="https://bsky.social", text=text, payload={})
    manifest = Manifest(
        post_id=post_id,
        source_revision=source,
        planned_at=(NOW + timedelta(days=1)).isoformat(),
        time_zone="Europe/Berlin",
        channels={"bluesky-main": channel},
    )
    made = mesh.packages.write(manifest, {})

    def change(before: Status | None) -> Status:
        base = before or Status(post_id=post_id, channels=("bluesky-main",), due_at=manifest.planned_at)
        asked = Asking(revision=made, round_id="r_1", reason="new", at=NOW.isoformat())
        ref = PackageRef(source_revision=source, revision=made)
        return base.model_copy(update={"source_revision": source, "package": ref, "asked": asked})

    mesh.ledger.change_status(post_id, Act("package ready", "renderer", NOW), change)
    return made


def update(mesh: MotoMesh, post_id: str = "p_1", **changes: Any) -> None:
    """Bring a post into any state."""
    act = Act("changed", "test", NOW)
    mesh.ledger.change_status(post_id, act, lambda before: before and before.model_copy(update=changes))


def approval(revision: str, by: str = BEN, how: str = "mail") -> Approval:
    return Approval(revision=revision, by=by, how=how, at=NOW.isoformat())


def head(mesh: MotoMesh, state: HeadState, revision: str, post_id: str = "p_1", **update: Any) -> None:
    made = Head(post_channel=f"{post_id}#bluesky-main", state=state, revision=revision, attempts=1)
    mesh.ledger.change_head(None, made.model_copy(update=update), Act("sending", "sender", NOW))


def token(
    revision: str, action: Action = Action.REVIEW, *, stack: str = "ss", key: str = SIGNING_KEY, **update: Any
) -> str:
    """A link's text, signed as a mail's; ``update`` changes any field of it."""
    said = Token(
        action=action,
        posts=(("p_1", revision),),
        recipient=ADA,
        round_id="r_1",
        nonce="n-1",
        expires_at=int((NOW + LIFETIME).timestamp()),
    )
    return Signer([key], stack).sign(said.model_copy(update=update))


def status(mesh: MotoMesh, post_id: str = "p_1") -> Status:
    found = mesh.ledger.status(post_id)
    assert found is not None
    return found


def plain(answer: dict[str, Any]) -> str:
    """The page without its one-time nonce."""
    return re.sub(r'nonce="[^"]+"', "", answer["body"])


@dataclass
class Page:
    """An answer as a browser has it."""

    path: str
    answer: dict[str, Any]

    @property
    def status(self) -> int:
        return int(self.answer["statusCode"])

    @property
    def body(self) -> str:
        return str(self.answer["body"])

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.body, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    @property
    def acts_at_once(self) -> bool:
        return 'name = "opened"' in self.body

    def forms(self) -> dict[str, tuple[str, list[tuple[str, str]]]]:
        """Each button's address and fields, by its label."""
        found = {}
        for action, inside in re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', self.body, re.DOTALL):
            label = re.search(r"<button[^>]*>(.*?)</button>", inside, re.DOTALL)
            fields = re.findall(r'<(?:input|button)[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside)
            assert label is not None
            address = urljoin(self.path, html.unescape(action)) if action else self.path
            found[html.unescape(label[1])] = (address, [(name, html.unescape(value)) for name, value in fields])
        return found


@dataclass
class Visitor:
    """A browser: it keeps the cookies it is given. ``agent`` is its user agent."""

    agent: str = (
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
    )
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, text: str, method: str = "GET", **headers: str) -> Page:
        return self._send(method, text if text.startswith("/") else f"/{text}", "", headers)

    def press(self, page: Page, label: str, **headers: str) -> Page:
        """Press the button of that label as a person does."""
        path, fields = page.forms()[label]
        return self.post(path, fields, **headers)

    def post(self, text: str, fields: list[tuple[str, str]] | None = None, **headers: str) -> Page:
        """``fields`` as the page's form says them back; by itself the button alone."""
        body = urlencode([("go", "1")] if fields is None else fields)
        marks = {"origin": ORIGIN, "content-type": FORM}
        return self._send("POST", text if text.startswith("/") else f"/{text}", body, {**marks, **headers})

    def script(self, page: Page, **headers: str) -> Page:
        """What the page's own script sends."""
        path, fields = next(form for form in page.forms().values() if form[0] == page.path)
        return self.post(path, [*[field for field in fields if field[0] != "go"], ("opened", "1")], **headers)

    def _send(self, method: str, path: str, body: str, headers: dict[str, str]) -> Page:
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"user-agent": self.agent, **{name.replace("_", "-"): value for name, value in headers.items()}},
            "requestContext": {"http": {"method": method}, "domainName": "x.on.aws"},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "body": body,
        }
        answer = handler(event, object())
        for cookie in answer.get("cookies", ()):
            name, _, rest = cookie.partition("=")
            value, _, attributes = rest.partition(";")
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return Page(path, answer)


def enrolled(mesh: MotoMesh, recipient: str = ADA, agent: str = "") -> Visitor:
    """A visitor whose device acts at once: pressed once, then took the offer."""
    visitor = Visitor(agent) if agent else Visitor()
    revision = package(mesh, "s-enrol", "For the first press", "p_first")
    link = token(
        revision, Action.HOLD, posts=(("p_first", revision),), recipient=recipient, nonce=f"first-{recipient}-{agent}"
    )
    done = visitor.press(visitor.open(link), "Hold this post") if status(mesh, "p_first").held is None else None
    if done is None:
        again = token(
            revision,
            Action.RELEASE,
            posts=(("p_first", revision),),
            recipient=recipient,
            nonce=f"r-{recipient}-{agent}",
        )
        done = visitor.post(again)
    page = visitor.press(done, "Act as soon as I open a link on this device")
    assert page.title == "This device acts at once"
    return visitor
