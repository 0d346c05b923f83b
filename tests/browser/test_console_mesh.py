"""The mesh drawn, lit up by what passes, and what is behind each part of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.browser.fake_stack import FakeStack

pytestmark = pytest.mark.browser

POST = "p020c9e1"
EMITS: dict[str, Any] = {"message": "emits", "move": "ss.package.wanted", "post_id": POST}


def mesh(page: Page) -> Page:
    page.click("[data-to='mesh']")
    # The first time the template is parsed and the functions' code is read.
    expect(page.locator("#mesh-heads .node.function")).to_have_count(10, timeout=20_000)
    return page


def node(page: Page, place: str) -> Any:
    return page.locator(f"#mesh-scroll .weave .node[data-id='{place}']")


def a_package_was_asked_for(stack: FakeStack) -> None:
    stack.happen("ss.calendar.changed", post_ids=[POST])
    stack.run(
        "scheduler",
        "event ss.calendar.changed",
        EMITS,
        {"message": "moved", "post_id": POST, "reason": "package-wanted"},
    )
    stack.happen("ss.package.wanted", post_ids=[POST])
    error = "Traceback (most recent call last):\nDoubt: no time left"
    stack.run(
        "renderer", "event ss.package.wanted", {"message": "packages", "post_id": POST}, outcome="error", error=error
    )
    stack.run("renderer", "event ss.package.wanted", {"message": "packages", "post_id": POST, "outcome": "1 ready"})


def test_the_deployed_template_is_drawn_and_a_function_tells_what_it_did(page: Page, stack: FakeStack) -> None:
    a_package_was_asked_for(stack)
    mesh(page)
    expect(page.locator(".thread .node.type")).to_have_count(26)
    expect(page.get_by_role("link", name="Schedule daily-tick, daily, 07:00")).to_have_count(1)
    expect(node(page, "function/renderer")).to_have_attribute("aria-label", "Function renderer, 2 runs, 1 failed")
    node(page, "function/renderer").click()
    panel = page.locator("#behind")
    expect(panel.get_by_role("heading", level=2)).to_have_text("Function renderer")
    expect(panel).to_contain_text("1024 MB")
    expect(panel.locator(".runs > li")).to_have_count(2)
    panel.locator(".runs .bad summary").click()
    expect(panel.locator(".runs .bad pre")).to_contain_text("Doubt: no time left")
    expect(node(page, "type/ss.package.ready")).to_have_class(re.compile(r"\bon\b"))
    expect(node(page, "type/ss.send")).not_to_have_class(re.compile(r"\bon\b"))


def test_the_address_keeps_what_is_open_over_reload_and_back(page: Page, stack: FakeStack) -> None:
    mesh(page)
    node(page, "function/sender").click()
    page.reload()
    expect(page.locator("#behind-title")).to_have_text("Function sender", timeout=20_000)
    page.locator("#behind").get_by_role("link", name="ss.send", exact=True).click()
    expect(page.locator("#behind-title")).to_have_text("Event ss.send")
    page.go_back()
    expect(page.locator("#behind-title")).to_have_text("Function sender")
    page.get_by_role("link", name="Back to the trail").click()
    expect(page.locator("#behind")).to_be_hidden()
    expect(page.locator("#trail-find")).to_be_visible()


def test_an_event_leads_to_its_cause_its_effect_and_its_log(page: Page, stack: FakeStack) -> None:
    a_package_was_asked_for(stack)
    mesh(page)
    page.locator("#events a", has_text="ss.package.wanted").click()
    panel = page.locator("#behind")
    expect(panel).to_contain_text("scheduler put it, woken by ss.calendar.changed")
    expect(panel.locator(".effect")).to_contain_text(["renderer by the rule renderer-wanted"])
    expect(panel.locator(".answered")).to_contain_text(["Failed in 420 ms", "Done in 420 ms"])
    expect(panel.locator(".json")).to_contain_text(f'"{POST}"')
    expect(panel.locator(".lines").first).to_contain_text("emits ss.package.wanted")
    panel.get_by_role("link", name="ss.calendar.changed").click()
    expect(page.locator("#behind-title")).to_have_text("ss.calendar.changed")


def test_a_post_tells_its_life_and_one_of_its_traces_alone(page: Page, stack: FakeStack) -> None:
    row = {
        "subject": POST,
        "seq": "1",
        "ts": "2027-03-15T07:00:01+00:00",
        "action": "held",
        "by_user": "anna",
        "before": {},
        "after": {},
    }
    stack.audit[POST] = [
        {**row, "trace_id": "t_0000000000000001"},
        {**row, "seq": "2", "ts": "2027-03-15T07:30:01+00:00", "action": "released", "trace_id": "t_0000000000000002"},
    ]
    page.click("tbody tr:nth-child(21) td[data-column='text']")
    page.click("#more")
    page.get_by_role("menuitem", name="Its life in the mesh").click()
    expect(page.locator("#behind-title")).to_have_text(f"The life of {POST}")
    expect(page.locator(".life > li")).to_have_count(2)
    expect(page.locator(".trace")).to_have_count(2)
    page.get_by_role("link", name="t_0000000000000002").click()
    expect(page.locator("#behind-title")).to_have_text("The thread t_0000000000000002")
    expect(page.locator("#behind .steps > li")).to_have_count(1)
    page.go_back()
    page.locator("#behind").get_by_role("button", name="Show its row").click()
    expect(page.locator("tbody tr:nth-child(21) td[data-column='text']")).to_be_focused()


def test_an_event_runs_along_its_thread_and_a_burst_is_one_light(page: Page, stack: FakeStack) -> None:
    stack.happen("ss.probe", times=2000, channels=["x-main"])
    mesh(page)
    expect(page.locator("#trail-count")).to_have_text("2000 events, the last 300 here")
    stack.busy = ["running ss-renderer"]
    expect(page.locator("[data-column='function/renderer'].running")).to_have_count(1)
    expect(page.locator(".light")).to_have_count(0)  # that of what happened before has run out
    page.evaluate("""() => {
        window.most = 0;
        const lights = document.querySelector(".lights");
        new MutationObserver(() => { window.most = Math.max(window.most, lights.childElementCount); }).observe(lights, { childList: true });
    }""")
    stack.happen("ss.package.ready", times=100, post_ids=[POST])
    expect(page.locator("[data-thread='type/ss.package.ready'].lit")).to_have_count(1)
    assert page.evaluate("window.most") == 2  # from the renderer to scheduler and drive-sync: not a hundred times two
    expect(page.locator(".light")).to_have_count(0)
    expect(page.locator("#events > li")).to_have_count(300)


def test_a_schedule_that_fires_and_a_run_that_fails_show(page: Page, stack: FakeStack) -> None:
    stack.run("scheduler", "schedule ss-sweep")
    mesh(page)
    expect(page.locator("[data-column='function/scheduler'] .ran")).to_have_text("1×")
    stack.run("scheduler", "schedule ss-daily-tick", outcome="timeout")
    expect(page.locator(".node.lit[data-id='schedule/daily-tick']")).to_have_count(1)
    expect(page.locator("[data-column='function/scheduler'].broke")).to_have_count(1)


def test_who_wants_less_motion_sees_the_thread_strong_and_nothing_move(page: Page, stack: FakeStack) -> None:
    page.emulate_media(reduced_motion="reduce")
    stack.run("renderer", "event ss.package.wanted", {"message": "emits", "move": "ss.package.ready"})
    mesh(page)
    stack.happen("ss.package.ready", post_ids=[POST])
    expect(page.locator("[data-thread='type/ss.package.ready'].lit")).to_have_count(1)
    expect(page.locator(".light")).to_have_count(0)


def test_the_keyboard_reaches_every_part_by_one_stop_and_the_arrows(page: Page) -> None:
    mesh(page)
    page.locator("#mesh-scroll").focus()
    page.keyboard.press("Tab")
    expect(node(page, "function/drive-sync")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(node(page, "schedule/drive-sync")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(node(page, "function/draft-helper")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(node(page, "outside/sheet")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#behind-title")).to_be_focused()
    expect(page.locator("#behind-title")).to_have_text("Event ss.rules.changed")
    page.keyboard.press("Escape")
    expect(page.locator("#behind")).to_be_hidden()


def test_the_trail_is_filtered_by_words_and_kind_and_cleared(page: Page, stack: FakeStack) -> None:
    stack.happen("ss.calendar.changed", post_ids=["p_one", "p_two"])
    stack.happen("ss.sent", post_id="p_one", channel="bluesky-main")
    mesh(page)
    page.fill("#trail-find", "bluesky p_one")
    expect(page.locator("#events > li:visible")).to_have_count(1)
    expect(page.locator("#trail-count")).to_have_text("1 of 2")
    page.fill("#trail-find", "")
    page.select_option("#trail-type", "ss.calendar.changed")
    expect(page.locator("#events > li:visible .what")).to_have_text(["ss.calendar.changed"])
    page.click("#trail-clear")
    expect(page.locator("#events > li")).to_have_count(0)
    expect(page.locator("#trail-nothing")).to_be_visible()


def test_a_phone_has_the_list_and_its_links_are_for_thumbs(phone: Page, stack: FakeStack) -> None:
    a_package_was_asked_for(stack)
    phone.click("[data-to='mesh']")
    expect(phone.locator("#mesh-list > li")).to_have_count(11, timeout=20_000)
    part = phone.locator("#mesh-list > li", has=phone.get_by_role("heading", name="renderer"))
    expect(part).to_contain_text("ss.package.wanted")
    expect(part).to_contain_text("2 runs, 1 failed")
    expect(phone.locator(".weave")).to_be_hidden()
    box = part.get_by_role("link", name="ss.package.wanted").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    part.get_by_role("link", name="renderer").click()
    expect(phone.locator("#behind-title")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("scheme", "place"), [("light", "function/renderer"), pytest.param("dark", "event/2", marks=pytest.mark.slow)]
)
def test_nothing_in_it_shuts_anybody_out(
    chromium: Browser, origin: str, stack: FakeStack, scheme: Any, place: str
) -> None:
    a_package_was_asked_for(stack)
    with opened(chromium, origin, width=1280, height=800) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        mesh(page)
        page.evaluate("place => { location.hash = `mesh/${place}`; }", place)
        expect(page.locator("#behind .lines").first).to_be_attached()
        page.click("#mesh-form")
        if scheme == "dark":
            page.click("#mesh-form")
        found = Axe().run(page, context="main").response["violations"]
        assert [(one["id"], [at["html"] for at in one["nodes"]]) for one in found] == []
