"""The console asks the stack's servers and changes nothing on the way; the stack is a fake in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.console import StackAddresses, create_app
from local.console.stack import Stack
from local.console.state import Life
from tests.browser.busy_stack import busy
from tests.browser.fake_stack import FakeStack, cafe

ORIGIN = "http://127.0.0.1:4000"
ADDRESSES = StackAddresses(
    aws="http://stack",
    sheets="http://stack",
    networks="http://stack",
    function_url="http://stack/function",
    compose_url="http://stack/function/notes",
    business="Café",
    time_zone="Europe/Berlin",
)


@asynccontextmanager
async def console(stack: FakeStack, quiet_seconds: float = 0.0) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(ADDRESSES, transport=httpx.ASGITransport(stack.app()), quiet_seconds=quiet_seconds)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client,
    ):
        yield client


def run(stack: FakeStack, use: Callable[[httpx.AsyncClient], Awaitable[Any]], quiet_seconds: float = 0.0) -> Any:
    """In a thread of its own: where browser tests ran before it in the same process, this one's loop is taken by Playwright."""

    async def inside() -> Any:
        async with console(stack, quiet_seconds) as client:
            return await use(client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


async def until(true: Callable[[], bool]) -> None:
    """Gives the loop up to two seconds to make it true."""
    async with asyncio.timeout(2):
        while not true():
            await asyncio.sleep(0.005)


def fired(stack: FakeStack) -> list[Any]:
    return [body for _, path, body in stack.calls if path == "/_local/fire"]


def test_the_first_state_has_all_and_the_next_only_what_is_new() -> None:
    stack = cafe()
    stack.send_mail("Please look", "Text")
    stack.happen("ss.calendar.changed")

    async def use(client: httpx.AsyncClient) -> None:
        first = (await client.get("/api/state")).json()
        assert len(first["grid"]["rows"]) == 40
        assert [mail["subject"] for mail in first["mails"]] == ["Please look"]
        assert len(first["events"]) == 1
        assert first["feeds"] == []
        same = (await client.get("/api/state", params={"after": first["after"]})).json()
        assert (same["grid"], same["mails"], same["events"], same["feeds"]) == (None, [], [], None)
        stack.happen("ss.sent", post_id="p1")
        stack.set(0, "status", "Posted")
        new = (await client.get("/api/state", params={"after": same["after"]})).json()
        assert [event["detail_type"] for event in new["events"]] == ["ss.sent"]
        assert new["grid"]["rows"][0][10] == "Posted"

    run(stack, use)


@pytest.mark.parametrize("after", ["", "x", "1.2.3", "a.b.c.d", "1.-2.3.x"])
def test_a_place_nobody_gave_counts_as_the_beginning(after: str) -> None:
    state = run(cafe(), lambda client: client.get("/api/state", params={"after": after})).json()
    assert state["grid"] is not None


def test_a_server_that_is_down_is_named_and_the_rest_is_shown() -> None:
    stack = cafe()
    stack.broken.add("sheets")
    stack.happen("ss.sent")
    state = run(stack, lambda client: client.get("/api/state")).json()
    assert state["trouble"] == ["The service is unavailable."]
    assert state["grid"] is None
    assert len(state["events"]) == 1


def test_a_part_that_fails_by_itself_is_named_and_the_rest_is_shown() -> None:
    stack = cafe()
    stack.posts = [{"network": "bluesky", "text": "Cake"}]
    state = run(stack, lambda client: client.get("/api/state")).json()
    [sentence] = state["trouble"]
    assert sentence.startswith("Not up to date: feeds (KeyError at feeds.py:")
    assert (state["feeds"], state["grid"] is not None, state["glance"]) == (None, True, [])


@pytest.mark.parametrize("after", ["", "x", "-1", "²"])
def test_a_number_that_is_none_counts_as_the_beginning(after: str) -> None:
    answer = run(cafe(), lambda client: client.get("/api/events", params={"after": after}))
    assert answer.status_code == 200


def test_more_keys_than_one_call_takes_are_asked_for_in_several() -> None:
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys = json.loads(request.content)["RequestItems"]["ss-sends"]["Keys"]
        asked.append(len(keys))
        return httpx.Response(200, json={"Responses": {"ss-sends": keys}})

    async def inside() -> int:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            keys = [{"post_channel": f"p{n}#x-main", "attempt": 0} for n in range(120)]
            return len(await Stack(ADDRESSES, client).items("sends", keys))

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(inside())).result() == 120
    assert asked == [100, 20]


