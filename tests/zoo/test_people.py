"""People at the door: how many clicks it takes them, and that two presses at once are one decision."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from mesh.approvals import Action
from tests.browser.door_server import ADA, BEN, Stage, door
from tests.zoo.day import enrol
from tests.zoo.visitors import elsewhere, origin_of

ROUNDS = 10


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with door(tmp_path) as stage:
        yield stage


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def press(link: str) -> int:
    """A press of the page's button as a browser without client hints sends it; the answer's status."""
    with httpx.Client(headers={"origin": origin_of(link)}) as http:
        fields = {"go": "1"}
        return http.post(link, data=fields).status_code


def at_once(*acts: Callable[[], object]) -> None:
    """All of them begin together."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_new_device_needs_two_clicks_the_link_and_the_button(stage: Stage, page: Page) -> None:
    revision = stage.post("p_1", "Fresh rolls from seven")
    page.set_content(f'<a href="{stage.link(Action.REVIEW, [("p_1", revision)])}">Approve</a>')
    page.get_by_role("link").click()
    assert stage.decisions() == []
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    assert stage.decisions() == ["approved"]


@pytest.mark.parametrize(("action", "heading"), [(Action.REVIEW, "Approved"), (Action.HOLD, "On hold")])
def test_an_enrolled_device_needs_one_click_in_the_mail(stage: Stage, page: Page, action: Action, heading: str) -> None:
    """The mail is another site's page, as a webmail's is: the cookie comes along with the navigation."""
    enrol(stage, page.context)
    before = len(stage.decisions())
    posts = [("p_1", stage.post("p_1", "Fresh rolls from seven"))]
    with elsewhere() as webmail:
        page.goto(webmail.page("/mail", f'<a href="{stage.link(action, posts)}" rel="noreferrer">do</a>'))
        page.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert len(stage.decisions()) == before + 1
    how = stage.status("p_1").approval if action is Action.REVIEW else stage.status("p_1").held
    assert how is not None
    assert how.how == "device"


@pytest.mark.parametrize("key", ["Enter", pytest.param("Space", marks=pytest.mark.slow)])
def test_the_button_can_be_pressed_on_the_keyboard(stage: Stage, page: Page, key: str) -> None:
    revision = stage.post("p_1", "Fresh rolls from seven")
    page.goto(stage.link(Action.REVIEW, [("p_1", revision)]))
    page.get_by_role("button", name="Approve", exact=True).focus()
    page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    assert stage.decisions() == ["approved"]


def test_a_double_click_is_one_decision(stage: Stage, page: Page) -> None:
    revision = stage.post("p_1", "Fresh rolls from seven")
    page.goto(stage.link(Action.REVIEW, [("p_1", revision)]))
    page.get_by_role("button", name="Approve", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        re.compile("pproved|decided")
    )  # whichever answer is shown
    page.wait_for_load_state("networkidle")
    assert stage.decisions() == ["approved"]


@pytest.mark.slow
def test_one_link_pressed_on_two_devices_at_once_is_one_decision(stage: Stage) -> None:
    for number in range(ROUNDS):
        link = stage.link(Action.REVIEW, [(f"p_{number}", stage.post(f"p_{number}", f"Rolls {number}"))])
        at_once(lambda link=link: press(link), lambda link=link: press(link))  # type: ignore[misc]
        assert stage.decisions() == ["approved"] * (number + 1)


@pytest.mark.slow
def test_two_approvers_at_once_are_one_decision_or_two_that_agree(stage: Stage) -> None:
    """Ada's and Ben's links are two; whoever comes second is told that it is approved already."""
    for number in range(ROUNDS):
        posts = [(f"p_{number}", stage.post(f"p_{number}", f"Rolls {number}"))]
        ada, ben = (stage.link(Action.REVIEW, posts, who) for who in (ADA, BEN))
        at_once(lambda ada=ada: press(ada), lambda ben=ben: press(ben))  # type: ignore[misc]
        assert stage.decisions() == ["approved"] * (number + 1)


def test_a_hold_that_races_an_approval_stands(stage: Stage) -> None:
    """Whichever is first: an approval lifts only a hold that its page has shown."""
    for number in range(ROUNDS):
        name = f"p_{number}"
        posts = [(name, stage.post(name, f"Rolls {number}"))]
        approve, hold = stage.link(Action.REVIEW, posts), stage.link(Action.HOLD, posts, BEN)
        at_once(lambda link=approve: press(link), lambda link=hold: press(link))  # type: ignore[misc]
        assert stage.status(name).held is not None
        assert not stage.status(name).cleared


@pytest.mark.slow
def test_a_wrapped_link_still_takes_a_person_to_their_page(stage: Stage, page: Page) -> None:
    """A mail program's checks and its additions to the address cost nobody their click."""
    revision = stage.post("p_1", "Fresh rolls from seven")
    page.goto(stage.link(Action.REVIEW, [("p_1", revision)]) + "?utm_source=mail#x")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    assert stage.decisions() == ["approved"]
