"""Ranges travel to and from other spreadsheets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_stack import HEADER, FakeStack
from tests.browser.grid_hands import cell, column_of, copied, edits, paste, until

pytestmark = pytest.mark.browser


def test_what_is_copied_has_quotes_around_what_needs_them(page: Page, stack: FakeStack) -> None:
    stack.set(0, "text", 'One\nsaid "two"\tthree')
    stack.set(0, "channels", "a & <b>")
    expect(cell(page, 0, "channels")).to_have_text("a & <b>")
    cell(page, 0, "time").click()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    found = copied(page)
    first, second = found["text"].rsplit("\n", 1)
    assert first == '09:30\t"One\nsaid ""two""\tthree"\ta & <b>'
    assert second.startswith("12:15\t")
    assert "<td>a &amp; &lt;b&gt;</td>" in found["html"]
    assert "One<br" in found["html"]


@pytest.mark.slow
def test_what_was_copied_here_is_pasted_as_it_was(page: Page, stack: FakeStack) -> None:
    """Through the browser's own clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stack.set(0, "text", '=1+1 said\n"two"\t three')
    expect(cell(page, 0, "text")).to_contain_text("=1+1")
    cell(page, 0, "text").click()
    page.keyboard.press("Control+c")
    expect(page.locator("#notice")).to_contain_text("1 cell copied.")
    cell(page, 3, "text").click()
    page.keyboard.press("Control+v")
    until(page, lambda: stack.value(3, "text") == '=1+1 said\n"two"\t three')
    assert edits(stack)[-1][0]["value"].startswith("'="), "it would have become a formula"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('2027-04-01\t9:15\t"Line one\nline ""two"""\r\n2027-04-02\t10:15\tPlain', ""),
        (
            "2027-04-01\t9:15\tbroken in plain text",
            "<meta charset='utf-8'><google-sheets-html-origin><style type='text/css'>td {color: red}</style><table style='x'>"
            "<tr><td style='a'>2027-04-01</td><td>9:15</td><td>Line one<br/>line &quot;two&quot;</td></tr>"
            "<tr><td>2027-04-02</td><td>10:15</td><td>Plain</td></tr></table>",
        ),
        (
            "",
            "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><body><table>\r\n <tr height=20 style='height:15.0pt'>\r\n"
            '  <td class=xl65>2027-04-01</td>\r\n  <td>9:15</td>\r\n  <td>Line one<br>\r\n    line\r\n  "two"</td></tr>'
            "<tr><td>2027-04-02</td><td>10:15</td><td>Plain</td></tr></table></body></html>",
        ),
    ],
    ids=["tab-separated", "google sheets", "excel"],
)
def test_a_range_of_another_spreadsheet_is_pasted(page: Page, stack: FakeStack, text: str, html: str) -> None:
    cell(page, 1, "date").click()
    paste(page, text, html)
    until(page, lambda: stack.value(2, "text") == "Plain")
    assert (stack.value(1, "date"), stack.value(1, "time")) == ("2027-04-01", "9:15")
    assert stack.value(1, "text") == 'Line one\nline "two"'
    assert len(edits(stack)) == 1, "one request for all of it"


@pytest.mark.slow
def test_tab_separated_text_is_read_as_it_is_meant(page: Page) -> None:
    meant = {
        "a\tb\r\nc\td\r\n": [["a", "b"], ["c", "d"]],
        '"Best" cake\tx': [['"Best" cake', "x"]],
        '"""quoted"""\t""': [['"quoted"', ""]],
        'say "hi"': [['say "hi"']],
        '"never closed\tb': [['"never closed', "b"]],
        "a\n\nb": [["a"], [""], ["b"]],
        "a\tb\nc": [["a", "b"], ["c", ""]],
        '"a\r\nb"\tc': [["a\nb", "c"]],
        "": [[""]],
    }
    read = "async (texts) => { const { fromText } = await import('/page/grid/clips.js'); return texts.map(fromText); }"
    assert page.evaluate(read, list(meant)) == list(meant.values())


@pytest.mark.slow
def test_what_is_written_is_read_back(page: Page) -> None:
    cells = [["a\tb", 'q"q', ""], ["line\nline", '"', " x "], ["", "", ""]]
    written = """async (cells) => {
        const { toText, fromText, toHtml, fromHtml } = await import('/page/grid/clips.js');
        return [fromText(toText(cells)), fromHtml(toHtml(cells))];
    }"""
    assert page.evaluate(written, cells) == [cells, cells]


