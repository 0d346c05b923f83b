"""The adapter's requests and the local server's answers, both held against X's own OpenAPI document.

The document is not part of the project: it is looked for beside the checkout (``../shared/data``) and where ``SS_SHARED_DATA`` says. Its
paths are X's, so what it knows nothing of (the token endpoint) is not held against anything here.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.model import AttemptKey, Draft, Image, Presence, Result

openapi_core = pytest.importorskip("openapi_core", reason="openapi-core is not installed: make test-real brings it")

from openapi_core.exceptions import OpenAPIError  # noqa: E402 - only where it is installed
from openapi_core.testing import MockRequest, MockResponse  # noqa: E402 - as above

SHARED = Path(os.environ.get("SS_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
DOCUMENT = SHARED / "x-openapi.json"
DRAFT = Draft("Cake & coffee #cake https://cafe.example.com/menu?a=1&b=2")
BEARER = (
    "OAuth2UserToken"  # of X's ways to sign in the one used here; the library knows OAuth 2.0 as a bearer token only
)
NOT_IN_IT = {401, 402, 403, 429}  # problems of types that X sends and its document leaves out


@pytest.fixture(scope="module")
def told() -> Any:
    """The document as it is."""
    if not DOCUMENT.is_file():
        pytest.skip(f"X's OpenAPI document is not {DOCUMENT}; name its folder in SS_SHARED_DATA")
    return json.loads(DOCUMENT.read_text("utf-8"))


@pytest.fixture(scope="module")
def document(told: Any) -> Any:
    # X's document breaks a rule or two of OpenAPI itself, which says nothing of our requests.
    reads = {"application/problem+json": json.loads}
    config = openapi_core.Config(spec_validator_cls=None, extra_media_type_deserializers=reads)
    told = copy.deepcopy(told)
    told["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    for operation in (operation for path in told["paths"].values() for operation in path.values()):
        if isinstance(operation, dict) and "security" in operation:
            operation["security"] = [{BEARER: []}]
    return openapi_core.OpenAPI.from_dict(told, config=config)


class Recording(httpx.HTTPTransport):
    """Passes everything on and keeps both sides of it."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[tuple[httpx.Request, httpx.Response]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = super().handle_request(request)
        content = b"".join(answer.iter_raw())
        kept = httpx.Response(answer.status_code, headers=answer.headers, content=content)
        self.exchanges.append((request, kept))
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


@pytest.fixture
def recorded(x: Any) -> Iterator[Any]:
    """The channel through a line that keeps what passes."""
    with httpx.Client(transport=Recording()) as client:
        x.line = client._transport
        x.http = client
        yield x


def as_asked(request: httpx.Request) -> MockRequest:
    args = dict(request.url.params)
    headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
    return MockRequest(
        "https://api.x.com",
        request.method.lower(),
        request.url.path,
        args=args,
        headers=headers,
        data=request.content or None,
        content_type=request.headers.get("content-type", "application/json"),
    )


def as_answered(answer: httpx.Response) -> MockResponse:
    kind = answer.headers["content-type"].partition(";")[0]
    return MockResponse(answer.content, answer.status_code, dict(answer.headers), kind)


def check(document: Any, exchanges: list[tuple[httpx.Request, httpx.Response]]) -> list[str]:
    """The requests and answers that agree, by name. Whatever does not is raised."""
    held = []
    for request, answer in exchanges:
        if request.url.path.startswith(("/2/oauth2/", "/_local/")):
            continue
        document.validate_request(as_asked(request))
        if answer.status_code not in NOT_IN_IT:
            document.validate_response(as_asked(request), as_answered(answer))
        held.append(f"{request.method} {request.url.path} {answer.status_code}")
    return held


def test_what_is_asked_and_answered_for_a_post_a_look_and_a_probe_is_as_documented(
    recorded: Any, document: Any, key: AttemptKey, picture: Image
) -> None:
    draft = replace(DRAFT, images=(picture, replace(picture, alt="From above")))
    assert recorded.publish(draft, key).result is Result.OK
    assert recorded.find(draft, key).presence is Presence.PRESENT
    assert recorded.adapter.probe(recorded.http, recorded.account).result is Result.OK
    media = ["POST /2/media/upload 200", "POST /2/media/metadata 200"] * 2
    timeline = f"GET /2/users/{recorded.account.account_id}/tweets 200"
    assert check(document, recorded.line.exchanges) == [
        "GET /2/users/me 200",
        *media,
        "POST /2/tweets 201",
        timeline,
        "GET /2/users/me 200",
    ]


