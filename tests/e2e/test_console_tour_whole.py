"""The tour from `make run`'s page to its last tick, by clicks alone: the real stack, Chromium, a wide screen and a thumb's."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local import ROOT
from local.samples import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEP_MS = 240_000  # a fresh stack makes every row ready first: seconds where it is alone, minutes on a busy computer
TEXT = SAMPLES["bookshop"].offer.edited
UNCHANGED = TEXT[2:14]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of `make run SAMPLE=bookshop`."""
    folder = tmp_path_factory.mktemp("tour")
    with (folder / "errors").open("w") as errors:
        running = subprocess.Popen(
            [sys.executable, "-m", "local", "run", "--sample", "bookshop", "--state", str(folder / "state")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert running.stdout is not None
        found = next((match for line in running.stdout if (match := re.search(r"^ready in .* (http\S+)", line))), None)
        assert found is not None, (folder / "errors").read_text()
        yield found[1]
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)


def step(page: Page, name: str) -> Locator:
    return page.locator("#tour-steps > li").filter(has=page.locator("h3", has_text=name))


def press(page: Page, button: str, *, touch: bool) -> None:
    """Away from the sheet the tour is a line on a phone: it is unfolded first."""
    fold = page.locator("#tour-fold")
    if touch and fold.text_content() == "Unfold":
        fold.tap()
    found = page.locator("#try").get_by_role("button", name=button)
    found.tap() if touch else found.click()


def approve(page: Page, *, touch: bool) -> None:
    """Where "Show me" points: the newest card with the post, the post's button among those of others, and that of the page it opens."""
    press(page, "Show me", touch=touch)
    ring = page.locator("#tour-ring").bounding_box()
    assert ring is not None
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    page.touchscreen.tap(x, y) if touch else page.mouse.click(x, y)
    below_the_text = f"xpath=//a[normalize-space()='Approve'][preceding::text()[contains(., '{UNCHANGED}')]]"
    with page.expect_popup() as opened:
        page.frame_locator("#reader-html").locator(below_the_text).first.click()
    door = opened.value
    door.get_by_role("button", name="Approve").click()
    expect(door.get_by_role("heading", level=1)).to_have_text("Approved")
    door.close()
    page.locator("#reader-close").click()


@pytest.mark.parametrize(("width", "height", "touch"), [(1280, 800, False), (390, 844, True)])
def test_six_ticks_by_clicks_alone_and_the_post_stands_once(
    chromium: Browser, address: str, width: int, height: int, touch: bool
) -> None:
    before = {post["url"] for post in httpx.get(f"{address}/api/feeds").json()["feeds"]}
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=touch)
    page = context.new_page()
    page.goto(address)
    press(page, "Add this one", touch=touch)
    expect(step(page, "Get the card")).to_have_class(re.compile("done"), timeout=STEP_MS)
    approve(page, touch=touch)
    expect(step(page, "Approve it")).to_have_class(re.compile("done"), timeout=STEP_MS)
    expect(step(page, "Edit it again")).to_have_class(re.compile("now"))
    press(page, "Change a word", touch=touch)
    expect(step(page, "Edit it again")).to_contain_text("asked again", timeout=STEP_MS)
    expect(page.locator("#mails [data-key]").first).to_contain_text("Changed since", timeout=STEP_MS)
    approve(page, touch=touch)
    expect(step(page, "Edit it again")).to_have_class(re.compile("done"), timeout=STEP_MS)
    press(page, "Lose its answer", touch=touch)
    expect(step(page, "Break the network")).to_have_class(re.compile("done"), timeout=STEP_MS)
    recover, turn = step(page, "Watch it recover"), page.locator("[data-turn='next']")
    for seen in ("nobody knows whether it is out", "found on X"):
        for _ in range(8):
            turn.tap() if touch else turn.click()
            expect(turn).to_be_enabled(timeout=STEP_MS)
            page.wait_for_event("response", lambda answer: "/api/state" in answer.url)
            if recover.get_by_text("sent to X").count():
                break
        expect(recover).to_contain_text(seen, timeout=STEP_MS)
    expect(page.locator("#tour-closing")).to_have_text(
        "Approved twice, its answer lost once, posted once, doubled 0 times.", timeout=STEP_MS
    )
    expect(page.locator("#tour-count")).to_have_text("6 of 6")
    expect(step(page, "Approve it")).to_contain_text(f"approved by {SAMPLES['bookshop'].owner}, from the mail")
    page.reload()
    expect(page.locator("#tour-count")).to_have_text("6 of 6")
    context.close()
    out = [post for post in httpx.get(f"{address}/api/feeds").json()["feeds"] if post["url"] not in before]
    assert [(post["channel"], post["text"].startswith(TEXT)) for post in out] == [("x-main", True)]
