"""What the sender expects of a network: of the real adapters before this computer's servers, and of the networks in memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from memory.network import Feed, MemoryNetwork

from local.clock import now
from local.networks.serve import Networks
from networks import network
from networks.model import Account, AttemptKey, Draft, Finding, Outcome, Presence, Rendition, Result

WORDS = Draft("Fresh apple cake from nine")


@dataclass
class Channel:
    """One account on one network. ``count`` says how many posts it shows."""

    adapter: Any
    account: Account
    http: Any
    name: str
    feed: Any

    def compose(self, draft: Draft = WORDS) -> Rendition:
        made = self.adapter.compose(draft)
        assert isinstance(made, Rendition)
        return made

    def publish(self, key: AttemptKey, draft: Draft = WORDS) -> Outcome:
        outcome: Outcome = self.adapter.publish(self.http, self.account, self.compose(draft), key, lambda _: b"", now())
        return outcome

    def find(self, key: AttemptKey, draft: Draft = WORDS) -> Finding:
        finding: Finding = self.adapter.find(self.http, self.account, self.compose(draft), key)
        return finding

    def count(self) -> int:
        return len(self.feed())


@pytest.fixture(scope="module")
def servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()


@pytest.fixture(params=["memory", "bluesky", "mastodon"])
def channel(request: pytest.FixtureRequest, servers: Networks) -> Iterator[Channel]:
    if request.param == "memory":
        adapter = MemoryNetwork(feed=Feed())
        adapter.feed.tokens["a"], adapter.feed.refreshing["a"] = "access-1", "refresh-1"
        account = Account("bluesky", "a", "https://memory.test", {"access_jwt": "access-1", "refresh_jwt": "refresh-1"})
        yield Channel(adapter, account, None, "memory", lambda: adapter.feed.posts)
        return
    made = servers.accounts.add({"network": request.param, "handle": f"cafe-{secrets.token_hex(4)}"})
    account = Account(request.param, made["account_id"], made["host"], made["credentials"])
    with httpx.Client(trust_env=False) as http:

        def feed() -> list[dict[str, Any]]:
            posts = http.get(f"{made['host']}/_local/feed").json()
            return [post for post in posts if (post["network"], post["account"]) == (request.param, made["handle"])]

        yield Channel(network(request.param), account, http, request.param, feed)


def key(name: str = "one") -> AttemptKey:
    return AttemptKey(hashlib.sha256(name.encode()).hexdigest(), now())


def test_a_post_is_out_once_with_an_id_and_an_address(channel: Channel) -> None:
    outcome = channel.publish(key())
    assert outcome.result is Result.OK
    assert outcome.remote_id
    assert outcome.url.startswith("http")
    assert channel.count() == 1


def test_the_very_same_request_again_is_the_same_post(channel: Channel) -> None:
    one = key()
    first, second = channel.publish(one), channel.publish(one)
    assert (second.result, second.remote_id) == (Result.OK, first.remote_id)
    assert channel.count() == 1


def test_another_key_is_another_post(channel: Channel) -> None:
    channel.publish(key("one"))
    channel.publish(key("two"), Draft("Plum cake"))
    assert channel.count() == 2


def test_a_look_finds_what_is_out_and_does_not_find_what_is_not(channel: Channel) -> None:
    one = key()
    assert channel.find(one).presence is Presence.ABSENT
    outcome = channel.publish(one)
    found = channel.find(one)
    assert (found.presence, found.remote_id) == (Presence.PRESENT, outcome.remote_id)
    assert channel.find(key("two"), Draft("Plum cake")).presence is Presence.ABSENT


def test_a_look_changes_nothing(channel: Channel) -> None:
    channel.find(key())
    assert channel.count() == 0


def test_a_token_that_is_refused_posts_nothing_and_says_what_is_to_be_done(channel: Channel) -> None:
    wrong = {
        name: "nonsense" if name in {"access_jwt", "access_token"} else value
        for name, value in channel.account.credentials.items()
    }
    if channel.name == "bluesky":
        wrong["access_jwt"] = "nonsense"
    channel.account = replace(channel.account, credentials=wrong)
    outcome = channel.publish(key())
    assert outcome.result is Result.RETRYABLE
    assert outcome.expired or outcome.pause
    assert channel.count() == 0


def test_a_probe_says_that_the_account_is_alive(channel: Channel) -> None:
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK


def test_a_network_without_keys_makes_another_post_of_every_request() -> None:
    adapter = MemoryNetwork(feed=Feed(), knows_keys=False, proves_absence=False)
    account = Account("x", "a", "https://memory.test", {})
    made = adapter.compose(WORDS)
    for _ in range(2):
        adapter.publish(None, account, made, key(), lambda _: b"", now())
    assert len(adapter.feed.posts) == 2
    assert adapter.find(None, account, made, key()).presence is Presence.PRESENT
    assert adapter.find(None, account, Rendition("Other", {}), key()).presence is Presence.UNPROVABLE


def test_a_network_that_forgets_knows_a_request_again_only_for_its_time() -> None:
    """As Mastodon's servers do, held to the local one in tests/contract/networks."""
    whole = MemoryNetwork(feed=Feed())
    adapter = replace(whole, declared=replace(whole.declared, repeat_within=timedelta(hours=1)))
    account = Account("mastodon", "a", "https://memory.test", {})
    made, one = adapter.compose(WORDS), key()
    for later in (timedelta(), timedelta(minutes=59), timedelta(minutes=61)):
        adapter.publish(None, account, made, one, lambda _: b"", one.created_at + later)
    assert len(adapter.feed.posts) == 2


def test_a_refreshed_pair_is_good_once_and_an_old_one_kills_them_all() -> None:
    """As Bluesky's servers do, tried on a real one by ``make test-real``."""
    adapter = MemoryNetwork(feed=Feed())
    adapter.feed.tokens["a"], adapter.feed.refreshing["a"] = "access-1", "refresh-1"
    old = Account("bluesky", "a", "https://memory.test", {"access_jwt": "access-1", "refresh_jwt": "refresh-1"})
    fresh = adapter.refresh(None, old, now())
    assert fresh is not None
    assert adapter.publish(None, fresh, adapter.compose(WORDS), key(), lambda _: b"", now()).result is Result.OK
    assert adapter.publish(None, old, adapter.compose(WORDS), key(), lambda _: b"", now()).expired
    assert adapter.refresh(None, old, now()) is None
    assert adapter.probe(None, fresh).pause
