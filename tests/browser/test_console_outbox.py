"""The outbox: a card as mail and as Slack renders it, its buttons there, and what is said when its row changes meanwhile."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mesh.approvals import LIFETIME, Action, Purpose, Signer, Token
from tests.browser.fake_stack import FakeStack

pytestmark = pytest.mark.browser

NOW = datetime(2027, 3, 15, 7, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)> *bold*"
OLD, NEW = "a" * 64, "b" * 64


def axe(page: Page) -> list[tuple[str, str]]:
    """What breaks a rule in the open reader: the rule and where. The mail's frame runs no script, so nothing inside it can be asked."""
    found = Axe().run(page, context="#reader", options={"iframes": False}).response["violations"]
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]


def token(action: Action, posts: tuple[tuple[str, str], ...], round_id: str) -> str:
    told = Token(
        action=action,
        posts=posts,
        recipient="",
        round_id=round_id,
        nonce="n",
        expires_at=int((NOW + LIFETIME).timestamp()),
    )
    return Signer(("key",), "ss", Purpose.SLACK).sign(told)


def blocks(post: tuple[str, str], round_id: str, decided: str = "") -> list[dict[str, Any]]:
    """As a card has them in Slack: the post in a quote, and its buttons or what was decided."""

    def button(label: str, action_id: str, action: Action, **more: Any) -> dict[str, Any]:
        text = {"type": "plain_text", "text": label, "emoji": False}
        return {
            "type": "button",
            "text": text,
            "action_id": action_id,
            "value": token(action, (post,), round_id),
            **more,
        }

    def plain(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": text, "emoji": False}

    sure = {
        "title": plain("Send it now?"),
        "text": plain("It goes out."),
        "confirm": plain("Send now"),
        "deny": plain("Not now"),
    }
    tail = (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": decided}]}],
        }
        if decided
        else {
            "type": "actions",
            "elements": [
                button("Approve", "approve", Action.REVIEW, style="primary"),
                button("Send now", "send-now", Action.SEND_NOW, confirm=sure),
            ],
        }
    )
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": HOSTILE}]}
    return [{"type": "header", "text": plain("Monday")}, {"type": "rich_text", "elements": [quote]}, tail]


def card(stack: FakeStack, round_id: str, revision: str, subject: str = "Please approve: “Cake”") -> str:
    """One round's card about the first row's post, by mail and in Slack; answers the message's ts."""
    post = (stack.value(0, "post_id"), revision)
    link = f"/approve/{token(Action.REVIEW, (post,), round_id)}"
    html = f"<html><head></head><body><h1>One post waits</h1><p><a href='{link}'>Approve</a></p></body></html>"
    stack.send_mail(subject, f"Approve: http://127.0.0.1:1{link}", html, message_id=f"card.{round_id}.{post[0]}.ab")
    return stack.say_in_slack("Please approve: Monday", blocks(post, round_id), "card", round_id, post)


def stands(stack: FakeStack, revision: str, **more: Any) -> None:
    """The first row's post, with ``revision`` as its package of now."""
    package = {"source_revision": "s", "revision": revision, "made_at": NOW.isoformat(), "problems": []}
    item = {
        "post_id": stack.value(0, "post_id"),
        "channels": ["bluesky-main"],
        "source_revision": "s",
        "package": package,
    }
    stack.tables["status"] = [{**item, **more}]


def asked(round_id: str, revision: str) -> dict[str, Any]:
    return {"round_id": round_id, "revision": revision, "at": NOW.isoformat(), "reason": "new"}


def test_a_card_is_read_as_mail_and_in_slack_side_by_side(page: Page, stack: FakeStack) -> None:
    stands(stack, OLD, asked=asked("r_1", OLD))
    card(stack, "r_1", OLD)
    stack.say_in_slack("Your week", [{"type": "divider"}], "digest", "digest-1")
    expect(page.locator("#mails .kind")).to_have_text(["Card"])
    expect(page.locator("#outbox-lists")).to_be_visible()
    page.click("#mails button")
    expect(page.frame_locator("#reader-html").get_by_text("One post waits")).to_be_visible()
    expect(page.locator("#reader-slack blockquote")).to_have_text(HOSTILE)
    expect(page.locator("#reader-slack article")).to_have_count(1)
    expect(page.locator("#reader-stale")).to_be_hidden()
    assert axe(page) == []
    page.click("#reader-parts [data-part='slack']")
    expect(page.locator("#reader-html")).to_be_hidden()
    page.keyboard.press("Escape")
    page.click("#outbox-lists [data-list='slack']")
    expect(page.locator("#mails .subject")).to_have_text(["Your week", "Please approve: Monday"])
    page.locator("#mails button").first.click()
    expect(page.locator("#reader-who")).to_contain_text("in Slack alone")
    expect(page.locator("#reader-parts button:visible")).to_have_count(1)


