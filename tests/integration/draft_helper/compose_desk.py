"""Hands at the compose page: links as a mail carries them, a browser that writes notes, and files put where the page says."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from moto_mesh import COMPOSE_KEY, MotoMesh
from PIL import Image
from pypdf import PdfWriter

from draft_helper.handler import handler
from mesh.approvals import LIFETIME, Action, Purpose, Signer, Token
from mesh.ledger import Status

NOW = datetime.now(UTC)
HOST = "compose.example.test"
ADA, BEN = "ada@example.test", "ben@example.test"
FORM = "application/x-www-form-urlencoded"
RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe
- mastodon-main: mastodon, account 42, https://mastodon.example
"""


def token(
    action: Action = Action.COMPOSE, *, key: str = COMPOSE_KEY, purpose: Purpose = Purpose.COMPOSE, **update: Any
) -> str:
    """A link's text, signed as a mail's; ``update`` changes any field of it."""
    said = Token(
        action=action,
        posts=(),
        recipient=ADA,
        round_id="r_1",
        nonce="n-1",
        expires_at=int((NOW + LIFETIME).timestamp()),
    )
    return Signer([key], "ss", purpose).sign(said.model_copy(update=update))


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
    def words(self) -> str:
        """Without markup."""
        inside = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", self.body, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.body, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    @property
    def text(self) -> str:
        """What stands in the note's field."""
        found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", self.body, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    def field(self, name: str) -> str:
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', self.body)
        return html.unescape(found[1]) if found else ""

    @property
    def ticked(self) -> list[str]:
        return re.findall(r'name="channel" value="([^"]*)" checked', self.body)

    @property
    def files(self) -> list[str]:
        return [html.unescape(value) for value in re.findall(r'name="upload" value="([^"]*)" checked', self.body)]

    @property
    def action(self) -> str:
        found = re.search(r'<form method="post" action="([^"]*)" id="note"', self.body)
        assert found is not None
        return urljoin(self.path, html.unescape(found[1])) if found[1] else self.path

    def button(self, label: str) -> str:
        """The address that the button of that label is sent to."""
        for action, inside in re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', self.body, re.DOTALL):
            if label in html.unescape(inside):
                return urljoin(self.path, html.unescape(action)) if action else self.path
        raise AssertionError(f"no button {label}")


@dataclass
class Writer:
    """A browser at the compose page: it keeps the cookies it is given, and follows redirects where told."""

    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, text: str, method: str = "GET", **headers: str) -> Page:
        return self._send(method, text if text.startswith("/") else f"/{text}", "", headers)

    def write(self, page: Page, text: str, **fields: Any) -> Page:
        """Type into the page's form and press its button; ``fields`` as the form has them, a list for several values."""
        given = {"by": "hand", "form": page.field("form"), "kind": "one", "channel": page.ticked, "upload": page.files}
        given |= {"date": "", "time": "", "link": "", "go": "1", **fields, "text": text}
        return self.post(page.action, given)

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> Page:
        sent = {
            "content-type": FORM,
            "origin": f"https://{HOST}",
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self._send(
            "POST", path, urlencode(fields, doseq=True), {name: value for name, value in sent.items() if value}
        )

    def press(self, page: Page, label: str) -> Page:
        return self.post(page.button(label), {"by": "hand", "go": "1"})

    def follow(self, page: Page) -> Page:
        assert page.status == 303, page.words
        return self.open(urljoin(page.path, page.answer["headers"]["location"]))

    def ask(self, link: str, name: str, kind: str, size: int, **headers: str) -> tuple[int, dict[str, Any]]:
        """For a place to put a file, as the page's script does."""
        marks = {"sec_fetch_mode": "cors", "sec_fetch_dest": "empty", **headers}
        page = self.post(f"/{link}/upload", {"name": name, "type": kind, "size": str(size)}, **marks)
        is_json = page.answer["headers"]["content-type"] == "application/json"
        return page.status, json.loads(page.body) if is_json else {}

    def add(self, mesh: MotoMesh, link: str, name: str, content: bytes, kind: str = "image/jpeg") -> str:
        """A file as the form names it, its bytes where the address said."""
        status, told = self.ask(link, name, kind, len(content))
        assert status == 200, told
        put(mesh, told["id"], content, kind)
        return f"{told['id']} {name}"

    def _send(self, method: str, path: str, body: str, headers: dict[str, str]) -> Page:
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"host": HOST, **headers},
            "requestContext": {"domainName": HOST, "http": {"method": method, "path": path}},
            "isBase64Encoded": bool(body),
            "body": base64.b64encode(body.encode()).decode(),
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
        }
        answer = handler(event, None)
        for cookie in answer.get("cookies", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Page(path, answer)


def put(mesh: MotoMesh, upload_id: str, content: bytes, kind: str = "image/jpeg") -> None:
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=f"uploads/{upload_id}", Body=content, ContentType=kind)


def drafts(mesh: MotoMesh) -> list[Status]:
    return mesh.ledger.drafts()


def jpeg(width: int = 640, height: int = 480, form: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, form)
    return out.getvalue()


def pdf(pages: int = 2, password: str = "") -> bytes:
    made = PdfWriter()
    for _ in range(pages):
        made.add_blank_page(200, 200)
    if password:
        made.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def in_days(days: int) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()
