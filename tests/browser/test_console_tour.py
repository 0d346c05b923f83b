"""The tour: its ticks come from recorded facts alone, and its panel goes along without taking focus, room or the keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from local.console import StackAddresses, create_app
from local.console.app import PAGE
from local.console.files import PageFiles
from local.samples import SAMPLES
from mesh.approvals import Action, Purpose, Signer, Token
from tests.browser.conftest import opened
from tests.browser.fake_stack import RULES, FakeStack
from tests.browser.serving import served

pytestmark = pytest.mark.browser

POST = "p_zy36xfrzcp"
RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tour_recorded.json").read_text("utf-8"))
"""What a real stack's /api/state answered while one post went through all six steps; links in mails are taken out."""
OFFER = SAMPLES["cafe"].offer


# the ticks, by recorded facts


@pytest.fixture(scope="module")
def modules(chromium: Browser) -> Iterator[Page]:
    """A blank page that may import the page's modules."""

    async def blank(_: Any) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>modules</title>")

    with served(Starlette(routes=[Route("/", blank), Route("/page/{path:path}", PageFiles(PAGE).answer)])) as origin:
        page = chromium.new_page()
        page.goto(origin)
        yield page
        page.close()


def facts(answers: int, **changes: Any) -> dict[str, Any]:
    """What is known after so many of the recorded answers."""
    seen = RECORDED[:answers]
    rows = next((state["rows"] for state in reversed(seen) if state["rows"]), [])
    approvals = [event for state in seen for event in state["events"] if event["detail_type"] == "ss.approved"]
    return {
        "post": POST,
        "row": next((row for row in rows if row["post_id"] == POST), None),
        "events": [event for state in seen for event in state["events"] if POST in json.dumps(event)],
        "cards": [mail for state in seen for mail in state["mails"] if "Tour text" in mail["text"]],
        "feeds": next((state["feeds"] for state in reversed(seen) if state["feeds"]), []),
        "decisions": [{"at": one["time"], "by": "owner@cafe.example", "how": "mail"} for one in approvals],
        "broken": [],
        "networks": {"x-main": "X"},
        **changes,
    }


