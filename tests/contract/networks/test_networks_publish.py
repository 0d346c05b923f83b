"""The adapters against servers shaped like the real ones: one post whatever the line does, and an honest outcome."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from networks.model import AfterUnknown, AttemptKey, Draft, Image, LinkCard, Of, Pause, Presence, Result

DRAFT = Draft("Cake & coffee ☕ from 9:00 – @anna@social.example #cake https://cafe.example/menu?a=1&b=2")


def test_a_text_arrives_as_composed_and_can_be_opened(channel: Any, key: AttemptKey) -> None:
    outcome = channel.publish(DRAFT, key)
    assert outcome.result is Result.OK, outcome
    (post,) = channel.feed()
    assert (post["text"], post["id"], post["url"]) == (DRAFT.text, outcome.remote_id, outcome.url)
    page = channel.http.get(outcome.url)
    assert page.headers["content-type"].startswith("text/html")
    assert "Cake &amp; coffee ☕" in page.text


def test_images_arrive_byte_for_byte_with_their_alt_text(
    channel: Any, key: AttemptKey, picture: Image, picture_bytes: bytes
) -> None:
    other = replace(picture, alt="The same cup from above")
    assert channel.publish(Draft("Look", images=(picture, other)), key).result is Result.OK
    (post,) = channel.feed()
    assert [image["alt"] for image in post["images"]] == [picture.alt, other.alt]
    assert {channel.http.get(image["url"]).content for image in post["images"]} == {picture_bytes}


@pytest.mark.parametrize("with_what", ["a text", "an image", "a card"])
def test_the_gate_is_asked_before_anything_is_public_for_just_what_the_adapter_says(
    channel: Any, key: AttemptKey, picture: Image, with_what: str
) -> None:
    """What it says of a rendition is relied on: a try that was lost before it was asked is taken for one that never left."""
    card = LinkCard("https://cafe.example/card", "Cakes", "All our cakes", picture)
    draft = {
        "a text": DRAFT,
        "an image": Draft("Look", images=(picture,)),
        "a card": Draft("Read", link=card.url, card=card),
    }[with_what]
    public_when_asked: list[int] = []

    def confirm() -> str:
        public_when_asked.append(len(channel.feed()))
        return ""

    confirms = channel.adapter.confirms(channel.compose(draft))
    assert channel.publish(draft, key, confirm=confirm).result is Result.OK
    assert public_when_asked == ([0] if confirms else [])


def test_a_link_arrives(channel: Any, key: AttemptKey) -> None:
    assert channel.publish(Draft("Menu", "https://cafe.example/menu"), key).result is Result.OK
    (post,) = channel.feed()
    assert "https://cafe.example/menu" in (post["link"], post["text"].rpartition("\n")[2])


def test_the_longest_text_allowed_is_accepted(channel: Any, key: AttemptKey) -> None:
    room = (channel.adapter.declared.most(Of.TEXT) or 0) - channel.adapter.measure("👩‍🍳").length
    longest = Draft("👩‍🍳" + "é" * room)
    assert channel.publish(longest, key).result is Result.OK


def test_the_same_request_twice_is_one_post(repeating: Any, key: AttemptKey, picture: Image) -> None:
    draft = Draft("Once", images=(picture,))
    first, second = repeating.publish(draft, key), repeating.publish(draft, key)
    assert (first.result, first.remote_id, first.url) == (second.result, second.remote_id, second.url)
    assert len(repeating.feed()) == 1


def test_eight_at_once_are_one_post(repeating: Any, key: AttemptKey) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: repeating.publish(DRAFT, key), range(8)))
    # Whoever is overtaken before it could note what it relies on has posted nothing.
    assert {outcome.result for outcome in outcomes} in ({Result.OK}, {Result.OK, Result.RETRYABLE})
    posted = {outcome.remote_id for outcome in outcomes if outcome.result is Result.OK}
    assert len(posted) == len(repeating.feed()) == 1


def test_different_keys_are_different_posts(repeating: Any, key: AttemptKey) -> None:
    other = AttemptKey(key.value[::-1], key.created_at)
    assert repeating.publish(DRAFT, key).remote_id != repeating.publish(DRAFT, other).remote_id
    assert len(repeating.feed()) == 2


def test_a_look_tells_present_from_absent(channel: Any, key: AttemptKey, picture: Image) -> None:
    draft = Draft(DRAFT.text, images=(picture,))
    assert channel.find(draft, key).presence is channel.absence
    outcome = channel.publish(draft, key)
    found = channel.find(draft, key)
    assert (found.presence, found.remote_id, found.url) == (Presence.PRESENT, outcome.remote_id, outcome.url)


def test_a_look_does_not_take_other_posts_for_ours(channel: Any, key: AttemptKey) -> None:
    other = AttemptKey(key.value[::-1], key.created_at)
    channel.publish(Draft("Something else"), other)
    assert channel.find(DRAFT, key).presence is channel.absence


@pytest.mark.parametrize(
    ("fault", "posted"),
    [
        ({"do": "status", "status": 500}, 0),
        ({"do": "status", "status": 502, "body": "<html>", "effect": True}, 1),
        ({"do": "status", "status": 403}, 0),
        ({"do": "html"}, 0),
        ({"do": "empty"}, 1),
        ({"do": "huge"}, 1),
        ({"do": "cut"}, 1),
        ({"do": "timeout-before", "seconds": 3}, 0),
        ({"do": "timeout-after", "seconds": 3}, 1),
    ],
    ids=lambda value: "-".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value),
)
def test_what_proves_nothing_is_unknown_and_repeating_makes_it_one_post(
    channel: Any, key: AttemptKey, fault: dict[str, Any], posted: int
) -> None:
    channel.impatient().order(**fault)
    outcome = channel.publish(DRAFT, key)
    # A container can be looked at, and LinkedIn tells the post's id in a header: then it is known at once.
    assert outcome.result is Result.UNKNOWN or (posted and outcome.result is Result.OK)
    assert len(channel.feed()) == posted
    assert channel.find(DRAFT, key).presence is (Presence.PRESENT if posted else channel.absence)
    if channel.adapter.declared.after_unknown is not AfterUnknown.REPEAT_SAME:
        return
    assert channel.publish(DRAFT, key, later=timedelta(minutes=5)).result is Result.OK
    assert len(channel.feed()) == 1


def test_an_effect_that_lands_after_the_look_is_not_posted_again(repeating: Any, key: AttemptKey) -> None:
    repeating.order("hold-before")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(repeating.publish, DRAFT, key)
        assert repeating.http.get(f"{repeating.host}/_local/holding", params={"timeout_seconds": 10}, timeout=15).json()
        assert repeating.find(DRAFT, key).presence is Presence.ABSENT
        repeated = repeating.publish(DRAFT, key, later=timedelta(minutes=5))
        assert repeating.http.post(f"{repeating.host}/_local/release").json() == {"released": 1}
        assert late.result(timeout=10).remote_id == repeated.remote_id
    assert [post["id"] for post in repeating.feed()] == [repeated.remote_id]


def test_a_held_answer_can_be_waited_for_and_released(channel: Any, key: AttemptKey) -> None:
    channel.order("hold-after")
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(channel.publish, DRAFT, key)
        held = channel.http.get(f"{channel.host}/_local/holding", params={"timeout_seconds": 10}, timeout=15).json()
        assert len(held) == len(channel.feed()) == 1
        channel.http.post(f"{channel.host}/_local/release")
        assert sending.result(timeout=10).result is Result.OK


def test_a_server_that_is_gone_was_not_reached(channel: Any, gone: str, key: AttemptKey) -> None:
    assert channel.publish(DRAFT, key).result is Result.OK
    channel.account = replace(channel.account, host=gone)
    assert channel.find(DRAFT, key).presence is channel.without_asking(key)
    assert channel.publish(DRAFT, AttemptKey(key.value[::-1], key.created_at)).result is Result.RETRYABLE


def _rate_limit(network: str, stamp: datetime) -> dict[str, Any]:
    """A refusal for four minutes, told as that network tells it."""
    if network in ("facebook", "instagram", "threads"):
        body = {"error": {"message": "(#4) Application request limit reached", "type": "OAuthException", "code": 4}}
        usage = {"7": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 4}]}
        headers = {"x-business-use-case-usage": json.dumps(usage)}
        return {"do": "status", "status": 403, "body": body, "headers": headers}
    unix = str(int(stamp.timestamp()))
    name, told = {
        "bluesky": ("ratelimit-reset", unix),
        "linkedin": ("ratelimit-reset", unix),
        "mastodon": ("x-ratelimit-reset", stamp.isoformat()),
        "x": ("x-rate-limit-reset", unix),
    }[network]
    body = {"status": 429, "error": "Too many requests", "message": "Too many requests"}
    return {"do": "status", "status": 429, "headers": {name: told}, "body": body}


def test_a_rate_limit_is_retryable_at_its_reset(channel: Any, key: AttemptKey) -> None:
    stamp = key.created_at.replace(microsecond=0) + timedelta(minutes=4)
    channel.order(**_rate_limit(channel.name, stamp))
    outcome = channel.publish(DRAFT, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at is not None
    assert abs(outcome.retry_at - stamp) < timedelta(seconds=20)  # Meta tells whole minutes from now
    assert channel.feed() == []


@pytest.mark.parametrize("do", ["status", "html", "empty", "timeout-before", "cut"])
def test_trouble_with_an_image_never_leaves_doubt(channel: Any, key: AttemptKey, picture: Image, do: str) -> None:
    channel.impatient().order(
        do,
        match="uploadBlob|/media|/photos|/rest/images|POST .*/threads$",
        status=500 if do == "status" else 0,
        seconds=2,
    )
    draft = Draft("Look", images=(picture,))
    assert channel.publish(draft, key).result is Result.RETRYABLE
    assert channel.feed() == []
    assert channel.publish(draft, key).result is Result.OK


def test_what_a_network_refuses_is_rejected_with_its_words(channel: Any, key: AttemptKey) -> None:
    limit = channel.adapter.declared.most(Of.TEXT) or 0
    generous: Any = channel.adapter
    channel.adapter = generous.adjusted({Of.TEXT: limit + 1})
    outcome = channel.publish(Draft("x" * (limit + 1)), key)
    assert outcome.result is Result.REJECTED
    assert str(limit) in outcome.detail
    assert channel.feed() == []


def test_a_dead_sign_in_pauses_until_it_is_mended(channel: Any, servers: Any, key: AttemptKey) -> None:
    secret = next(value for name, value in channel.account.credentials.items() if name != "identifier")
    told = {"network": channel.name, "handle": channel.handle, "password": secret, "token": secret}
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
    servers.accounts.add({**told, "active": False})
    outcome = channel.publish(DRAFT, key)
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE)
    assert channel.adapter.probe(channel.http, channel.account).pause is Pause.REAUTHORISE
    servers.accounts.add(told)
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
    assert channel.publish(DRAFT, key).result is Result.OK


def test_a_sign_in_of_another_account_posts_nothing_or_stops_the_channel(
    channel: Any, servers: Any, key: AttemptKey
) -> None:
    stranger = servers.accounts.add({"network": channel.name, "handle": "stranger"})
    channel.account = replace(channel.account, credentials=stranger["credentials"])
    assert channel.adapter.probe(channel.http, channel.account).pause is Pause.MISMATCH
    assert channel.publish(DRAFT, key).pause in (Pause.MISMATCH, Pause.REAUTHORISE)
    assert channel.feed() == []


def test_publishing_from_many_threads_keeps_every_post(channel: Any, key: AttemptKey) -> None:
    keys = [AttemptKey(f"{number:064x}"[::-1], key.created_at) for number in range(12)]
    start = threading.Barrier(4)

    def send(part: int) -> None:
        start.wait()
        for number in range(part, 12, 4):
            assert channel.publish(Draft(f"Post {number}"), keys[number]).result is Result.OK

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))
    assert {post["text"] for post in channel.feed()} == {f"Post {number}" for number in range(12)}
