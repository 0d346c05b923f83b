"""What Facebook's, Instagram's and Threads' servers take and refuse: parameters, images, duplicates, lists."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sender_side import drawn

from local.networks import meta_parameters as known
from networks.model import AttemptKey, Draft, Of, Presence, Result

# From facebook/facebook-business-sdk-codegen, api_specs/specs: Page.json and IGUser.json.
SHARED = Path(os.environ.get("SS_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
LISTS = SHARED / "meta"
LISTED = [
    ("Page", "POST", "photos", known.PAGE_PHOTOS),
    ("Page", "POST", "feed", known.PAGE_FEED),
    ("Page", "GET", "published_posts", known.PAGE_PUBLISHED_POSTS),
    ("IGUser", "POST", "media", known.IG_MEDIA),
    ("IGUser", "GET", "media", known.IG_MEDIA_LIST),
    ("IGUser", "POST", "media_publish", known.IG_MEDIA_PUBLISH),
    ("IGUser", "GET", "content_publishing_limit", known.IG_PUBLISHING_LIMIT),
]


def ask(channel: Any, method: str, path: str, **told: str) -> Any:
    headers = signed(channel)
    fields = {"params" if method == "GET" else "data": told}
    return channel.http.request(method, f"{channel.host}/{path}", headers=headers, **fields)


def signed(channel: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {channel.account.credentials['access_token']}"}


def feed(facebook: Any, **told: str) -> Any:
    return ask(facebook, "POST", f"{facebook.account.account_id}/feed", **told)


def error(answer: Any) -> tuple[int, int]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode", 0)


def photo(facebook: Any, **told: str) -> str:
    url = facebook.blobs.address(facebook.blobs.put(drawn(400, 400)).sha256)
    answer = ask(
        facebook, "POST", f"{facebook.account.account_id}/photos", **{"url": url, "published": "false", **told}
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def attached(*photos: str) -> str:
    return json.dumps([{"media_fbid": one} for one in photos])


@pytest.mark.parametrize(
    ("node", "method", "endpoint", "names"), LISTED, ids=[" ".join(listed[:3]) for listed in LISTED]
)
def test_the_names_of_parameters_are_those_of_meta_s_lists(
    node: str, method: str, endpoint: str, names: frozenset[str]
) -> None:
    path = LISTS / f"{node}.json"
    if not path.exists():
        pytest.skip(f"Meta's parameter lists are not in {LISTS}; name their parent folder in SS_SHARED_DATA")
    calls = json.loads(path.read_text())["apis"]
    (call,) = [one for one in calls if (one["method"], one.get("endpoint")) == (method, endpoint)]
    assert {one["name"] for one in call["params"]} == names


# Facebook


def test_what_is_like_the_post_before_it_is_refused_and_what_is_not_is_taken(facebook: Any) -> None:
    assert feed(facebook, message="Cake").status_code == 200
    assert error(feed(facebook, message="Cake")) == (506, 0)
    assert feed(facebook, message="Pie").status_code == 200
    assert feed(facebook, message="Cake").status_code == 200


def test_a_duplicate_of_this_very_post_is_found_and_one_of_another_is_rejected(facebook: Any, key: AttemptKey) -> None:
    draft = Draft("Cake")
    first = facebook.publish(draft, key)
    again = facebook.publish(draft, key)
    assert (again.result, again.remote_id, again.url) == (Result.OK, first.remote_id, first.url)
    later = AttemptKey(key.value, key.created_at + timedelta(hours=1))
    assert facebook.publish(draft, later).result is Result.REJECTED
    facebook.order("status", match="published_posts", status=500)
    assert facebook.publish(draft, later).result is Result.UNKNOWN
    assert len(facebook.feed()) == 1


def test_a_photo_is_seen_by_nobody_until_one_post_shows_it(facebook: Any, opened: Any) -> None:
    mine, other = photo(facebook, alt_text_custom="A cup"), opened("facebook")
    assert facebook.feed() == []
    assert error(feed(other, message="Mine?", attached_media=attached(mine))) == (100, 0)
    assert error(feed(facebook, message="Twice", attached_media=attached(mine, mine))) == (100, 0)
    assert feed(facebook, message="Look", attached_media=attached(mine)).status_code == 200
    assert error(feed(facebook, message="Again", attached_media=attached(mine))) == (100, 0)
    assert [image["alt"] for image in facebook.feed()[0]["images"]] == ["A cup"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"message": "Cake", "mood": "good"},
        {"message": "Cake", "place": "7"},
        {"message": "x" * 63_207},
        {"message": "Cake", "attached_media": '[{"media_fbid": "7"}]'},
    ],
    ids=["nothing", "not listed", "listed, not simulated", "too long", "no such photo"],
)
def test_a_post_that_makes_no_sense_is_refused_with_code_100(facebook: Any, told: dict[str, str]) -> None:
    assert error(feed(facebook, **told)) == (100, 0)
    assert facebook.feed() == []


def test_only_the_page_s_own_token_posts_in_its_name(facebook: Any, opened: Any) -> None:
    stranger = opened("facebook")
    stranger.account = replace(stranger.account, account_id=facebook.account.account_id)
    assert error(feed(stranger, message="Hello")) == (200, 0)


def test_the_list_is_paged_and_read_back_to_the_first_try(facebook: Any, key: AttemptKey) -> None:
    assert facebook.publish(Draft("The one"), key).result is Result.OK
    for number in range(101):
        assert feed(facebook, message=f"Later {number}").status_code == 200
    page = ask(facebook, "GET", f"{facebook.account.account_id}/published_posts", limit="100", fields="message").json()
    assert len(page["data"]) == 100
    assert page["data"][0]["message"] == "Later 100"
    assert f"after={page['data'][-1]['id']}" in page["paging"]["next"]
    assert len(facebook.http.get(page["paging"]["next"], headers=signed(facebook)).json()["data"]) == 2
    assert facebook.find(Draft("The one"), key).presence is Presence.PRESENT


def test_a_list_that_is_behind_proves_nothing(facebook: Any, key: AttemptKey) -> None:
    assert facebook.publish(Draft("Cake"), key).result is Result.OK
    told = {"stale_listing": True}
    assert facebook.http.post(f"{facebook.host}/_local/behaviour", json=told).status_code == 200
    assert facebook.find(Draft("Cake"), key).presence is Presence.UNPROVABLE


def test_a_field_that_a_node_does_not_have_is_named(facebook: Any) -> None:
    answer = ask(facebook, "GET", "me", fields="id,shoe_size")
    assert "shoe_size" in answer.json()["error"]["message"]
    assert ask(facebook, "GET", "me", fields="id,name").json()["id"] == facebook.account.account_id


# images


@pytest.mark.parametrize(
    ("drawing", "subcode"),
    [
        ({"kind": "PNG"}, 2207005),
        ({"width_px": 1_000, "height_px": 500}, 2207009),
        ({"width_px": 700, "height_px": 1_000}, 2207009),
        ({"width_px": 319, "height_px": 319}, 2207009),
        ({"width_px": 1_441, "height_px": 1_441}, 2207009),
    ],
    ids=["a PNG", "too wide a shape", "too tall a shape", "too few pixels", "too many pixels"],
)
def test_instagram_refuses_an_image_by_what_is_wrong_with_it(
    instagram: Any, drawing: dict[str, Any], subcode: int, key: AttemptKey
) -> None:
    picture = instagram.blobs.put(drawn(**drawing))
    url = instagram.blobs.address(picture.sha256)
    assert error(ask(instagram, "POST", f"{instagram.account.account_id}/media", image_url=url))[1] == subcode
    rendition = instagram.compose(Draft("Look"))
    spoilt = replace(rendition, images=(picture,))
    outcome = instagram.adapter.publish(
        instagram.http,
        instagram.account,
        spoilt,
        key,
        instagram.blobs,
        key.created_at,
        notes=instagram.tries["x"].begin(),
    )
    assert outcome.result is Result.REJECTED
    assert instagram.tries["x"].noted == {}


def test_instagram_takes_no_image_of_more_than_8_mb_and_none_it_cannot_reach(instagram: Any) -> None:
    big = instagram.blobs.put(drawn(400, 400) + b"\0" * 8_000_000)
    path = f"{instagram.account.account_id}/media"
    assert error(ask(instagram, "POST", path, image_url=instagram.blobs.address(big.sha256)))[1] == 2207004
    for address in ("https://cafe.example/cup.jpg", f"{instagram.host}/me", "ftp://127.0.0.1/cup", "cup", ""):
        assert error(ask(instagram, "POST", path, image_url=address))[1] == 2207052, address


def test_threads_tells_what_is_wrong_with_an_image_in_the_container(threads: Any, key: AttemptKey) -> None:
    tall = threads.blobs.put(drawn(330, 3_400))
    rendition = replace(threads.compose(Draft("Look")), images=(tall,))
    notes = threads.tries["x"].begin()
    outcome = threads.adapter.publish(
        threads.http, threads.account, rendition, key, threads.blobs, key.created_at, notes=notes
    )
    assert outcome.result is Result.REJECTED
    assert "INVALID_ASPECT_RATIO" in outcome.detail
    first = dict(notes.kept)
    good = replace(rendition, images=(threads.blobs.put(drawn(400, 400)),))
    again = threads.tries["x"].begin()
    outcome = threads.adapter.publish(
        threads.http, threads.account, good, key, threads.blobs, key.created_at, notes=again
    )
    assert outcome.result is Result.OK  # an ERROR was never published and never will be: another one is made
    assert dict(again.kept) != first


def test_threads_posts_a_link_beside_a_text_and_takes_five_at_most(threads: Any, key: AttemptKey) -> None:
    assert threads.publish(Draft("Menu", "https://cafe.example/menu"), key).result is Result.OK
    assert threads.feed()[0]["link"] == "https://cafe.example/menu"
    six = " ".join(f"https://cafe.example/{number}" for number in range(6))
    answer = ask(threads, "POST", f"{threads.account.account_id}/threads", media_type="TEXT", text=six)
    assert error(answer) == (100, 0)
    assert threads.adapter.declared.most(Of.LINKS) == 5
