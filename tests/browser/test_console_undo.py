"""The owner's acts can be undone, and nobody else's are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_stack import FakeStack
from tests.browser.grid_hands import cell, column_of, edits, paste, until

pytestmark = pytest.mark.browser


def test_undo_and_redo_walk_through_every_act(page: Page, stack: FakeStack) -> None:
    stages = [[list(row) for row in stack.rows]]

    def done() -> None:
        expect(page.locator("td.saving")).to_have_count(0)
        until(page, lambda: stack.rows != stages[-1])
        stages.append([list(row) for row in stack.rows])

    cell(page, 0, "text").click()
    page.keyboard.type("New words")
    page.keyboard.press("Control+Enter")
    done()
    page.keyboard.press("Delete")
    done()
    cell(page, 1, "approved").locator("input").click()
    done()
    cell(page, 2, "time").click()
    paste(page, "01:01\n02:02")
    done()
    for stage in reversed(stages[:-1]):
        page.keyboard.press("Control+z")
        until(page, lambda stage=stage: stack.rows == stage)  # type: ignore[misc]
    for stage in stages[1:]:
        page.keyboard.press("Control+y")
        until(page, lambda stage=stage: stack.rows == stage)  # type: ignore[misc]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    until(page, lambda: stack.rows == stages[-1] and page.locator("#redo").get_attribute("aria-disabled") == "true")


@pytest.mark.slow
def test_undo_finds_its_row_wherever_it_is_now(page: Page, stack: FakeStack) -> None:
    before, post_id = stack.value(3, "text"), stack.value(3, "post_id")
    cell(page, 3, "text").click()
    page.keyboard.type("Mine")
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(3, "text") == "Mine")
    stack.rows.reverse()
    stack.version += 1
    page.keyboard.press("Control+z")
    place = column_of(stack, "post_id").index(post_id)
    until(page, lambda: stack.value(place, "text") == before)


def test_undo_leaves_what_somebody_else_changed_since(page: Page, stack: FakeStack) -> None:
    before = stack.value(1, "time")
    cell(page, 0, "time").click()
    page.keyboard.press("Shift+ArrowDown")
    paste(page, "08:08")
    until(page, lambda: column_of(stack, "time")[:2] == ["08:08"] * 2)
    expect(page.locator("td.saving")).to_have_count(0)
    stack.set(0, "time", "19:00")
    page.keyboard.press("Control+z")
    until(page, lambda: stack.value(1, "time") == before)
    assert stack.value(0, "time") == "19:00"
    expect(page.locator("#notice")).to_contain_text("changed since and stay as they are (row 2: time)")


@pytest.mark.slow
def test_undo_of_a_tick_that_the_mesh_took_away_does_nothing(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "approved").locator("input").click()
    until(page, lambda: stack.value(0, "approved") is True)
    expect(page.locator("td.saving")).to_have_count(0)
    stack.set(0, "approved", False)
    expect(cell(page, 0, "approved").locator("input")).not_to_be_checked()
    calls = len(edits(stack))
    page.keyboard.press("Control+z")
    expect(page.locator("#notice")).to_contain_text("changed since")
    assert len(edits(stack)) == calls


@pytest.mark.slow
def test_an_added_row_that_somebody_filled_in_is_not_taken_away_again(page: Page, stack: FakeStack) -> None:
    page.click("#add-row")
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.press("Escape")
    stack.set(40, "text", "Written by somebody else")  # The page may not have seen it yet; the console has.
    page.keyboard.press("Control+z")
    expect(page.locator("#notice")).to_contain_text("stay as they are (row 42)")
    assert stack.value(40, "text") == "Written by somebody else"


def test_deleted_rows_come_back_to_their_places(page: Page, stack: FakeStack) -> None:
    before = column_of(stack, "text")
    cell(page, 3, "text").click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+Delete")
    until(page, lambda: len(stack.rows) == 38)
    expect(page.locator("#notice")).to_contain_text("2 rows are deleted.")
    page.keyboard.press("Control+z")
    until(page, lambda: column_of(stack, "text") == before)
    assert column_of(stack, "post_id")[3:5] == ["", ""]
    expect(page.locator("#notice")).to_contain_text("to be approved anew")
    page.keyboard.press("Control+y")
    until(page, lambda: len(stack.rows) == 38)


@pytest.mark.slow
def test_edits_of_a_deleted_row_can_be_undone_after_it_is_back(page: Page, stack: FakeStack) -> None:
    before = stack.value(2, "text")
    cell(page, 2, "text").click()
    page.keyboard.type("Mine")
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(2, "text") == "Mine")
    page.keyboard.press("Control+Delete")
    until(page, lambda: len(stack.rows) == 39)
    page.keyboard.press("Control+z")
    until(page, lambda: len(stack.rows) == 40 and stack.value(2, "text") == "Mine")
    page.keyboard.press("Control+z")
    until(page, lambda: stack.value(2, "text") == before)


@pytest.mark.slow
def test_a_sort_is_not_undone_and_what_came_before_it_is(page: Page, stack: FakeStack) -> None:
    before, post_id = stack.value(0, "text"), stack.value(0, "post_id")
    cell(page, 0, "text").click()
    page.keyboard.type("Mine")
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(0, "text") == "Mine")
    page.click("#sort")
    page.select_option("#sort-column", "date")
    page.click("#sort-down")
    until(page, lambda: stack.value(0, "date") == "2027-04-04")
    page.click("#undo")
    expect(page.locator("#notice")).to_contain_text("A sort is not undone")
    page.click("#undo")
    until(page, lambda: stack.value(column_of(stack, "post_id").index(post_id), "text") == before)


@pytest.mark.slow
def test_a_text_typed_into_a_row_that_is_deleted_meanwhile_is_kept(page: Page, stack: FakeStack) -> None:
    cell(page, 1, "text").click()
    page.keyboard.type("Precious")
    del stack.rows[1]
    stack.version += 1
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "40")
    expect(page.locator(".editor .field")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep it as a new row").click()
    until(page, lambda: column_of(stack, "text")[-1] == "Precious")
