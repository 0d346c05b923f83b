"""What is particular to Bluesky: sessions, record keys and swaps, as measured on a real PDS."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.clock import now
from networks.model import AttemptKey, Draft, Result
from networks.tid import derived_tid

DRAFT = Draft("Soup of the day")


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the stack's clock to so many seconds ahead."""
    path = tmp_path / "clock.json"
    monkeypatch.setenv("MESH_CLOCK_FILE", str(path))
    return lambda ahead: path.write_text(json.dumps({"offset_seconds": ahead}))


def call(channel: Any, method: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return channel.http.post(f"{channel.host}/xrpc/com.atproto.{method}", json=body, headers=headers)


def signed_in(channel: Any) -> dict[str, str]:
    credentials = channel.account.credentials
    body = {"identifier": credentials["identifier"], "password": credentials["app_password"]}
    session: dict[str, str] = call(channel, "server.createSession", body).json()
    return session


def record_body(channel: Any, rkey: str, text: str = "Hi", **more: Any) -> dict[str, Any]:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-21T09:00:00.000Z", **more}
    return {"repo": channel.account.account_id, "collection": "app.bsky.feed.post", "rkey": rkey, "record": record}


def test_an_expired_session_is_refreshed_and_then_posts(bluesky: Any, key: AttemptKey, clock: Any) -> None:
    session = signed_in(bluesky)
    stored = {"access_jwt": session["accessJwt"], "refresh_jwt": session["refreshJwt"]}
    bluesky.account = replace(bluesky.account, credentials=stored)
    assert bluesky.publish(Draft("Before"), replace(key, value="a" * 64)).result is Result.OK
    clock(7_201)
    outcome = bluesky.publish(DRAFT, key)
    assert (outcome.result, outcome.expired) == (Result.RETRYABLE, True)
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).expired
    fresh = bluesky.adapter.refresh(bluesky.http, bluesky.account, now())
    assert fresh is not None
    bluesky.account = fresh
    assert bluesky.publish(DRAFT, key).result is Result.OK


def test_an_old_refresh_token_yields_the_same_next_one_for_two_hours(bluesky: Any, clock: Any) -> None:
    old = signed_in(bluesky)["refreshJwt"]

    def next_id() -> tuple[int, str]:
        answer = call(bluesky, "server.refreshSession", token=old)
        return answer.status_code, answer.json().get("refreshJwt", "").partition(".")[2][:40] or answer.json()["error"]

    first = next_id()
    assert first[0] == next_id()[0] == 200
    clock(2 * 3_600 + 5)
    assert next_id() == (400, "ExpiredToken")


def test_without_a_refresh_token_the_app_password_gives_a_new_session(bluesky: Any) -> None:
    fresh = bluesky.adapter.refresh(bluesky.http, bluesky.account, now())
    assert fresh is not None
    assert {"identifier", "app_password", "access_jwt", "refresh_jwt"} == set(fresh.credentials)
    refused = replace(bluesky.account, credentials={"identifier": bluesky.handle, "app_password": "wrong"})
    assert bluesky.adapter.refresh(bluesky.http, refused, now()) is None


def test_signing_in_is_limited_to_thirty_in_five_minutes(bluesky: Any, key: AttemptKey) -> None:
    for _ in range(30):
        signed_in(bluesky)
    outcome = bluesky.publish(DRAFT, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at is not None
    assert timedelta(minutes=4) < outcome.retry_at - now() <= timedelta(minutes=5, seconds=1)


def test_a_swap_of_null_keeps_what_is_there(bluesky: Any, key: AttemptKey) -> None:
    token, rkey = signed_in(bluesky)["accessJwt"], derived_tid(key)
    body = {**record_body(bluesky, rkey), "swapRecord": None}
    first = call(bluesky, "repo.putRecord", body, token)
    again = call(bluesky, "repo.putRecord", body, token)
    assert first.json()["cid"] == again.json()["cid"]
    other = call(bluesky, "repo.putRecord", {**record_body(bluesky, rkey, "Other"), "swapRecord": None}, token)
    assert (other.status_code, other.json()["error"]) == (400, "InvalidSwap")
    unguarded = call(bluesky, "repo.putRecord", record_body(bluesky, rkey, "Other"), token)
    assert unguarded.status_code == 200
    assert [post["text"] for post in bluesky.feed()] == ["Other"]


def test_another_record_at_our_place_is_unknown_and_not_overwritten(bluesky: Any, key: AttemptKey) -> None:
    token = signed_in(bluesky)["accessJwt"]
    call(bluesky, "repo.putRecord", record_body(bluesky, derived_tid(key), "By hand"), token)
    assert bluesky.publish(DRAFT, key).result is Result.UNKNOWN
    assert [post["text"] for post in bluesky.feed()] == ["By hand"]


def test_creating_on_an_existing_key_answers_500(bluesky: Any, key: AttemptKey) -> None:
    token, body = signed_in(bluesky)["accessJwt"], record_body(bluesky, derived_tid(key))
    assert [call(bluesky, "repo.createRecord", body, token).status_code for _ in range(2)] == [200, 500]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": "x" * 301}, "300 graphemes"),
        ({"text": "👨‍👩‍👧‍👦" * 121}, "3000 bytes"),
        ({"createdAt": "2026-11-21T09:00:00"}, "createdAt"),
        ({"embed": {"$type": "app.bsky.embed.images", "images": [{}]}}, '"alt"'),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example"}}}, '"title"'),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 9}, "features": []}]}, "outside"),
        ({"$type": "app.bsky.feed.like"}, "$type"),
    ],
)
def test_a_record_that_is_no_post_is_an_invalid_request(
    bluesky: Any, key: AttemptKey, more: dict[str, Any], words: str
) -> None:
    body = record_body(bluesky, derived_tid(key))
    body["record"].update(more)
    answer = call(bluesky, "repo.putRecord", body, signed_in(bluesky)["accessJwt"])
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
    assert words in answer.json()["message"]


def test_only_tids_are_keys_and_only_the_own_repository_is_written(bluesky: Any, key: AttemptKey) -> None:
    token = signed_in(bluesky)["accessJwt"]
    assert call(bluesky, "repo.putRecord", record_body(bluesky, "my-post"), token).json()["error"] == "InvalidRequest"
    foreign = {**record_body(bluesky, derived_tid(key)), "repo": "did:plc:someoneelse"}
    assert call(bluesky, "repo.putRecord", foreign, token).status_code == 401


@pytest.mark.parametrize(
    ("token", "status", "error"),
    [("", 401, "AuthMissing"), ("nonsense", 400, "InvalidToken"), ("a.b.c", 400, "InvalidToken")],
)
def test_bad_tokens_are_told_apart(bluesky: Any, key: AttemptKey, token: str, status: int, error: str) -> None:
    answer = call(bluesky, "repo.putRecord", record_body(bluesky, derived_tid(key)), token)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_records_are_listed_and_deleted(bluesky: Any, key: AttemptKey) -> None:
    bluesky.publish(DRAFT, key)
    where = {"repo": bluesky.account.account_id, "collection": "app.bsky.feed.post"}
    listed = bluesky.http.get(f"{bluesky.host}/xrpc/com.atproto.repo.listRecords", params=where).json()["records"]
    assert [entry["value"]["text"] for entry in listed] == [DRAFT.text]
    body = {**where, "rkey": derived_tid(key)}
    assert call(bluesky, "repo.deleteRecord", body, signed_in(bluesky)["accessJwt"]).status_code == 200
    assert bluesky.feed() == []
