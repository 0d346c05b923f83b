"""X alone: what it refuses, how its links come back, tokens that run out and are renewed once, credit, a list that lags."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.model import AttemptKey, Draft, Image, Pause, Presence, Result
from networks.x_text import weighted_length

DRAFT = Draft("Cake & <coffee> ☕ from 9:00, cafe.example.com or https://cafe.example.com/menu?a=1&b=2 #cake")


def behave(channel: Any, **behaviour: Any) -> None:
    assert channel.http.post(f"{channel.host}/_local/behaviour", json=behaviour).status_code == 200


def ask(channel: Any, method: str, path: str, token: str = "", **content: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token or channel.account.credentials['access_token']}"}
    answer: httpx.Response = channel.http.request(method, channel.host + path, headers=headers, **content)
    return answer


def post(channel: Any, **fields: Any) -> httpx.Response:
    return ask(channel, "POST", "/2/tweets", json=fields)


def upload(channel: Any, content: bytes, **fields: str) -> httpx.Response:
    form = {"media_category": "tweet_image", **fields}
    return ask(channel, "POST", "/2/media/upload", files={"media": ("a.jpg", content, "image/jpeg")}, data=form)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Moves the stack's clock: ``later(hours=2)``."""
    file = tmp_path / "clock.json"
    monkeypatch.setenv("MESH_CLOCK_FILE", str(file))

    def move(**ahead: float) -> None:
        file.write_text(json.dumps({"offset_seconds": timedelta(**ahead).total_seconds()}))

    move()
    return move


# the look


@pytest.mark.parametrize(
    "text",
    [
        DRAFT.text,
        "https://cafe.example.com/",
        "See (https://cafe.example.com/a_(b)), and CAFE.example.com/Menu!",
        "R&amp;D & <b> at https://cafe.example.com/?q=%C3%A9&amp=1",
        "Twice: https://cafe.example.com/a https://cafe.example.com/a",
        "👩‍🍳 e\u0301clair https://münchen.example.com/straße?x=1#y",
    ],
)
@pytest.mark.parametrize("pictured", [False, True])
def test_a_post_is_found_although_its_links_were_shortened(
    x: Any, key: AttemptKey, picture: Image, text: str, pictured: bool
) -> None:
    draft = Draft(text, images=(picture, replace(picture, alt="Above")) if pictured else ())
    outcome = x.publish(draft, key)
    listed = ask(x, "GET", f"/2/users/{x.account.account_id}/tweets").json()["data"]
    assert "example.com" not in listed[0]["text"].lower()
    found = x.find(draft, key)
    assert (found.presence, found.remote_id, found.url) == (Presence.PRESENT, outcome.remote_id, outcome.url)


def test_the_same_words_with_another_link_or_more_images_are_another_post(
    x: Any, key: AttemptKey, picture: Image
) -> None:
    x.publish(Draft("Menu https://cafe.example.com/menu"), key)
    for other in (
        Draft("Menu https://cafe.example.com/cakes"),
        Draft("Menu https://cafe.example.com/menu", images=(picture,)),
        Draft("Menu"),
    ):
        assert x.find(other, key).presence is Presence.UNPROVABLE


def test_a_look_goes_back_to_the_first_attempt_page_by_page(x: Any, key: AttemptKey, later: Any) -> None:
    outcome = x.publish(Draft("The first"), key)
    for number in range(99):
        assert post(x, text=f"Another {number}").status_code == 201
    later(minutes=16)
    for number in range(30):
        assert post(x, text=f"More {number}").status_code == 201
    assert x.find(Draft("The first"), key).remote_id == outcome.remote_id
    much_later = AttemptKey(key.value, key.created_at + timedelta(minutes=10))
    assert x.find(Draft("The first"), much_later).presence is Presence.UNPROVABLE


def test_a_list_that_lags_proves_nothing_and_later_finds_it(x: Any, key: AttemptKey) -> None:
    behave(x, listing_lag_seconds=600)
    assert x.publish(DRAFT, key).result is Result.OK
    assert x.find(DRAFT, key).presence is Presence.UNPROVABLE
    behave(x, listing_lag_seconds=0)
    assert x.find(DRAFT, key).presence is Presence.PRESENT