def test_an_edit_reaches_the_sheet_and_then_the_sync_once() -> None:
    stack = cafe()

    async def use(client: httpx.AsyncClient) -> None:
        for value in ("One", "Two", "Three"):
            edit = {"row": 0, "post_id": stack.value(0, "post_id"), "column": "text", "value": value}
            assert (await client.post("/api/cells", json={"edits": [edit]})).status_code == 200
        await until(lambda: bool(fired(stack)))

    run(stack, use, quiet_seconds=0.05)
    assert stack.value(0, "text") == "Three"
    assert fired(stack) == [{"schedule": "ss-drive-sync"}]


def test_a_sync_that_cannot_be_fired_is_said_and_the_edit_is_kept() -> None:
    stack = cafe()
    stack.broken.add("aws")

    async def use(client: httpx.AsyncClient) -> list[str]:
        await client.post(
            "/api/cells",
            json={"edits": [{"row": 0, "post_id": stack.value(0, "post_id"), "column": "text", "value": "One"}]},
        )
        await until(lambda: bool(fired(stack)))
        await asyncio.sleep(0)
        state = (await client.get("/api/state")).json()
        while not state["trouble"]:
            state = (await client.get("/api/state")).json()
        return list(state["trouble"])

    assert run(stack, use) == [
        "The edit is saved and will be found within five minutes; not sooner, as there is no schedule ss-drive-sync."
    ]
    assert stack.value(0, "text") == "One"


def test_an_edit_follows_its_row_when_the_sheet_was_sorted_meanwhile() -> None:
    stack = cafe()
    edit = {"row": 0, "post_id": stack.value(0, "post_id"), "column": "text", "value": "Mine"}
    stack.rows.reverse()
    answer = run(stack, lambda client: client.post("/api/cells", json={"edits": [edit]}))
    assert answer.json()["rows"] == [39]
    assert (stack.value(39, "text"), stack.value(0, "text") != "Mine") == ("Mine", True)


def test_an_edit_of_a_row_that_is_gone_changes_nothing() -> None:
    stack = cafe()
    edit = {"row": 0, "post_id": "gone", "column": "text", "value": "Mine"}
    answer = run(stack, lambda client: client.post("/api/cells", json={"edits": [edit]}))
    assert answer.status_code == 409
    assert answer.json()["error"] == "This row has moved or is gone. Look at the sheet again."
    assert not stack.calls


@pytest.mark.parametrize(("was", "status"), [("Old", 200), ("Another", 409)])
def test_a_row_without_an_id_is_known_by_what_it_showed(was: str, status: int) -> None:
    stack = cafe()
    stack.set(3, "post_id", "")
    stack.set(3, "text", "Old")
    edit = {"row": 3, "post_id": "", "column": "text", "value": "New", "was": {"text": was}}
    assert run(stack, lambda client: client.post("/api/cells", json={"edits": [edit]})).status_code == status


def test_rows_are_added_and_deleted() -> None:
    stack = cafe()

    async def use(client: httpx.AsyncClient) -> None:
        await client.post("/api/rows", json={"at": None, "rows": [{"text": "New"}]})
        assert stack.value(40, "text") == "New"
        gone = {"row": 0, "post_id": stack.value(0, "post_id")}
        assert (await client.request("DELETE", "/api/rows", json={"rows": [gone]})).status_code == 200
        assert len(stack.rows) == 40

    run(stack, use)


