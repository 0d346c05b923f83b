"""The compose page as people use it: on a phone with a photo, without script, and where something is refused."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from draft_helper import door
from draft_helper.handler import handler
from mesh import clock
from mesh.approvals import LIFETIME, Action, Purpose, Signer, Token
from mesh.ledger import Act
from mesh.ledger.proposals import DraftState, Wording
from mesh.ledger.runtime import pause_key
from tests.browser.door_server import ADA, FunctionUrl, Visit
from tests.browser.serving import served
from tests.integration.moto_mesh import COMPOSE_KEY, ENVIRONMENT, MotoMesh, standing

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe
- mastodon-main: mastodon, account 42, https://mastodon.example
- facebook-cafe: facebook, account 7
"""
WORDS = "Zimtschnecken ab Samstag, solange es welche gibt 🥐\nعجينة طازجة كل صباح"
# A target of a finger is this high at least; a box and its words are one.
_TOO_SMALL = """[...document.querySelectorAll("button, a, summary, label.choice, textarea, input:not([type=hidden])")]
    .filter(one => !one.closest("label.choice") || one.matches("label")).filter(one => one.offsetParent)
    .filter(one => one.getBoundingClientRect().height < 48).map(one => one.outerHTML)"""


class Bucket:
    """S3 as a browser meets it: a form posted to the bucket becomes an object. An ASGI application."""

    def __init__(self) -> None:
        self.mesh: MotoMesh | None = None
        self.down = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), bool(message.get("more_body"))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = 403 if self.down and scope["method"] == "POST" else 204
        if scope["method"] == "POST" and not self.down:
            said = f"content-type: {headers['content-type']}\r\n\r\n".encode() + body
            parts = {
                str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
                for part in BytesParser(policy=HTTP).parsebytes(said).iter_parts()  # type: ignore[attr-defined]
            }
            assert self.mesh is not None
            self.mesh.s3.put_object(Bucket=self.mesh.posts_bucket, Key=parts["key"].decode(), Body=parts["file"])
        allowed = [(f"access-control-allow-{name}".encode(), b"*") for name in ("origin", "headers", "methods")]
        await send({"type": "http.response.start", "status": status, "headers": allowed})
        await send({"type": "http.response.body", "body": b""})


class Stage:
    def __init__(self, origin: str, mesh: MotoMesh, visits: list[Visit], bucket: Bucket) -> None:
        self.origin, self.mesh, self.visits, self.bucket = origin, mesh, visits, bucket

    def link(self, **update: Any) -> str:
        until = int((datetime.now(UTC) + LIFETIME).timestamp())
        token = Token(action=Action.COMPOSE, posts=(), recipient=ADA, round_id="r", nonce="n", expires_at=until)
        return f"{self.origin}/{Signer([COMPOSE_KEY], 'ss', Purpose.COMPOSE).sign(token.model_copy(update=update))}"

    def finish(self, state: DraftState, **changes: Any) -> None:
        """As draft-helper does, for every note there is."""
        wording = Wording(text="Fresh from the oven", by="model", at=clock.now().isoformat())
        for status in self.mesh.ledger.drafts():
            assert status.proposal is not None
            made = status.proposal.model_copy(update={"state": state, "wordings": (wording,), **changes})
            act = Act("drafted", "draft-helper", clock.now())
            stands = status.model_copy(update={"proposal": made})
            self.mesh.ledger.change_status(status.post_id, act, lambda _, stands=stands: stands)  # type: ignore[misc]


class Putting:
    """A client of S3 whose addresses lead to the bucket of this test."""

    def __init__(self, client: Any, origin: str) -> None:
        self._client, self._origin = client, origin

    def generate_presigned_post(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        made = self._client.generate_presigned_post(*arguments, **options)
        return {**made, "url": f"{self._origin}/bucket"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    app, bucket = FunctionUrl(handler), Bucket()
    folder = tmp_path_factory.mktemp("compose")
    environment = {**ENVIRONMENT, "BEDROCK_URL": "http://127.0.0.1:9"}
    with (
        served(app) as origin,
        served(bucket) as s3,
        standing(folder, {**environment, "COMPOSE_URL": origin}) as mesh,
        pytest.MonkeyPatch.context() as patch,
    ):
        made = door.open_door()
        patch.setattr(door, "open_door", lambda: replace(made, s3=Putting(made.s3, s3)))
        bucket.mesh = mesh
        mesh.put_rules(RULES)
        act = Act("paused", "sender", clock.now())
        mesh.ledger.set_standing("channel#facebook-cafe", pause_key("facebook-cafe"), {"since": "now"}, act)
        yield Stage(origin, mesh, app.visits, bucket)


@contextmanager
def browsing(chromium: Browser, width: int = 390, **options: Any) -> Iterator[Page]:
    """A page of its own; any error in its scripts, or of its policy, fails the test."""
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": 844}, **options)
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [error for error in errors if "status of 4" not in error] == []


def looked_at(page: Page, name: str, width: int = 390) -> None:
    """What holds of every page. With LOOK_AT set to a folder its picture is left there."""
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_TOO_SMALL) == []
    if folder := os.environ.get("LOOK_AT"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def photo(name: str = "Zimtschnecken am Morgen.jpg") -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "#a8642c").save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), pytest.param(1280, "dark", marks=pytest.mark.slow)])
