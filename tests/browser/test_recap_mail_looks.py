"""A month's recap as it is seen: on a phone and on a desk, by day and by night, and by a screen reader."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from mesh.cards.email import Envelope
from mesh.reckoning.model import Happened
from recap import mail
from recap.chart import draw
from tests.browser.test_card_looks import FOR_MAILS
from tests.unit.recap.recap_months import EMPTY, ONE, TYPICAL, huge, out, told

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS_PX = (390, 1280)
ENVELOPE = Envelope("posts@example.test", "mum@example.test", datetime(2026, 11, 2, 8, tzinfo=UTC), "k")
LONG = Happened(
    TYPICAL.span, publications=(out(3, f"{'donaudampfschifffahrt-' * 9}main"), out(4, "عوگة-🍰"), out(5, "<b>x</b>"))
)
MONTHS = {"nothing": EMPTY, "one post": ONE, "typical": TYPICAL, "5,000 posts": huge(), "hard names": LONG}


def as_html(happened: Happened) -> str:
    one = told(happened)
    picture = draw(one.chart) if any(one.chart.totals) else b""
    body = mail.compose(one, picture, ENVELOPE, listed=True).get_body(("html",))
    assert body is not None
    shown = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    return str(body.get_content()).replace("cid:recap@social-scheduler.invalid", shown)


@pytest.mark.parametrize(
    "month", [pytest.param(one, marks=() if one == "hard names" else pytest.mark.slow) for one in MONTHS]
)
def test_all_of_it_is_on_the_screen_and_can_be_read_by_anybody(chromium: Browser, month: str) -> None:
    page = chromium.new_page()
    page.set_content(as_html(MONTHS[month]))
    for width_px in WIDTHS_PX:
        page.set_viewport_size({"width": width_px, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=FOR_MAILS)
            assert found.violations_count == 0, (width_px, scheme, found.generate_report())
    images = page.evaluate("[...document.images].map(image => [image.naturalWidth, image.alt.length > 20])")
    assert images == ([] if month == "nothing" else [[1120, True]])
    page.close()