# what it refuses


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "needs a text"),
        ({}, "needs a text"),
        ({"text": 7}, "needs a text"),
        ({"text": "x" * 281}, "280"),
        ({"text": "日" * 141}, "280"),
        ({"text": "x", "colour": "red"}, "[colour]"),
        ({"text": "x", "poll": {"options": ["a", "b"], "duration_minutes": 5}}, "poll"),
        ({"text": "x", "media": {"media_ids": []}}, "one to 4"),
        ({"text": "x", "media": {"media_ids": ["1"] * 5}}, "one to 4"),
        ({"text": "x", "media": {"media_ids": ["1"]}}, "invalid"),
        ({"text": "x", "media": {"media_ids": [1]}}, "invalid"),
        ({"text": "x", "media": {"media_ids": ["1"], "tags": []}}, "media_ids only"),
    ],
)
def test_a_post_of_the_wrong_shape_is_an_invalid_request(x: Any, fields: dict[str, Any], words: str) -> None:
    answer = ask(x, "POST", "/2/tweets", json=fields)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert words in answer.json()["detail"]
    assert x.feed() == []


def test_two_cashtags_are_forbidden(x: Any) -> None:
    assert post(x, text="Up: $CAFE").status_code == 201
    assert post(x, text="Up: $CAFE $CAKE").status_code == 403


def test_media_are_this_account_s_and_expire(x: Any, servers: Any, picture_bytes: bytes, later: Any) -> None:
    stranger = servers.accounts.add({"network": "x", "handle": "stranger"})["credentials"]["access_token"]
    told = upload(x, picture_bytes).json()["data"]
    assert told["expires_after_secs"] == 86_400
    own = {"text": "Look", "media": {"media_ids": [told["id"]]}}
    described = {"id": told["id"], "metadata": {"alt_text": {"text": "A cup"}}}
    assert ask(x, "POST", "/2/tweets", stranger, json=own).status_code == 400
    assert ask(x, "POST", "/2/media/metadata", stranger, json=described).status_code == 400
    later(hours=1.9)
    assert ask(x, "POST", "/2/tweets", json=own).status_code == 201
    later(hours=24.1)
    x.account = x.adapter.refresh(x.http, x.account, datetime.now(UTC))
    assert ask(x, "POST", "/2/tweets", json={**own, "text": "Look again"}).status_code == 400


def test_an_upload_of_the_wrong_shape_is_an_invalid_request(x: Any, picture_bytes: bytes) -> None:
    assert upload(x, b"no image").status_code == 400
    assert upload(x, picture_bytes + b"x" * 5_000_000).status_code == 400
    assert upload(x, picture_bytes, media_category="tweet_video").status_code == 400
    assert upload(x, picture_bytes, colour="red").status_code == 400
    media_id = upload(x, picture_bytes).json()["data"]["id"]
    for metadata in ({"alt_text": {"text": "a" * 1_001}}, {"alt_text": "A cup"}, {}, {"colour": "red"}, None):
        body = {"id": media_id, "metadata": metadata}
        assert ask(x, "POST", "/2/media/metadata", json=body).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"tweet.fields": "text"},
        {"post.fields": "colour"},
        {"max_results": "4"},
        {"max_results": "101"},
        {"start_time": "yesterday"},
        {"start_time": "2026-11-21T09:00:00+00:00"},
        {"limit": "5"},
    ],
)
def test_a_list_cannot_be_asked_for_what_it_does_not_know(x: Any, query: dict[str, str]) -> None:
    assert ask(x, "GET", f"/2/users/{x.account.account_id}/tweets", params=query).status_code == 400


def test_the_same_text_again_is_refused_and_taken_for_unknown_until_it_is_found(
    x: Any, key: AttemptKey, later: Any
) -> None:
    first, second = x.publish(DRAFT, key), x.publish(DRAFT, key)
    assert second.result is Result.UNKNOWN
    assert "the same post already" in second.detail
    assert x.find(DRAFT, key).remote_id == first.remote_id
    later(hours=1.9)
    assert post(x, text=DRAFT.text).status_code == 403
    x.account = x.adapter.refresh(x.http, x.account, datetime.now(UTC))
    later(hours=13)
    x.account = x.adapter.refresh(x.http, x.account, datetime.now(UTC))
    assert post(x, text=DRAFT.text).status_code == 201


