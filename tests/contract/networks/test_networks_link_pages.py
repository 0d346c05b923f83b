"""The made-up web behind the links."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from local.networks.link_pages import page


def asked(servers: Any, http: httpx.Client, url: str) -> httpx.Response:
    return http.get(servers["web"], params={"url": url})


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/apple-cake", "Apple cake – cafe.example"),
        ("/menu/apple-cake/", "Apple cake – cafe.example"),
        ("/apple_cake.html", "Apple cake – cafe.example"),
        ("/", "Welcome – cafe.example"),
        ("", "Welcome – cafe.example"),
    ],
)
def test_a_page_is_titled_by_its_address(servers: Any, http: httpx.Client, path: str, title: str) -> None:
    answer = asked(servers, http, f"https://cafe.example{path}")
    assert answer.status_code == 200
    assert f'<meta property="og:title" content="{title}">' in answer.text


def test_an_address_is_only_text_in_its_page() -> None:
    assert "<script" not in page("cafe.example", '/"><script>alert(1)</script>')


def test_every_page_has_a_picture_of_its_own_and_always_the_same(servers: Any, http: httpx.Client) -> None:
    cake, beans = (asked(servers, http, f"https://cafe.example/pictures/{name}.png") for name in ("cake", "beans"))
    with Image.open(io.BytesIO(cake.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert cake.content != beans.content
    assert asked(servers, http, "https://cafe.example/pictures/cake.png").content == cake.content


@pytest.mark.parametrize(
    "url", ["https://cafe.example/missing", "https://cafe.example/missing.png", "ftp://cafe.example/", "x", ""]
)
def test_some_addresses_lead_to_nothing(servers: Any, http: httpx.Client, url: str) -> None:
    assert asked(servers, http, url).status_code == 404


def test_its_answers_can_be_spoilt_like_any_other(servers: Any, http: httpx.Client) -> None:
    http.post(f"{servers['web']}/_local/faults", json={"match": "GET /", "do": "status", "status": 503, "count": 1})
    assert [asked(servers, http, "https://cafe.example/").status_code for _ in range(2)] == [503, 200]
