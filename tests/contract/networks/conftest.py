"""All local servers, one set for a file with an account for each test, and the adapters' side of a channel."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sender_side import Pictures, Tries, drawn

from local.clock import now
from local.networks.serve import Networks
from networks import NAMES, network
from networks.model import (
    Account,
    AfterUnknown,
    AttemptKey,
    Confirm,
    Draft,
    Finding,
    Image,
    Network,
    Outcome,
    Presence,
    Rendition,
    always_open,
)

JPEG = drawn()
REPEATING = [name for name in NAMES if network(name).declared.after_unknown is AfterUnknown.REPEAT_SAME]
CREATING = "putRecord|POST (/api/v1/statuses|/2/tweets|/rest/posts|.*/(feed|media_publish|threads_publish))$"
PROVABLE = {"linkedin": {"kind": "organization"}}
"""Accounts of which a network can tell whether a post is there, where not all are alike: of a member LinkedIn lists nothing."""

PICTURE = Image(hashlib.sha256(JPEG).hexdigest(), "image/jpeg", len(JPEG), 1_200, 800, 'Flat white, "to go" & ☕')


@dataclass
class Channel:
    """One account on one of the servers, seen through its adapter. ``impatient`` gives it a second for a publish.

    Where a network takes no post without an image, it gets one. ``tries`` are by the key's value.
    """

    name: str
    account: Account
    http: httpx.Client
    host: str
    handle: str
    blobs: Pictures
    adapter: Network = field(init=False)
    tries: defaultdict[str, Tries] = field(default_factory=lambda: defaultdict(Tries))

    def __post_init__(self) -> None:
        self.adapter = network(self.name)

    def impatient(self) -> Channel:
        adapter: Any = network(self.name)
        self.adapter = replace(adapter, declared=replace(adapter.declared, publish_timeout_seconds=1))
        return self

    @property
    def absence(self) -> Presence:
        """What a look for what is not there tells."""
        return Presence.ABSENT if Presence.ABSENT in self.adapter.declared.proves else Presence.UNPROVABLE

    def without_asking(self, key: AttemptKey) -> Presence:
        """What a look tells that gets no answer: where the network said the post's id, and it was noted, that is enough."""
        return Presence.PRESENT if "post" in self.tries[key.value].noted else Presence.UNPROVABLE

    def compose(self, draft: Draft) -> Rendition:
        if self.adapter.declared.needs_image and not draft.images:
            draft = replace(draft, images=(PICTURE,))
        composed = self.adapter.compose(draft)
        assert isinstance(composed, Rendition), composed
        return composed

    def publish(
        self, draft: Draft, key: AttemptKey, later: timedelta = timedelta(), confirm: Confirm = always_open
    ) -> Outcome:
        rendition, notes = self.compose(draft), self.tries[key.value].begin()
        return self.adapter.publish(
            self.http, self.account, rendition, key, self.blobs, now() + later, confirm=confirm, notes=notes
        )

    def find(self, draft: Draft, key: AttemptKey) -> Finding:
        kept = dict(self.tries[key.value].noted)
        return self.adapter.find(self.http, self.account, self.compose(draft), key, kept)

    def feed(self) -> list[dict[str, Any]]:
        posts: list[dict[str, Any]] = self.http.get(f"{self.host}/_local/feed").json()
        return [post for post in posts if (post["network"], post["account"]) == (self.name, self.handle)]

    def order(self, do: str, match: str = CREATING, **fault: Any) -> None:
        answer = self.http.post(f"{self.host}/_local/faults", json={"match": match, "do": do, **fault})
        assert answer.status_code == 201, answer.text


def new_key(name: str = "post-1") -> AttemptKey:
    return AttemptKey(hashlib.sha256(name.encode()).hexdigest(), now())


def open_channel(servers: Networks, http: httpx.Client, name: str, blobs: Pictures, **more: Any) -> Channel:
    told = {"network": name, "handle": f"cafe-{secrets.token_hex(4)}", **more}
    made = servers.accounts.add(told)
    account = Account(name, made["account_id"], made["host"], made["credentials"])
    return Channel(name, account, http, made["host"], made["handle"], blobs)


@pytest.fixture(scope="module")
def blobs() -> Iterator[Pictures]:
    pictures = Pictures()
    assert pictures.put(JPEG).sha256 == PICTURE.sha256
    yield pictures
    pictures.stop()


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
        origin.faults.clear()  # not by a request to each: nine of them would be as much work as the test
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


@pytest.fixture(params=NAMES)
def channel(request: pytest.FixtureRequest, servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return open_channel(servers, http, request.param, blobs, **PROVABLE.get(request.param, {}))


@pytest.fixture(params=REPEATING)
def repeating(request: pytest.FixtureRequest, servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    """Where the very same request again cannot make a second post; elsewhere its owner is asked."""
    return open_channel(servers, http, request.param, blobs)


@pytest.fixture
def bluesky(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return open_channel(servers, http, "bluesky", blobs)


@pytest.fixture
def mastodon(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return open_channel(servers, http, "mastodon", blobs)


@pytest.fixture
def facebook(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return open_channel(servers, http, "facebook", blobs)


@pytest.fixture
def instagram(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return quick(open_channel(servers, http, "instagram", blobs))


@pytest.fixture
def linkedin(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    """A member's, and nothing is noted: a noted id would answer every look."""
    channel = open_channel(servers, http, "linkedin", blobs)
    channel.tries = defaultdict(lambda: Tries(loses=True))
    return channel


@pytest.fixture
def x(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return open_channel(servers, http, "x", blobs)


@pytest.fixture
def threads(servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return quick(open_channel(servers, http, "threads", blobs))


@pytest.fixture
def opened(servers: Networks, http: httpx.Client, blobs: Pictures) -> Callable[[str], Channel]:
    """Opens another account on a network by its name."""
    return lambda name: quick(open_channel(servers, http, name, blobs))


@pytest.fixture(params=["instagram", "threads"])
def containers(request: pytest.FixtureRequest, servers: Networks, http: httpx.Client, blobs: Pictures) -> Channel:
    return quick(open_channel(servers, http, request.param, blobs))


def quick(channel: Channel) -> Channel:
    """Containers are looked at again at once."""
    adapter: Any = channel.adapter
    if hasattr(adapter, "container_poll_seconds"):
        channel.adapter = replace(adapter, container_poll_seconds=0.01)
    return channel


@pytest.fixture
def key() -> AttemptKey:
    return new_key()


@pytest.fixture
def picture() -> Image:
    return PICTURE


@pytest.fixture
def picture_bytes() -> bytes:
    return JPEG
