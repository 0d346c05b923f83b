"""Coming, the glance and the clock, as they are used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mesh.ledger import ChannelProblem, Head, HeadState
from tests.browser.fake_stack import FakeStack
from tests.unit.local.test_console_bookings import HOLD, HOUR, NOW, head, post

pytestmark = pytest.mark.browser


def planned(stack: FakeStack) -> list[str]:
    """Three booked, one of them held, one to mend and two that wait; the posts' ids."""
    ids = [str(stack.value(row, "post_id")) for row in range(6)]
    problem = (ChannelProblem(code="long", message="34 characters too long for Bluesky"),)
    stack.statuses = [
        post(ids[0], 1, "bluesky-main", "mastodon-main"),
        post(ids[1], 5),
        post(ids[2], 100, held=HOLD),
        post(ids[3], 120, approved=False, package=None, row_problems=problem),
        post(ids[4], 130, approved=False),
        post(ids[5], 140, approved=False),
    ]
    for channel in ("bluesky-main", "mastodon-main"):
        stack.book(ids[0], channel, NOW + timedelta(minutes=3, seconds=20))
    stack.book(ids[1], "x-main", NOW + 5 * HOUR, 3)
    stack.book(ids[2], "x-main", NOW + 100 * HOUR)
    return ids


def test_a_booking_counts_down_says_what_stops_it_and_leads_to_its_row(page: Page, stack: FakeStack) -> None:
    ids = planned(stack)
    stack.run()
    bookings = page.locator("#bookings li")
    expect(bookings).to_have_count(3)
    expect(bookings.nth(0).locator(".left")).to_have_text("in 3 min 20 s")
    expect(bookings.nth(0).locator(".where")).to_have_text("bluesky-main, mastodon-main")
    expect(bookings.nth(0).locator(".text")).to_contain_text(str(stack.value(0, "text"))[:30])
    expect(bookings.nth(1).locator(".left")).to_have_text("in 5 h")
    expect(bookings.nth(1).locator(".note")).to_have_text("(third try)")
    expect(bookings.nth(2).locator("span.left")).to_have_text("will not go")
    expect(bookings.nth(2).locator(".stop")).to_contain_text("Held by ada")
    expect(page.locator("#planned .why")).to_have_text(
        ["to mend: 34 characters too long for Bluesky", "waits for approval", "waits for approval"]
    )
    kept = bookings.nth(1).element_handle()
    stack.set(1, "text", "Another text")
    stack.now += timedelta(minutes=2)
    expect(bookings.nth(0).locator(".left")).to_have_text("in 1 min 20 s")
    expect(bookings.nth(1).locator(".text")).to_have_text("Another text")
    assert kept is not None
    assert kept.evaluate("item => item.isConnected")
    bookings.nth(1).locator("button").click()
    expect(page.locator("tbody tr:nth-child(2) td[data-column='text']")).to_be_focused()
    stack.held = ("ada", NOW)
    stack.run()
    expect(page.locator("#coming-stop")).to_have_text("Everything is on hold: this will not go.")
    expect(page.locator("#bookings .stop")).to_have_count(0)
    assert ids[1] == stack.value(1, "post_id")


def test_a_chip_shows_its_rows_and_pressed_again_all_of_them(page: Page, stack: FakeStack) -> None:
    expect(page.locator("#glance")).to_have_text("All is well")
    ids = planned(stack)
    unknown = Head(post_channel=f"{ids[1]}#x-main", state=HeadState.UNKNOWN, revision="r")
    stack.heads = {ids[1]: (unknown,), ids[0]: (head(ids[0], HeadState.READY),)}
    stack.run()
    expect(page.locator("#glance .chip")).to_have_text(
        ["1 outcome unknown", "1 to mend", "1 held", "2 wait for approval"]
    )
    waiting = page.get_by_role("button", name="2 wait for approval")
    waiting.click()
    expect(page.locator("#grid tbody tr")).to_have_count(2)
    expect(waiting).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#sheet-count")).to_have_text("2 of 40 rows")
    page.click("#unfilter")
    expect(waiting).to_have_attribute("aria-pressed", "false")
    waiting.click()
    waiting.click()
    expect(page.locator("#grid tbody tr")).to_have_count(40)
    page.click("[data-to='mesh']")
    page.get_by_role("button", name="1 to mend").click()
    expect(page.locator("tbody tr:nth-child(4) td[data-column='text']")).to_be_focused()


def test_the_clock_goes_to_a_day_and_says_what_lies_behind(page: Page, stack: FakeStack) -> None:
    page.get_by_role("button", name="To …").click()
    expect(page.locator("#to-weekday")).to_be_focused()
    page.fill("#to-date", "2027-03-14")
    page.press("#to-date", "Enter")
    expect(page.locator("#to-wrong")).to_have_text("Sunday 14 March, 09:00 lies behind. The clock only goes forward.")
    page.fill("#to-date", "2027-03-28")
    page.fill("#to-time", "02:30")
    page.get_by_role("button", name="Go to that date").click()
    expect(page.locator("#to-panel")).to_be_hidden()
    expect(page.locator("#clock-time")).to_have_text("03:30")
    page.get_by_role("button", name="To …").click()
    page.select_option("#to-weekday", "Friday")
    page.get_by_role("button", name="Go to that day of the week").click()
    expect(page.locator("#clock-date")).to_have_text("Friday, 2 April 2027")
    expect(page.locator("#clock-to")).to_have_attribute("aria-expanded", "false")


def test_the_clock_goes_faster_for_every_page_until_somebody_stops_it(page: Page, stack: FakeStack) -> None:
    page.select_option("#speed", "600")
    expect(page.locator("#clock-factor")).to_have_text("up to 600 times as fast")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#clock-factor")).to_have_text("up to 600 times as fast")
    expect(other.locator("#clock-time")).not_to_have_text("08:00")
    other.get_by_role("button", name="Stop").click()
    expect(page.locator("#clock-stop")).to_be_hidden()
    expect(page.locator("#speed")).to_have_value("1")
    page.select_option("#speed", "60")
    expect(page.locator("#clock-factor")).to_have_text("up to 60 times as fast")
    stack.broken.add("clock")
    expect(page.locator("#notice")).to_contain_text("The clock goes at its own pace again")
    assert stack.now > NOW


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.slow)])
def test_nothing_of_it_is_in_the_way_of_anybody(page: Page, stack: FakeStack, width: int) -> None:
    planned(stack)
    stack.paused, stack.held = {"bluesky-main": NOW}, ("a.very.long.address@" + "cafe." * 12 + "example", NOW)
    stack.run()
    page.set_viewport_size({"width": width, "height": 800})
    page.click("[data-to='coming']" if width < 1080 else "[data-to='sheet']")
    expect(page.locator("#bookings li")).to_have_count(3)
    page.select_option("#speed", "60")
    expect(page.locator("#clock-stop")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page, {"include": [["header.top"], ["#coming"]]})
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="To …").click()
    found = Axe().run(page, {"include": [["#to-panel"]]})
    assert found.violations_count == 0, found.generate_report()
    if width < 1080:
        small = page.evaluate(
            "[...document.querySelectorAll('header.top :is(button, select), #coming button, #to-panel :is(input, select, button)')]"
            ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"
        )
        assert small == []
