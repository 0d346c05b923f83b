"""The local servers, one set for a file with an account for each test, and the adapters' side of a channel."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.clock import now
from local.networks.serve import Networks
from networks import network
from networks.model import (
    Account,
    AfterUnknown,
    AttemptKey,
    Draft,
    Finding,
    Image,
    Network,
    Outcome,
    Presence,
    Rendition,
)

SERVED = ("bluesky", "linkedin", "mastodon", "x")
REPEATABLE = [name for name in SERVED if network(name).declared.after_unknown is AfterUnknown.REPEAT_SAME]

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\r\n--boundary\r\n\r\n\xff\xd9"
PICTURE = Image(hashlib.sha256(JPEG).hexdigest(), "image/jpeg", len(JPEG), 1200, 800, 'Flat white, "to go" & ☕')


@dataclass
class Channel:
    """One account on one of the servers, seen through its adapter. ``impatient`` gives it a second for a publish."""

    name: str
    account: Account
    http: httpx.Client
    host: str
    handle: str
    adapter: Network = field(init=False)

    def __post_init__(self) -> None:
        self.adapter = network(self.name)

    @property
    def nothing_found(self) -> Presence:
        """What a look tells that does not find the post, by what the network says that it can prove."""
        proves = self.adapter.declared.proves
        return Presence.ABSENT if Presence.ABSENT in proves else Presence.UNPROVABLE

    def impatient(self) -> Channel:
        adapter: Any = network(self.name)
        self.adapter = replace(adapter, declared=replace(adapter.declared, publish_timeout_seconds=1))
        return self

    def compose(self, draft: Draft) -> Rendition:
        composed = self.adapter.compose(draft)
        assert isinstance(composed, Rendition), composed
        return composed

    def publish(self, draft: Draft, key: AttemptKey, later: timedelta = timedelta()) -> Outcome:
        return self.adapter.publish(self.http, self.account, self.compose(draft), key, lambda _: JPEG, now() + later)

    def find(self, draft: Draft, key: AttemptKey) -> Finding:
        return self.adapter.find(self.http, self.account, self.compose(draft), key)

    def feed(self) -> list[dict[str, Any]]:
        posts: list[dict[str, Any]] = self.http.get(f"{self.host}/_local/feed").json()
        return [post for post in posts if (post["network"], post["account"]) == (self.name, self.handle)]

    def order(
        self, do: str, match: str = "putRecord|POST /api/v1/statuses|POST /2/tweets|POST /rest/posts", **fault: Any
    ) -> None:
        answer = self.http.post(f"{self.host}/_local/faults", json={"match": match, "do": do, **fault})
        assert answer.status_code == 201, answer.text


def new_key(name: str = "post-1") -> AttemptKey:
    return AttemptKey(hashlib.sha256(name.encode()).hexdigest(), now())


def open_channel(servers: Networks, http: httpx.Client, name: str) -> Channel:
    made = servers.accounts.add({"network": name, "handle": f"cafe-{secrets.token_hex(4)}"})
    account = Account(name, made["account_id"], made["host"], made["credentials"])
    return Channel(name, account, http, made["host"], made["handle"])


@pytest.fixture(scope="module")
def running_servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def servers(running_servers: Networks, http: httpx.Client) -> Iterator[Networks]:
    behaviour = http.post(f"{running_servers['web']}/_local/behaviour", json={}).json()
    usual_behaviour = {name: value for of_one in behaviour.values() for name, value in of_one.items()}
    yield running_servers
    for origin in running_servers.origins.values():
        http.delete(f"{origin.origin}/_local/faults")
    http.post(f"{running_servers['web']}/_local/behaviour", json=usual_behaviour)


@pytest.fixture
def gone() -> str:
    """The origin of a server that has just stopped: nothing listens there."""
    stopped = Networks(None)
    stopped.start()
    stopped.stop()
    return stopped["bluesky"]


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture(params=SERVED)
def channel(request: pytest.FixtureRequest, servers: Networks, http: httpx.Client) -> Channel:
    return open_channel(servers, http, request.param)


@pytest.fixture(params=REPEATABLE)
def repeatable(request: pytest.FixtureRequest, servers: Networks, http: httpx.Client) -> Channel:
    """A channel where the very same request again makes no second post."""
    return open_channel(servers, http, request.param)


@pytest.fixture
def bluesky(servers: Networks, http: httpx.Client) -> Channel:
    return open_channel(servers, http, "bluesky")


@pytest.fixture
def mastodon(servers: Networks, http: httpx.Client) -> Channel:
    return open_channel(servers, http, "mastodon")


@pytest.fixture
def linkedin(servers: Networks, http: httpx.Client) -> Channel:
    return open_channel(servers, http, "linkedin")


@pytest.fixture
def x(servers: Networks, http: httpx.Client) -> Channel:
    return open_channel(servers, http, "x")


@pytest.fixture
def key() -> AttemptKey:
    return new_key()


@pytest.fixture
def picture() -> Image:
    return PICTURE


@pytest.fixture
def picture_bytes() -> bytes:
    return JPEG
