"""The digest's mail as it is seen on a phone and on a desk, by day and by night."""

from __future__ import annotations

import base64
import io
import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser

from mesh.approvals import Action
from mesh.cards.digest import Digest, Entry, Part, Picture, Press
from mesh.cards.digest_mail import digest_html
from mesh.cards.model import Brake

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# A mail is shown within a page of the reader's program, which brings the landmarks.
FOR_MAILS = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 7 + ".jpg"
FREE = Brake(hold_everything="https://a.test/stop", sheet="https://s.test/", compose="https://c.test/")
HELD = Brake(
    release_everything="https://a.test/go",
    held="ada@example.test held everything (Friday 20 March, 09:12, Berlin time).",
    sheet="https://s.test/",
)


def photo(name: str, colour: str, size: tuple[int, int] = (192, 128)) -> Picture:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return Picture(name, out.getvalue(), size[0] // 2, size[1] // 2, f"A {colour} tray of cakes")


def pair(post_id: str) -> tuple[str, str]:
    return post_id, "f" * 64


def waiting(post_id: str, when: str, words: str, picture: Picture | None, *lines: str) -> Entry:
    presses = (
        Press("Approve", Action.REVIEW, (pair(post_id),), "go"),
        Press("Hold it", Action.HOLD, (pair(post_id),), "stop"),
    )
    return Entry(when, words, lines, presses=presses, picture=picture, pair=pair(post_id), whole=True)


def full(words: str = "Fresh rolls from seven, and the first strawberry cake of the year. Come early!") -> Digest:
    asked = ("p_q", "e" * 64)
    answers = tuple(
        Press(label, action, (asked,), "way", "x-main", 1)
        for label, action in (
            ("Yes, it is there", Action.FOUND),
            ("No, it is not there", Action.NOT_THERE),
            ("Not there: send it again", Action.SEND_AGAIN),
        )
    )
    needs = (
        Part(
            "Waiting for your approval",
            (
                waiting("p_1", "Monday 22 March, 09:00", words, photo("a", "teal"), "For bluesky-main, x-main."),
                waiting("p_2", "Tuesday 23 March, 12:30", "عربى: كعكة اليوم 🍰", None, "For instagram-main."),
            ),
            left=37,
            where="in the sheet: their status begins with “Waiting for your approval” or “Not sent”",
        ),
        Part(
            "Did these go out?",
            (
                Entry(
                    "Did this go out on x-main?",
                    "Sunday brunch until two",
                    (
                        "Handed over on Sunday 21 March, 10:00, Berlin time, and no answer came back that could be trusted.",
                    ),
                    presses=answers,
                    picture=photo("b", "tomato", (96, 192)),
                ),
            ),
        ),
        Part("Rows to mend", (Entry("The row of Wednesday 24 March, 08:00", lines=(f"There is no file “{LONG}”.",)),)),
        Part(
            "Channels that need you",
            (
                Entry(
                    "x-main",
                    lines=("Paused since Saturday 20 March, 18:00: the sign-in has ended.", "Connect it again."),
                ),
            ),
        ),
    )
    news = (
        Part(
            "What went out",
            tuple(
                Entry(
                    f"{day} March, 09:00",
                    words,
                    ways=(("bluesky-main", "https://bsky.test/1"), ("mastodon-main", "https://m.test/1")),
                    picture=photo(f"o{day}", "goldenrod"),
                )
                for day in (16, 17)
            ),
        ),
        Part(
            "What failed, and why",
            (
                Entry(
                    "Thursday 18 March, 09:00",
                    "A story much too long",
                    (
                        "Not posted on x-main: 3 characters too long.",
                        "To try again, give its row a time to come and approve it again.",
                    ),
                    presses=(Press("Try again now", Action.SEND_NOW, (pair("p_f"),)),),
                ),
            ),
        ),
        Part(
            "Coming until Sunday 28 March",
            (
                Entry(
                    "09:00", "Cake on Monday", ("bluesky-main, x-main", "waits for approval"), above="Monday 22 March"
                ),
                Entry("12:30", LONG, ("instagram-main", "booked"), above="Tuesday 23 March"),
                Entry("18:00", "", ("x-main", "approved, but x-main is paused"), above="Tuesday 23 March"),
            ),
            short=True,
        ),
        Part("Channels", (Entry("bluesky-main", lines=("works, 12 posted.",)),), short=True),
    )
    title = "Needs you: 39 posts to approve, 1 question to answer, 1 row to mend and 1 channel to look after"
    summary = "From Sunday 14 March to Sunday 21 March: 2 posts out, 1 failed. 3 posts coming until Sunday 28 March."
    return Digest("2027-03-21", "Your week", title, summary, needs, news)


QUIET = Digest(
    "2027-03-21",
    "Your week: nothing went out, nothing is planned",
    "Nothing needs you",
    "From Sunday 14 March to Sunday 21 March nothing went out, and nothing is planned until Sunday 28 March.",
)
SHOWN = {
    "a full week": (full(), FREE),
    "a week of hard words, on hold": (full(f"<b>{LONG}</b> & عربى 🍰"), HELD),
    "an empty week": (QUIET, FREE),
}


def as_page(digest: Digest, brake: Brake) -> str:
    html = digest_html(digest, brake, lambda press: f"https://a.test/{press.action.value}")
    pictures = {name: base64.b64encode(one.data).decode() for name, one in digest.pictures.items()}
    return re.sub(r"cid:([^@\"]+)@[^\"]*", lambda found: f"data:image/jpeg;base64,{pictures[found[1]]}", html)


# The hardest with every change, the others with the slower tests.
KINDS = [pytest.param(kind, marks=() if "hard" in kind else pytest.mark.slow) for kind in SHOWN]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_phone_and_anybody_can_read_it(chromium: Browser, kind: str) -> None:
    page = chromium.new_page()
    page.set_content(as_page(*SHOWN[kind]))
    for width_px in (390, 1280):
        page.set_viewport_size({"width": width_px, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=FOR_MAILS)
            assert found.violations_count == 0, (width_px, scheme, found.generate_report())
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    page.close()


def test_what_needs_somebody_is_on_a_phones_first_screen(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content(as_page(*SHOWN["a full week"]))
    button = page.get_by_role("link", name="Approve", exact=True).first.bounding_box()
    page.close()
    assert button is not None
    assert button["y"] + button["height"] < 844
