"""Each column has its editor, and pictures are dropped, chosen and shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_stack import FakeStack
from tests.browser.grid_hands import cell, drop, edits, picture, until

pytestmark = pytest.mark.browser


def test_channels_are_chosen_with_the_keyboard(page: Page, stack: FakeStack) -> None:
    stack.set(0, "channels", "bluesky-main, x-old")
    expect(cell(page, 0, "channels")).to_contain_text("x-old")
    cell(page, 0, "channels").click()
    page.keyboard.press("Enter")
    options = page.locator(".editor").get_by_role("option")
    expect(options).to_have_text(["bluesky-main", "mastodon-main", "x-oldnot in the rules"])
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("m")
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(0, "channels") == "bluesky-main, mastodon-main")
    expect(cell(page, 0, "channels")).to_be_focused()


@pytest.mark.slow
def test_channels_are_chosen_with_the_mouse_and_left_as_they_were(page: Page, stack: FakeStack) -> None:
    before = stack.value(2, "channels")
    cell(page, 2, "channels").dblclick()
    page.get_by_role("option", name="mastodon-main").click()
    page.keyboard.press("Escape")
    cell(page, 2, "channels").dblclick()
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_have_count(0)
    assert (stack.value(2, "channels"), edits(stack)) == (before, [])


@pytest.mark.slow
def test_a_channel_can_be_written_plainly(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "channels").click()
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("linkedin-new")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(0, "channels") == "linkedin-new")


def test_a_time_is_typed_as_people_write_it(page: Page) -> None:
    meant = {"9": "09:00", "930": "09:30", "9.30": "09:30", "21h30": "21:30", "9 pm": "21:00", "12am": "00:00",
             "25:00": "25:00", "noon": "noon", "07:05": "07:05", "": ""}  # fmt: skip
    read = (
        "async (texts) => { const { typedTime } = await import('/page/grid/editors.js'); return texts.map(typedTime); }"
    )
    assert page.evaluate(read, list(meant)) == list(meant.values())


@pytest.mark.slow
def test_a_day_is_chosen_in_the_calendar_or_typed(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "date").click()
    page.keyboard.press("Enter")
    expect(page.locator(".editor .field")).to_have_value("2027-03-15")
    page.locator(".editor .native").evaluate(
        "(node) => { node.value = '2027-05-06'; node.dispatchEvent(new Event('change')); }"
    )
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(0, "date") == "2027-05-06")


def test_a_long_text_tells_its_length_and_takes_line_breaks(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "text").click()
    page.keyboard.type("ab")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("👩‍👩‍👧")
    expect(page.locator(".length")).to_have_text("4")
    page.keyboard.press("Control+Enter")
    until(page, lambda: stack.value(0, "text") == "ab\n👩‍👩‍👧")
    expect(cell(page, 0, "text")).to_be_focused()


@pytest.mark.slow
def test_each_picture_of_a_row_is_shown(page: Page, stack: FakeStack) -> None:
    stack.set(0, "image", "gull.png (top), beans.jpg; missing.png")
    thumbs = cell(page, 0, "image").locator(".thumb")
    expect(thumbs).to_have_count(3)
    expect(thumbs.locator("img")).to_have_count(2)
    expect(thumbs.nth(2)).to_have_text("missing.png")
    assert thumbs.nth(0).locator("img").get_attribute("src") == "/api/files/gull.png"


def test_pictures_dropped_on_a_row_are_added_to_it(page: Page, stack: FakeStack) -> None:
    stack.set(0, "image", "gull.png")
    expect(cell(page, 0, "image").locator("img")).to_have_count(1)
    drop(page, cell(page, 0, "text"), {"a, b.jpg": ("image/jpeg", picture()), "two.png": ("image/png", picture("PNG"))})
    until(page, lambda: stack.value(0, "image") == "gull.png, a- b.jpg, two.png")
    assert stack.files["two.png"] == ("image/png", picture("PNG"))
    expect(cell(page, 0, "image").locator("img")).to_have_count(3)
    page.keyboard.press("Control+z")
    until(page, lambda: stack.value(0, "image") == "gull.png")


@pytest.mark.slow
def test_a_name_that_is_taken_gets_a_number_unless_it_is_the_same_picture(page: Page, stack: FakeStack) -> None:
    for row, colour, name in ((0, "teal", "new.jpg"), (1, "red", "new-2.jpg"), (2, "teal", "new.jpg")):
        stack.set(row, "image", "")
        expect(cell(page, row, "image").locator(".thumb")).to_have_count(0)
        drop(page, cell(page, row, "image"), {"new.jpg": ("image/jpeg", picture(colour=colour))})
        until(page, lambda row=row, name=name: stack.value(row, "image") == name)  # type: ignore[misc]
    assert set(stack.files) == {"new.jpg", "new-2.jpg"}


@pytest.mark.slow
def test_a_picture_that_its_cell_names_already_is_not_named_twice(page: Page, stack: FakeStack) -> None:
    """As the status asks: there is no such file in the folder; put it there."""
    stack.set(0, "image", "new.jpg (top)")
    expect(cell(page, 0, "image").locator(".thumb")).to_have_text("new.jpg")
    drop(page, cell(page, 0, "image"), {"new.jpg": ("image/jpeg", picture()), "two.png": ("image/png", picture("PNG"))})
    until(page, lambda: stack.value(0, "image") == "new.jpg (top), two.png")
    expect(page.locator("#notice")).to_have_text("2 pictures are in row 2.")
    drop(page, cell(page, 0, "image"), {"new.jpg": ("image/jpeg", picture())})
    expect(page.locator("#notice")).to_have_text("new.jpg is in row 2.")
    assert stack.value(0, "image") == "new.jpg (top), two.png"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "content", "sentence"),
    [
        ("menu.pdf", "application/pdf", b"%PDF-1.7", "menu.pdf is no picture. JPEG, PNG, WebP, GIF and HEIC can be posted."),
        ("fake.jpg", "image/jpeg", b"<html>", "fake.jpg is no picture. JPEG, PNG, WebP, GIF and HEIC can be posted."),
        ("none.jpg", "image/jpeg", b"", "none.jpg is empty."),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_words(
    page: Page, stack: FakeStack, name: str, kind: str, content: bytes, sentence: str
) -> None:
    drop(page, cell(page, 0, "image"), {name: (kind, content)})
    expect(page.locator("#notice")).to_have_text(sentence)
    assert (stack.files, edits(stack)) == ({}, [])
    expect(page.locator("progress")).to_have_count(0)


@pytest.mark.slow
def test_a_picture_over_40_mb_is_refused_before_it_is_sent(page: Page, stack: FakeStack) -> None:
    page.evaluate("""async () => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(41e6)], 'huge.jpg', {type: 'image/jpeg'}));
        document.querySelector('tbody tr td').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
    }""")
    expect(page.locator("#notice")).to_contain_text("huge.jpg has 41 MB; at most 40 MB can be posted.")
    assert not stack.files


@pytest.mark.slow
def test_a_picture_is_chosen_without_a_mouse(page: Page, stack: FakeStack) -> None:
    page.on(
        "filechooser",
        lambda chooser: chooser.set_files([{"name": "chosen.jpg", "mimeType": "image/jpeg", "buffer": picture()}]),
    )
    cell(page, 3, "date").click()
    page.focus("#add-picture")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(3, "image").endswith("chosen.jpg"))


@pytest.mark.slow
def test_a_picture_dropped_below_the_rows_makes_a_new_one(page: Page, stack: FakeStack) -> None:
    drop(page, page.locator("#sheet-scroll"), {"new.jpg": ("image/jpeg", picture())})
    until(page, lambda: len(stack.rows) == 41 and stack.value(40, "image") == "new.jpg")


@pytest.mark.slow
def test_a_picture_dropped_while_its_cell_is_written_joins_what_is_typed(page: Page, stack: FakeStack) -> None:
    cell(page, 4, "image").click()
    page.keyboard.type("typed.jpg")
    drop(page, cell(page, 4, "text"), {"new.jpg": ("image/jpeg", picture())})
    expect(page.locator(".editor .field")).to_have_value("typed.jpg, new.jpg")
    page.keyboard.press("Enter")
    until(page, lambda: stack.value(4, "image") == "typed.jpg, new.jpg")
