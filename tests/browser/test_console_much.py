"""Where there is much, it comes in pages; what fails while it is drawn is said once, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import opened
from tests.browser.fake_stack import FakeStack
from tests.browser.grid_hands import cell
from tests.browser.smoothness import LONGEST_MS, best_of_three, patiently, traced
from tests.browser.test_console_outbox import OLD, blocks, card

pytestmark = pytest.mark.browser


def fill(stack: FakeStack, mails: int) -> None:
    for n in range(mails):
        stack.send_mail(f"Mail {n}", f"about a pear, {n} of them" + (" and an apple" if n % 100 == 7 else ""))


def test_older_mails_come_when_they_are_asked_for_and_are_read_on_from_there(
    chromium: Browser, origin: str, stack: FakeStack
) -> None:
    card(stack, "r_1", OLD, "The oldest card")
    fill(stack, 250)
    with opened(chromium, origin, width=1280, height=800) as page:
        subjects, older = page.locator("#mails .subject"), page.locator("#mails-older")
        expect(page.locator("#outbox-count")).to_have_text("251 sent, 251 not opened")
        for count, first_new in ((60, None), (120, "Mail 189"), (180, "Mail 129"), (240, "Mail 69"), (251, "Mail 9")):
            if first_new:
                older.focus()
                page.keyboard.press("Enter")
            expect(subjects).to_have_count(count)
            if first_new:
                expect(page.locator("#mails button:focus .subject")).to_have_text(first_new)
        expect(older).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.locator("#reader-text")).to_have_text("about a pear, 9 of them\n")
        expect(page.locator("#outbox-count")).to_have_text("251 sent, 250 not opened")


def test_what_needs_an_older_mail_finds_it(page: Page, stack: FakeStack) -> None:
    """From its message in Slack, and by a word of its text."""
    card(stack, "r_1", OLD, "The oldest card")
    fill(stack, 250)
    page.reload()
    expect(page.locator("#outbox-count")).to_have_text("251 sent, 251 not opened")
    page.click("#outbox-lists [data-list='slack']")
    page.click("#mails button")
    expect(page.locator("#reader-subject")).to_have_text("The oldest card")
    page.click("#reader-parts [data-part='mail']")
    expect(page.frame_locator("#reader-html").get_by_text("One post waits")).to_be_visible()
    page.keyboard.press("Escape")
    page.click("#outbox-lists [data-list='mails']")
    expect(page.locator("#outbox-count")).to_have_text("251 sent, 250 not opened")
    page.fill("#outbox-find", "apple")
    expect(page.locator("#mails .subject")).to_have_text(["Mail 207", "Mail 107", "Mail 7"])
    stack.send_mail("Mail 250", "an apple that came meanwhile")
    expect(page.locator("#mails .subject")).to_have_text(["Mail 250", "Mail 207", "Mail 107", "Mail 7"])


def test_a_part_that_fails_while_it_is_drawn_is_named_once_and_the_others_go_on(
    chromium: Browser, origin: str, stack: FakeStack
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    broken = {
        "feeds": "import { pane } from '../shown.js'; const show = pane('posted', () => { throw new Error('drawn'); });"
        "export function start() {} export function take() { show(); }",
        "coming": "export function start() { addEventListener('view', () => { throw new Error('opened'); }); } export function take() {}",
        "glance": "export function start() {} async function late() { throw new Error('answered'); } export function take() { late(); }",
    }

    def instead(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].removesuffix(".js")
        route.fulfill(content_type="text/javascript", body=broken[name])

    for name in broken:
        page.route(f"**/page/{name}/{name}.js", instead)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(origin)
    expect(cell(page, 0, "text")).to_be_visible()
    for view in ("posted", "coming", "posted", "sheet"):
        page.click(f"[data-to='{view}']")
    expect(page.locator("#trouble")).to_contain_text("posted")
    expect(page.locator("#trouble")).to_contain_text("coming")
    expect(page.locator("#trouble")).to_contain_text("glance")
    stack.set(0, "text", "Still followed")
    patiently(page, lambda: "Still followed" in (cell(page, 0, "text").text_content() or ""))
    page.click("[data-to='outbox']")
    stack.send_mail("Still drawn", "Text")
    expect(page.locator("#mails .subject")).to_have_text(["Still drawn"])
    assert sorted(text.split("“")[1].split("”")[0] for text in said) == ["coming", "glance", "posted"]
    page.close()


def test_a_notice_that_stays_and_one_that_passes_are_both_seen(phone: Page) -> None:
    phone.evaluate(
        """async () => {
            const { notice } = await import('/page/ask.js');
            const leave = { stays: true, acts: [['Leave it', () => {}]] };
            notice('Not saved: the sheet is away.', leave);
            notice('Not saved: neither is this.', leave);
            notice('The row is deleted.', { undo() {} });
        }"""
    )
    stays, passes = phone.locator("#notice-stays"), phone.locator("#notice")
    expect(stays).to_contain_text("the sheet is away")
    expect(passes).to_contain_text("The row is deleted.")
    above, below = passes.bounding_box(), stays.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    passes.get_by_role("button", name="Undo").tap()
    expect(passes).to_be_hidden()
    stays.get_by_role("button", name="Leave it").tap()
    expect(stays).to_contain_text("neither is this")
    stays.get_by_role("button", name="Leave it").tap()
    expect(stays).to_be_hidden()


def full_channel(stack: FakeStack) -> None:
    for n in range(2_000):
        post = (stack.value(n % 40, "post_id"), f"{n:064x}")
        stack.say_in_slack(f"Please approve: {n}", blocks(post, f"r_{n}"), "card", f"r_{n}", post)


def test_a_full_channel_comes_in_slices_and_stands_in_its_order(page: Page, stack: FakeStack) -> None:
    slices: list[int] = []
    page.on(
        "response", lambda answer: slices.append(len(answer.json()["messages"])) if "/api/slack" in answer.url else None
    )
    page.click("#outbox-lists [data-list='slack']")
    for n in range(450):
        stack.say_in_slack(f"Message {n}", [{"type": "divider"}], "digest", f"d-{n}")
    first = stack.workspace.state["messages"][0]
    stack.workspace.update("C0SOCIAL01", first["ts"], "Message 0, again", first["blocks"])
    page.reload()
    page.click("#outbox-lists [data-list='slack']")
    expect(page.locator("#mails .subject").first).to_have_text("Message 449")
    page.fill("#outbox-find", "again")
    expect(page.locator("#mails .subject")).to_have_text(["Message 0, again"])
    page.fill("#outbox-find", "message")
    expect(page.locator("#mails .subject").first).to_have_text("Message 449")
    assert slices[-2:] == [400, 50]


def an_hour_in_slack(browser: Browser, origin: str, stack: FakeStack, width: int) -> dict[str, float]:
    page = browser.new_page(viewport={"width": width, "height": 844})
    subjects = page.locator("#mails .subject")
    longest: dict[str, float] = {}

    def did(name: str, act: Callable[[], object]) -> None:
        with traced(browser, page) as trace:
            act()
        longest[name] = trace.longest_ms

    def press(place: str) -> None:
        page.evaluate("(place) => document.querySelector(place).click()", place)

    def load() -> None:
        page.goto(origin)
        press("[data-to='outbox']")
        expect(page.locator("#outbox-lists")).to_be_visible()
        press("[data-list='slack']")
        patiently(page, lambda: subjects.count() == 60)

    def fifty_change() -> None:
        messages = stack.workspace.state["messages"]
        for message in messages[-50:]:
            stack.workspace.update("C0SOCIAL01", message["ts"], f"Decided {len(longest)}", message["blocks"])
        patiently(page, lambda: subjects.nth(49).text_content() != before)

    did("the first load", load)
    did("older ones", lambda: press("#mails-older"))
    did("finding", lambda: page.fill("#outbox-find", "please"))
    patiently(page, lambda: subjects.count() == 60)
    did("finding no more", lambda: page.fill("#outbox-find", ""))
    before = subjects.nth(49).text_content()
    did("fifty that change", fifty_change)
    did("opening one", lambda: press("#mails button"))
    page.close()
    return longest


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_two_thousand_messages_in_slack_keep_the_page_from_nothing(
    chromium: Browser, origin: str, stack: FakeStack, width: int
) -> None:
    full_channel(stack)
    found = best_of_three(lambda: an_hour_in_slack(chromium, origin, stack, width), chromium)
    print("\n".join(f"{ms:6.0f} ms  {name}" for name, ms in found.items()))
    assert {name: ms for name, ms in found.items() if ms > LONGEST_MS} == {}


def test_japanese_words_are_marked_as_such_and_english_ones_are_not(page: Page) -> None:
    found = page.evaluate(
        """async () => {
            const { languageOf, setLanguage } = await import('/page/language.js');
            const words = ['今朝は窓ぎわの席が', '書店', '오늘의 책', 'Fresh rolls', 'Please approve “書店” today', '12'];
            const before = words.map(languageOf);
            setLanguage('Asia/Tokyo');
            return [before, words.map(languageOf)];
        }"""
    )
    assert found == [["ja", "", "ko", "", "", ""], ["ja", "ja", "ko", "", "", ""]]
