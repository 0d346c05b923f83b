"""The switchboard as it is used: by keyboard, by thumb, and with faults that somebody else left on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.fake_stack import FakeStack

pytestmark = pytest.mark.browser


def board(page: Page, group: str = "") -> None:
    page.locator("[data-to='faults']").click()
    if group:
        page.click(f"#fault-group-{group}")


def test_a_fault_is_switched_on_and_off_by_keyboard_and_every_page_says_so(page: Page, stack: FakeStack) -> None:
    board(page, "bluesky")
    expect(page.locator("#faults-on")).to_be_hidden()
    lost = page.get_by_role("switch", name="The answer is lost", exact=True)
    expect(lost).to_have_attribute("aria-checked", "false")
    page.get_by_label("The answer is lost: how often").select_option("3")
    lost.focus()
    page.keyboard.press("Space")
    expect(lost).to_have_attribute("aria-checked", "true")
    expect(lost).to_be_focused()
    expect(page.locator("#faults-list .state").first).to_have_text(
        "On since 08:00, 3 times left; nobody has met it yet."
    )
    expect(page.locator("#tab-faults")).to_have_text("1")
    page.locator("[data-to='sheet']").click()
    banner = page.locator("#faults-on")
    expect(banner).to_contain_text("A fault is switched on: Bluesky takes posts and its answers are lost (3 left).")
    # It is met: what is left is told live.
    stack.orders["networks"][0] |= {"left": 2, "taken": 1}
    expect(banner).to_contain_text("(2 left)")
    banner.get_by_role("button", name="Switch it off").press("Enter")
    expect(banner).to_be_hidden()
    expect(page.locator("[data-to='faults']")).to_be_focused()
    expect(page.locator("#tab-faults")).to_have_text("")
    assert stack.orders["networks"][0]["left"] == 0
    board(page)
    expect(lost).to_have_attribute("aria-checked", "false")
    expect(page.locator("#faults-list .state").first).to_have_text("Off. Since 08:00: met once.")


def test_what_was_ordered_elsewhere_is_seen_and_switched_off(page: Page, stack: FakeStack) -> None:
    stack.order("aws", what="s3 GetObject: SlowDown before the effect", count=2)
    stack.order("networks", "console:x-down", count=1_000_000_000)
    banner = page.locator("#faults-on")
    expect(banner).to_contain_text(
        "2 faults are switched on: X is down (until you switch it off); AWS, ordered elsewhere"
    )
    board(page, "x")
    expect(page.get_by_role("switch", name="It is down", exact=True)).to_have_attribute("aria-checked", "true")
    expect(page.get_by_label("It is down: how often")).to_have_value("0")
    elsewhere = page.locator("#faults-elsewhere li")
    expect(elsewhere).to_contain_text("AWS, ordered elsewhere. s3 GetObject: SlowDown before the effect")
    elsewhere.get_by_role("button").click()
    expect(elsewhere).to_have_count(0)
    expect(page.locator("#faults-count")).to_have_text("1 on")
    page.click("#faults-off")
    expect(banner).to_be_hidden()
    expect(page.locator("#faults-count")).to_have_text("Nothing is switched on.")


def test_what_came_of_it_says_loudly_when_a_post_stands_twice(page: Page, stack: FakeStack) -> None:
    stack.order("networks", "console:bluesky-lost-answer")
    sent_at = (stack.now + timedelta(minutes=5)).isoformat()
    head = {
        "post_channel": "p000c9e1#bluesky-main",
        "attempt": 0,
        "state": "unknown",
        "revision": "r",
        "attempts": 1,
        "since": sent_at,
    }
    stack.tables["sends"] = [{**head, "detail": "Bluesky did not say whether the post went out.", "next_at": sent_at}]
    board(page)
    since = page.locator("#faults-since")
    expect(since.locator("dd")).to_have_text(["1", "0", "0", "0"])
    expect(since).to_contain_text("bluesky-main: it is looked after, next at 08:05.")
    seen = {"network": "bluesky", "account": "moewe", "text": "Cake", "created_at": sent_at}
    stack.posts = [{**seen, "id": f"at://did:plc:moewe/app/{n}", "url": f"http://127.0.0.1:1/{n}"} for n in (1, 2)]
    stack.happen("ss.attempt.failed")
    expect(since.locator("dd")).to_have_text(["1", "1", "1", "0"])
    expect(since.locator(".verdict")).to_contain_text("This must not happen.")
    expect(since.locator(".bad dt")).to_have_text("doubled")
    stack.posts.pop()
    stack.tables["sends"][0] |= {"state": "sent", "posted_url": "http://127.0.0.1:1/1"}
    stack.happen("ss.sent")
    expect(since.locator(".verdict")).to_have_text("It stands, once.")


def test_the_next_run_of_a_chosen_function_is_killed(page: Page, stack: FakeStack) -> None:
    board(page, "mesh")
    page.get_by_label("Which function: Kill the next run").select_option("notifier")
    page.get_by_role("switch", name="Kill the next run", exact=True).click()
    expect(page.locator("#faults-on")).to_contain_text("the next notifier is killed (1 left)")
    [body] = [body for _, path, body in stack.calls if path == "/_local/kills"]
    assert (body["function"], body["count"]) == ("ss-notifier", 1)


def test_a_thumb_finds_every_switch_and_nothing_is_out_of_reach(phone: Page, stack: FakeStack) -> None:
    stack.order("sheets", what="/v4/values/" + "a-long-pattern-without-an-end-" * 8)
    board(phone, "instagram")
    expect(phone.get_by_role("switch")).to_have_count(4)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    for button in phone.locator("#faults button:not(.toggle), #faults-on button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= 43.5, button.text_content()
    found = Axe().run(phone)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.slow), "dark"])
def test_the_board_reads_well_for_everybody(page: Page, stack: FakeStack, scheme: str) -> None:
    stack.order("networks", "console:bluesky-lost-answer")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    board(page, "bluesky")
    expect(page.get_by_role("switch", checked=True)).to_have_count(1)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
