"""300 rows, 2,000 events and 400 mails: the page answers all the time, and does nothing where nothing has changed.

Times are processor time of the page's main thread, told as of a computer that is not slow (by a fixed piece of work, timed in
the same browser before each run), and of up to three runs the best counts: what is left is the page's own doing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.busy_stack import burst, busy
from tests.browser.fake_stack import HEADER, FakeStack
from tests.browser.grid_hands import cell
from tests.browser.smoothness import LONGEST_MS, best_of_three, patiently, traced

pytestmark = pytest.mark.browser
VIEWS = ("outbox", "posted", "coming", "mesh", "month", "faults", "sheet")


@pytest.fixture
def stack() -> FakeStack:
    return busy()


def all_mails_are_there(page: Page, stack: FakeStack) -> Callable[[], bool]:
    return lambda: (page.text_content("#outbox-count") or "").startswith(f"{len(stack.mails)} sent")


def scroll_through(page: Page) -> None:
    page.evaluate(
        """async () => {
            const box = document.getElementById("sheet-scroll");
            const inner = getComputedStyle(box).overflowY !== "visible" ? box : document.scrollingElement;
            for (let place = 0; place < inner.scrollHeight; place += 700) {
                inner.scrollTop = place;
                await new Promise(requestAnimationFrame);
            }
            inner.scrollTop = 0;
        }"""
    )


def type_while(page: Page, stack: FakeStack) -> None:
    burst(stack)
    there = all_mails_are_there(page, stack)

    def typed() -> bool:
        page.keyboard.type("Words ")
        return there()

    patiently(page, typed)


def a_day(browser: Browser, origin: str, stack: FakeStack, width: int) -> dict[str, float]:
    """What one does in a day, each with its longest task in ms."""
    page = browser.new_page(viewport={"width": width, "height": 844})
    longest: dict[str, float] = {}

    def did(name: str, act: Callable[[], object]) -> None:
        with traced(browser, page) as trace:
            act()
        longest[name] = trace.longest_ms

    def load() -> None:
        page.goto(origin)
        patiently(page, all_mails_are_there(page, stack))

    def changes() -> None:
        burst(stack)
        patiently(page, all_mails_are_there(page, stack))

    def hundred() -> None:
        for row in range(100):
            stack.rows[row * 3][HEADER.index("status")] = f"Posted {row}"
        stack.version += 1
        patiently(page, lambda: cell(page, 297, "status").text_content() == "Posted 99")

    did("the first load", load)
    did("a scroll through the sheet", lambda: scroll_through(page))
    did("a burst", changes)
    cell(page, 3, "text").dblclick()
    did("typing while a burst comes", lambda: type_while(page, stack))
    page.keyboard.press("Escape")
    did("a hundred rows that change at once", hundred)
    cell(page, 3, "text").click()
    did("all of the sheet selected", lambda: page.keyboard.press("Control+a"))
    page.keyboard.press("Escape")
    for view in VIEWS:
        did(f"opening {view}", lambda view=view: page.evaluate(f"document.querySelector('[data-to={view}]').click()"))
    did("finding", lambda: page.fill("#find", "rolls"))
    did("finding no more", lambda: page.fill("#find", ""))
    did("all columns", lambda: page.check("#all-columns"))
    page.close()
    return longest


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_no_task_of_a_busy_day_keeps_the_page_from_answering(
    chromium: Browser, origin: str, stack: FakeStack, width: int
) -> None:
    found = best_of_three(lambda: a_day(chromium, origin, stack, width), chromium)
    print("\n".join(f"{ms:6.0f} ms  {name}" for name, ms in found.items()))
    assert {name: ms for name, ms in found.items() if ms > LONGEST_MS} == {}


def test_where_nothing_has_changed_nothing_is_touched(page: Page, stack: FakeStack) -> None:
    patiently(page, all_mails_are_there(page, stack))
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(len(answer.body())) if "/api/state" in answer.url else None)
    page.evaluate(
        """() => {
            window.touched = [];
            new MutationObserver((all) => {
                for (const one of all) {
                    const node = one.target.nodeType === 1 ? one.target : one.target.parentElement;
                    const what = `${one.type} ${one.attributeName ?? ""} ${node?.outerHTML.slice(0, 120)}`;
                    if (!node?.closest(".clock")) window.touched.push(what);
                }
            }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        }"""
    )
    # Asked at once rather than each second: the same code, five seconds sooner.
    while len(answers) < 6:
        page.evaluate("dispatchEvent(new Event('focus'))")
        page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate("window.touched") == []
    assert max(answers[1:]) < 1000


def test_a_part_that_fails_leaves_the_others_alone(chromium: Browser, origin: str, stack: FakeStack) -> None:
    page = chromium.new_page()
    page.route("**/page/feeds/feeds.js", lambda route: route.fulfill(
        content_type="text/javascript", body="export function start() {} export function take() { throw new Error('broken') }"
    ))  # fmt: skip
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(origin)
    patiently(page, all_mails_are_there(page, stack))
    stack.set(0, "text", "Still followed")
    patiently(page, lambda: "Still followed" in (cell(page, 0, "text").text_content() or ""))
    assert "feeds" in page.inner_text("#trouble")
    assert len([text for text in said if "feeds" in text]) == 1
    page.close()