def test_the_look_asks_for_nothing_that_the_document_does_not_know(recorded: Any, told: Any, key: AttemptKey) -> None:
    recorded.find(DRAFT, key)
    listed = told["paths"]["/2/users/{id}/tweets"]["get"]["parameters"]
    named = [
        told["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in listed
    ]
    ((request, _),) = recorded.line.exchanges
    assert set(request.url.params) <= {one["name"] for one in named if one["in"] == "query"}


def test_refusals_are_problems_as_documented(recorded: Any, document: Any, key: AttemptKey) -> None:
    token = {"authorization": f"Bearer {recorded.account.credentials['access_token']}"}
    ask = recorded.http.request
    ask("POST", f"{recorded.host}/2/tweets", headers=token, json={"text": "x" * 300})
    ask("POST", f"{recorded.host}/2/tweets", headers=token, json={"text": "x", "media": {"media_ids": ["1"]}})
    ask("GET", f"{recorded.host}/2/users/12345/tweets", headers=token)
    assert check(document, recorded.line.exchanges) == [
        "POST /2/tweets 400",
        "POST /2/tweets 400",
        "GET /2/users/12345/tweets 200",
    ]


def test_everything_that_the_list_can_show_is_as_documented(
    recorded: Any, document: Any, key: AttemptKey, picture: Image
) -> None:
    recorded.publish(replace(DRAFT, images=(picture,)), key)
    for number in range(6):
        recorded.publish(Draft(f"Another {number}"), key)
    everything = {
        "max_results": "5",
        "post.fields": "attachments,created_at,entities,id,text",
        "expansions": "attachments.media_keys,author_id",
        "media.fields": "alt_text,media_key,type,url",
        "user.fields": "id,name,username",
        "start_time": "2020-01-01T00:00:00Z",
    }
    recorded.line.exchanges.clear()
    address = f"{recorded.host}/2/users/{recorded.account.account_id}/tweets"
    token = {"authorization": f"Bearer {recorded.account.credentials['access_token']}"}
    first = recorded.http.get(address, headers=token, params=everything).json()
    next_page = {**everything, "pagination_token": first["meta"]["next_token"]}
    second = recorded.http.get(address, headers=token, params=next_page).json()
    assert (first["meta"]["result_count"], second["meta"]["result_count"]) == (5, 2)
    assert second["includes"]["media"][0]["alt_text"] == picture.alt
    assert len(check(document, recorded.line.exchanges)) == 2


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/2/tweets", {"json": {"text": "x", "colour": "red"}}),
        ("POST", "/2/tweets", {"json": {"text": "x", "media": {"media_ids": ["1"] * 5}}}),
        ("POST", "/2/tweets", {"json": {"text": 7}}),
        ("POST", "/2/media/metadata", {"json": {"id": "1", "metadata": {"alt_text": {"text": "a" * 1_001}}}}),
        ("POST", "/2/media/upload", {"data": {"media_category": "tweet_picture"}, "files": {"media": b"x"}}),
        ("POST", "/2/media/upload", {"json": {"media": "eA==", "media_category": "tweet_image", "colour": "red"}}),
        ("GET", "/2/users/1/tweets", {"params": {"max_results": "4"}}),
        ("GET", "/2/users/1/tweets", {"params": {"post.fields": "colour"}}),
        ("GET", "/2/users/1/tweets", {"params": {"start_time": "yesterday"}}),
    ],
)
def test_what_the_document_forbids_the_server_refuses_too(
    recorded: Any, document: Any, method: str, path: str, content: dict[str, Any]
) -> None:
    token = {"authorization": f"Bearer {recorded.account.credentials['access_token']}"}
    answer = recorded.http.request(method, recorded.host + path, headers=token, **content)
    assert answer.status_code == 400
    ((request, _),) = recorded.line.exchanges
    with pytest.raises(OpenAPIError):
        document.validate_request(as_asked(request))
