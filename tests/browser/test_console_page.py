"""The page does what it says, with mouse, keyboard and thumb."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.browser.fake_stack import FakeStack

pytestmark = pytest.mark.browser


def cell(page: Page, row: int, column: str) -> str:
    return f"tbody tr:nth-child({row + 1}) td[data-column='{column}']"


def until(page: Page, true: Callable[[], bool]) -> None:
    """Lets the page go on until it is true, fifteen seconds at most."""
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline
        page.evaluate("new Promise(requestAnimationFrame)")


def test_the_sheet_is_shown_in_the_owners_words(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Café Möwe")
    expect(page.locator("tbody tr")).to_have_count(40)
    expect(page.locator(cell(page, 0, "date"))).to_have_text("Mon 15 Mar")
    expect(page.locator("#clock-time")).to_have_text("08:00")
    expect(page.locator("#clock-date")).to_have_text("Monday, 15 March 2027")


def test_a_cell_is_edited_by_typing_and_enter_goes_down(page: Page, stack: FakeStack) -> None:
    page.click(cell(page, 1, "text"))
    page.keyboard.type("Neu & <b>frisch</b>")
    page.keyboard.press("Alt+Enter")
    page.keyboard.type("zweite Zeile")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(1, "text") == "Neu & <b>frisch</b>\nzweite Zeile")
    expect(page.locator(cell(page, 2, "text"))).to_be_focused()
    expect(page.locator(cell(page, 1, "text"))).to_have_text("Neu & <b>frisch</b>\nzweite Zeile")
    until(page, lambda: ("POST", "/_local/fire", {"schedule": "ss-drive-sync"}) in stack.calls)


def test_tab_keeps_the_edit_and_goes_on(page: Page, stack: FakeStack) -> None:
    page.click(cell(page, 0, "date"))
    page.keyboard.type("2027-04-01")
    page.keyboard.press("Tab")
    page.keyboard.type("10:15")
    page.keyboard.press("Tab")
    until(page, lambda: (stack.value(0, "date"), stack.value(0, "time")) == ("2027-04-01", "10:15"))
    expect(page.locator(cell(page, 0, "text"))).to_be_focused()


def test_escape_leaves_the_cell_as_it_was(page: Page, stack: FakeStack) -> None:
    before = stack.value(0, "text")
    page.dblclick(cell(page, 0, "text"))
    page.keyboard.type(" and more")
    page.keyboard.press("Escape")
    expect(page.locator(cell(page, 0, "text"))).to_have_text(before)
    expect(page.locator(cell(page, 0, "text"))).to_be_focused()
    assert not stack.calls


def test_what_the_mesh_writes_is_not_edited(page: Page, stack: FakeStack) -> None:
    page.click(cell(page, 0, "status"))
    page.keyboard.type("Posted")
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_have_count(0)
    assert not stack.calls


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_row_is_ticked(page: Page, stack: FakeStack, way: str) -> None:
    if way == "mouse":
        page.click(cell(page, 0, "approved") + " input")
    else:
        page.focus(cell(page, 0, "date"))
        page.click(cell(page, 0, "date"))
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
    until(page, lambda: stack.value(0, "approved") is True)
    expect(page.locator(cell(page, 0, "approved") + " input")).to_be_checked()


def test_an_edit_lands_in_its_row_though_rows_moved_while_it_was_typed(page: Page, stack: FakeStack) -> None:
    post_id = stack.value(2, "post_id")
    page.click(cell(page, 2, "text"))
    page.keyboard.type("Mine")
    stack.rows.insert(0, ["new", "2027-03-15", "07:30", "Inserted", "", "", "", "", False, "", "", ""])
    stack.version += 1
    expect(page.locator("tbody tr")).to_have_count(41)
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(3, "text") == "Mine")
    assert stack.value(3, "post_id") == post_id
    assert stack.value(2, "text") != "Mine"


def test_a_row_is_added_and_its_text_open_for_typing(page: Page, stack: FakeStack) -> None:
    page.click("#add-row")
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.type("A new post")
    page.keyboard.press("Enter")
    until(page, lambda: len(stack.rows) == 41 and stack.value(40, "text") == "A new post")
    assert (stack.value(40, "date"), stack.value(40, "time")) == ("2027-03-16", "12:00")


def test_a_deleted_row_can_be_had_back(page: Page, stack: FakeStack) -> None:
    text = stack.value(1, "text")
    page.hover(cell(page, 1, "text"))
    page.click("tbody tr:nth-child(2) .remove")
    expect(page.locator("tbody tr")).to_have_count(39)
    page.click("#notice button")
    expect(page.locator("tbody tr")).to_have_count(40)
    assert (stack.value(1, "text"), stack.value(1, "post_id")) == (text, "")


def test_a_status_appears_by_itself_with_its_link(page: Page, stack: FakeStack) -> None:
    stack.set(0, "status", "Posted: http://127.0.0.1:9/profile/x/post/1")
    link = page.locator(cell(page, 0, "status") + " a")
    expect(link).to_have_attribute("href", "http://127.0.0.1:9/profile/x/post/1")
    expect(link).to_have_attribute("target", "_blank")


def test_a_mail_is_read_as_sent_or_as_plain_text(page: Page, stack: FakeStack) -> None:
    html = "<html><head></head><body><p>Look:</p><script>document.body.textContent = 'it ran'</script></body></html>"
    stack.send_mail("Please look", "Plain words", html)
    page.click("#mails button")
    steps_back = page.evaluate("history.length")
    frame = page.frame_locator("#reader-html")
    expect(frame.get_by_text("Look:")).to_be_visible()
    expect(page.locator("#reader-text")).to_be_hidden()
    page.click("#reader-parts [data-part='text']")
    expect(page.locator("#reader-text")).to_contain_text("Plain words")
    expect(page.locator("#reader-html")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("#mails .unread")).to_have_count(0)
    page.click("#mails button")
    expect(frame.get_by_text("Look:")).to_be_visible()
    assert page.evaluate("history.length") == steps_back, "the browser's back leads out of the view, not through mails"


def test_on_a_tablet_what_stands_beside_the_sheet_is_drawn_too(
    chromium: Browser, origin: str, stack: FakeStack
) -> None:
    stack.send_mail("Please look", "Plain words")
    stack.posts = [
        {"network": "bluesky", "account": "moewe", "id": "1", "url": "http://127.0.0.1:9/1", "text": "Cake", "images": [],
         "link": "", "created_at": "2027-03-15T07:40:00Z"}
    ]  # fmt: skip
    with opened(chromium, origin, width=820, height=1180) as tablet:
        expect(tablet.locator("body")).to_have_attribute("data-view", "sheet")
        expect(tablet.locator("#mails .subject")).to_have_text(["Please look"])
        expect(tablet.locator("#feeds li")).to_have_count(1)
        tablet.set_viewport_size({"width": 390, "height": 844})
        stack.send_mail("Another", "Plain words")
        expect(tablet.locator("#tab-outbox")).to_have_text("2")
        expect(tablet.locator("#mails li")).to_have_count(1)
        tablet.set_viewport_size({"width": 820, "height": 1180})
        expect(tablet.locator("#mails li")).to_have_count(2)


def test_a_link_in_a_mail_opens_the_approval_page_beside_the_console(page: Page, stack: FakeStack) -> None:
    stack.send_mail("Please look", "Plain", "<a href='/approve/token'>Approve</a>")
    page.click("#mails button")
    with page.expect_popup() as popup:
        page.frame_locator("#reader-html").get_by_role("link", name="Approve").click()
    expect(popup.value.get_by_role("heading")).to_have_text("Approve?")
    [(method, path, headers, _)] = stack.function_requests
    assert (method, path) == ("GET", "/function/token?")
    assert dict(headers)["sec-fetch-site"] == "same-origin"


def test_the_clock_is_turned_to_the_next_thing(page: Page) -> None:
    page.get_by_role("button", name="Next thing").click()
    expect(page.locator("#clock-time")).to_have_text("09:30")
    page.get_by_role("button", name="+15 minutes").click()
    expect(page.locator("#clock-time")).to_have_text("09:45")
    page.get_by_role("button", name="Tomorrow 09:00").click()
    expect(page.locator("#clock-date")).to_have_text("Tuesday, 16 March 2027")


def test_events_come_newest_first_and_lead_to_their_row(page: Page, stack: FakeStack) -> None:
    stack.happen("ss.calendar.changed", post_ids=["a", "b"])
    stack.happen("ss.sent", post_id=stack.value(20, "post_id"), channel="bluesky-main")
    page.click("[data-to='mesh']")
    expect(page.locator("#events .what")).to_have_text(["ss.sent", "ss.calendar.changed"])
    page.locator("#events a").first.click()
    page.get_by_role("button", name="Show its row").click()
    expect(page.locator(cell(page, 20, "text"))).to_be_focused()


def test_a_server_that_is_down_is_said_and_unsaid(page: Page, stack: FakeStack) -> None:
    stack.broken.add("sheets")
    expect(page.locator("#trouble")).to_have_text("The service is unavailable.")
    stack.broken.clear()
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(40)


def test_on_a_phone_one_part_is_shown_at_a_time_and_nothing_sticks_out(phone: Page, stack: FakeStack) -> None:
    stack.send_mail("Please look", "Plain words")
    expect(phone.locator("#tab-outbox")).to_have_text("1")
    for view, panes in (
        ("outbox", 1),
        ("posted", 1),
        ("coming", 1),
        ("mesh", 2),
        ("month", 1),
        ("faults", 1),
        ("sheet", 1),
    ):
        phone.tap(f"[data-to='{view}']")
        expect(phone.locator(f"#{view}")).to_be_visible()
        expect(phone.locator("main > .pane:visible")).to_have_count(panes)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_the_browsers_back_leads_back_and_a_reload_stays(page: Page) -> None:
    for view in ("mesh", "month"):
        page.click(f"[data-to='{view}']")
    page.go_back()
    expect(page.locator("#mesh")).to_be_visible()
    page.reload()
    expect(page.locator("#mesh")).to_be_visible()
    expect(page.locator("#sheet")).to_be_hidden()


def test_every_control_has_a_name(page: Page) -> None:
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, input, select, a, iframe, [role=grid]')]
        .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length ||
                           one.getAttribute('aria-labelledby'))).map((one) => one.outerHTML)"""
    )
    assert unnamed == []