def test_a_press_in_slacks_form_is_a_members_and_its_answer_is_seen(page: Page, stack: FakeStack) -> None:
    stands(stack, OLD, asked=asked("r_1", OLD))
    ts = card(stack, "r_1", OLD)
    post = (stack.value(0, "post_id"), OLD)

    def pressed(click: dict[str, Any]) -> None:
        if click["user"] == "U0GUEST001":
            stack.workspace.tell("U0GUEST001", "You cannot decide here yet")
        else:
            approval = {"revision": OLD, "by": "anna", "how": "slack", "at": NOW.isoformat(), "now": False}
            stands(stack, OLD, asked=asked("r_1", OLD), approval=approval)
            stack.workspace.update(
                "C0SOCIAL01", ts, "Nothing is left to decide here", blocks(post, "r_1", "Approved by anna")
            )

    stack.pressed = pressed
    page.click("#mails button")
    page.select_option("#slack-user", "U0GUEST001")
    slack = page.locator("#reader-slack")
    slack.get_by_role("button", name="Approve").click()
    expect(page.locator("#slack-note")).to_have_text("Only visible to you: You cannot decide here yet")
    page.select_option("#slack-user", "U0OWNER001")
    slack.get_by_role("button", name="Send now").click()
    page.click("#sure-no")
    slack.get_by_role("button", name="Approve").press("Enter")
    expect(slack.get_by_text("Approved by anna")).to_be_visible()
    expect(slack.locator(".edited")).to_be_visible()
    expect(page.locator("#reader-stale")).to_contain_text("Approved by anna")
    sent = [body for _, path, body in stack.calls if path == "/slack/_local/click"]
    assert [(body["action_id"], body["user"], body["position"]) for body in sent] == [
        ("approve", "U0GUEST001", 0),
        ("approve", "U0OWNER001", 0),
    ]


def test_a_row_edited_while_its_card_is_open_is_said_and_leads_to_the_new_card(page: Page, stack: FakeStack) -> None:
    stands(stack, OLD, asked=asked("r_1", OLD))
    card(stack, "r_1", OLD)
    page.click("#mails button")
    notice = page.locator("#reader-stale")
    expect(page.locator("#reader-slack article")).to_be_visible()
    stack.set(0, "text", "Another cake")
    expect(notice).to_contain_text("edited a moment ago")
    stands(stack, NEW, asked=asked("r_1", OLD))
    stack.happen("ss.calendar.changed", post_ids=[stack.value(0, "post_id")])
    expect(notice).to_have_text(re.compile("approves what it shows no longer: a new one is on its way"))
    stands(stack, NEW, asked=asked("r_2", NEW))
    card(stack, "r_2", NEW, "Approve again: “Another cake”")
    stack.happen("ss.review.requested", posts=[{"post_id": stack.value(0, "post_id"), "revision": NEW}], round_id="r_2")
    assert axe(page) == []
    notice.get_by_role("button", name="Open the new card").click()
    expect(page.locator("#reader-subject")).to_have_text("Approve again: “Another cake”")
    # Beside it stands the message of the same round, and not the one whose buttons are of the version before.
    expect(page.locator("#reader-slack article")).to_have_count(1)
    expect(notice).to_be_hidden()


def test_a_note_in_the_row_or_a_tick_is_no_change_of_the_card(page: Page, stack: FakeStack) -> None:
    stands(stack, OLD, asked=asked("r_1", OLD))
    card(stack, "r_1", OLD)
    page.click("#mails button")
    stack.set(0, "note", "ask Inès")
    stack.set(0, "status", "Waiting for your approval")
    expect(page.locator("tbody tr").first).to_contain_text("Waiting for your approval")
    expect(page.locator("#reader-stale")).to_be_hidden()


def test_words_find_mails_and_a_long_outbox_draws_its_newest(page: Page, stack: FakeStack) -> None:
    for n in range(400):
        stack.send_mail(f"Mail {n}", "about an apple" if n % 100 == 7 else "about a pear")
    expect(page.locator("#mails li")).to_have_count(60)
    page.click("#mails-older")
    expect(page.locator("#mails li")).to_have_count(120)
    page.fill("#outbox-find", "apple mail")
    expect(page.locator("#mails .subject")).to_have_text(["Mail 307", "Mail 207", "Mail 107", "Mail 7"])
    page.fill("#outbox-find", "plum")
    expect(page.locator("#outbox-nothing")).to_have_text("No message has these words.")


def test_on_a_phone_the_reader_shows_one_form_at_a_time_and_nothing_sticks_out(phone: Page, stack: FakeStack) -> None:
    stands(stack, NEW, asked=asked("r_2", NEW))
    card(stack, "r_1", OLD, "Please approve: " + "a long subject " * 12)
    phone.tap("[data-to='outbox']")
    phone.tap("#mails button")
    expect(phone.locator("#reader-stale")).to_be_visible()
    expect(phone.locator("#reader-slack")).to_be_hidden()
    expect(phone.locator("[data-part='both']")).to_be_hidden()
    phone.tap("[data-part='slack']")
    expect(phone.locator("#reader-slack blockquote")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.locator("#reader").evaluate("(reader) => reader.scrollWidth <= reader.clientWidth")
    buttons = phone.locator("#reader button:visible, #reader select:visible")
    assert all(box is not None and box["height"] >= 43.5 for box in (one.bounding_box() for one in buttons.all()))
    assert axe(phone) == []
