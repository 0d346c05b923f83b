"""Every page behind a link: on a phone and on a desk, by day and by night, with script and without, and for those who cannot see."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mesh.approvals import Action
from mesh.ledger import Act, Hold, State
from tests.browser.door_server import ADA, BEN, Stage, door

OFFER = "Act as soon as I open a link on this device"
LONG = f"{'Donaudampfschifffahrt' * 6} عوگة 🍰 Fresh rolls from seven, as long as there are any. https://cafe.example/rolls"


def picture(width: int, height: int, colour: str) -> tuple[str, bytes, int, int]:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return "image/jpeg", out.getvalue(), width, height


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all pages: each makes posts of its own."""
    with door(tmp_path_factory.mktemp("door")) as stage:
        yield stage


def _post(stage: Stage, name: str) -> tuple[str, str]:
    return name, stage.post(name, LONG, pictures=[picture(640, 480, "#7a5230")])


def _set(stage: Stage, post_id: str, **changes: object) -> None:
    act = Act("changed", "test", datetime.now(UTC))
    stage.mesh.ledger.change_status(post_id, act, lambda before: before and before.model_copy(update=changes))


def _review(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.link(Action.REVIEW, [_post(stage, name)]))


def _all(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.link(Action.REVIEW, [_post(stage, f"{name}-{n}") for n in range(3)]))


def _done(stage: Stage, page: Page, name: str) -> None:
    _review(stage, page, name)
    page.get_by_role("button", name="Approve").click()


def _already(stage: Stage, page: Page, name: str) -> None:
    link = stage.link(Action.REVIEW, [_post(stage, name)])
    page.goto(link)
    page.get_by_role("button", name="Approve").click()
    page.goto(link)


def _changed(stage: Stage, page: Page, name: str) -> None:
    link = stage.link(Action.REVIEW, [_post(stage, name)])
    stage.post(name, LONG.replace("Fresh", "Warm"), pictures=[picture(480, 640, "#30527a")])
    page.goto(link)


def _expired(stage: Stage, page: Page, name: str) -> None:
    past = int((datetime.now(UTC) - timedelta(days=2)).timestamp())
    page.goto(stage.link(Action.REVIEW, [_post(stage, name)], expires_at=past))


def _leaving(stage: Stage, page: Page, name: str) -> None:
    pair = _post(stage, name)
    _set(stage, name, state=State.SENT)
    page.goto(stage.link(Action.REVIEW, [pair]))


def _held(stage: Stage, page: Page, name: str) -> None:
    pair = _post(stage, name)
    _set(stage, name, held=Hold(by=BEN, how="slack", at=datetime.now(UTC).isoformat()))
    page.goto(stage.link(Action.REVIEW, [pair]))


def _refused(stage: Stage, page: Page, name: str) -> None:
    page.goto(f"{stage.origin}/nothing-of-ours")


def _not_yours(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.link(Action.REVIEW, [_post(stage, name)], "gone@example.test"))


def _own_page(stage: Stage, page: Page, name: str) -> None:
    page.goto(f"{stage.origin}/post/{name}")


def _root(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.origin)


def _everything(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.link(Action.HOLD_EVERYTHING, []))


def _hold_release(stage: Stage, page: Page, name: str) -> None:
    page.goto(stage.link(Action.HOLD, [_post(stage, name)]))
    page.get_by_role("button", name="Hold this post").click()


PAGES: dict[str, tuple[Callable[[Stage, Page, str], None], str]] = {
    "review": (_review, "Approve this post?"),
    "all": (_all, "Approve these 3 posts?"),
    "done": (_done, "Approved"),
    "already": (_already, "Already decided"),
    "changed": (_changed, "This has changed since"),
    "expired": (_expired, "This link is too old"),
    "leaving": (_leaving, "It is out, or on its way"),
    "held": (_held, "Approve this post?"),
    "on-hold": (_hold_release, "On hold"),
    "refused": (_refused, "This link does not work"),
    "not-yours": (_not_yours, "This link is no longer yours"),
    "own-page": (_own_page, "Approve posts from your mail"),
    "root": (_root, "Approve posts from your mail"),
    "everything": (_everything, "Hold everything?"),
}
# No page asks for a press that is no press of a button: a target is at least this high. A tick's is its label.
_SMALLEST_PX = 48
_TOO_SMALL = f"""[...document.querySelectorAll(
        "button:not([hidden]), a, summary, textarea, input:not([type=hidden]):not([type=checkbox]), label:has(input)")]
    .filter(one => one.getBoundingClientRect().height < {_SMALLEST_PX}).map(one => one.textContent)"""


