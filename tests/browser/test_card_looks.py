"""Cards as they are seen: seven networks' previews in a mail and on a page, on a phone and on a desk, by day and by night."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

import pytest
from playwright.sync_api import Browser, Route

from approve_handler.request import security_headers
from mesh.cards.email import Envelope, compose_card
from mesh.cards.model import Card, CardPost, card_post
from mesh.cards.pages import Button, review
from tests.unit.mesh.cards.preview_samples import PICTURES, TEXT, post_on_all

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:9"  # nothing listens there: every request is answered here
HARD = f"{'Donaudampfschifffahrt' * 9}\n\nعوگة 🍰 {TEXT}"


def on_a_card(images: int, text: str) -> CardPost:
    manifest, status = post_on_all(images, text)
    return card_post(status, manifest, NOW, dict.fromkeys(("review", "hold", "now"), "https://a.test/x"))


def as_mail(post: CardPost) -> str:
    card = Card("r", "new", (post,), "", "https://a.test/stop", "https://s.test/")
    mail = compose_card(
        card, Envelope("a@b.example", "c@d.example", NOW, "k"), lambda _, revision, sha256: PICTURES[sha256][0]
    )
    rich = mail.get_body(("html",))
    assert rich is not None
    return re.sub(r"cid:[^.\"]+\.([0-9a-f]{24})[^\"]*", r"/image/\1", rich.get_content())


def as_page(post: CardPost) -> str:
    return review([post], "T", "n0nce", Button("Approve"), "Approve this post?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["mail", "page"])
@pytest.mark.parametrize(
    ("images", "text"), [(0, TEXT), (3, TEXT), (4, HARD), (1, "")], ids=["card", "three", "hard", "bare"]
)
def test_everything_is_on_the_screen_and_nothing_is_blocked(
    chromium: Browser, kind: str, width: int, scheme: Literal["light", "dark"], images: int, text: str
) -> None:
    post = on_a_card(images, text)
    html = as_mail(post) if kind == "mail" else as_page(post)
    headers = {"content-type": "text/html; charset=utf-8", **(security_headers("n0nce") if kind == "page" else {})}

    def answer(route: Route) -> None:
        found = re.search(r"/image/([0-9a-f]+)", route.request.url)
        if found is None:
            route.fulfill(body=html, headers=headers)
        else:
            content = next(content for sha256, (content, *_) in PICTURES.items() if sha256.startswith(found[1]))
            route.fulfill(body=content, content_type="image/jpeg")

    errors: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.route(f"{ORIGIN}/**", answer)
    page = context.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{ORIGIN}/card")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert page.evaluate("document.images.length") >= 1
    folds = 2 if text else 0  # Instagram's and LinkedIn's
    assert page.get_by_text("Readers see this much").count() == folds
    context.close()
    assert errors == []
