"""The console by keyboard, by screen reader, enlarged and small: every view there is, those to come too."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.busy_stack import STATUSES, feed_post
from tests.browser.conftest import opened
from tests.browser.fake_stack import FakeStack
from tests.browser.grid_hands import cell, until

pytestmark = pytest.mark.browser


@pytest.fixture
def stack(stack: FakeStack) -> FakeStack:
    """A business in the middle of its day; few rows, as each costs axe its time."""
    del stack.rows[8:]
    for row, _ in enumerate(stack.rows):
        stack.set(row, "status", STATUSES[row % len(STATUSES)])
        stack.happen("ss.failed" if row % 3 else "ss.sent", post_id=stack.value(row, "post_id"), channel="bluesky-main")
    for n in range(8):
        stack.send_mail(f"{n} posts wait for your approval", "Fresh rolls from seven", "<p>Fresh rolls</p>")
    stack.posts = [feed_post(n) for n in range(8)]
    return stack


def views(page: Page) -> list[str]:
    """All that can be opened, by the page's own list."""
    names: list[str] = page.evaluate(
        "import('/page/views.js').then(({ PAGES }) => Object.entries(PAGES).flatMap(([page, panes]) => page === 'desk' ? panes : [page]))"
    )
    return names


def opens(page: Page, view: str) -> None:
    """Opened and drawn: what a view holds may come with an answer of its own, or a frame later."""
    page.evaluate("(view) => document.querySelector(`[data-to='${view}']`).click()", view)
    drawn = {
        "faults": ".toggle",
        "mesh": "#mesh-body *, #mesh-list li",
        "month": "#month-calendar *",
        "outbox": "#mails li",
    }
    expect(page.locator(f"#{view}").locator(drawn.get(view, "*")).first).to_be_attached()
    page.evaluate(
        """(view) => new Promise((done) => {
            let last = -1, same = 0;
            const look = () => {
                const count = document.getElementById(view).querySelectorAll("*").length;
                same = count === last ? same + 1 : 0;
                last = count;
                if (same === 20) done(); else requestAnimationFrame(look);
            };
            look();
        })""",
        view,
    )


def sound(page: Page, where: str) -> None:
    # A mail is written by others, and axe cannot look into a frame in which nothing may run.
    found = Axe().run(page, options={"iframes": False})
    faults = [
        (fault["id"], node["target"], node["failureSummary"])
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]
    assert faults == [], where


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_no_view_has_a_barrier(chromium: Browser, origin: str, width: int, scheme: str) -> None:
    with opened(chromium, origin, width=width, height=900) as page:
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce")
        expect(page.locator("#outbox-count")).to_have_text("8 sent, 8 not opened")
        for view in views(page):
            opens(page, view)
            sound(page, view)
        page.evaluate("document.querySelector('[data-to=outbox]').click()")
        page.locator("#mails button").first.click()
        sound(page, "reader")
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('[data-to=sheet]').click()")
        page.locator("#try-open:visible, #try-close:visible").click()
        cell(page, 0, "channels").click()
        for panel in ("#more", "#sort"):
            page.click(panel)
            sound(page, panel)
            page.keyboard.press("Escape")
        for column in ("text", "channels"):
            cell(page, 1, column).dblclick()
            sound(page, f"editor of {column}")
            page.keyboard.press("Escape")
        page.context.set_offline(True)
        expect(page.locator("#trouble")).to_be_visible()
        sound(page, "trouble")


def test_the_first_tab_leads_to_the_sheet(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the sheet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell(page, 0, "date")).to_be_focused()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_tab_reaches_every_control_that_is_seen_and_shows_where_it_is(
    chromium: Browser, origin: str, width: int
) -> None:
    with opened(chromium, origin, width=width, height=900) as page:
        expect(page.locator("#outbox-count")).to_have_text("8 sent, 8 not opened")
        for view in views(page):
            opens(page, view)
            wanted: list[str] = page.evaluate(
                """() => {
                    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
                    const seen = all.filter((one) => one.tabIndex >= 0 && !one.disabled && !one.closest("dialog, [popover]"))
                        .filter((one) => one.checkVisibility({visibilityProperty: true}));
                    seen.forEach((one, place) => { one.dataset.stop = place; });
                    document.activeElement.blur();
                    scrollTo(0, 0);
                    return seen.map((one) => one.outerHTML.slice(0, 80));
                }"""
            )
            reached: set[int] = set()
            dim: list[str] = []
            for _ in range(len(wanted) + 12):
                page.keyboard.press("Tab")
                stop, shown = page.evaluate(
                    """() => {
                        const one = document.activeElement;
                        const style = getComputedStyle(one);
                        const plate = one.matches(".weave .node") && one.querySelector(".plate, .touch");
                        const shown = plate // In a drawing it is the stroke that shows it.
                            ? getComputedStyle(plate).strokeWidth === "2px"
                            : style.outlineStyle !== "none" || style.boxShadow !== "none";
                        return [one.dataset.stop ?? "", shown || one === document.body];
                    }"""
                )
                if stop != "":
                    reached.add(int(stop))
                    if not shown:
                        dim.append(wanted[int(stop)])
            assert [text for place, text in enumerate(wanted) if place not in reached] == [], view
            assert dim == [], view


def test_the_focus_is_never_lost_while_answers_come(page: Page, stack: FakeStack) -> None:
    cell(page, 5, "text").click()
    for n in range(10):
        row = next(place for place, _ in enumerate(stack.rows) if stack.value(place, "post_id") == "p005c9e1")
        stack.rows.insert((row + 3) % 8, stack.rows.pop((row + 1) % 8))
        stack.set(n % 8, "status", f"Booked for Fri 09:{n:02d}")
        stack.send_mail(f"Please look, {n}", "Text")
        page.evaluate("dispatchEvent(new Event('focus'))")
        until(page, lambda: page.locator("#mails li").count() == len(stack.mails))
        assert page.evaluate("document.activeElement.closest('td')?.dataset.column") == "text"
    focused = page.locator("tbody tr:focus-within th a")
    assert focused.get_attribute("href") == "/preview/p005c9e1"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400), (820, 500), (820, 1180), (1080, 800)])
def test_nothing_sticks_out_or_is_lost_when_there_is_little_room(
    chromium: Browser, origin: str, width: int, height: int
) -> None:
    """320 px is 1280 px at 400 %, 640 x 400 px is it at 200 %."""
    with opened(chromium, origin, width=width, height=height) as page:
        for view in views(page):
            page.evaluate("(view) => document.querySelector(`[data-to='${view}']`).click()", view)
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
            cut = page.evaluate(
                """() => [...document.querySelectorAll("button, .tabs a, h1, h2")]
                    .filter((one) => one.checkVisibility() && !one.closest(".scroll, .mails, #notice"))
                    .filter((one) => { const box = one.getBoundingClientRect();
                        return box.width && (box.left < -1 || box.right > innerWidth + 1); })
                    .map((one) => one.outerHTML.slice(0, 90))"""
            )
            assert cut == [], view


@pytest.mark.slow
def test_a_thumb_hits_what_it_means(phone: Page) -> None:
    expect(phone.locator("#outbox-count")).to_have_text("8 sent, 8 not opened")
    for view in views(phone):
        phone.tap(f"[data-to='{view}']")
        small = phone.evaluate(
            """() => [...document.querySelectorAll("button:not(.head), select, input[type=search], .tabs a, summary")]
                .filter((one) => one.checkVisibility({contentVisibilityAuto: true}))
                .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width && box.height < 43.5)
                .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.height}`)"""
        )
        assert small == [], view
