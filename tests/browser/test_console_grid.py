"""The grid is one to be at home in, by mouse, keyboard and thumb, while the sheet goes on changing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_stack import HEADER, FakeStack
from tests.browser.grid_hands import NEW, cell, column_of, paste, picture, selected, until

pytestmark = pytest.mark.browser


def test_a_range_is_selected_with_the_mouse(page: Page) -> None:
    cell(page, 0, "date").hover()
    page.mouse.down()
    cell(page, 1, "text").hover()
    page.mouse.up()
    assert selected(page) == 6
    expect(cell(page, 0, "date")).to_be_focused()
    expect(page.locator("#sheet-range")).to_have_text("2 × 3 selected")
    cell(page, 2, "channels").click(modifiers=["Shift"])
    assert selected(page) == 12
    cell(page, 0, "time").click()
    assert selected(page) == 0


@pytest.mark.slow
def test_a_range_is_selected_with_the_keyboard(page: Page) -> None:
    cell(page, 2, "text").click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert selected(page) == 4
    page.keyboard.press("Shift+ArrowUp")
    assert selected(page) == 2
    page.keyboard.press("Shift+Space")
    assert selected(page) == 7
    page.keyboard.press("Control+a")
    assert selected(page) == 40 * 7
    page.keyboard.press("Escape")
    assert selected(page) == 0
    page.keyboard.press("Control+Shift+End")
    expect(page.locator("#sheet-range")).to_have_text("40 × 7 selected")


def test_the_keyboard_goes_everywhere(page: Page) -> None:
    cell(page, 5, "text").click()
    page.keyboard.press("Control+Home")
    expect(cell(page, 0, "date")).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, 0, "status")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowDown")
    expect(cell(page, 39, "date")).to_be_focused()
    page.keyboard.press("PageUp")
    expect(cell(page, 39, "date")).not_to_be_focused()
    page.keyboard.press("PageDown")
    page.keyboard.press("Control+ArrowUp")
    expect(cell(page, 0, "date")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="date", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 0, "time")).to_be_focused()


@pytest.mark.slow
def test_tab_passes_through_the_grid_with_one_stop_and_the_links_of_its_cell(page: Page, stack: FakeStack) -> None:
    for row in range(3):
        stack.set(row, "status", "Posted: http://127.0.0.1:9/a http://127.0.0.1:9/b")
    expect(cell(page, 0, "status").locator("a")).to_have_count(2)
    assert page.locator("#grid").locator("[tabindex='0']").count() == 1
    cell(page, 0, "status").click(position={"x": 4, "y": 4})
    page.keyboard.press("Tab")
    expect(cell(page, 0, "status").locator("a").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#grid')") is None


def test_the_grid_says_to_a_screen_reader_what_it_is(page: Page) -> None:
    grid = page.get_by_role("grid", name="Sheet")
    expect(grid).to_have_attribute("aria-rowcount", "41")
    expect(grid).to_have_attribute("aria-multiselectable", "true")
    expect(grid.get_by_role("columnheader", name="status")).to_be_attached()
    line = page.locator("tbody tr").nth(3)
    expect(line).to_have_attribute("aria-rowindex", "5")
    expect(cell(page, 3, "status")).to_have_attribute("aria-readonly", "true")
    expect(cell(page, 3, "text")).to_have_attribute("aria-readonly", "false")


def test_sorting_moves_the_sheets_own_rows(page: Page, stack: FakeStack) -> None:
    page.get_by_role("button", name="text", exact=True).click()
    page.click("#sort-up")
    until(page, lambda: ("POST", "/owner/sort", {"column": "text", "descending": False}) in stack.calls)
    expect(cell(page, 0, "text")).to_have_text(stack.value(0, "text"))
    assert column_of(stack, "text") == sorted(column_of(stack, "text"))


@pytest.mark.slow
def test_a_selection_goes_along_when_the_sheet_is_sorted(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "text").click()
    stack.rows.reverse()
    stack.version += 1
    expect(cell(page, 39, "text")).to_be_focused()


def test_only_rows_that_fit_are_shown(page: Page, stack: FakeStack) -> None:
    stack.set(4, "status", "Please mend: too long")
    stack.set(7, "status", "Posted: http://127.0.0.1:9/a")
    page.fill("#find", "suppe red")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#sheet-count")).to_have_text("1 of 40 rows")
    expect(page.locator("tbody tr th.number")).to_have_text("3")
    page.fill("#find", "no such words")
    expect(page.locator("#sheet-nothing")).to_have_text("No row fits. Clear the filter to see them all.")
    page.click("#unfilter")
    expect(page.locator("tbody tr")).to_have_count(40)
    page.select_option("#find-status", "mend")
    expect(page.locator("tbody tr th.number")).to_have_text("6")
    page.select_option("#find-status", "posted")
    expect(page.locator("tbody tr th.number")).to_have_text("9")
    assert not stack.calls, "a filter changes nothing in the sheet"


@pytest.mark.slow
def test_a_row_does_not_vanish_from_a_filter_because_it_was_edited(page: Page, stack: FakeStack) -> None:
    page.fill("#find", "suppe")
    expect(page.locator("tbody tr")).to_have_count(1)
    cell(page, 0, "text").click()
    page.keyboard.type("Something else")
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(1, "text") == "Something else")
    expect(cell(page, 0, "text")).to_be_focused()
    expect(cell(page, 0, "text")).to_have_text("Something else")


@pytest.mark.slow
def test_a_fill_goes_to_the_rows_that_are_shown_alone(page: Page, stack: FakeStack) -> None:
    page.fill("#find", "cake")
    expect(page.locator("#sheet-count")).not_to_have_text("40 rows")
    shown = {int(number) - 2 for number in page.locator("tbody th.number").all_inner_texts()}
    assert 1 < len(shown) < 40
    cell(page, 0, "time").click()
    page.keyboard.press("Control+Shift+ArrowDown")
    paste(page, "03:33")
    until(page, lambda: {place for place, value in enumerate(column_of(stack, "time")) if value == "03:33"} == shown)


@pytest.mark.slow
def test_a_status_belongs_to_a_state(page: Page) -> None:
    states = {
        "Posted: http://127.0.0.1:9/a": "posted",
        "Booked for Fri 09:00": "booked",
        "Approved by Anna (Fri 09:00)": "booked",
        "bluesky-main: posted http://127.0.0.1:9/a; x-main: booked for 09:00": "booked",
        "bluesky-main: posted http://127.0.0.1:9/a; x-main: not posted, refused": "mend",
        "Approved by Anna (Fri 09:00), not sent: paused": "mend",
        "Waiting for your approval (mail of 9:12)": "waiting",
        "Ready. The mail asking for your approval comes in a few minutes": "waiting",
        "Planned. Its preview is made on Fri 1 Apr": "waiting",
        "Being prepared": "waiting",
        "Held by Anna since Fri 09:00. Nothing goes out until you release it.": "held",
        "Please mend: 3 characters too long for X: 283 of 280.": "mend",
        "Changed since it was approved: it will not go out until it is approved again": "mend",
        "Not sent: nobody approved it in time. The mail's button still sends it.": "mend",
        "": "",
    }
    read = "async (texts) => { const { stateOf } = await import('/page/grid/content.js'); return texts.map(stateOf); }"
    assert page.evaluate(read, list(states)) == list(states.values())


@pytest.mark.slow
def test_each_status_has_a_shape_of_its_own(page: Page, stack: FakeStack) -> None:
    for row, status in enumerate(("Posted: x", "Booked", "Waiting", "Held", "Please mend: x")):
        stack.set(row, "status", status)
    expect(page.locator(".mark-mend .shape")).to_be_attached()
    shapes = page.evaluate(
        """[...document.querySelectorAll('.shape')].map((node) => {
            const look = getComputedStyle(node);
            return [look.clipPath, look.borderRadius, look.borderStyle].join();
        })"""
    )
    assert len(shapes) == len(set(shapes)) == 5


def test_updates_leave_editor_selection_and_place_alone(page: Page, stack: FakeStack) -> None:
    cell(page, 20, "text").click()
    page.keyboard.press("Enter")
    page.keyboard.type(" and more")
    page.keyboard.press("ArrowLeft")
    before = page.locator(".editor .field").bounding_box()
    stack.rows.insert(0, list(NEW))
    stack.rows.insert(0, [*NEW[:3], "Another one\nwith lines", *NEW[4:]])
    stack.rows.insert(25, stack.rows.pop(10))
    stack.set(22, "status", "Posted: http://127.0.0.1:9/a")
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "43")
    field = page.locator(".editor .field")
    expect(field).to_be_focused()
    assert field.input_value().endswith(" and more")
    assert field.evaluate("(node) => node.value.length - node.selectionStart") == 1
    after = field.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 2
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+ArrowDown")
    stack.set(0, "text", "Changed again")
    expect(cell(page, 0, "text")).to_have_text("Changed again")
    assert selected(page) == 2


@pytest.mark.slow
def test_a_row_keeps_its_editor_when_it_gets_its_id(page: Page, stack: FakeStack) -> None:
    page.click("#add-row")
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.type("First")
    stack.set(40, "post_id", "fresh-id")
    expect(page.locator("tbody tr:nth-child(41) th a")).to_be_attached()
    page.keyboard.type(" words")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(40, "text") == "First words")


@pytest.mark.slow
def test_an_edit_of_another_cell_survives_a_column_put_in_between(page: Page, stack: FakeStack) -> None:
    page.check("#all-columns")
    cell(page, 0, "note").click()
    page.keyboard.type("Mine")
    stack.header = [*HEADER, "text: x"]
    stack.version += 1
    for _ in range(2):
        with page.expect_response("**/api/state**"):
            pass
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(0, "note") == "Mine")
    expect(page.get_by_role("columnheader", name="text: x")).to_be_attached()


def test_on_a_phone_a_row_is_edited_with_the_thumb(phone: Page, stack: FakeStack) -> None:
    cell(phone, 0, "text").tap()
    phone.keyboard.type(" more")
    phone.keyboard.press("Enter")
    phone.keyboard.type("second line")
    phone.locator("#sheet-title").tap()
    until(phone, lambda: str(stack.value(0, "text")).endswith(" more\nsecond line"))
    cell(phone, 1, "channels").tap()
    phone.get_by_role("option", name="mastodon-main").tap()
    phone.get_by_role("button", name="Done").tap()
    until(phone, lambda: stack.value(1, "channels") == "bluesky-main")
    cell(phone, 0, "date").tap()
    expect(phone.locator(".editor .field")).to_have_attribute("type", "date")
    phone.locator(".editor .field").fill("2027-05-06")
    phone.keyboard.press("Enter")
    until(phone, lambda: stack.value(0, "date") == "2027-05-06")
    cell(phone, 0, "approved").locator("input").tap()
    until(phone, lambda: stack.value(0, "approved") is True)


@pytest.mark.slow
def test_on_a_phone_a_picture_is_added_and_rows_are_sorted(phone: Page, stack: FakeStack) -> None:
    with phone.expect_file_chooser() as chooser:
        cell(phone, 2, "image").locator(".add-picture").tap()
    chooser.value.set_files([{"name": "thumb.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
    until(phone, lambda: str(stack.value(2, "image")).endswith("thumb.jpg"))
    phone.tap("#sort")
    phone.tap("#sort-down")
    until(phone, lambda: stack.value(0, "date") == "2027-04-04")
    phone.tap("#more")
    phone.get_by_role("menuitem", name="Duplicate the row").tap()
    until(phone, lambda: len(stack.rows) == 41)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.slow
def test_at_desktop_width_the_usual_columns_need_no_sideways_scrolling(page: Page, stack: FakeStack) -> None:
    stack.set(0, "image", "gull.png, beans.jpg, apple-cake.jpg")
    stack.set(0, "status", "Posted: http://127.0.0.1:39447/profile/moewe/post/3kabcdefghij")
    expect(cell(page, 0, "image").locator("img")).to_have_count(3)
    expect(cell(page, 0, "status").locator("a")).to_be_visible()
    assert (
        page.evaluate(
            "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('#sheet-scroll'))"
        )
        == 0
    )
