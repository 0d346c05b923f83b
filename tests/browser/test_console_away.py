"""The server goes and comes back, others write too, and what comes in is not what anybody expects: nothing is lost, and it is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import opened
from tests.browser.fake_stack import FakeStack, cafe
from tests.browser.grid_hands import NEW, cell, column_of, drop, edits, paste, picture, until

pytestmark = pytest.mark.browser
LONG_NAME = "🥐" * 60 + "مخبز" * 30 + "x" * 120 + ".png"


def test_what_is_written_while_the_console_is_gone_is_kept_and_saved_when_it_is_back(
    page: Page, stack: FakeStack
) -> None:
    stack.send_mail("Please look", "Text")
    expect(page.locator("#mails li")).to_have_count(1)
    cell(page, 4, "text").click()
    page.keyboard.type("Half a th")
    page.context.set_offline(True)
    expect(page.locator("#trouble")).to_contain_text("does not answer")
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.type("ought")
    page.keyboard.press("Enter")
    cell(page, 6, "text").click()
    page.keyboard.type("Another")
    page.keyboard.press("Enter")
    for row, text in ((4, "Half a thought"), (6, "Another")):
        expect(cell(page, row, "text").locator(".value")).to_have_text(text)
        expect(cell(page, row, "text")).to_have_class("col-text editable unsaved")
    expect(page.locator("#trouble")).to_have_count(1)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('focus'))")
    until(page, lambda: (stack.value(4, "text"), stack.value(6, "text")) == ("Half a thought", "Another"))
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator(".unsaved")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(40)
    expect(page.locator("#mails li")).to_have_count(1)


def test_the_sheet_alone_away_is_waited_for_too(page: Page, stack: FakeStack) -> None:
    stack.broken.add("cells")
    cell(page, 0, "text").click()
    page.keyboard.type("A long text nobody wants to write twice")
    page.keyboard.press("Enter")
    expect(page.locator("#sync")).to_contain_text("Not saved yet: 1")
    page.click("tbody tr:nth-child(2) .remove", force=True)
    expect(page.locator("#notice")).to_contain_text("cannot be done")
    stack.broken.clear()
    until(page, lambda: stack.value(0, "text") == "A long text nobody wants to write twice")
    expect(page.locator("#sync")).not_to_contain_text("Not saved")


def test_what_waited_and_finds_its_row_deleted_can_be_kept_as_a_new_one(page: Page, stack: FakeStack) -> None:
    stack.broken.add("cells")
    cell(page, 0, "text").click()
    page.keyboard.type("Precious")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "text")).to_have_class("col-text editable unsaved")
    del stack.rows[0]
    stack.version += 1
    stack.broken.clear()
    expect(page.locator("#notice-stays")).to_contain_text("Precious")
    page.get_by_role("button", name="Keep it as a new row").click()
    until(page, lambda: column_of(stack, "text")[-1] == "Precious")


def test_what_has_no_row_any_more_is_offered_until_it_has_one(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "text").click()
    page.keyboard.type("Precious")
    del stack.rows[0]
    stack.version += 1
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "40")
    page.keyboard.press("Enter")
    keep = page.get_by_role("button", name="Keep it as a new row")
    expect(keep).to_be_visible()
    page.context.set_offline(True)
    keep.click()
    expect(page.locator("#notice-stays")).to_contain_text("Not kept yet: “Precious”.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    until(page, lambda: column_of(stack, "text").count("Precious") == 1)
    expect(page.locator("#notice-stays")).to_be_hidden()


def test_another_life_of_the_stack_is_not_mixed_with_the_first(page: Page, stack: FakeStack) -> None:
    """The rows that are still there take what was being written; what has no row any more can be had as a new one."""
    for _ in range(3):
        stack.send_mail("Please look", "Text")
        stack.happen("ss.sent", post_id="p1")
    stack.version = 7
    expect(page.locator("#mails li")).to_have_count(3)
    stack.broken.add("cells")
    cell(page, 0, "text").click()
    page.keyboard.type("For a row that will be gone")
    page.keyboard.press("Enter")
    cell(page, 3, "text").click()
    page.keyboard.type("For a row that stays")
    fresh = cafe()
    stack.rows, stack.mails, stack.events, stack.version = fresh.rows[1:], [], [], 2
    stack.send_mail("The only mail", "Text")
    stack.broken.clear()
    expect(page.locator("#notice-stays")).to_contain_text("For a row that will be gone")
    until(page, lambda: stack.value(2, "text") == "For a row that stays")
    expect(page.locator("#mails .subject")).to_have_text(["The only mail"])
    page.get_by_role("button", name="Keep it as a new row").click()
    until(page, lambda: column_of(stack, "text")[-1] == "For a row that will be gone")
    page.click("[data-to='mesh']")
    expect(page.locator("#trail .nothing")).to_be_visible()
    expect(page.locator("#events li")).to_have_count(0)


def test_what_another_life_refuses_before_the_page_knows_of_it_is_kept(page: Page, stack: FakeStack) -> None:
    stack.version = 7
    stack.set(1, "text", "Seen")
    expect(cell(page, 1, "text")).to_have_text("Seen")
    cell(page, 0, "text").click()
    page.keyboard.type("Precious")
    asked: list[Route] = []
    page.route("**/api/state*", lambda route: asked.append(route))
    until(page, lambda: asked)
    stack.rows, stack.version = cafe().rows[1:], 2
    with page.expect_response("**/api/cells") as refused:
        page.keyboard.press("Enter")
    assert refused.value.status == 409
    asked[0].continue_()
    page.unroute("**/api/state*")
    expect(page.locator("#notice-stays")).to_contain_text("Precious")
    page.get_by_role("button", name="Keep it as a new row").click()
    until(page, lambda: column_of(stack, "text")[-1] == "Precious")


def test_what_another_life_left_waits_for_the_first_sheet_there_is(page: Page, stack: FakeStack) -> None:
    kept = {"id": stack.value(0, "post_id"), "column": "text", "value": "Not thrown away"}
    page.evaluate("(kept) => sessionStorage.setItem('written', JSON.stringify([kept]))", kept)
    stack.broken.add("sheets")
    page.reload()
    expect(page.locator("#trouble")).to_be_visible()
    stack.broken.clear()
    until(page, lambda: stack.value(0, "text") == "Not thrown away")


def test_the_later_writer_of_a_cell_is_told_what_was_there_and_can_have_either(
    page: Page, stack: FakeStack, chromium: Browser, origin: str
) -> None:
    with opened(chromium, origin, width=1280, height=800) as other:
        cell(page, 2, "text").click()
        page.keyboard.type("Mine")
        cell(other, 2, "text").click()
        other.keyboard.type("Theirs")
        other.keyboard.press("Enter")
        until(other, lambda: stack.value(2, "text") == "Theirs")
        other.click("#sort")
        other.select_option("#sort-column", "text")
        other.click("#sort-down")
        until(other, lambda: column_of(stack, "text")[2] != "Theirs")
        page.keyboard.press("Enter")
        until(page, lambda: "Mine" in column_of(stack, "text") and "Theirs" not in column_of(stack, "text"))
        expect(page.locator("#notice-stays")).to_contain_text("Somebody wrote “Theirs” into text")
        page.get_by_role("button", name="Take theirs").click()
        until(page, lambda: "Theirs" in column_of(stack, "text") and "Mine" not in column_of(stack, "text"))
        expect(page.locator("#notice-stays")).to_be_hidden()


def test_ones_own_edits_one_after_the_other_are_nobody_elses(page: Page, stack: FakeStack) -> None:
    for text in ("One", "Two", "Three"):
        cell(page, 1, "text").click()
        page.keyboard.type(text)
        page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(1, "text") == "Three")
    expect(page.locator("#notice-stays")).to_be_hidden()


def test_a_row_deleted_in_the_other_tab_is_not_written_into_another(
    page: Page, stack: FakeStack, chromium: Browser, origin: str
) -> None:
    with opened(chromium, origin, width=1280, height=800) as other:
        cell(page, 2, "text").click()
        page.keyboard.type("Mine")
        other.click("tbody tr:nth-child(3) .remove", force=True)
        until(other, lambda: len(stack.rows) == 39)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Keep it as a new row")).to_be_visible()
        assert "Mine" not in column_of(stack, "text")


def test_what_is_written_in_a_row_is_not_put_into_one_that_took_its_place(page: Page, stack: FakeStack) -> None:
    cell(page, 2, "text").click()
    page.keyboard.type("Mine")
    stack.rows[2] = ["p_another", *NEW[1:]]
    stack.rows.append(list(NEW))
    stack.version += 1
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "42")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it as a new row")).to_be_visible()
    assert "Mine" not in column_of(stack, "text")


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.slow)])
def test_a_picture_with_a_name_of_300_characters_is_added_and_nothing_sticks_out(
    chromium: Browser, origin: str, stack: FakeStack, width: int
) -> None:
    with opened(chromium, origin, width=width, height=800) as page:
        drop(page, page.locator("tbody tr:nth-child(2)"), {LONG_NAME: ("image/png", picture("PNG"))})
        expect(page.locator("#notice")).to_contain_text("is in row 3")
        until(page, lambda: len(stack.files) == 1)
        [name] = stack.files
        assert len(name.encode()) <= 255
        assert str(stack.value(1, "image")).endswith(name)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        box = page.locator("#notice").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["height"] <= 320


def test_a_cell_of_ten_thousand_characters_and_a_paste_of_three_hundred_rows(page: Page, stack: FakeStack) -> None:
    long = "Ein sehr langer Text. " * 455
    cell(page, 0, "text").click()
    paste(page, long)
    until(page, lambda: stack.value(0, "text") == long.strip() or stack.value(0, "text") == long)
    row = page.locator("tbody tr").first.bounding_box()
    assert row is not None
    cell(page, 39, "date").click()
    paste(page, "\n".join(f"2027-05-{n % 28 + 1:02d}\t09:30\tPasted {n}" for n in range(300)))
    until(page, lambda: len(stack.rows) == 339)
    expect(page.locator("tbody tr")).to_have_count(339)
    assert column_of(stack, "text")[39:] == [f"Pasted {n}" for n in range(300)]
    assert len(edits(stack)) == 2


def test_rows_that_come_while_one_reads_do_not_move_the_page(page: Page, stack: FakeStack) -> None:
    page.evaluate("document.getElementById('sheet-scroll').scrollTop = 700")
    before = cell(page, 20, "text").bounding_box()
    stack.rows.insert(0, list(NEW))
    stack.version += 1
    expect(page.locator("tbody tr")).to_have_count(41)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = cell(page, 21, "text").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 2