def test_another_sites_page_can_neither_read_nor_change() -> None:
    stack = cafe()

    async def use(client: httpx.AsyncClient) -> None:
        edit = {"row": 0, "post_id": stack.value(0, "post_id"), "column": "text", "value": "Evil"}
        assert (
            await client.post("/api/cells", json={"edits": [edit]}, headers={"Origin": "https://evil.example"})
        ).status_code == 403
        assert (
            await client.post("/api/cells", content=b"{}", headers={"Content-Type": "text/plain"})
        ).status_code == 415
        assert (await client.get("/api/state", headers={"Host": "evil.example"})).status_code == 400

    run(stack, use)
    assert not stack.calls


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_a_body_that_is_no_edit_is_refused_in_words(body: bytes) -> None:
    json = {"Content-Type": "application/json"}
    answer = run(cafe(), lambda client: client.post("/api/cells", content=body, headers=json))
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_clock_goes_to_the_next_planned_post() -> None:
    stack = cafe()
    run(stack, lambda client: client.post("/api/clock", json={"to": "next"}))
    assert stack.now == datetime(2027, 3, 15, 8, 30, tzinfo=UTC)
    run(stack, lambda client: client.post("/api/clock", json={"to": "tomorrow"}))
    assert stack.now == datetime(2027, 3, 16, 8, 0, tzinfo=UTC)
    run(stack, lambda client: client.post("/api/clock", json={"advance_seconds": 900}))
    assert stack.now == datetime(2027, 3, 16, 8, 15, tzinfo=UTC)


def test_with_nothing_ahead_the_clock_stays_and_says_so() -> None:
    stack = FakeStack()
    answer = run(stack, lambda client: client.post("/api/clock", json={"to": "next"}))
    assert answer.status_code == 409
    assert "Nothing is planned" in answer.json()["error"]


def test_a_mail_is_shown_with_its_pictures_and_nothing_in_it_can_run() -> None:
    stack = cafe()
    html = "<html><head><title>x</title></head><body><img src='cid:picture'><script>1</script></body></html>"
    seq = stack.send_mail("Größe 🎂", "Plain words", html, b"\xff\xd8jpeg")

    async def use(client: httpx.AsyncClient) -> None:
        mail = (await client.get("/api/mails")).json()["mails"][0]
        assert (mail["subject"], mail["preview"], mail["has_html"]) == ("Größe 🎂", "Plain words", True)
        assert (await client.get(f"/api/mails/{seq}")).json()["text"].strip() == "Plain words"
        assert mail["from"] == "Café Möwe <cafe@moewe.example>"
        page = await client.get(f"/api/mails/{seq}/html")
        assert "data:image/jpeg;base64,/9hqcGVn" in page.text
        assert '<head><base target="_blank">' in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "allow-scripts" not in policy
        assert (await client.get("/api/mails/99/html")).status_code == 404

    run(stack, use)


def test_posts_are_named_by_the_channel_of_their_account() -> None:
    stack = cafe()
    bluesky = {
        "network": "bluesky",
        "account": "moewe.test",
        "text": "",
        "url": "",
        "images": [],
        "created_at": "2027-03-15",
    }
    stack.posts = [
        {**bluesky, "id": "at://did:plc:moewe/app.bsky.feed.post/1"},
        {**bluesky, "id": "at://did:plc:other/app.bsky.feed.post/2"},
        {**bluesky, "network": "mastodon", "id": "7", "account": "moewe"},
    ]
    feeds = run(stack, lambda client: client.get("/api/feeds")).json()["feeds"]
    assert {post["id"][-1]: post["channel"] for post in feeds} == {
        "1": "bluesky-main",
        "2": "bluesky-main",
        "7": "mastodon-main",
    }
    assert len(feeds) == 3