def test_a_hundred_posts_in_a_quarter_of_an_hour_and_the_next_waits_for_the_reset(
    x: Any, key: AttemptKey, later: Any
) -> None:
    for number in range(100):
        answer = post(x, text=f"Post {number}")
    assert (answer.headers["x-rate-limit-limit"], answer.headers["x-rate-limit-remaining"]) == ("100", "0")
    outcome = x.publish(DRAFT, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at == datetime.fromtimestamp(int(answer.headers["x-rate-limit-reset"]), UTC)
    later(minutes=15.1)
    assert x.publish(DRAFT, key).result is Result.OK


@pytest.mark.parametrize(
    "text",
    [
        "日本語 cafe.example.com",
        "👩‍🍳👍🏽🇩🇪1️⃣ “quoted” – dash…",
        "e\u0301clair https://cafe.example.com/" + "x" * 99,
        "café.example.com ñandú Ж ფ ᄀ",
    ],
)
def test_adapter_and_server_weigh_alike(x: Any, text: str) -> None:
    room = 280 - weighted_length(text) - 1
    assert post(x, text="x" * (room + 1) + " " + text).status_code == 400
    assert post(x, text="x" * room + " " + text).status_code == 201


# the account


def test_without_credit_the_channel_pauses_until_some_is_bought(x: Any, key: AttemptKey) -> None:
    behave(x, credit=False)
    outcome = x.publish(DRAFT, key)
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.BILLING)
    assert x.adapter.probe(x.http, x.account).pause is Pause.BILLING
    assert x.find(DRAFT, key).presence is Presence.UNPROVABLE
    behave(x, credit=True)
    assert x.adapter.probe(x.http, x.account).result is Result.OK
    assert x.publish(DRAFT, key).result is Result.OK


def test_a_token_lasts_two_hours_and_its_renewal_two_more(x: Any, key: AttemptKey, later: Any) -> None:
    begun = datetime.now(UTC)
    assert abs(x.account.ends_at - begun - timedelta(hours=2)) < timedelta(seconds=5)
    later(hours=2.01)
    outcome = x.publish(DRAFT, key)
    assert (outcome.result, outcome.expired) == (Result.RETRYABLE, True)
    assert x.find(DRAFT, key).presence is Presence.UNPROVABLE
    assert x.adapter.probe(x.http, x.account).expired
    fresh = x.adapter.refresh(x.http, x.account, begun + timedelta(hours=2.01))
    assert abs(fresh.ends_at - begun - timedelta(hours=4.01)) < timedelta(seconds=5)
    x.account = fresh
    assert x.publish(DRAFT, key).result is Result.OK


@pytest.mark.parametrize("confidential", [True, False])
def test_a_refresh_token_is_good_once(x: Any, servers: Any, key: AttemptKey, confidential: bool) -> None:
    behave(x, confidential=confidential)
    made = servers.accounts.add({"network": "x", "handle": x.handle})["credentials"]
    assert bool(made["client_secret"]) is confidential
    old = replace(x.account, credentials=made)
    fresh = x.adapter.refresh(x.http, old, key.created_at)
    assert fresh is not None
    assert set(fresh.credentials) == set(made)
    assert fresh.credentials["refresh_token"] != made["refresh_token"]
    assert x.adapter.refresh(x.http, old, key.created_at) is None
    assert x.adapter.probe(x.http, old).pause is Pause.REAUTHORISE
    assert x.adapter.probe(x.http, fresh).result is Result.OK
    assert x.adapter.refresh(x.http, fresh, key.created_at) is not None


def test_revoked_access_is_mended_by_a_refresh(x: Any, key: AttemptKey) -> None:
    behave(x, revoke_access=True)
    assert x.publish(DRAFT, key).expired
    x.account = x.adapter.refresh(x.http, x.account, key.created_at)
    assert x.publish(DRAFT, key).result is Result.OK


def test_a_shut_account_cannot_be_refreshed(x: Any, servers: Any, key: AttemptKey) -> None:
    servers.accounts.add({"network": "x", "handle": x.handle, "active": False})
    assert x.adapter.refresh(x.http, x.account, key.created_at) is None


def test_an_app_with_another_secret_gets_nothing(x: Any, key: AttemptKey) -> None:
    stored = x.account.credentials
    for wrong in ({"client_secret": "guessed"}, {"client_secret": ""}, {"client_id": "another"}):
        assert x.adapter.refresh(x.http, replace(x.account, credentials={**stored, **wrong}), key.created_at) is None
    assert x.adapter.refresh(x.http, x.account, key.created_at) is not None


def test_a_deleted_post_is_gone(x: Any, key: AttemptKey) -> None:
    outcome = x.publish(DRAFT, key)
    assert ask(x, "DELETE", f"/2/tweets/{outcome.remote_id}").json() == {"data": {"deleted": True}}
    assert x.http.get(outcome.url).status_code == 404
    assert x.find(DRAFT, key).presence is Presence.UNPROVABLE
