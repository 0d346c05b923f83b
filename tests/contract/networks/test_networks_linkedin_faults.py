"""A kill and each fault at each request of LinkedIn's publish sequence, then what the sender does: look, and ask the owner.

Nothing there makes a repetition safe, so that only the owner's "send again" may lead to another request that posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from local.clock import now
from mesh.ledger import Attempt
from networks.linkedin_door import API_VERSION
from networks.model import Account, AttemptKey, Draft, Image, LinkCard, Outcome, Presence, Result
from sender import decide
from sender.decide import AfterLook

FOREIGN = {"error": "as ordered"}


class Killed(BaseException):
    """The process is gone: nothing after this line was done."""


class Faulty(httpx.BaseTransport):
    """Spoils the request of one number, from 0; ``at`` None spoils none. ``seen`` are all that left."""

    def __init__(self, at: int | None = None, do: str = "") -> None:
        self.at, self.do, self.seen = at, do, list[str]()
        self._line = httpx.HTTPTransport(verify=False)  # http only; certificates take their time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        number = len(self.seen)
        self.seen.append(f"{request.method} {request.url.path}")
        if number != self.at:
            return self._line.handle_request(request)
        before, _, after = self.do.partition(" then ")
        if before == "sent":
            self._line.handle_request(request).read()
        return _SPOILT[after](request)

    def close(self) -> None:
        self._line.close()

    @property
    def posts_asked_for(self) -> int:
        return self.seen.count("POST /rest/posts")


def _raising(error: type[BaseException]) -> Callable[[httpx.Request], httpx.Response]:
    def spoil(request: httpx.Request) -> httpx.Response:
        raise error() if error is Killed else error("as ordered")

    return spoil


def _answering(status: int, **content: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, request=request, **content)


_SPOILT: Mapping[str, Callable[[httpx.Request], httpx.Response]] = {
    "killed": _raising(Killed),
    "no connection": _raising(httpx.ConnectError),
    "a timeout": _raising(httpx.ReadTimeout),
    "cut off": _raising(httpx.RemoteProtocolError),
    "a 500": _answering(500, json=FOREIGN),
    "a page of 502": _answering(502, html="<html>Bad gateway"),
    "a page of 200": _answering(200, html="<html>Just a moment"),
    "a page of 400": _answering(400, html="<html>Bad request"),
    "nothing": _answering(200),
    "giant": _answering(200, content=b'{"padding": "' + b"x" * 3_000_000 + b'"}'),
    "a foreign 400": _answering(400, json=FOREIGN),
    "a foreign 403": _answering(403, json=FOREIGN),
    "a foreign 429": _answering(429, json=FOREIGN),
    "elsewhere": _answering(302, headers={"location": "https://evil.example/"}),
}
FAULTS = [
    *(f"sent then {after}" for after in _SPOILT if after != "no connection"),
    *(f"unsent then {after}" for after in _SPOILT),
]
HARD = [f"{when} then {after}" for when in ("sent", "unsent") for after in ("killed", "a timeout", "a foreign 400")]


@dataclass
class Kept:
    """Notes that survive a kill."""

    kept: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, value: str) -> bool:
        self.kept[name] = value
        return True


@dataclass
class Sender:
    """One post on one channel, sent as functions/sender does it: the decisions are its own."""

    channel: Any
    draft: Draft
    key: AttemptKey
    notes: Kept = field(default_factory=Kept)

    def publish(self, line: Faulty, seconds: int = 40) -> Outcome | None:
        """None where the process was killed. ``seconds`` is all the time there is."""
        with httpx.Client(transport=line, trust_env=False) as http:
            composed = self.channel.compose(self.draft)
            adapter: Any = self.channel.adapter
            declared = replace(adapter.declared, publish_timeout_seconds=seconds)
            adapter = replace(adapter, declared=declared, image_poll_seconds=0.01)
            try:
                outcome: Outcome = adapter.publish(
                    http, self.channel.account, composed, self.key, lambda _: PIXEL, now(), notes=self.notes
                )
            except Killed:
                return None
        return outcome

    def looked(self) -> AfterLook:
        composed = self.channel.compose(self.draft)
        finding = self.channel.adapter.find(
            self.channel.http, self.channel.account, composed, self.key, self.notes.kept
        )
        lost = Attempt(
            post_channel="post#linked",
            attempt=1,
            revision="r",
            started_at=now().isoformat(),
            key_at=self.key.created_at.isoformat(),
            result="unknown",
        )
        if finding.presence is Presence.PRESENT:
            assert finding.remote_id in {post["id"] for post in self.channel.feed()}
        return decide.after_look(finding, self.channel.adapter.declared, lost, now())


PIXEL = b"\xff\xd8\xff\xe0 a pixel \xff\xd9"
CARD = "https://cafe.example/menu"


def draft_of(shape: str, picture: Image) -> Draft:
    match shape:
        case "an article":
            return Draft("Menu (new)", CARD, card=LinkCard(CARD, "Our menu", thumbnail=picture))
        case "one image":
            return Draft("Look", images=(picture,))
        case "several":
            return Draft("Look", images=(picture, replace(picture, alt="From above")))
    return Draft("Soup of the day #soup")


LENGTHS = {"a text": 2, "an article": 5, "one image": 5, "several": 8}


Made = Callable[[int], Any]


def kinds(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", names)


@pytest.fixture
def anybody(kind: str, linkedin: Any, servers: Any) -> Iterator[Made]:
    """A fresh channel for each number, so that no try is a duplicate of another's. Their posts go when the test ends."""
    channels: list[Any] = []

    def made(number: int) -> Any:
        handle = f"{linkedin.handle}-{number}"
        told = servers.accounts.add({"network": "linkedin", "handle": handle, "kind": kind})
        account = Account("linkedin", told["account_id"], told["host"], told["credentials"])
        channels.append(replace(linkedin, account=account, handle=handle))
        return channels[-1]

    yield made
    for channel in channels:
        token = channel.account.credentials["access_token"]
        headers = {"authorization": f"Bearer {token}", "linkedin-version": API_VERSION}
        headers["x-restli-protocol-version"] = "2.0.0"
        for post in channel.feed():
            channel.http.delete(f"{channel.host}/rest/posts/{quote(post['id'])}", headers=headers).raise_for_status()