def test_only_pictures_come_out_of_the_folder() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/files/gull.png")).headers["content-type"] == "image/png"
        assert (await client.get("/api/files/page.html")).status_code == 404

    run(cafe(), use)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_approval_page_passes_through_unchanged(method: str) -> None:
    stack = cafe()
    headers = {
        "Origin": ORIGIN,
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-User": "?1",
        "Cookie": "__Host-a=1; b=2",
        "User-Agent": "A browser",
        "Accept-Encoding": "identity",
    }
    content = b"nonce=a%20b" if method == "POST" else None
    answer = run(
        stack,
        lambda client: client.request(method, "/approve/a%2Fb/token.x?y=1&z=%20", headers=headers, content=content),
    )
    [(seen_method, seen_url, seen_headers, seen_body)] = stack.function_requests
    assert seen_method == method
    assert seen_url == "/function/a%2Fb/token.x?y=1&z=%20"
    assert dict(seen_headers).items() >= {name.lower(): value for name, value in headers.items()}.items()
    assert dict(seen_headers)["host"] == "stack"
    assert seen_body == (content or b"")
    assert answer.status_code == 202
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["location"] == "/approve/next"
    assert answer.text == ("" if method == "HEAD" else "<h1>Approve?</h1>")


def test_the_page_for_notes_passes_through_to_its_own_function() -> None:
    stack = cafe()
    content = b"text=compose%2F"
    run(stack, lambda client: client.post("/compose/token.x/upload", content=content, headers={"Origin": ORIGIN}))
    run(stack, lambda client: client.get("/compose/"))
    [(method, url, headers, body), (_, root, _, _)] = stack.function_requests
    assert (method, url, body) == ("POST", "/function/notes/token.x/upload?", content)
    assert dict(headers)["origin"] == ORIGIN
    assert root == "/function/notes/?"


def test_the_page_is_served_under_a_strict_policy() -> None:
    page = run(cafe(), lambda client: client.get("/"))
    assert "<title>Social Scheduler</title>" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_what_a_page_saw_in_another_life_of_the_stack_is_not_mixed_with_this_one() -> None:
    stack = cafe()
    stack.happen("ss.sent")
    stack.version = 9

    async def use(client: httpx.AsyncClient) -> None:
        first = (await client.get("/api/state")).json()
        stack.version = 2
        other = (await client.get("/api/state", params={"after": first["after"]})).json()
        assert list(other) == ["life"]
        assert other["life"] != first["life"]
        assert (await client.get("/api/state", params={"after": first["after"]})).json() == other
        anew = (await client.get("/api/state")).json()
        assert (anew["life"], len(anew["events"])) == (other["life"], 1)

    run(stack, use)
    stranger = run(stack, lambda client: client.get("/api/state", params={"after": "a9f3.9.0.1.feeds-x"})).json()
    assert list(stranger) == ["life"]
    # A stack that is being started anew: its sheet does not answer yet, and its mails and events count from 1 again.
    stack.broken.add("sheets")
    stranger = run(stack, lambda client: client.get("/api/state", params={"after": "a9f3.9.0.1.feeds-x"})).json()
    assert list(stranger) == ["life"]


def test_answers_that_overtake_each_other_are_of_one_life() -> None:
    life = Life()
    life.saw(5, 0)
    life.saw(6, 5)
    name = life.name
    life.saw(5, 5)
    assert (life.name, life.version) == (name, 6)
    life.saw(2, 6)
    assert (life.name != name, life.version) == (True, 2)


def test_an_answer_with_nothing_new_is_small() -> None:
    stack = busy()

    async def use(client: httpx.AsyncClient) -> None:
        first = await client.get("/api/state")
        same = await client.get("/api/state", params={"after": first.json()["after"]})
        assert len(first.content) > 500_000
        assert len(same.content) < 1_000

    run(stack, use)
