"""The feeds: what the public sees, a feed for each channel, each post in the manner of its network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from networks import NAMES
from tests.browser.fake_stack import FakeStack

pytestmark = pytest.mark.browser

RULES = "Channels\n" + "".join(
    f"- {name}-main: {name}, account {number}{', http://127.0.0.1:2' if name in ('bluesky', 'mastodon') else ''}\n"
    for number, name in enumerate(NAMES)
)


def post(network: str, number: int, **more: Any) -> dict[str, Any]:
    account = str(list(NAMES).index(network))
    return {
        "network": network,
        "account": "moewe",
        "account_id": account,
        "id": f"{network}-{number}",
        "url": f"http://127.0.0.1:9/{network}/{number}",
        "text": f"Post {number} on {network}",
        "images": [],
        "link": "",
        "created_at": "2027-03-15T06:30:00Z",
        **more,
    }


def pictures(*names: str) -> list[dict[str, str]]:
    return [{"url": f"/api/files/{name}", "alt": f"This is {name}"} for name in names]


@pytest.fixture
def everywhere(stack: FakeStack) -> FakeStack:
    """A channel of every network; nothing is out on Threads."""
    stack.rules = RULES
    text = "Neue Woche, neue Torte. " + "Birne und Walnuss, bis sie weg ist. " * 12 + "#kuchen"
    card = {"title": "The honey", "description": "From the roof of the market hall.", "image": ""}
    stack.posts = [
        post("x", 1, text="On X, with https://moewe.berlin/menu/apple-cake-and-more #cake"),
        post("instagram", 1, text=text, images=pictures("apple-cake.jpg", "rain.png", "beans.jpg")),
        post(
            "facebook", 1, text=text, name="Café Möwe", images=pictures("apple-cake.jpg", "rain.png", "apple-cake.jpg")
        ),
        post("linkedin", 1, text=text, link="https://moewe.berlin/honig", card=card),
        post("bluesky", 1, text="Just #words", facets=[]),
        post("mastodon", 1, text="<b>Not</b> bold", name="moewe", images=pictures("rain.png")),
    ]
    return stack


def tab(page: Page, network: str) -> Any:
    return page.locator(f"#feed-tab-{network}-main")


def axe(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, context="#posted").response["violations"]
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]


def test_each_channel_has_a_feed_in_its_networks_manner(page: Page, everywhere: FakeStack) -> None:
    expect(page.locator("#feeds li")).to_have_count(6)
    tab(page, "x").click()
    expect(page.locator("#feeds .text a")).to_have_text("moewe.berlin/menu/apple-c…")
    expect(page.locator("#feeds .mark")).to_have_text("#cake")
    page.keyboard.press("ArrowRight")
    expect(tab(page, "instagram")).to_be_focused()
    expect(tab(page, "instagram")).to_have_attribute("aria-selected", "true")
    text = page.locator("#feeds .text")
    expect(text).not_to_contain_text("#kuchen", use_inner_text=True)
    page.get_by_role("button", name="… more").click()
    expect(text).to_contain_text("#kuchen", use_inner_text=True)
    expect(page.locator("#feeds .alts")).to_be_hidden()
    page.get_by_role("button", name="Alt text of the pictures").click()
    expect(page.locator("#feeds .alts p")).to_have_text(
        ["1: This is apple-cake.jpg", "2: This is rain.png", "3: This is beans.jpg"]
    )
    assert axe(page) == []
    tab(page, "threads").click()
    expect(page.locator("#feeds .nothing")).to_have_text("Nothing is out on threads-main.")
    tab(page, "mastodon").click()
    expect(page.locator("#feeds .text")).to_have_text("<b>Not</b> bold")


def test_a_new_post_lights_up_a_deleted_one_goes_and_the_others_stay_as_they_are(
    page: Page, everywhere: FakeStack
) -> None:
    expect(page.locator("#feeds li")).to_have_count(6)
    page.evaluate("document.querySelector('#feeds li.on-bluesky').dataset.same = 'yes'")
    everywhere.posts = [post("threads", 2), *everywhere.posts[1:]]
    expect(page.locator("#feeds li.on-threads")).to_have_class(re.compile("fresh"))
    expect(page.locator("#feeds li.on-x")).to_have_count(0)
    expect(page.locator("#feeds li")).to_have_count(6)
    expect(page.locator("#feeds li.on-bluesky")).to_have_attribute("data-same", "yes")


def test_a_post_leads_to_its_row(page: Page, everywhere: FakeStack) -> None:
    everywhere.set(7, "status", "Posted: http://127.0.0.1:9/x/12 http://127.0.0.1:9/bluesky/1")
    everywhere.set(8, "status", "Posted: http://127.0.0.1:9/x/1.")
    expect(page.locator("tbody tr").nth(8)).to_contain_text("Posted")
    tab(page, "x").click()
    page.get_by_role("button", name="Its row").click()
    expect(page.locator("tbody tr:nth-child(9) td[data-column='text']")).to_be_focused()


def test_all_channels_stand_side_by_side_where_there_is_room(page: Page, everywhere: FakeStack) -> None:
    expect(page.locator("#feeds li")).to_have_count(6)
    page.get_by_role("button", name="All side by side").click()
    expect(page.locator("#feeds h3:visible")).to_have_count(len(NAMES))
    expect(page.locator("#sheet")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_visible()
    expect(page.locator("#feeds h3:visible")).to_have_count(0)


def test_on_a_phone_a_feed_fits_and_its_tabs_can_be_hit(phone: Page, everywhere: FakeStack) -> None:
    everywhere.posts.append(post("mastodon", 3, text="https://moewe.berlin/" + "a" * 200, account="m" * 60))
    phone.tap("[data-to='posted']")
    expect(phone.locator("#feeds li")).to_have_count(7)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert all(box["height"] >= 43.5 for one in phone.locator(".channel").all() if (box := one.bounding_box()))
    assert axe(phone) == []


def test_hundreds_of_posts_are_drawn_as_they_are_wanted(page: Page, stack: FakeStack) -> None:
    stack.posts = [post("x", number) for number in range(300)]
    expect(page.locator("#feeds li")).to_have_count(15)
    page.get_by_role("button", name="Show older").click()
    expect(page.locator("#feeds li")).to_have_count(30)