def spoilt(
    anybody: Made, picture: Image, key: AttemptKey, shape: str, do: str
) -> Iterator[tuple[Sender, Faulty, Outcome | None]]:
    """The same publish as often as it has requests, each time with another one spoilt."""
    waits = do in ("unsent then nothing", "unsent then a page of 200")  # for an image that was never there
    for at in range(LENGTHS[shape]):
        sender, line = Sender(anybody(at), draft_of(shape, picture), key), Faulty(at, do)
        yield sender, line, sender.publish(line, seconds=1 if waits else 40)


@kinds("member", "organization")
@pytest.mark.parametrize("shape", LENGTHS)
def test_a_publish_makes_so_many_requests_and_one_of_them_posts(
    anybody: Made, key: AttemptKey, picture: Image, shape: str
) -> None:
    line = Faulty()
    sender = Sender(anybody(0), draft_of(shape, picture), key)
    outcome = sender.publish(line)
    assert outcome is not None
    assert (outcome.result, outcome.detail, len(line.seen)) == (Result.OK, "", LENGTHS[shape])
    assert line.posts_asked_for == len(sender.channel.feed()) == 1


@pytest.mark.parametrize(("kind", "do"), [*(("member", do) for do in FAULTS), *(("organization", do) for do in HARD)])
@pytest.mark.parametrize("shape", LENGTHS)
def test_whatever_happens_to_a_request_there_is_at_most_one_post_and_no_wrong_word_about_it(
    anybody: Made, key: AttemptKey, picture: Image, shape: str, do: str
) -> None:
    for sender, line, outcome in spoilt(anybody, picture, key, shape, do):
        feed = sender.channel.feed()
        assert len(feed) <= 1
        assert line.posts_asked_for <= 1
        assert outcome is None or outcome.result is not Result.REJECTED
        if outcome is not None and outcome.result is Result.OK:
            assert [outcome.remote_id] == [post["id"] for post in feed]
            continue
        if outcome is not None and outcome.result is Result.RETRYABLE:
            assert feed == []
        else:
            # Its fate is unknown: it is found, or its owner is asked. Nothing is sent again by itself.
            after = sender.looked()
            assert after in (AfterLook.SENT, AfterLook.ASK)
            if after is AfterLook.SENT or feed:
                assert len(feed) == 1
                continue
        # Retried, or its owner has looked and said "send again".
        again = sender.publish(Faulty())
        assert again is not None
        assert again.result is Result.OK
        assert [again.remote_id] == [post["id"] for post in sender.channel.feed()]


@kinds("member", "organization")
@pytest.mark.parametrize("shape", LENGTHS)
def test_a_post_that_was_answered_is_found_after_a_kill_whoever_posted_it(
    anybody: Made, key: AttemptKey, picture: Image, shape: str
) -> None:
    killed_reading_back = Faulty(LENGTHS[shape] - 1, "unsent then killed")
    sender = Sender(anybody(0), draft_of(shape, picture), key)
    assert sender.publish(killed_reading_back) is None
    assert sender.looked() is AfterLook.SENT


@kinds("member", "organization")
def test_an_owner_who_says_send_again_too_soon_is_still_told_of_the_one_post(
    anybody: Made, key: AttemptKey, picture: Image
) -> None:
    for number, shape in enumerate(LENGTHS):
        sender = Sender(anybody(number), draft_of(shape, picture), key)
        lost = sender.publish(Faulty(LENGTHS[shape] - 2, "sent then a timeout"))
        assert lost is not None
        assert lost.result is Result.UNKNOWN
        again = sender.publish(Faulty())
        assert again is not None
        assert (again.result, again.remote_id) == (Result.OK, sender.channel.feed()[0]["id"])
        assert len(sender.channel.feed()) == 1


def test_a_request_that_lands_after_the_look_is_one_post(linkedin: Any, key: AttemptKey) -> None:
    sender = Sender(linkedin, Draft("Late soup"), key)
    linkedin.order("hold-before")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(sender.publish, Faulty())
        assert linkedin.http.get(f"{linkedin.host}/_local/holding", params={"timeout_seconds": 10}, timeout=15).json()
        assert sender.looked() is AfterLook.ASK
        assert linkedin.feed() == []
        linkedin.http.post(f"{linkedin.host}/_local/release")
        outcome = late.result(timeout=10)
    assert outcome is not None
    assert [post["id"] for post in linkedin.feed()] == [outcome.remote_id]


def test_an_answer_in_linkedin_s_own_words_that_is_wrong_is_the_only_one_believed(
    linkedin: Any, key: AttemptKey
) -> None:
    linkedin.order("status", status=400, effect=True, body={"status": 400, "message": "Bad value"})
    assert linkedin.publish(Draft("One"), key).result is Result.REJECTED
    linkedin.order("status", status=400, effect=True, body={"status": 401, "message": "Bad value"})
    assert linkedin.publish(Draft("Two"), key, later=timedelta()).result is Result.UNKNOWN
