"""Instagram's and Threads' containers: the same one is published, never another while it may still be, and what the servers refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sender_side import drawn
from spoilt_line import SpoiltLine

from networks.model import AttemptKey, Draft, Pause, Presence, Result

TEXT = "Soup of the day"


@pytest.fixture
def draft(containers: Any) -> Draft:
    return Draft(TEXT, images=(containers.blobs.put(drawn(400, 400)),))


@pytest.fixture
def move_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(forward: timedelta) -> None:
        path = tmp_path / "clock.json"
        path.write_text(json.dumps({"offset_seconds": forward.total_seconds()}))
        monkeypatch.setenv("MESH_CLOCK_FILE", str(path))

    return move


def behave(channel: Any, **behaviour: Any) -> None:
    assert channel.http.post(f"{channel.host}/_local/behaviour", json=behaviour).status_code == 200


def ask(channel: Any, method: str, path: str, **told: str) -> Any:
    headers = {"authorization": f"Bearer {channel.account.credentials['access_token']}"}
    fields = {"params" if method == "GET" else "data": told}
    return channel.http.request(method, f"{channel.host}/{path}", headers=headers, **fields)


def names(channel: Any) -> tuple[str, str, str, str]:
    """Making, publishing, the state's name, the quota's."""
    if channel.name == "instagram":
        return "media", "media_publish", "status_code", "content_publishing_limit"
    return "threads", "threads_publish", "status", "threads_publishing_limit"


def make(channel: Any, **told: str) -> Any:
    kind = {"media_type": "IMAGE"} if channel.name == "threads" else {}
    return ask(channel, "POST", f"{channel.account.account_id}/{names(channel)[0]}", **{**kind, **told})


def publish(channel: Any, container: str) -> Any:
    return ask(channel, "POST", f"{channel.account.account_id}/{names(channel)[1]}", creation_id=container)


def state(channel: Any, container: str) -> str:
    name = names(channel)[2]
    return str(ask(channel, "GET", container, fields=name).json()[name])


def error(answer: Any) -> tuple[int, int]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode", 0)


def address(channel: Any, **size: Any) -> str:
    return str(channel.blobs.address(channel.blobs.put(drawn(**{"width_px": 400, "height_px": 400, **size})).sha256))


# what the adapters do with a container


def test_a_container_is_noted_before_it_is_published(containers: Any, draft: Draft, key: AttemptKey) -> None:
    containers.tries[key.value].loses = True
    outcome = containers.publish(draft, key)
    assert (outcome.result, containers.feed()) == (Result.RETRYABLE, [])
    assert "could not be noted" in outcome.detail


def test_a_slow_container_is_waited_for_and_taken_up_again_by_the_next_try(
    containers: Any, draft: Draft, key: AttemptKey
) -> None:
    behave(containers, container_polls=40)
    patient, containers.adapter = containers.adapter, replace(containers.adapter, container_poll_seconds=0.1)
    outcome = containers.impatient().publish(draft, key)
    assert (outcome.result, outcome.pause, containers.feed()) == (Result.RETRYABLE, Pause.NONE, [])
    noted = dict(containers.tries[key.value].noted)
    assert containers.find(draft, key).presence is Presence.UNPROVABLE
    containers.adapter = patient
    assert containers.publish(draft, key).result is Result.OK
    assert containers.tries[key.value].noted == noted
    assert state(containers, noted["container"]) == "PUBLISHED"


def test_many_images_get_done_in_several_tries(containers: Any, key: AttemptKey) -> None:
    pictures = [containers.blobs.put(drawn(400, 400, colour=colour)) for colour in ("red", "green", "blue", "white")]
    draft = Draft(TEXT, images=tuple(replace(one, alt=f"Cup {number}") for number, one in enumerate(pictures)))
    line, usual, fetched = SpoiltLine("never arrived", frozenset({2})), containers.http, containers.blobs.fetched
    with httpx.Client(transport=line) as containers.http:
        assert containers.publish(draft, key).result is Result.RETRYABLE
        assert len(containers.tries[key.value].noted["children"].split(",")) == 2
        assert containers.publish(draft, key).result is Result.OK
    containers.http = usual
    assert containers.blobs.fetched - fetched == len(pictures)
    assert [image["alt"] for image in containers.feed()[0]["images"]] == ["Cup 0", "Cup 1", "Cup 2", "Cup 3"]


def test_what_was_refused_and_went_through_is_out(containers: Any, draft: Draft, key: AttemptKey) -> None:
    behave(containers, refused_but_done=True)
    outcome = containers.publish(draft, key)
    (post,) = containers.feed()
    assert (outcome.result, outcome.remote_id, outcome.url) == (Result.OK, post["id"], post["url"])


def test_a_published_container_proves_it_even_where_the_list_is_behind(
    containers: Any, draft: Draft, key: AttemptKey
) -> None:
    assert containers.publish(draft, key).result is Result.OK
    behave(containers, stale_listing=True)
    found = containers.find(draft, key)
    assert (found.presence, found.url) == (Presence.PRESENT, "")
    assert containers.publish(draft, key).result is Result.OK
    assert len(containers.feed()) == 1


def test_a_container_that_was_never_published_in_its_day_is_replaced(
    containers: Any, draft: Draft, key: AttemptKey, move_clock: Any
) -> None:
    assert containers.publish(draft, key, confirm=lambda: "on hold").closed
    first = containers.tries[key.value].noted["container"]
    move_clock(timedelta(hours=25))
    assert state(containers, first) == "EXPIRED"
    assert containers.find(draft, key).presence is Presence.ABSENT
    assert containers.publish(draft, key).result is Result.OK
    assert containers.tries[key.value].noted["container"] != first
    assert error(publish(containers, first)) == (-2, 2207020)
    assert len(containers.feed()) == 1


def test_a_noted_container_that_cannot_be_read_is_not_replaced(containers: Any, draft: Draft, key: AttemptKey) -> None:
    containers.tries[key.value].noted["container"] = "12345"
    assert containers.find(draft, key).presence is Presence.UNPROVABLE
    outcome = containers.publish(draft, key)
    assert (outcome.result, outcome.pause, containers.feed()) == (Result.RETRYABLE, Pause.NONE, [])
    assert containers.tries[key.value].noted == {"container": "12345"}


def test_the_day_s_posts_are_counted_and_the_next_day_is_named(containers: Any, draft: Draft, key: AttemptKey) -> None:
    most = 100 if containers.name == "instagram" else 250
    body = {"error": {"message": "(#9) limit", "type": "OAuthException", "code": 9, "error_subcode": 2207042}}
    containers.order("status", match=f"POST .*{names(containers)[1]}", status=403, body=body)
    outcome = containers.publish(draft, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at is not None
    assert timedelta(hours=23) < outcome.retry_at - key.created_at < timedelta(hours=25)
    assert f"0 of {most} are used up" in outcome.detail


def test_a_version_that_is_gone_pauses_the_channel(containers: Any, draft: Draft, key: AttemptKey) -> None:
    behave(containers, version_gone=True)
    outcome = containers.publish(draft, key)
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.API_VERSION)
    assert containers.adapter.probe(containers.http, containers.account).pause is Pause.API_VERSION


def test_a_token_that_dies_between_two_requests_pauses_and_nothing_is_lost(
    containers: Any, draft: Draft, key: AttemptKey
) -> None:
    def die() -> str:
        behave(containers, dead_tokens=True)
        return ""

    outcome = containers.publish(draft, key, confirm=die)
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE)
    behave(containers, dead_tokens=False)
    assert containers.publish(draft, key).result is Result.OK
    assert len(containers.feed()) == 1


# what the servers hold to


def test_a_container_is_published_once_and_only_when_it_is_finished(containers: Any) -> None:
    behave(containers, container_polls=2)
    container = make(containers, image_url=address(containers)).json()["id"]
    assert error(publish(containers, container)) == (9007, 2207027)
    assert [state(containers, container) for _ in range(3)] == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    assert publish(containers, container).status_code == 200
    assert error(publish(containers, container)) == (9007, 2207027)
    assert state(containers, container) == "PUBLISHED"
    assert len(containers.feed()) == 1


def test_a_carousel_keeps_the_order_it_was_given_and_takes_only_its_own_items(containers: Any, opened: Any) -> None:
    first, second = (
        make(containers, image_url=address(containers), alt_text=alt, is_carousel_item="true").json()["id"]
        for alt in ("first", "second")
    )
    alone = make(containers, image_url=address(containers)).json()["id"]
    stranger = opened(containers.name)
    theirs = make(stranger, image_url=address(stranger), is_carousel_item="true").json()["id"]
    for children in (first, f"{first},{first}", f"{first},{alone}", f"{first},{theirs}", f"{first},7"):
        answer = make(containers, media_type="CAROUSEL", children=children)
        assert error(answer) == (100, 2207028), children
    parent = make(containers, media_type="CAROUSEL", children=json.dumps([second, first])).json()["id"]
    assert error(publish(containers, first)) == (24, 2207006)
    assert publish(containers, parent).status_code == 200
    assert [image["alt"] for image in containers.feed()[0]["images"]] == ["second", "first"]


def test_a_carousel_is_not_made_of_items_that_are_not_ready(containers: Any, key: AttemptKey) -> None:
    behave(containers, container_polls=2)
    pictures = [containers.blobs.put(drawn(400, 400, colour=colour)) for colour in ("red", "green")]
    assert containers.publish(Draft(TEXT, images=tuple(pictures)), key).result is Result.OK
    assert len(containers.feed()) == 1


@pytest.mark.parametrize(
    "told",
    [{"filter": "warm"}, {"reply_control": "everyone", "location_id": "7"}, {"auto_publish_text": "true"}],
    ids=lambda told: next(iter(told)),
)
def test_parameters_that_meta_does_not_list_or_nothing_is_done_with_are_refused(containers: Any, told: Any) -> None:
    assert error(make(containers, image_url=address(containers), **told)) == (100, 0)


def test_another_account_s_token_sees_nothing_of_it(containers: Any, opened: Any) -> None:
    container = make(containers, image_url=address(containers)).json()["id"]
    stranger = opened(containers.name)
    stranger.account = replace(stranger.account, account_id=containers.account.account_id)
    assert error(ask(stranger, "GET", container, fields="id")) == (100, 33)
    assert error(make(stranger, image_url=address(containers))) == (100, 33)
    assert error(publish(stranger, container)) == (100, 33)


def test_usage_is_told_with_every_answer_and_200_calls_an_hour_are_the_limit(
    containers: Any, draft: Draft, key: AttemptKey
) -> None:
    path = f"{containers.account.account_id}/{names(containers)[3]}"
    for _ in range(200):
        answer = ask(containers, "GET", path, fields="quota_usage")
    usage = json.loads(answer.headers["x-app-usage"])
    assert usage["call_count"] == 100
    refused = ask(containers, "GET", path)
    assert (refused.status_code, error(refused)) == (403, (4, 0))
    outcome = containers.publish(draft, key)
    assert outcome.result is Result.RETRYABLE
    assert outcome.retry_at is not None
    assert timedelta(minutes=50) < outcome.retry_at - key.created_at < timedelta(minutes=63)