@pytest.mark.slow
def test_one_cell_fills_the_range_it_is_pasted_over(page: Page, stack: FakeStack) -> None:
    cell(page, 0, "time").click()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    paste(page, "08:08")
    until(page, lambda: column_of(stack, "time")[:4] == ["08:08"] * 4)
    assert column_of(stack, "time")[4] != "08:08"


def test_columns_of_the_mesh_are_skipped_and_the_page_says_so(page: Page, stack: FakeStack) -> None:
    stack.set(0, "status", "Waiting for your approval")
    expect(cell(page, 0, "status")).to_contain_text("Waiting")
    cell(page, 0, "approved").click(position={"x": 60, "y": 10})
    paste(page, "TRUE\tPosted\tbeyond")
    until(page, lambda: stack.value(0, "approved") is True)
    assert stack.value(0, "status") == "Waiting for your approval"
    expect(page.locator("#notice")).to_contain_text("status, which the mesh writes")
    expect(page.locator("#notice")).to_contain_text("the last 1 column")


@pytest.mark.slow
def test_a_paste_past_the_last_row_adds_rows_and_is_undone_whole(page: Page, stack: FakeStack) -> None:
    before = [list(row) for row in stack.rows]
    cell(page, 39, "text").click()
    paste(page, "Forty\tbluesky-main\nForty-one\tmastodon-main\nForty-two\t")
    until(page, lambda: len(stack.rows) == 42)
    assert column_of(stack, "text")[39:] == ["Forty", "Forty-one", "Forty-two"]
    assert stack.value(40, "channels") == "mastodon-main"
    expect(page.locator("#notice")).to_contain_text("2 rows added")
    page.keyboard.press("Control+z")
    until(page, lambda: stack.rows == before)


@pytest.mark.slow
def test_cut_takes_away_and_fill_down_repeats(page: Page, stack: FakeStack) -> None:
    text = stack.value(0, "text")
    cell(page, 0, "text").click()
    assert copied(page, "cut")["text"].replace('"', "") == text.replace('"', "")
    until(page, lambda: stack.value(0, "text") == "")
    paste(page, text)
    until(page, lambda: stack.value(0, "text") == text)
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    until(page, lambda: column_of(stack, "text")[:3] == [text] * 3)


def test_what_is_still_on_its_way_to_the_sheet_is_what_is_copied_and_filled(page: Page, stack: FakeStack) -> None:
    """Nobody waits for a save before the next key."""
    cell(page, 0, "text").click()
    paste(page, "Just typed")
    page.keyboard.press("Shift+ArrowDown")
    assert "Just typed" in copied(page)["text"]
    page.keyboard.press("Control+d")
    until(page, lambda: column_of(stack, "text")[:2] == ["Just typed"] * 2)


@pytest.mark.slow
def test_delete_clears_the_range_but_not_what_the_mesh_wrote(page: Page, stack: FakeStack) -> None:
    stack.set(0, "status", "Booked")
    stack.set(0, "approved", True)
    expect(cell(page, 0, "status")).to_contain_text("Booked")
    cell(page, 0, "date").click()
    page.keyboard.press("Shift+End")
    page.keyboard.press("Delete")
    until(page, lambda: stack.value(0, "text") == "")
    shown = dict(zip(HEADER, stack.rows[0], strict=True))
    assert (shown["post_id"], shown["status"], shown["approved"]) == ("p000c9e1", "Booked", False)
    page.keyboard.press("Control+z")
    until(page, lambda: stack.value(0, "approved") is True and stack.value(0, "text") != "")


@pytest.mark.slow
def test_a_copied_row_is_inserted_as_a_new_one(page: Page, stack: FakeStack) -> None:
    stack.set(1, "approved", True)
    stack.set(1, "alt text", "not among the columns shown")
    expect(cell(page, 1, "approved").locator("input")).to_be_checked()
    cell(page, 1, "date").click()
    page.keyboard.press("Shift+Space")
    copied(page)
    cell(page, 4, "text").click(button="right")
    page.get_by_role("menuitem", name="Insert copied rows above").click()
    until(page, lambda: len(stack.rows) == 41)
    made, source = (dict(zip(HEADER, stack.rows[place], strict=True)) for place in (4, 1))
    assert made == {**source, "post_id": "", "approved": False, "approved for": "", "status": ""}
