"""Cards as they are seen: seven networks' previews in a mail and on a page, on a phone and on a desk, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from mesh.cards.changes import changes_html, compare
from mesh.cards.email import Envelope, compose_card, compose_note, compose_question
from mesh.cards.model import Brake, Card, CardPost, Question, card_post, only_on
from mesh.cards.pages import Button, review
from mesh.cards.previews import PAGE
from mesh.door.request import security_headers
from notifier.trouble_mail import compose_troubles
from notifier.trouble_words import Entry
from tests.unit.mesh.cards.preview_samples import PICTURES, TEXT, post_on_all

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:9"  # nothing listens there: every request is answered here
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HARD = f"{'Donaudampfschifffahrt' * 9}\n\nعوگة 🍰 {TEXT}"


# A mail is shown within a page of the reader's program, which brings the landmarks; pages of ours have them themselves.
FOR_MAILS = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}


def on_a_card(images: int, text: str) -> CardPost:
    manifest, status = post_on_all(images, text)
    return card_post(status, manifest, NOW, dict.fromkeys(("review", "hold", "now"), "https://a.test/x"))


def changed(text: str) -> CardPost:
    """A post that had other words, another time and another image."""
    before, _ = post_on_all(1, f"Morgen schon: {text}")
    manifest, status = post_on_all(3, text)
    moved = manifest.model_copy(update={"planned_at": "2026-03-27T10:00:00+00:00"})
    links = dict.fromkeys(("review", "hold", "now"), "https://a.test/x")
    return replace(card_post(status, moved, NOW, links), changes=compare(before, moved))


def a_card(*posts: CardPost, brake: Brake) -> EmailMessage:
    every = "https://a.test/all" if len(posts) > 1 else ""
    shown = Card("r", "changed", posts, every, brake.hold_everything, brake.release_everything, brake.held, brake.sheet)
    return compose_card(shown, ENVELOPE, picture)


def picture(post_id: str, revision: str, sha256: str) -> bytes:
    return PICTURES[sha256][0]


def a_question() -> EmailMessage:
    links = dict.fromkeys(("found", "not-there", "send-again"), "https://a.test/x")
    question = Question("x-main", "Friday 20 March, 09:12, Berlin time", only_on(on_a_card(1, TEXT), "x-main"), links)
    return compose_question(question, ENVELOPE, picture, HELD)


def as_html(mail: EmailMessage) -> str:
    rich = mail.get_body(("html",))
    assert rich is not None
    return re.sub(r"cid:[^.\"]+\.([0-9a-f]{24})[^\"]*", r"/image/\1", rich.get_content())


def as_page(post: CardPost) -> str:
    shown = review([post], "T", "n0nce", Button("Approve"), "Approve this post?")
    if post.changes is None:
        return shown
    box = changes_html(post.changes, lambda image, revision: f"T/image/{image.sha256}", PAGE)
    return shown.replace("</h1>", f"</h1>{box}", 1)


ENVELOPE = Envelope("a@b.example", "c@d.example", NOW, "k")
FREE = Brake(hold_everything="https://a.test/stop", sheet="https://s.test/")
HELD = Brake(
    release_everything="https://a.test/go",
    held="ada@example.test held everything (Friday 20 March, 09:12, Berlin time).",
    sheet="https://s.test/",
)
TROUBLES = [
    *(Entry(f"late#p_{number}#x-main#", f"The post No. {number} is late. It is tried again.") for number in range(8)),
    Entry("pause#instagram-main#s", f"instagram-main is paused: {'sign-in' * 30}. Connect the channel again.", 1),
    Entry("rules-doc#a", "Line 3: <b>“pizza”</b> عوگة is no network. Correct it."),
    Entry("pause#x-main#s", "What waited for it goes out.", 1, ended=True),
]
TOO_LONG = f"{HARD} " * 14
SHOWN: dict[str, Callable[[], str]] = {
    "a mail with link cards": lambda: as_html(a_card(on_a_card(0, TEXT), brake=FREE)),
    "a mail with three images": lambda: as_html(a_card(on_a_card(3, TEXT), brake=FREE)),
    "a mail with hard text": lambda: as_html(a_card(on_a_card(4, HARD), brake=HELD)),
    "a mail without text": lambda: as_html(a_card(on_a_card(1, ""), brake=FREE)),
    "a mail of what changed": lambda: as_html(a_card(changed(HARD), changed(TEXT), brake=HELD)),
    "a mail too long": lambda: as_html(a_card(on_a_card(1, TOO_LONG), on_a_card(0, TOO_LONG), brake=FREE)),
    "a mail that asks": lambda: as_html(a_question()),
    "a mail that tells": lambda: as_html(compose_note("Posted", ["bluesky: https://b.test/1"], ENVELOPE, FREE)),
    "a mail of troubles": lambda: as_html(compose_troubles(TROUBLES, {"late": 20}, ENVELOPE, HELD)),
    "a page with link cards": lambda: as_page(on_a_card(0, TEXT)),
    "a page with three images": lambda: as_page(on_a_card(3, TEXT)),
    "a page with hard text": lambda: as_page(on_a_card(4, HARD)),
    "a page without text": lambda: as_page(on_a_card(1, "")),
    "a page of what changed": lambda: as_page(changed(HARD)),
}


# The hardest with every change, the others with the slower tests.
HARDEST = {
    "a mail with hard text",
    "a mail that asks",
    "a page with hard text",
}
KINDS = [pytest.param(kind, marks=() if kind in HARDEST else pytest.mark.slow) for kind in SHOWN]


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_on_the_screen_can_be_read_by_anybody_and_nothing_is_blocked(
    chromium: Browser, kind: str
) -> None:
    html, ours = SHOWN[kind](), kind.startswith("a page")
    headers = {"content-type": "text/html; charset=utf-8", **(security_headers("n0nce") if ours else {})}

    def answer(route: Route) -> None:
        found = re.search(r"/image/([0-9a-f]+)", route.request.url)
        if found is None:
            route.fulfill(body=html, headers=headers)
        else:
            content = next(content for sha256, (content, *_) in PICTURES.items() if sha256.startswith(found[1]))
            route.fulfill(body=content, content_type="image/jpeg")

    errors: list[str] = []
    context = chromium.new_context()
    context.route(f"{ORIGIN}/**", answer)
    page = context.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{ORIGIN}/card")
    for width_px in (360, 1280):
        page.set_viewport_size({"width": width_px, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=None if ours else FOR_MAILS)
            assert found.violations_count == 0, (width_px, scheme, found.generate_report())
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    context.close()
    assert errors == []


@pytest.mark.parametrize("kind", ["a mail with three images", "a page with three images"])
def test_the_fold_is_seen_where_readers_have_to_tap(chromium: Browser, kind: str) -> None:
    page = chromium.new_page()
    page.set_content(re.sub("<img[^>]*>", "", SHOWN[kind]()))
    assert page.get_by_text("Readers see this much").count() == 2, "Instagram's and LinkedIn's"
    page.close()