def looked_at(page: Page, name: str, width: int) -> None:
    """What holds of every page. With LOOK_AT set to a folder its picture is left there."""
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(_TOO_SMALL) == []
    # Not wait_for_function, whose second look is an eval, which the page's own policy forbids.
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("LOOK_AT"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(360, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "light", marks=pytest.mark.slow),
    ],
)
def test_every_page_is_whole_and_open_to_all(
    chromium: Browser, stage: Stage, width: int, scheme: Literal["light", "dark"]
) -> None:
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for kind, (reach, title) in PAGES.items():
        reach(stage, page, f"{kind}-{width}-{scheme}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        looked_at(page, f"{kind}-{width}-{scheme}", width)
    context.close()
    assert [error for error in errors if "status of 4" not in error] == []


def enrolled(chromium: Browser, stage: Stage, name: str, recipient: str = ADA, **options: object) -> BrowserContext:
    """A browser that pressed once and took the offer."""
    context = chromium.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(stage.link(Action.REVIEW, [_post(stage, name)], recipient))
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name=OFFER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This device acts at once")
    page.close()
    return context


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.slow)])
def test_a_device_that_acts_at_once_approves_by_one_click_and_says_how_to_undo_it(
    chromium: Browser, stage: Stage, width: int
) -> None:
    for scheme in ("light", "dark"):
        name = f"at-once-{width}-{scheme}"
        context = enrolled(
            chromium, stage, f"first-{name}", viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        page = context.new_page()
        errors: list[str] = []
        page.on("console", lambda said, errors=errors: errors.append(said.text) if said.type == "error" else None)
        page.goto(stage.link(Action.REVIEW, [_post(stage, name)]))
        expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
        approval = stage.status(name).approval
        assert approval is not None
        assert approval.how == "device"
        expect(page.get_by_role("status").filter(has_text="You opened its link")).to_be_visible()
        looked_at(page, name, width)
        page.get_by_role("button", name="Undo: hold it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("On hold")
        page.get_by_role("button", name="Stop acting at once on this device").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("No longer at once")
        assert errors == []
        context.close()


def test_without_script_such_a_device_presses_as_ever(chromium: Browser, stage: Stage) -> None:
    context = enrolled(chromium, stage, "first-no-script", java_script_enabled=False)
    page = context.new_page()
    page.goto(stage.link(Action.REVIEW, [_post(stage, "no-script")]))
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve this post?")
    assert stage.status("no-script").approval is None
    page.get_by_role("button", name="Approve").click()
    approval = stage.status("no-script").approval
    assert approval is not None
    assert approval.how == "mail"
    context.close()


def test_what_keeps_its_button_keeps_it_on_such_a_device_too(chromium: Browser, stage: Stage) -> None:
    context = enrolled(chromium, stage, "first-keeps")
    page = context.new_page()
    for action in (Action.SEND_NOW, Action.HOLD_EVERYTHING):
        posts = [_post(stage, "keeps")] if action is Action.SEND_NOW else []
        page.goto(stage.link(action, posts), wait_until="networkidle")
        expect(page.locator("script")).to_have_count(1)
    page.goto(stage.link(Action.REVIEW, [_post(stage, "keeps")], BEN), wait_until="networkidle")
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve this post?")
    assert stage.status("keeps").approval is None
    context.close()


def test_a_page_that_is_opened_again_or_come_back_to_is_not_sent_by_itself(chromium: Browser, stage: Stage) -> None:
    context = enrolled(chromium, stage, "first-back")
    page = context.new_page()
    name = "come-back"
    link = stage.link(Action.REVIEW, [_post(stage, name)])
    _set(stage, name, held=Hold(by=BEN, how="mail", at=datetime.now(UTC).isoformat()))
    page.goto(link)  # a hold needs an eye: the page stays
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve this post?")
    _set(stage, name, held=None)
    page.reload(wait_until="networkidle")
    expect(page.locator("script")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve this post?")
    assert stage.status(name).approval is None
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    context.close()


def test_a_frame_around_it_shows_nothing_and_sends_nothing(chromium: Browser, stage: Stage) -> None:
    context = enrolled(chromium, stage, "first-frame")
    page = context.new_page()
    link = stage.link(Action.REVIEW, [_post(stage, "framed")])
    page.goto(f"{stage.origin}/nothing-of-ours")
    page.evaluate(
        "link => { const one = document.createElement('iframe'); one.src = link; document.body.append(one) }", link
    )
    page.wait_for_load_state("networkidle")
    assert stage.status("framed").approval is None
    context.close()


def test_everything_on_hold_stands_on_every_page(chromium: Browser, stage: Stage) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(stage.link(Action.HOLD_EVERYTHING, []))
    page.get_by_role("button", name="Hold everything").click()
    looked_at(page, "everything-held", 360)
    _review(stage, page, "while-held")
    expect(page.get_by_role("status").filter(has_text="Everything is on hold")).to_be_visible()
    looked_at(page, "review-while-held", 360)
    page.get_by_role("link", name="Let everything go on").click()
    page.get_by_role("button", name="Let everything go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is on hold")
    context.close()
