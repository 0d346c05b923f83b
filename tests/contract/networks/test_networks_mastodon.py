"""Mastodon alone: the Idempotency-Key and servers that ignore it, media that take their time, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from networks.mastodon_text import counted_length
from networks.model import AttemptKey, Draft, Image, Presence, Result

DRAFT = Draft("Soup of the day")


def behave(channel: Any, **behaviour: Any) -> None:
    assert channel.http.post(f"{channel.host}/_local/behaviour", json=behaviour).status_code == 200


def post(channel: Any, body: dict[str, Any], **headers: str) -> Any:
    token = channel.account.credentials["access_token"]
    told = {"authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return channel.http.post(f"{channel.host}/api/v1/statuses", json=body, headers=told)


def test_where_the_key_is_ignored_a_repetition_still_makes_one_post(mastodon: Any, key: AttemptKey) -> None:
    behave(mastodon, honours_idempotency=False)
    mastodon.impatient().order("timeout-after", seconds=3)
    assert mastodon.publish(DRAFT, key).result is Result.UNKNOWN
    repeated = mastodon.publish(DRAFT, key, later=timedelta(minutes=2))
    assert repeated.result is Result.OK
    assert [shown["url"] for shown in mastodon.feed()] == [repeated.url]


def test_a_repetition_that_cannot_look_does_not_post(mastodon: Any, key: AttemptKey) -> None:
    mastodon.order("status", match="GET /api/v1/accounts", status=503)
    assert mastodon.publish(DRAFT, key, later=timedelta(hours=2)).result is Result.UNKNOWN
    assert mastodon.feed() == []


def test_the_same_key_with_other_text_returns_the_first_status(mastodon: Any) -> None:
    first = post(mastodon, {"status": "One"}, idempotency_key="k").json()
    assert post(mastodon, {"status": "Two"}, idempotency_key="k").json()["id"] == first["id"]
    assert post(mastodon, {"status": "Two"}).json()["id"] != first["id"]


def test_an_image_still_being_processed_is_waited_for(mastodon: Any, key: AttemptKey, picture: Image) -> None:
    behave(mastodon, media_polls=3)
    mastodon.adapter = replace(mastodon.adapter, media_poll_seconds=0.01)
    assert mastodon.publish(Draft("Look", images=(picture,)), key).result is Result.OK
    assert len(mastodon.feed()[0]["images"]) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": " "}, "can't be blank"),
        ({"status": "x" * 501}, "500"),
        ({"status": "x", "media_ids": ["1", "2", "3", "4", "5"]}, "4 files"),
        ({"status": "x", "media_ids": ["1"]}, "could not be found"),
    ],
)
def test_bad_statuses_are_unprocessable(mastodon: Any, body: dict[str, Any], words: str) -> None:
    answer = post(mastodon, body)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_the_limit_is_300_in_five_minutes_and_its_reset_is_a_date(mastodon: Any, key: AttemptKey) -> None:
    for _ in range(300):
        answer = post(mastodon, {"status": ""})
    assert answer.headers["x-ratelimit-remaining"] == "0"
    outcome = mastodon.publish(DRAFT, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at == datetime.fromisoformat(answer.headers["x-ratelimit-reset"])


@pytest.mark.parametrize(
    "text",
    [
        "https://cafe.example/" + "x" * 300,
        "Hi @anna@a-very-long-host.social.example, see (https://cafe.example/a_(b)). #cake",
        "https://a.example,https://b.example!",
        "👨‍👩‍👧‍👦 e\u0301 https://münchen.example/straße?x=1#y",
        "me@mail.example https://localhost/x ftp://cafe.example",
    ],
)
def test_adapter_and_server_count_alike(mastodon: Any, text: str) -> None:
    room = 500 - counted_length(text, 23) - 1
    assert post(mastodon, {"status": "x" * room + " " + text}).status_code == 200
    assert post(mastodon, {"status": "x" * (room + 1) + " " + text}).status_code == 422


def test_content_is_html_and_the_source_is_the_text(mastodon: Any, key: AttemptKey) -> None:
    draft = Draft("Cake & <coffee>\nnow\n\nhttps://cafe.example/a-long-path-that-is-not-shown-in-full #cake")
    outcome = mastodon.publish(draft, key)
    shown = mastodon.http.get(f"{mastodon.host}/api/v1/statuses/{outcome.remote_id}").json()
    assert shown["content"].startswith("<p>Cake &amp; &lt;coffee&gt;<br />now</p><p><a ")
    token = {"authorization": f"Bearer {mastodon.account.credentials['access_token']}"}
    source = mastodon.http.get(f"{mastodon.host}/api/v1/statuses/{outcome.remote_id}/source", headers=token).json()
    assert source["text"] == draft.text
    mastodon.order("status", match="/source", status=500, count=9)
    assert mastodon.find(draft, key).presence is Presence.PRESENT


def test_a_deleted_status_is_gone(mastodon: Any, key: AttemptKey) -> None:
    outcome = mastodon.publish(DRAFT, key)
    token = {"authorization": f"Bearer {mastodon.account.credentials['access_token']}"}
    assert (
        mastodon.http.delete(f"{mastodon.host}/api/v1/statuses/{outcome.remote_id}", headers=token).status_code == 200
    )
    assert mastodon.find(DRAFT, key).presence is Presence.ABSENT
    assert mastodon.http.get(outcome.url).status_code == 404