def told(modules: Page, known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    steps = modules.evaluate("async (facts) => (await import('/page/tour/steps.js')).told(facts)", known)
    return {step["id"]: step for step in steps}


def done(modules: Page, known: dict[str, Any]) -> list[str]:
    return [name for name, step in told(modules, known).items() if step["done"]]


def said(step: dict[str, Any]) -> str:
    return "; ".join(line["text"] for line in step["said"])


def test_each_recorded_answer_ticks_what_it_shows_and_nothing_before(modules: Page) -> None:
    ticks = [done(modules, facts(answers)) for answers in range(2, len(RECORDED) + 1)]
    order = [name for n, now in enumerate(ticks) for name in now if n == 0 or name not in ticks[n - 1]]
    assert order == ["row", "card", "approve", "edit", "break", "recover"]
    whole = told(modules, facts(len(RECORDED)))
    assert said(whole["approve"]) == "approved by owner@cafe.example, from the mail"
    assert said(whole["edit"]).startswith(
        "the edit took the approval away; asked again, with what changed; approved by"
    )
    assert "found on X; it stands once, and its link is in the row" in said(whole["recover"])
    figures = modules.evaluate(
        "async (facts) => { const { figures } = await import('/page/tour/steps.js');"
        " const { closing } = await import('/page/tour/words.js'); return closing(figures(facts)); }",
        facts(len(RECORDED)),
    )
    assert figures == "Approved twice, its answer lost once, posted once, doubled 0 times."


def test_a_post_that_stands_twice_is_said_and_never_ticked(modules: Page) -> None:
    whole = facts(len(RECORDED))
    twice = [*whole["feeds"], {**whole["feeds"][0], "url": "http://elsewhere/2"}]
    recover = told(modules, {**whole, "feeds": twice})["recover"]
    assert (recover["done"], recover["wrong"]) == (False, True)
    assert "it stands 2 times on X; it should stand once" in said(recover)


def test_done_differently_counts_and_done_otherwise_does_not(modules: Page) -> None:
    whole = facts(len(RECORDED))
    events = whole["events"]

    def without(*types: str) -> list[dict[str, Any]]:
        return [event for event in events if event["detail_type"] not in types]

    # Approved in Slack, with no mail at all.
    in_slack = {**whole, "cards": [], "decisions": [{"at": None, "by": "bo@cafe.example", "how": "slack"}]}
    assert {"card", "approve"} <= set(done(modules, in_slack))
    assert said(told(modules, in_slack)["approve"]) == "approved by bo@cafe.example, in Slack"
    # An edit before any approval takes none away.
    assert "edit" not in done(modules, {**whole, "events": without("ss.voided")})
    # Nor is an edit approved that was not approved again.
    first = next(event for event in events if event["detail_type"] == "ss.approved")
    assert "edit" not in done(modules, {**whole, "events": [*without("ss.approved"), first]})
    # Nothing was broken: what was not seen is said, and not ticked.
    untroubled = told(modules, {**whole, "events": without("ss.attempt.failed")})
    assert [(step["done"], step["missed"]) for step in (untroubled["break"], untroubled["recover"])] == [
        (False, True)
    ] * 2
    # The fault is on already, before anything is written.
    broken = [{"channel": "x-main", "network": "x", "left": 1, "since": "2027-03-15T07:00:00Z"}]
    early = facts(0, post=None, broken=broken)
    assert done(modules, early) == ["break"]
    # A row that was deleted proves nothing about where it stands.
    assert "recover" not in done(modules, {**whole, "row": None})


def test_the_post_to_follow_is_one_that_a_person_added(modules: Page) -> None:
    choose = (
        "async ([before, rows, events, offered]) => { const steps = await import('/page/tour/steps.js');"
        " return steps.choose(steps.baseline(before), rows, events, offered); }"
    )
    old = {"post_id": "", "date": "2027-03-15", "time": "09:30", "text": "Guten Morgen"}
    came = {"post_id": "p_2", "date": "2027-03-16", "time": "12:00", "text": "Mine"}
    again = {"post_id": "p_3", "date": "2027-03-19", "time": "15:00", "text": "Cake"}
    wanted = [{"detail_type": "ss.row.wanted", "detail": {"post_ids": ["p_3"]}}]
    now = [{**old, "post_id": "p_1"}, again]
    assert modules.evaluate(choose, [[old], now, wanted, ""]) is None  # an id for an old row, and one that comes again
    assert modules.evaluate(choose, [[old], [*now, {**came, "post_id": ""}], wanted, ""]) is None  # has no id yet
    assert (
        modules.evaluate(choose, [[old], [*now, {**came, "text": " "}], wanted, ""]) is None
    )  # nothing is written yet
    assert modules.evaluate(choose, [[old], [*now, came], wanted, ""]) == "p_2"
    offered = {**came, "post_id": "p_4", "text": "Offered"}
    assert modules.evaluate(choose, [[old], [*now, came, offered], wanted, "Offered"]) == "p_4"


# the panel, over the fake stack


@pytest.fixture
def tour_origin(stack: FakeStack) -> Iterator[str]:
    """The console of the sample café, so that the tour is open."""
    with served(stack.app()) as servers:
        stack.rules = RULES.replace("http://127.0.0.1:1", servers) + f"- x-main: x, account 1, {servers}\n"
        addresses = StackAddresses(
            servers, servers, servers, f"{servers}/function", "Café Möwe", "Europe/Berlin", sample="cafe"
        )
        with served(create_app(addresses, quiet_seconds=0.1)) as console:
            yield console


def step(page: Page, name: str) -> Locator:
    return page.locator("#tour-steps > li").filter(has=page.locator("h3", has_text=name))


def follow(page: Page, stack: FakeStack) -> str:
    """The offered row is added by the tour's button and gets its id."""
    page.get_by_role("button", name="Add this one").click()
    expect(page.locator("#sheet-count")).to_have_text("41 rows")
    stack.set(40, "post_id", "p_tour")
    stack.happen("ss.calendar.changed", post_ids=["p_tour"])
    expect(step(page, "Add a row")).to_have_class("step done")
    return "p_tour"


def approve_link(post_id: str) -> str:
    told = Token(
        action=Action.REVIEW, posts=((post_id, "a" * 64),), recipient="", round_id="r_1", nonce="n", expires_at=2**31
    )
    return f"Approve: http://127.0.0.1:1/approve/{Signer(('key',), 'ss', Purpose.LINK).sign(told)}"


def approved(page: Page, stack: FakeStack, post_id: str) -> None:
    stack.audit.setdefault(post_id, []).append(
        {"ts": stack.now.isoformat(), "action": "approved", "by_user": "anna@moewe.example", "how": "mail"}
    )
    stack.happen("ss.approved", post_ids=[post_id])


def test_from_the_first_step_to_the_closing_line_over_a_reload(
    chromium: Browser, stack: FakeStack, tour_origin: str
) -> None:
    with opened(chromium, tour_origin, width=1280, height=800) as page:
        expect(page.locator("#tour-count")).to_have_text("0 of 6")
        post_id = follow(page, stack)
        assert (stack.value(40, "text"), stack.value(40, "channels")) == (OFFER.text, "x-main")
        assert stack.value(40, "time") in ("08:40", "08:45")
        stack.happen("ss.review.requested", posts=[{"post_id": post_id, "revision": "1"}], reason="new")
        seq = stack.send_mail(
            "Approve again: a card like any", approve_link(post_id), message_id=f"card.r_1.{post_id}.ab"
        )
        stack.send_mail("Please approve", approve_link("p_other"), message_id="card.r_2.p_other.ab")
        expect(step(page, "Get the card")).to_contain_text("08:00 the card went to anna@moewe.example")
        expect(page.locator("#tour-said")).to_have_text("Step 2, Get the card, is done. Next: Approve it.")
        page.locator("#try").get_by_role("button", name="Show me").click()
        ring, card = page.locator("#tour-ring"), page.locator(f"#mails [data-key='{seq}']")
        expect(ring).to_be_visible()
        around, inside = ring.bounding_box(), card.bounding_box()
        assert around is not None
        assert inside is not None
        assert around["x"] < inside["x"] < inside["x"] + inside["width"] < around["x"] + around["width"]
        page.locator("#find").focus()
        approved(page, stack, post_id)
        expect(step(page, "Approve it")).to_contain_text("approved by anna@moewe.example, from the mail")
        expect(page.locator("#find")).to_be_focused()
        page.reload()
        expect(page.locator("#tour-count")).to_have_text("3 of 6")
        page.get_by_role("button", name="Change a word").click()
        expect(page.locator("#tour-steps .now")).to_contain_text("Edit it again")
        stack.happen("ss.voided", post_ids=[post_id], reason="edited")
        stack.happen("ss.review.requested", posts=[{"post_id": post_id, "revision": "2"}], reason="changed")
        approved(page, stack, post_id)
        expect(step(page, "Edit it again")).to_have_class("step done")
        assert stack.value(40, "text") == OFFER.edited
        page.get_by_role("button", name="Lose its answer").click()
        expect(step(page, "Break the network")).to_contain_text("X takes the next post and gives no answer")
        stack.orders["networks"][0]["left"] = 0
        stack.happen("ss.send", post_id=post_id, channel="x-main")
        stack.happen("ss.attempt.failed", post_id=post_id, channel="x-main", attempt=1, outcome="unknown")
        expect(step(page, "Watch it recover")).to_contain_text("nobody knows whether it is out")
        stack.happen("ss.sent", post_id=post_id, channel="x-main", attempt=1)
        stack.posts = [
            {"network": "x", "account": "moewe", "id": "1", "url": "http://127.0.0.1:9/1", "text": OFFER.edited, "images": [],
             "link": "", "created_at": "2027-03-15T07:40:00Z"}
        ]  # fmt: skip
        stack.set(40, "status", "Posted: http://127.0.0.1:9/1")
        closing = "Approved twice, its answer lost once, posted once, doubled 0 times."
        expect(page.locator("#tour-closing")).to_have_text(closing)
        page.reload()
        expect(page.locator("#tour-closing")).to_have_text(closing)
        del stack.rows[40]
        stack.version += 1
        expect(page.locator("#tour-gone")).to_be_visible()
        expect(page.locator("#tour-closing")).to_have_text(closing)
        page.get_by_role("button", name="See it in the mesh").click()
        expect(page).to_have_url(re.compile("#mesh/post/p_tour$"))
        page.click("[data-to='sheet']")
        page.get_by_role("button", name="Start again with another post").click()
        expect(page.locator("#tour-count")).to_have_text("0 of 6")
        expect(step(page, "Add a row")).to_have_class(re.compile("now"))


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_on_a_phone_it_folds_to_a_line_covers_nothing_for_good_and_has_no_violations(
    chromium: Browser, stack: FakeStack, tour_origin: str, scheme: str
) -> None:
    with opened(chromium, tour_origin, width=390, height=844, touch=True) as phone:
        phone.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        tour = phone.locator("#try")
        expect(tour.get_by_role("button", name="Add this one")).to_be_visible()
        for button in tour.get_by_role("button").all():
            box = button.bounding_box()
            assert box is None or box["height"] >= 44
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        found = Axe().run(phone, context="#try")
        assert [violation["id"] for violation in found.response["violations"]] == []
        tour.get_by_role("button", name="Fold").tap()
        expect(tour.get_by_role("button", name="Add this one")).to_be_hidden()
        expect(tour).to_contain_text("0 of 6: Add a row")
        box = tour.bounding_box()
        assert box is not None
        assert box["height"] < 60
        tour.get_by_role("button", name="Unfold").tap()
        phone.tap("[data-to='outbox']")
        folded = tour.bounding_box()
        assert folded is not None
        assert folded["height"] < 60  # nothing that was opened lies under it
        tour.get_by_role("button", name="Unfold").tap()
        expect(tour).to_contain_text("Write a row of your own")
        phone.tap("[data-to='sheet']")
        expect(tour.get_by_role("button", name="Add this one")).to_be_visible()
        phone.tap("[data-to='mesh']")
        expect(tour).to_be_visible()  # it goes along
        tour.get_by_role("button", name="Close the tour").tap()
        phone.reload()
        expect(phone.locator("#tour-steps")).to_be_hidden()


def test_each_step_can_be_skipped_and_the_keyboard_stays_where_it_was(
    chromium: Browser, stack: FakeStack, tour_origin: str
) -> None:
    with opened(chromium, tour_origin, width=1280, height=800) as page:
        skip = page.locator("#try").get_by_role("button", name="Skip")
        for left in range(6, 0, -1):
            expect(page.locator("#tour-steps .now .mark")).to_have_text(str(7 - left))
            skip.focus()
            page.keyboard.press("Enter")
        expect(page.locator("#tour-closing")).to_have_text("0 of 6 steps were done.")
        assert page.evaluate("document.body !== document.activeElement")
        found = Axe().run(page, context="#try")
        assert [violation["id"] for violation in found.response["violations"]] == []


def test_the_zone_stands_beside_the_clock_where_it_is_not_the_browsers(chromium: Browser, origin: str) -> None:
    for zone, said in (("Asia/Tokyo", "Berlin time"), ("Europe/Berlin", None)):
        context = chromium.new_context(timezone_id=zone)
        page = context.new_page()
        page.goto(origin)
        expect(page.locator("#clock-time")).to_have_text("08:00")
        assert page.locator("#clock-date").get_attribute("data-zone") == said
        context.close()


def test_with_a_calendar_of_ones_own_it_waits_to_be_asked(page: Page) -> None:
    expect(page.locator("#try")).to_be_hidden()
    page.get_by_role("button", name="Take the tour").click()
    expect(page.locator("#tour-count")).to_have_text("0 of 6")
    page.get_by_role("button", name="Close the tour").click()
    expect(page.get_by_role("button", name="Take the tour")).to_be_focused()
