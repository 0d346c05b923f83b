"""A mail and the message in Slack that says the same are told apart and together by what they are signed for, never by their words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from local.console import StackAddresses, create_app
from local.console.mail_about import about
from local.console.slack import of_buttons, of_reference
from mesh.approvals import LIFETIME, Action, Purpose, Signer, Token
from tests.browser.fake_stack import FakeStack

NOW = datetime(2027, 3, 15, 7, tzinfo=UTC)
ADDRESSES = StackAddresses(
    aws="http://stack",
    sheets="http://stack",
    networks="http://stack",
    function_url="http://stack/function",
    slack="http://stack/slack",
)
POSTS = (("p_1", "a" * 64), ("p_2", "b" * 64))


def signed(action: Action, posts: tuple[tuple[str, str], ...] = (), round_id: str = "r_1") -> str:
    token = Token(
        action=action,
        posts=posts,
        recipient="a@b.c",
        round_id=round_id,
        nonce="n",
        expires_at=int((NOW + LIFETIME).timestamp()),
    )
    return Signer(("key",), "ss", Purpose.LINK).sign(token)


def mail(text: str, key: str = "note.x", thread: str = "") -> dict[str, Any]:
    message = EmailMessage()
    message["Message-ID"] = f"<{key}@social-scheduler.invalid>"
    if thread:
        message["References"] = f"<post.{thread}@social-scheduler.invalid>"
    message.set_content(text)
    return about(str(message["Message-ID"]), str(message["References"] or ""), text)


def link(action: Action, posts: tuple[tuple[str, str], ...] = (), round_id: str = "r_1") -> str:
    return f"http://127.0.0.1:4000/approve/{signed(action, posts, round_id)}"


def test_a_card_is_about_every_post_that_its_links_decide() -> None:
    text = "\n".join(
        [
            link(Action.REVIEW, POSTS[:1]),
            link(Action.HOLD, POSTS[1:]),
            link(Action.REVIEW, POSTS),
            link(Action.HOLD_EVERYTHING),
        ]
    )
    assert mail(text, "card.r_1.p_1.abcd") == {"kind": "card", "round": "r_1", "posts": [list(post) for post in POSTS]}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("digest", mail(link(Action.HOLD_EVERYTHING, round_id="digest-1"), "digest.abc")),
        ("draft", mail(link(Action.HOLD_EVERYTHING), "draft.abc")),
        ("draft", mail(link(Action.HOLD_EVERYTHING), "plan.abc")),
        ("question", mail(link(Action.FOUND, POSTS[:1]), thread="p_1")),
        ("receipt", mail(link(Action.HOLD_EVERYTHING), thread="p_1")),
        ("trouble", mail(link(Action.HOLD_EVERYTHING, round_id="0123456789abcdef0123"), thread="p_1")),
        ("recap", mail("March on social media\n\nNine posts.")),
        ("note", mail("Your code is 123456.")),
    ],
)
def test_each_mail_is_of_its_kind(kind: str, told: dict[str, Any]) -> None:
    assert told["kind"] == kind


def test_a_receipt_names_its_post_and_no_revision() -> None:
    assert mail(link(Action.HOLD_EVERYTHING), thread="p_1")["posts"] == [["p_1", ""]]


def test_words_that_look_like_a_link_of_ours_are_none() -> None:
    assert mail(f"/approve/{'x' * 60}", "card.r_1.p_1.abcd") == {"kind": "card", "round": "", "posts": []}


def test_a_message_is_what_the_mesh_noted_of_it() -> None:
    noted = {"key": "slack#card#r_1#p_1#0", "round_id": "r_1", "pairs": [["p_1", "a"]], "ts": "1.1"}
    assert of_reference(noted) == {"kind": "card", "round": "r_1", "posts": [["p_1", "a"]]}
    assert of_reference({**noted, "key": "slack#troubles#c"})["kind"] == "trouble"
    assert of_reference({**noted, "key": "slack#everything#t"})["kind"] == "note"


def test_without_a_note_its_buttons_say_what_they_approve() -> None:
    button = {"type": "button", "value": signed(Action.REVIEW, POSTS)}
    told = of_buttons({"blocks": [{"type": "actions", "elements": [button, {"type": "button", "value": "x"}]}]})
    assert told == {"kind": "card", "round": "r_1", "posts": [list(post) for post in POSTS]}
    assert of_buttons({"blocks": [{"type": "divider"}]}) == {"kind": "note", "round": "", "posts": []}


def run(
    stack: FakeStack, use: Callable[[httpx.AsyncClient], Awaitable[Any]], addresses: StackAddresses = ADDRESSES
) -> Any:
    """In a thread of its own, as ``test_console_app`` does it."""

    async def inside() -> Any:
        app = create_app(addresses, transport=httpx.ASGITransport(stack.app()), quiet_seconds=0.0)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4000") as client:
            return await use(client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


def test_after_the_first_look_only_what_changed_in_slack_is_told() -> None:
    stack = FakeStack()
    first = stack.say_in_slack("One", [{"type": "divider"}], "card", "r_1", ("p_1", "a"))
    second = stack.say_in_slack("Two", [{"type": "divider"}], "digest", "digest-1")

    async def use(client: httpx.AsyncClient) -> None:
        state = (await client.get("/api/state")).json()
        told = (await client.get("/api/slack")).json()
        assert told["version"] == state["slack"]["version"]
        assert [(one["ts"], one["kind"]) for one in told["messages"]] == [(first, "card"), (second, "digest")]
        assert (await client.get("/api/state", params={"after": state["after"]})).json()["slack"] is None
        stack.workspace.update("C0SOCIAL01", first, "One, decided", [{"type": "divider"}])
        stack.workspace.delete(second)
        changed = (await client.get("/api/slack", params={"after": told["version"]})).json()
        assert [(one["ts"], one["text"], one["posts"]) for one in changed["messages"]] == [
            (first, "One, decided", [["p_1", "a"]])
        ]
        assert (changed["deleted"], changed["whole"]) == ([second], False)
        assert (await client.get("/api/slack", params={"after": "other.3"})).json()["whole"] is True

    run(stack, use)


def test_a_press_reaches_slack_from_this_page_alone() -> None:
    stack = FakeStack()
    click = {"ts": "1.1", "action_id": "approve", "user": "U0OWNER001", "position": 2, "more": "left out"}

    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.post("/api/slack/click", json=click)).json()["status"] == 200
        foreign = await client.post("/api/slack/click", json=click, headers={"Origin": "http://elsewhere.example"})
        assert foreign.status_code == 403
        assert (await client.post("/api/slack/click", json={"ts": "1.1"})).status_code == 400

    run(stack, use)
    assert stack.calls == [
        ("POST", "/slack/_local/click", {name: click[name] for name in ("ts", "action_id", "user", "position")})
    ]


def test_without_a_slack_nothing_of_it_is_told() -> None:
    plain = StackAddresses("http://stack", "http://stack", "http://stack", "http://stack/function")

    async def use(client: httpx.AsyncClient) -> tuple[Any, int]:
        return (await client.get("/api/state")).json()["slack"], (await client.get("/api/slack")).status_code

    assert run(FakeStack(), use, plain) == (None, 404)


def test_slacks_own_drawing_is_served_and_nothing_else() -> None:
    async def use(client: httpx.AsyncClient) -> list[int]:
        return [
            (await client.get(f"/page/slack/{name}")).status_code
            for name in ("blocks.js", "blocks.css", "channel.html")
        ]

    assert run(FakeStack(), use) == [200, 200, 404]


def test_a_card_is_told_how_its_posts_stand_by_now() -> None:
    stack = FakeStack()
    package = {"source_revision": "s2", "revision": "new", "made_at": NOW.isoformat(), "problems": []}
    status = {"post_id": "p_1", "channels": ["bluesky-main"], "source_revision": "s2", "package": package}
    stack.tables["status"] = [
        {**status, "asked": {"round_id": "r_2", "revision": "new", "at": NOW.isoformat(), "reason": "changed"}}
    ]

    async def use(client: httpx.AsyncClient) -> None:
        old = (await client.get("/api/standing?round=r_1&post=p_1:old&post=p_9:x")).json()["posts"]
        assert (old[0]["changed"], old[0]["newer"]) == (True, "r_2")
        assert (old[1]["changed"], old[1]["said"]) == (
            False,
            "This post is no longer in the sheet. Nothing will go out.",
        )
        (new,) = (await client.get("/api/standing?round=r_2&post=p_1:new")).json()["posts"]
        assert (new["said"], new["changed"], new["newer"]) == ("", False, "")
        assert (await client.get("/api/standing?round=r_2")).status_code == 400
        # Changed once more: what asks about the version in between is no card to be sent to.
        stack.tables["status"][0]["package"] = {**package, "revision": "newest"}
        (again,) = (await client.get("/api/standing?round=r_1&post=p_1:old")).json()["posts"]
        assert (again["changed"], again["newer"]) == (True, "")

    run(stack, use)
