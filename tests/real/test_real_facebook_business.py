"""Meta's own SDK (facebook-business) at the local servers of Facebook and Instagram: a client of other people's making.

It checks what it sends and what it reads by its own tables of parameters and fields.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from local.networks.faults import Faults
from local.networks.serve import Networks
from local.networks.web import Answer, Origin, as_json, route

pytestmark = pytest.mark.real
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    business = pytest.importorskip(
        "facebook_business", reason="facebook-business is not installed: make test-real brings it"
    )
    from facebook_business.adobjects.iguser import IGUser
    from facebook_business.adobjects.page import Page
    from facebook_business.adobjects.pagepost import PagePost
    from facebook_business.api import FacebookAdsApi, FacebookSession
    from facebook_business.exceptions import FacebookRequestError


@pytest.fixture(scope="module")
def servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def picture() -> Iterator[str]:
    """The address of a JPEG."""
    written = BytesIO()
    Image.new("RGB", (400, 400), "brown").save(written, "JPEG")
    content = Answer(200, written.getvalue(), "image/jpeg")
    origin = Origin(0, [route("GET", "/cup", lambda _: content)], lambda _: as_json({}, 404), Faults())
    origin.start()
    yield f"{origin.origin}/cup"
    origin.stop()


def signed_in(servers: Networks, network: str) -> tuple[str, Any]:
    """The account's id, and the SDK's way to its server."""
    made = servers.accounts.add({"network": network, "handle": "cafe"})
    session = FacebookSession(access_token=made["credentials"]["access_token"])
    session.GRAPH = made["host"]
    return made["account_id"], FacebookAdsApi(session)


def test_the_sdk_posts_photos_to_a_page_and_reads_them_back(servers: Networks, picture: str) -> None:
    page_id, api = signed_in(servers, "facebook")
    page = Page(page_id, api=api)
    assert page.api_get(fields=["id", "name"])["name"] == "cafe"
    photo = page.create_photo(params={"url": picture, "published": False, "alt_text_custom": "A cup"})
    post = page.create_feed(params={"message": "Cake", "attached_media": [{"media_fbid": photo["id"]}]})
    shown = PagePost(post["id"], api=api).api_get(fields=["message", "created_time", "permalink_url", "full_picture"])
    assert (shown["message"], shown["permalink_url"].startswith(servers["facebook"])) == ("Cake", True)
    assert [one["id"] for one in page.get_published_posts(fields=["id", "message"])] == [post["id"]]
    with pytest.raises(FacebookRequestError) as refused:
        page.create_feed(params={"message": "Cake", "attached_media": [{"media_fbid": photo["id"]}]})
    assert refused.value.api_error_code() == 100


def test_the_sdk_pages_through_a_list(servers: Networks) -> None:
    page_id, api = signed_in(servers, "facebook")
    page = Page(page_id, api=api)
    for number in range(7):
        page.create_feed(params={"message": f"Post {number}"})
    listed = page.get_published_posts(fields=["message"], params={"limit": 3})
    assert [one["message"] for one in listed][:7] == [f"Post {number}" for number in range(6, -1, -1)]


def test_the_sdk_fills_containers_and_publishes_a_carousel(servers: Networks, picture: str) -> None:
    account_id, api = signed_in(servers, "instagram")
    user = IGUser(account_id, api=api)
    assert user.api_get(fields=["id", "username"])["username"] == "cafe"
    told = {"image_url": picture, "alt_text": "A cup", "is_carousel_item": True}
    children = [user.create_media(params=told)["id"] for _ in range(2)]
    parent = user.create_media(params={"media_type": "CAROUSEL", "children": children, "caption": "Cake"})
    media = user.create_media_publish(params={"creation_id": int(parent["id"])})
    (shown,) = user.get_media(fields=["id", "caption", "timestamp", "permalink"])
    assert (shown["id"], shown["caption"]) == (media["id"], "Cake")
    (limit,) = user.get_content_publishing_limit(fields=["quota_usage", "config"])
    assert limit["quota_usage"] == 1
    with pytest.raises(FacebookRequestError) as refused:
        user.create_media_publish(params={"creation_id": int(parent["id"])})
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (9007, 2207027)


def test_the_sdk_understands_a_dead_token(servers: Networks) -> None:
    page_id, api = signed_in(servers, "facebook")
    servers.accounts.add({"network": "facebook", "handle": "cafe", "active": False})
    with pytest.raises(FacebookRequestError) as refused:
        Page(page_id, api=api).api_get(fields=["id"])
    assert (refused.value.http_status(), refused.value.api_error_code()) == (401, 190)
