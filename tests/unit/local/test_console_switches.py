"""The switchboard over a fake stack: what is ordered where, what is read back, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.console.mesh_switches import mesh_groups
from local.console.network_switches import network_groups
from local.console.service_switches import service_groups
from local.console.switches import switch_of
from local.orders import ENDLESS, Book, Ordered, told
from networks import NAMES
from tests.browser.fake_stack import FakeStack, cafe
from tests.unit.local.test_console_app import run

SWITCHES = [one for group in (*network_groups(), *service_groups(), *mesh_groups()) for one in group.switches]


def turned(stack: FakeStack, *changes: dict[str, Any]) -> dict[str, Any]:
    """The answer to the last of them."""

    async def use(client: httpx.AsyncClient) -> Any:
        for change in changes:
            answer = await client.post("/api/faults", json=change)
            answer.raise_for_status()
        return answer.json()

    return dict(run(stack, use))


def shown(stack: FakeStack) -> dict[str, Any]:
    async def use(client: httpx.AsyncClient) -> Any:
        return (await client.get("/api/faults")).json()

    return dict(run(stack, use))


def test_every_network_has_the_same_four_switches_and_every_switch_says_what_and_what_not() -> None:
    by_group = {group.id: [one.id.removeprefix(f"{group.id}-") for one in group.switches] for group in network_groups()}
    assert set(by_group) == set(NAMES)
    assert {tuple(names) for names in by_group.values()} == {("lost-answer", "slow-down", "dead-token", "down")}
    assert len({one.id for one in SWITCHES}) == len(SWITCHES)
    for one in SWITCHES:
        assert one.says, one.id
        assert all(sentence.endswith(".") for sentence in (one.what, one.expect)), one.id
        assert switch_of(one.name("x")) == (one.id, "x")


def test_a_switch_is_an_order_with_its_count_and_its_name_at_the_right_server() -> None:
    stack = cafe()
    state = turned(stack, {"on": True, "switch": "bluesky-lost-answer", "count": 3})
    [(_, path, body)] = stack.calls
    assert (path, body["where"], body["do"], body["count"]) == ("/_local/everywhere", "bluesky", "timeout-after", 3)
    assert state["switches"]["bluesky-lost-answer"] | {"since": ""} == {
        "on": True,
        "left": 3,
        "taken": 0,
        "since": "",
        "choice": "",
        "says": "Bluesky takes posts and its answers are lost",
    }


def test_until_switched_off_is_endless_and_off_takes_back_that_one_alone() -> None:
    stack = cafe()
    on = [{"on": True, "switch": name, "count": 0} for name in ("x-down", "google-down")]
    state = turned(stack, *on)
    assert [body["count"] for _, _, body in stack.calls] == [ENDLESS, ENDLESS]
    assert [told["left"] for told in state["switches"].values()] == [None, None]
    after = turned(stack, {"on": False, "switch": "x-down"})
    assert {name: told["on"] for name, told in after["switches"].items()} == {"x-down": False, "google-down": True}
    assert stack.calls[-1][:2] == ("DELETE", "/_local/everywhere/f0")


def test_switched_on_anew_it_is_one_order_again() -> None:
    stack = cafe()
    again = {"on": True, "switch": "mesh-kill-next", "count": 1}
    state = turned(stack, {**again, "choice": "renderer"}, {**again, "choice": "notifier"})
    assert [(order["name"], order["left"]) for order in stack.orders["aws"]] == [
        ("console:mesh-kill-next:renderer", 0),
        ("console:mesh-kill-next:notifier", 1),
    ]
    assert state["switches"]["mesh-kill-next"]["says"] == "the next notifier is killed"
    assert [body["function"] for method, _, body in stack.calls if method == "POST"] == ["ss-renderer", "ss-notifier"]


def test_what_others_ordered_is_seen_and_can_be_taken_back() -> None:
    stack = cafe()
    order = stack.order("aws", what="s3 GetObject: SlowDown before the effect")
    [seen] = shown(stack)["elsewhere"]
    assert (seen["where"], seen["what"], seen["left"]) == ("AWS", order["what"], 1)
    assert turned(stack, {"on": False, "order": order["id"]})["elsewhere"] == []


def test_all_off_is_all_whoever_ordered_it_and_shares_the_sheet_again() -> None:
    stack = cafe()
    stack.order("sheets")
    unshared = turned(
        stack, {"on": True, "switch": "google-unshared", "count": 0}, {"on": True, "switch": "x-down", "count": 1}
    )
    assert stack.role is None
    assert unshared["switches"]["google-unshared"]["since"] == stack.now.isoformat()
    state = turned(stack, {"on": False})
    assert stack.role == "writer"
    assert (state["elsewhere"], [told for told in state["switches"].values() if told["on"]]) == ([], [])


def test_one_that_is_used_up_says_how_often_it_was_met() -> None:
    stack = cafe()
    stack.order("networks", "console:x-down")
    stack.orders["networks"][0] |= {"left": 0, "taken": 1}
    told = shown(stack)["switches"]["x-down"]
    assert (told["on"], told["taken"]) == (False, 1)


def test_one_that_is_on_is_told_as_on_though_a_later_one_is_used_up() -> None:
    stack = cafe()
    stack.order("networks", "console:x-down")
    stack.order("networks", "console:x-down")
    stack.orders["networks"][1] |= {"left": 0, "taken": 1}
    told = shown(stack)["switches"]["x-down"]
    assert (told["on"], told["taken"]) == (True, 0)


def test_what_came_of_it_is_counted_from_when_it_was_switched_on() -> None:
    stack = cafe()
    assert shown(stack)["since"] is None
    turned(stack, {"on": True, "switch": "bluesky-lost-answer", "count": 1})
    sent_at = (stack.now + timedelta(minutes=5)).isoformat()
    url = "http://127.0.0.1:1/profile/did:plc:moewe/post/3k"
    stack.tables["sends"] = [
        {
            "post_channel": "p1#bluesky-main",
            "attempt": 0,
            "state": "sent",
            "revision": "r",
            "attempts": 1,
            "since": sent_at,
            "posted_url": url,
        }
    ]
    seen = {"network": "bluesky", "account": "moewe", "id": "at://did:plc:moewe/app/3k", "url": url, "text": "Cake"}
    stack.posts = [{**seen, "created_at": sent_at}]
    stack.now += timedelta(minutes=10)
    since = shown(stack)["since"]
    assert (since["planned"], since["out"], since["doubled"], since["missing"]) == (1, 1, 0, 0)
    assert since["of"] == ["Bluesky: the answer is lost"]
    stack.posts.append({**stack.posts[0], "id": "at://did:plc:moewe/app/3l", "url": f"{url}l"})
    assert shown(stack)["since"]["doubled"] == 1


def test_what_lands_late_and_without_an_event_is_counted_and_a_damaged_record_is_not() -> None:
    stack = cafe()
    stack.tables["sends"] = [{"post_channel": "p1#bluesky-main", "attempt": 0}]
    stack.order("networks", "console:bluesky-lost-answer")
    post = {"network": "bluesky", "account": "moewe", "text": "Cake", "created_at": stack.now.isoformat()}
    stack.posts = [{**post, "id": "1", "url": "http://b/1"}]

    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/faults")).json()["since"]["doubled"] == 0
        stack.posts = [*stack.posts, {**post, "id": "2", "url": "http://b/2"}]
        assert (await client.get("/api/faults")).json()["since"]["doubled"] == 1

    run(stack, use)


def test_a_sheet_that_is_not_shared_is_told_of_by_its_name_from_when_it_was_taken_away() -> None:
    stack = cafe()
    stack.order("networks", "console:x-down")
    stack.orders["networks"][0] |= {"left": 0, "taken": 1}
    stack.now += timedelta(hours=2)
    since = turned(stack, {"on": True, "switch": "google-unshared", "count": 0})["since"]
    assert (since["at"], since["of"], since["taken"]) == (
        stack.now.isoformat(),
        ["Google: the sheet is not shared any more"],
        None,
    )


def test_those_that_were_on_together_are_told_of_together_once_they_are_used_up() -> None:
    stack = cafe()
    stack.order("networks", "console:x-down")
    stack.now += timedelta(hours=2)
    stack.order("networks", "console:bluesky-down")
    stack.order("sheets", "console:google-down")
    for order in (*stack.orders["networks"], *stack.orders["sheets"]):
        order |= {"left": 0, "taken": 1}
    since = shown(stack)["since"]
    assert (since["of"], since["taken"]) == (["Bluesky: it is down", "Google: it is down"], 2)


def test_it_is_told_with_the_state_once_and_only_when_it_has_changed() -> None:
    stack = cafe()

    async def use(client: httpx.AsyncClient) -> None:
        first = (await client.get("/api/state")).json()
        assert first["faults"] == {"switches": {}, "elsewhere": [], "since": None}
        same = (await client.get("/api/state", params={"after": first["after"]})).json()
        assert same["faults"] is None
        stack.order("sheets")
        assert (await client.get("/api/state", params={"after": same["after"]})).json()["faults"]["elsewhere"]
        stack.broken.add("faults")
        broken = (await client.get("/api/state", params={"after": same["after"]})).json()
        assert (broken["faults"], broken["trouble"]) == (None, ["as ordered"])

    run(stack, use)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"on": True, "switch": "no-such", "count": 1}, 404),
        ({"on": True, "switch": "x-down", "count": 7}, 400),
        ({"on": True, "switch": "x-dead-token", "count": 1}, 400),
        ({"on": True, "switch": "mesh-kill-next", "count": 1, "choice": "everything"}, 400),
        ({"on": True, "switch": "bedrock-refuses", "count": 1}, 409),
        ({"switch": "x-down"}, 400),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(change: dict[str, Any], status: int) -> None:
    stack = cafe()

    async def use(client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/faults", json=change)
        assert answer.status_code == status
        assert answer.json()["error"].endswith(".")
        foreign = await client.post("/api/faults", json={"on": False}, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403

    run(stack, use)
    assert stack.calls == []


class Plain(Ordered):
    what = "trouble"


def book(*orders: Ordered) -> Book[Any]:
    made: Book[Any] = Book(lambda: cafe().now)
    for order in orders:
        made.add(order)
    return made


def test_a_book_counts_down_lets_some_through_and_keeps_what_was_used_up() -> None:
    kept = book(Plain(count=2, skip=1, name="mine"))
    any_: Callable[[Any], bool] = lambda _: True  # noqa: E731
    assert [kept.take(any_) is not None for _ in range(4)] == [False, True, True, False]
    assert (kept.waiting(), bool(kept)) == ([], False)
    [one] = told(kept.every(), "x")
    assert (one["left"], one["taken"], one["name"], one["where"]) == (0, 2, "mine", "x")


def test_what_one_order_lets_through_is_let_through_by_all() -> None:
    book: Book[Ordered] = Book()
    first = book.add(Ordered(skip=1))
    second = book.add(Ordered())
    assert [book.take(lambda _: True) for _ in range(4)] == [None, first, second, None]


def test_an_order_that_is_taken_back_meets_nobody_and_only_the_last_are_remembered() -> None:
    kept = book(*(Plain(count=1) for _ in range(60)))
    for order in kept.waiting():
        assert kept.take_back(order.id)
    assert kept.take(lambda _: True) is None
    kept.add(Plain(count=ENDLESS))
    assert len(kept.every()) == 41
    assert told(kept.waiting(), "x")[0]["left"] is None
    assert not kept.take_back("nobody")
