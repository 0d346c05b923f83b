"""The month as it will go, by mouse, keyboard and thumb; a calendar of one's own, in and out again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.browser.fake_stack import RULES, FakeStack, cafe, plan_rows
from tests.unit.mesh.cards.preview_samples import PICTURES, post_on_all

pytestmark = pytest.mark.browser

WINDOW = f"Posting window: 07:00-21:00\nBlackout days: 2027-03-26\n\n{RULES}"
PROBLEM = {"channel": "", "code": "channel-unknown", "message": "channels: “x” is not in your rules doc; name another"}


@pytest.fixture
def stack() -> FakeStack:
    """Three posts on one day, one moved over night, one to mend, one with a package, and more on another day than it has room for."""
    stack = cafe()
    stack.rules = WINDOW
    manifest, _ = post_on_all(1)
    package = {"source_revision": "s3", "revision": manifest.revision}
    stack.revisions["p003"] = manifest.revision
    stack.objects[f"packages/p003/{manifest.revision}/manifest.json"] = manifest.canonical()
    for sha256, (content, *_) in PICTURES.items():
        stack.objects[f"packages/p003/{manifest.revision}/{sha256}"] = content
    rows = [
        {"date": "2027-03-16", "time": "09:00", "text": "Cake <b>& more</b> 🍰"},
        {"date": "2027-03-16", "time": "22:30", "text": "Moved over night"},
        {"date": "2027-03-16", "time": "12:00", "text": "Mend me", "item": {"row_problems": [PROBLEM]}},
        {"date": "2027-03-16", "time": "15:00", "text": "Ready", "item": {"package": package}},
        {"date": "2027-03-26", "time": "09:00", "text": "On a day off"},
        *({"date": "2027-03-30", "time": f"{8 + n:02d}:00", "text": f"Full {n}"} for n in range(11)),
    ]
    plan_rows(stack, rows)
    return stack


@pytest.fixture
def month(page: Page) -> Page:
    return shown(page)


def shown(page: Page, view: str = "calendar") -> Page:
    page.locator("[data-to=month]").click()
    page.locator(f"[data-show={view}]").click()
    return page


def day(page: Page, iso: str) -> str:
    return f"#month td[data-day='{iso}']"


def check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_day_is_the_owners_wherever_the_browser_is(page: Page) -> None:
    at = "2027-03-31T10:30:00Z"
    asked = "([at, zone]) => import('/page/times.js').then((times) => { times.setZone(zone); return times.isoDay(new Date(at)); })"
    days = [page.evaluate(asked, [at, zone]) for zone in ("Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin")]
    assert days == ["2027-04-01", "2027-03-31", "2027-03-31"]


def test_each_post_stands_at_the_time_it_will_go(month: Page) -> None:
    expect(month.locator("#month-name")).to_have_text("March 2027")
    expect(month.locator("#month thead th")).to_have_text(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    sixteenth = month.locator(day(month, "2027-03-16"))
    expect(sixteenth.locator(".entry b")).to_have_text(["09:00", "12:00", "15:00"])
    expect(sixteenth.locator(".entry .words").first).to_have_text("Cake <b>& more</b> 🍰")
    moved = month.locator(day(month, "2027-03-17")).locator(".entry")
    expect(moved.locator("s")).to_have_text("Tue 22:30")
    expect(moved.locator("b")).to_have_text("07:00")
    expect(month.locator(day(month, "2027-03-26"))).to_contain_text("a blackout day")
    expect(month.locator(day(month, "2027-03-28"))).to_contain_text("the clocks go forward")
    expect(month.locator(day(month, "2027-03-15"))).to_have_attribute("aria-current", "date")
    expect(month.locator(day(month, "2027-03-30")).locator(".more")).to_have_text("+6 more")
    expect(month.locator("#month-legend")).to_contain_text("to mend1")
    check(month)


def test_the_month_is_gone_through_by_keyboard(month: Page) -> None:
    month.locator(day(month, "2027-03-15")).focus()
    month.keyboard.press("ArrowRight")
    expect(month.locator(day(month, "2027-03-16"))).to_be_focused()
    month.keyboard.press("Enter")
    expect(month.locator("#month-panel-title")).to_have_text("Tuesday 16 March")
    expect(month.locator("#month-panel-body .entry")).to_have_count(3)
    month.locator("#month-panel-body .entry").nth(2).press("Enter")
    expect(month.locator("#month-panel-title")).to_have_text("Tuesday 16 March, 15:00")
    preview = month.frame_locator("#month-panel-body iframe")
    expect(preview.locator("article").first).to_be_visible()
    check(month)
    month.click("#month-panel-back")
    expect(month.locator("#month-panel-title")).to_have_text("Tuesday 16 March")
    month.keyboard.press("Escape")
    expect(month.locator(day(month, "2027-03-16"))).to_be_focused()
    month.keyboard.press("ArrowUp")
    month.keyboard.press("ArrowUp")
    month.keyboard.press("ArrowUp")
    expect(month.locator("#month-name")).to_have_text("February 2027")
    expect(month.locator(day(month, "2027-02-23"))).to_be_focused()
    month.keyboard.press("PageDown")
    expect(month.locator("#month-name")).to_have_text("March 2027")
    month.get_by_role("button", name="To the stack’s today").click()
    expect(month.locator(day(month, "2027-03-15"))).to_have_attribute("tabindex", "0")


def test_a_post_says_why_it_moved_and_leads_to_its_row(month: Page) -> None:
    month.locator(day(month, "2027-03-17")).locator(".entry").click()
    panel = month.locator("#month-panel")
    expect(panel.locator(".month-moved")).to_have_text("Tue 22:30 → 07:00: outside the posting window 07:00-21:00")
    panel.get_by_role("button", name="Show its row").click()
    expect(panel).not_to_be_visible()
    expect(month.locator("#grid tbody tr:nth-child(2) td[data-column='text']")).to_be_focused()


def test_what_is_to_be_mended_leads_to_its_cell(month: Page) -> None:
    expect(month.locator("#month-mend-count")).to_have_text("1")
    shown(month, "mend")
    expect(month.locator(".month-problems").first).to_contain_text("“x” is not in your rules doc. Name another.")
    check(month)
    month.get_by_role("button", name="Go to channels").click()
    expect(month.locator("#grid tbody tr:nth-child(3) td[data-column='channels']")).to_be_focused()


def test_every_row_is_previewed_or_says_why_not(month: Page, stack: FakeStack) -> None:
    stack.set(0, "status", "Planned. Its preview is made on Monday")
    shown(month, "previews")
    rows = month.locator("#gallery > li")
    expect(rows).to_have_count(12)
    expect(rows.first).to_contain_text("Planned. Its preview is made on Monday")
    frame = month.frame_locator("#gallery iframe")
    expect(frame.locator("article")).not_to_have_count(1)
    month.select_option("#gallery-channel", "bluesky-main")
    expect(frame.locator("article")).to_have_count(1)
    month.check("#gallery-remarks")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Mend me")


CALENDAR = """date,time,text,channels,image
2027-04-05,9:00,New one,bluesky-main,
2027-04-06,soon,"=SUM(1)<i>",bluesky-main,tart.jpg
2027-03-16,09:00,Cake <b>& more</b> 🍰,bluesky-main,
"""


def test_a_file_is_looked_at_added_and_taken_out_again(month: Page, stack: FakeStack, tmp_path: Path) -> None:
    file = tmp_path / "my plan.csv"
    file.write_text(CALENDAR)
    shown(month, "load")
    month.set_input_files("#load-file", file)
    found = month.locator(".load-found")
    expect(found.locator("[role=status]")).to_have_text(
        "3 rows, 1 of them already in the sheet, 2 to mend, 1 picture missing."
    )
    expect(found.locator(".load-problems")).to_contain_text("Row 3, time: soon is no time.")
    expect(found.locator(".load-missing li")).to_have_text("tart.jpg")
    check(month)
    assert not stack.calls
    month.set_input_files("#load-file", {"name": "tart.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"})
    expect(found.locator(".load-missing")).to_have_count(0)
    month.click("#load-add")
    expect(month.locator("#notice")).to_contain_text("2 rows are in the sheet.")
    assert [row[3] for row in stack.rows[-2:]] == ["New one", "=SUM(1)<i>"]
    typed = next(body for _, path, body in stack.calls if path == "/owner/rows")["rows"]
    assert [row["time"] for row in typed] == ["09:00", "'soon"], (
        "the sheet makes nothing else of what nobody could read"
    )
    assert typed[1]["text"] == "'=SUM(1)<i>"
    expect(month.locator("#load-add")).to_be_disabled()
    month.get_by_role("button", name="Take them out again").click()
    expect(month.locator("#load-add")).to_be_disabled()
    expect(month.locator("#notice")).to_contain_text("Undone: add 2 rows of my plan.csv")
    assert len(stack.rows) == 16


def test_the_sheet_is_replaced_only_after_a_second_question(month: Page, stack: FakeStack, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(CALENDAR)
    shown(month, "load")
    month.set_input_files("#load-file", file)
    month.click("#load-replace")
    expect(month.get_by_role("button", name="No, keep them")).to_be_focused()
    assert len(stack.rows) == 16
    month.get_by_role("button", name="Yes: take 16 rows out, put 3 in").click()
    expect(month.locator("#notice")).to_contain_text("3 rows are in the sheet.")
    assert len(stack.rows) == 3


def test_what_is_no_calendar_is_said_in_a_sentence(month: Page) -> None:
    shown(month, "load")
    month.set_input_files("#load-file", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(month.locator("#load-wrong")).to_contain_text("plan.pdf is a PDF, not a calendar")
    expect(month.locator("#load-look")).to_be_empty()


def test_sheet_and_plan_are_saved_under_plain_names(month: Page) -> None:
    shown(month, "load")
    names = []
    for link in month.locator("#load-take a").all():
        with month.expect_download() as download:
            link.click()
        names.append(download.value.suggested_filename)
    assert names == ["posts.xlsx", "posts.csv", "plan-2027-03.ics", "plan.ics"]


@pytest.fixture
def thumb(chromium: Browser, origin: str) -> Iterator[Page]:
    with opened(chromium, origin, width=390, height=844, touch=True) as phone:
        yield phone


def test_a_phone_has_a_list_by_day(thumb: Page) -> None:
    shown(thumb)
    expect(thumb.locator("#month table")).to_have_count(0)
    expect(thumb.locator(".month-list h4")).to_have_text(
        [
            re.compile(words)
            for words in ("15 Mar", "16 Mar", "17 Mar", "26 Mar.*blackout", "27 Mar", "28 Mar", "30 Mar")
        ]
    )
    for button in thumb.locator("#month button:visible, #month a.button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert thumb.evaluate("document.documentElement.scrollWidth") == 390
    check(thumb)
    thumb.locator(".month-list .entry").nth(3).tap()
    expect(thumb.locator("#month-panel-title")).to_have_text("Wednesday 17 March, 07:00")


def test_three_hundred_posts_are_drawn_once_and_only_where_they_are_seen(page: Page, stack: FakeStack) -> None:
    plan_rows(stack, [{"date": f"2027-03-{1 + n % 31:02d}", "text": f"Post {n} " * 9} for n in range(300)])
    stack.run()
    expect(page.locator("#sheet-count")).to_have_text("300 rows")
    expect(page.locator("#month-days > *")).to_have_count(0)
    shown(page)
    expect(page.locator(day(page, "2027-03-10")).locator(".more")).to_have_text("+5 more")
    page.evaluate(
        "() => { window.touched = []; new MutationObserver((all) => touched.push(...all.map((one) => one.target.outerHTML)))"
        ".observe(document.getElementById('month'), { subtree: true, childList: true, characterData: true }); }"
    )
    stack.set(9, "text", "Another word")
    expect(page.locator(day(page, "2027-03-10")).locator(".words").first).to_have_text("Another word")
    touched = page.evaluate("touched")
    assert len(touched) == 1
    assert 'data-day="2027-03-10"' in touched[0]
    shown(page, "previews")
    expect(page.locator("#gallery-count")).to_have_text("300 rows")
    expect(page.locator("#gallery > li")).to_have_count(12)


def test_a_row_that_was_taken_out_is_out_of_the_month_at_once(month: Page, stack: FakeStack) -> None:
    expect(month.locator("#month-count")).to_have_text("16 posts, at the times they will go")
    stack.rows = stack.rows[:2]
    stack.version += 1
    expect(month.locator("#month-count")).to_have_text("2 posts, at the times they will go")
