"""The console's switches for the seven networks, as their own servers carry them out and the adapters meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.clock import now
from local.console.network_switches import network_groups
from local.console.switches import UNTIL_OFF, order_body
from local.orders import ENDLESS
from networks.model import AttemptKey, Draft, Outcome, Pause, Presence, Result

pytestmark = pytest.mark.slow

SWITCHES = {one.id: one for group in network_groups() for one in group.switches}
DRAFT = Draft("Cake at four")


def orders(servers: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{servers['web']}/_local/everywhere").json()["orders"]
    return found


@pytest.fixture
def turn(channel: Any, servers: Any) -> Any:
    """Switches one of this network's faults on, as the console does: at any of the servers."""

    def turn(kind: str, count: int = 1) -> str:
        switch = SWITCHES[f"{channel.name}-{kind}"]
        assert count in switch.counts
        for order in switch.orders:
            body = order_body(order, count, switch.name())
            httpx.post(f"{servers['web']}{order.path}", json=body).raise_for_status()
        [made] = [one for one in orders(servers) if one["name"] == switch.name()]
        assert made["where"] == channel.name
        return str(made["id"])

    return turn


def off(servers: Any, the_id: str) -> None:
    assert httpx.delete(f"{servers['web']}/_local/everywhere/{the_id}").json() == {"removed": True}


def publish(channel: Any, key: AttemptKey, minutes: int = 0) -> Outcome:
    outcome: Outcome = channel.publish(DRAFT, key, later=timedelta(minutes=minutes))
    return outcome


def test_the_answer_is_lost_and_the_post_is_out_once(channel: Any, servers: Any, turn: Any, key: AttemptKey) -> None:
    the_id = turn("lost-answer")
    # A prepared post can be asked what became of it, within the same try.
    expected = Result.OK if channel.name in ("instagram", "threads") else Result.UNKNOWN
    assert publish(channel, key).result is expected
    assert len(channel.feed()) == 1
    assert channel.find(DRAFT, key).presence is Presence.PRESENT
    [met] = [one for one in orders(servers) if one["id"] == the_id]
    assert (met["left"], met["taken"]) == (0, 1)


def test_too_many_requests_name_the_minute_to_come_back(channel: Any, turn: Any, key: AttemptKey) -> None:
    turn("slow-down")
    outcome = publish(channel, key)
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.NONE)
    assert outcome.retry_at is not None
    assert timedelta(minutes=3) < outcome.retry_at - now() < timedelta(minutes=5)
    assert channel.feed() == []
    assert publish(channel, key, minutes=5).result is Result.OK


def test_a_dead_sign_in_pauses_and_is_not_renewed_until_it_is_switched_off(
    channel: Any, servers: Any, turn: Any, key: AttemptKey
) -> None:
    the_id = turn("dead-token", UNTIL_OFF)
    outcome = publish(channel, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.expired or outcome.pause is Pause.REAUTHORISE
    assert channel.adapter.refresh(channel.http, channel.account, now()) is None
    assert channel.adapter.probe(channel.http, channel.account).result is not Result.OK
    assert channel.feed() == []
    off(servers, the_id)
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
    assert publish(channel, key).result is Result.OK


def test_a_network_that_is_down_posts_nothing_and_people_see_what_is_there(
    channel: Any, servers: Any, turn: Any, key: AttemptKey
) -> None:
    the_id = turn("down", UNTIL_OFF)
    [order] = [one for one in orders(servers) if one["id"] == the_id]
    assert order["left"] is None
    assert publish(channel, key).result in {Result.RETRYABLE, Result.UNKNOWN}
    assert channel.find(DRAFT, key).presence is not Presence.PRESENT
    off(servers, the_id)
    assert channel.feed() == []


def test_one_of_two_is_taken_back_and_the_other_goes_on(servers: Any, http: httpx.Client) -> None:
    def order(**told: Any) -> httpx.Response:
        return http.post(f"{servers['x']}/_local/everywhere", json={"do": "status", "match": "GET", **told})

    one, other = order(where="x", count=ENDLESS).json()["id"], order(where="mastodon", status=418).json()["id"]
    off(servers, one)
    told = {each["id"]: each["left"] for each in orders(servers)}
    assert (told[one], told[other]) == (0, 1)
    assert http.get(f"{servers['mastodon']}/anything").status_code == 418
    assert order(where="nowhere").status_code == order(where="x", do="nothing").status_code == 400
    assert http.delete(f"{servers['x']}/_local/everywhere/{other}").json() == {"removed": False}