def test_a_note_with_a_photo_is_written_on_a_phone_and_followed_to_its_draft(
    chromium: Browser, stage: Stage, width: int, scheme: Literal["light", "dark"]
) -> None:
    with browsing(chromium, width, color_scheme=scheme, has_touch=width < 500) as page:
        page.goto(stage.link())
        page.get_by_label("Your note").fill(WORDS + f" {width}")
        page.set_input_files("#files", [photo(), {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"}])
        expect(page.get_by_role("status")).to_contain_text("notes.txt is neither a photo nor a PDF")
        page.get_by_role("button", name="Remove notes.txt").click()
        expect(page.locator("#list img")).to_be_visible()
        page.get_by_text("Day, time, link").click()
        looked_at(page, f"form-{width}", width)
        page.get_by_role("button", name="Have it drafted").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Noted")
        looked_at(page, f"noted-{width}", width)

        stage.finish(DraftState.READY)

        expect(page.get_by_role("heading", level=1)).to_have_text("The draft is ready")
        assert page.get_by_role("link", name="Look at the draft").get_attribute("href")
        looked_at(page, f"ready-{width}", width)
        page.get_by_role("link", name="Write another note").click()
        expect(page.get_by_label("Your note")).to_have_value("")
    notes = [status.proposal.note for status in stage.mesh.ledger.drafts() if status.proposal]
    (note,) = [note for note in notes if note.text == WORDS + f" {width}"]
    assert note.channels == ("bluesky-main", "mastodon-main")
    assert [(one.name, one.mime) for one in note.uploads] == [("Zimtschnecken am Morgen.jpg", "image/jpeg")]


def test_what_is_typed_outlives_a_reload_a_lost_upload_and_a_refusal(chromium: Browser, stage: Stage) -> None:
    with browsing(chromium) as page:
        page.goto(stage.link())
        page.get_by_label("Your note").fill(WORDS)
        page.get_by_label("bluesky-main").uncheck()
        page.reload()
        expect(page.get_by_label("Your note")).to_have_value(WORDS)
        expect(page.get_by_label("bluesky-main")).not_to_be_checked()
        expect(page.locator("#kept")).to_contain_text("What you had typed here before is back.")
        stage.bucket.down = True
        page.set_input_files("#files", [photo("lost.jpg")])
        expect(page.locator("#list")).to_contain_text("lost.jpg was not taken (403). Remove it and add it again.")
        stage.bucket.down = False
        page.get_by_label("mastodon-main").uncheck()
        page.get_by_role("button", name="Have it drafted").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose at least one channel.")
        expect(page.get_by_label("Your note")).to_have_value(WORDS)
        looked_at(page, "refused")
        page.goto(stage.link(expires_at=int(datetime.now(UTC).timestamp()) - 5))
        expect(page.get_by_role("heading", level=1)).to_have_text("This link is too old")
        page.goto(stage.link())
        expect(page.get_by_label("Your note")).to_have_value(WORDS)
        page.get_by_role("button", name="Start anew").click()
        expect(page.get_by_label("Your note")).to_have_value("")


def test_without_script_a_note_is_taken_and_its_page_looks_again_by_itself(chromium: Browser, stage: Stage) -> None:
    with browsing(chromium, java_script_enabled=False) as page:
        page.goto(stage.link())
        expect(page.get_by_text("To add photos or a PDF, this page needs JavaScript.")).to_be_visible()
        expect(page.locator("#files")).to_be_hidden()
        page.get_by_label("Your note").fill("Plain rolls")
        page.get_by_label("Several posts: a plan first").check()
        page.get_by_role("button", name="Have it drafted").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Noted")
        assert "its plan is on its way" in page.content()
        assert re.search(r'<noscript><meta http-equiv="refresh" content="5">', page.content())


def test_a_known_device_opens_the_bare_address(chromium: Browser, stage: Stage) -> None:
    with browsing(chromium) as page:
        page.goto(stage.origin)
        expect(page.get_by_role("heading", level=1)).to_have_text("Notes are written from your mail")
        looked_at(page, "stranger")
        page.goto(stage.link())
        page.get_by_label("Your note").fill("Rolls for a known device")
        page.get_by_role("button", name="Have it drafted").click()
        page.get_by_role("button", name="Open this page without a mail on this device").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This device is known")
        looked_at(page, "known")
        page.goto(stage.origin)
        page.get_by_label("Your note").fill("Buns from the bare address")
        page.set_input_files("#files", [photo("bun.jpg")])
        expect(page.locator("#said")).to_have_text("bun.jpg is added.")
        page.get_by_role("button", name="Have it drafted").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Noted")
