"""X's own Python client (``xdk``) before our local server: what it asks is answered, and it understands the answers.

The client is made from X's OpenAPI document, by X; so the local server is read by somebody who knows nothing of ours.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from real_channels import PNG

from local.networks.serve import Networks

pytestmark = pytest.mark.real
xdk = pytest.importorskip("xdk", reason="xdk is not installed: make test-real brings it")

from xdk.media.models import CreateMetadataRequest, UploadRequest  # noqa: E402 - only where it is installed
from xdk.posts.models import CreateRequest  # noqa: E402 - as above

BACK = "http://127.0.0.1:8765/back"
SCOPES = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"]


@pytest.fixture(scope="module")
def servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def made(servers: Networks) -> dict[str, Any]:
    return servers.accounts.add({"network": "x", "handle": f"cafe-{secrets.token_hex(4)}"})


@pytest.fixture
def client(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Its OAuth library refuses plain http unless it is told that this is a test."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    stored = made["credentials"]
    app = {name: stored[name] for name in ("client_id", "client_secret")}
    client = xdk.Client(
        made["host"], redirect_uri=BACK, scope=SCOPES, authorization_base_url=f"{made['host']}/i", **app
    )
    client.access_token = stored["access_token"]
    yield client
    client.session.close()


def test_it_posts_with_an_image_and_finds_it_in_the_list(client: Any, made: dict[str, Any], servers: Networks) -> None:
    content = base64.b64encode(PNG).decode()
    uploaded = client.media.upload(UploadRequest(media=content, media_category="tweet_image"))
    described = {"id": uploaded.data.id, "metadata": {"alt_text": {"text": "A slice of cake"}}}
    client.media.create_metadata(CreateMetadataRequest.model_validate(described))
    wanted = {"text": "Cake https://cafe.example.com/menu", "media": {"media_ids": [uploaded.data.id]}}
    created = client.posts.create(CreateRequest.model_validate(wanted))
    feed = httpx.get(f"{servers['x']}/_local/feed", trust_env=False).json()
    (post,) = (post for post in feed if post["account"] == made["handle"])
    assert (post["id"], post["text"]) == (created.data.id, wanted["text"])
    assert post["images"][0]["alt"] == "A slice of cake"
    (page,) = client.users.get_posts(made["account_id"], post_fields=["entities", "attachments"], max_results=5)
    (listed,) = page.data
    assert listed.id == created.data.id
    assert listed.attachments.media_keys == [uploaded.data.media_key]
    assert listed.entities.urls[0].expanded_url == "https://cafe.example.com/menu"


def test_it_knows_whose_token_it_has(client: Any, made: dict[str, Any]) -> None:
    me = client.users.get_me()
    assert (me.data.id, me.data.username) == (made["account_id"], made["handle"])


def test_it_pages_through_the_list(client: Any, made: dict[str, Any]) -> None:
    for number in range(7):
        client.posts.create(CreateRequest(text=f"Post {number}"))
    pages = list(client.users.get_posts(made["account_id"], max_results=5))
    assert [len(page.data) for page in pages] == [5, 2]


def test_it_signs_in_by_the_page_and_renews_its_token_once(client: Any, made: dict[str, Any]) -> None:
    address = client.get_authorization_url(state="s-1")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(address)
        assert "media.write" in page.text
        allowed = {**asked, "account": made["account_id"], "decision": "allow"}
        answer = browser.post(address, data=allowed)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == ["s-1"]
    first = client.exchange_code(back["code"][0])
    assert (first["expires_in"], set(first["scope"].split())) == (7200, set(SCOPES))
    with pytest.raises(ValueError, match="400"):
        client.exchange_code(back["code"][0])
    client.access_token = first["access_token"]
    assert client.users.get_me().data.id == made["account_id"]
    second = client.refresh_token()
    assert second["refresh_token"] != first["refresh_token"]
    client.access_token = second["access_token"]
    assert client.users.get_me().data.id == made["account_id"]
