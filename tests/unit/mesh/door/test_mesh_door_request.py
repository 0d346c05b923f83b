"""What came in from a stranger."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mesh.door.request import (
    BODY_LIMIT_BYTES,
    Answer,
    Place,
    Request,
    came_from_our_page,
    form_values,
    in_its_own_window,
    read_request,
    sent_by_our_page,
)

BASE = "http://127.0.0.1:8123/approve"
OURS = "http://127.0.0.1:8123"
FORM = "application/x-www-form-urlencoded"


def request(body: str = "go=1", *, path: str = "/TOKEN", encoded: bool = False, **headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in {"content_type": FORM, **headers}.items()}
    event: dict[str, Any] = {"rawPath": path, "headers": names, "body": body, "isBase64Encoded": encoded}
    return read_request({**event, "requestContext": {"http": {"method": "POST"}, "domainName": "f.on.aws"}})


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OURS},
        {"referer": f"{OURS}/approve/TOKEN"},
        {"sec_fetch_site": "same-origin"},
        {"origin": OURS, "sec_ch_ua": '"Chromium"', "sec_fetch_user": "?1", "sec_fetch_site": "same-origin"},
    ],
)
def test_a_press_on_our_own_page_counts(headers: dict[str, str]) -> None:
    assert came_from_our_page(request(**headers), BASE)


@pytest.mark.parametrize("body", ["by=script&go=1", "go=1&by=script", "by=hand&by=script"])
def test_what_the_page_says_that_a_script_sent_is_no_press_whatever_the_browser_says(body: str) -> None:
    """A tool may lend its script a user's gesture, and then the browser says ``?1``."""
    marks = {"origin": OURS, "sec_ch_ua": '"Chromium"', "sec_fetch_user": "?1", "sec_fetch_site": "same-origin"}
    assert not came_from_our_page(request(body, **marks), BASE)
    assert came_from_our_page(request(body.replace("script", "hand"), **marks), BASE)
    assert came_from_our_page(request(body.replace("script", "page"), **marks), BASE)


@pytest.mark.parametrize("junk", [None, 7, [], "text", True, [None]])
@pytest.mark.parametrize("part", ["headers", "requestContext", "rawPath", "body", "cookies"])
def test_a_request_of_another_shape_is_read_as_if_the_part_were_not_there(part: str, junk: Any) -> None:
    read = read_request({"rawPath": "/x", "headers": {}, "requestContext": {"http": {"method": "POST"}}} | {part: junk})
    assert not came_from_our_page(read, BASE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8124"},
        {"origin": "https://evil.test", "referer": OURS},
        {"referer": "https://evil.test/http://127.0.0.1:8123"},
        {"sec_fetch_site": "none"},
        {"origin": OURS, "sec_fetch_site": "cross-site"},
        {"origin": OURS, "sec_ch_ua": '"Chromium"'},
        {"origin": OURS, "content_type": "text/plain"},
    ],
)
def test_a_press_from_anywhere_else_or_by_a_script_does_not(headers: dict[str, str]) -> None:
    assert not came_from_our_page(request(**headers), BASE)


def test_a_press_of_the_pages_script_differs_only_by_the_mark_of_a_hand() -> None:
    by_script = request(origin=OURS, sec_ch_ua='"Chromium"', sec_fetch_site="same-origin")
    assert sent_by_our_page(by_script, BASE)
    assert not came_from_our_page(by_script, BASE)
    assert not sent_by_our_page(request(origin="https://evil.test"), BASE)


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({}, True),
        ({"sec_fetch_dest": "document", "sec_fetch_mode": "navigate"}, True),
        ({"sec_fetch_dest": "iframe"}, False),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "cors"}, False),
        ({"sec_purpose": "prefetch"}, False),
        ({"sec_purpose": "prefetch;prerender"}, False),
        ({"purpose": "prefetch"}, False),
        ({"x_moz": "prefetch"}, False),
    ],
)
def test_a_page_is_loaded_to_be_seen_or_ahead_of_time(headers: dict[str, str], seen: bool) -> None:
    assert in_its_own_window(request(**headers)) is seen


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_above_the_limit_is_refused_however_it_is_written(encoded: bool) -> None:
    def sent(size_bytes: int) -> Request:
        body = "a" * size_bytes
        return request(base64.b64encode(body.encode()).decode() if encoded else body, encoded=encoded, origin=OURS)

    assert came_from_our_page(sent(BODY_LIMIT_BYTES), BASE)
    assert not came_from_our_page(sent(BODY_LIMIT_BYTES + 1), BASE)
    assert len(sent(1_000_000).body) <= BODY_LIMIT_BYTES + 1


def test_without_a_base_the_functions_own_host_is_ours() -> None:
    assert came_from_our_page(request(origin="https://f.on.aws"), "")
    assert not came_from_our_page(request(origin="https://g.on.aws"), "")


@pytest.mark.parametrize(
    ("body", "values"),
    [
        ("lifts=p_1+2026&lifts=p_2&go=1", {"p_1 2026", "p_2"}),
        ("", set()),
        ("lifts=é", set()),
        ("&".join(["lifts=x"] * 50), set()),
    ],
)
def test_a_form_says_what_our_pages_make_it_say_or_nothing(body: str, values: set[str]) -> None:
    assert form_values(request(body), "lifts") == values


@pytest.mark.parametrize("event", [{}, {"rawPath": None, "headers": None, "requestContext": None, "body": None}])
def test_what_cannot_be_read_is_an_empty_token(event: dict[str, Any]) -> None:
    assert read_request(event).token == ""


@pytest.mark.parametrize(
    ("path", "token", "image"),
    [("/T", "T", ""), ("/T/image/ab", "T", "ab"), ("/T/image", "", ""), ("/T/x/ab", "", ""), ("/", "", "")],
)
def test_the_path_is_a_token_or_one_of_its_pictures(path: str, token: str, image: str) -> None:
    found = request(path=path)
    assert (found.token, found.image) == (token, image)


def test_head_is_get_without_its_body() -> None:
    for answer in (Answer(200, "page"), Answer(200, b"\xff", "image/png")):
        got, head = answer.wire(head=False), answer.wire(head=True)
        assert (head["statusCode"], head["headers"], head["body"]) == (got["statusCode"], got["headers"], "")


@pytest.mark.parametrize(
    ("path", "place", "post_id"),
    [
        ("/", Place.ROOT, ""),
        ("", Place.ROOT, ""),
        ("/post/p_7k2m9qf4", Place.POST, "p_7k2m9qf4"),
        ("/post/p%5F1", Place.POST, "p_1"),
        ("/draft/p_7k2m9qf4", Place.DRAFT, "p_7k2m9qf4"),
        ("/draft/p.1", Place.NOWHERE, ""),
        ("/post/p.1", Place.NOWHERE, ""),
        ("/post/" + "x" * 65, Place.NOWHERE, ""),
        ("/post", Place.LINK, ""),
        ("/T/image/ab", Place.LINK, ""),
        ("/" + "A" * 5_000, Place.NOWHERE, ""),
    ],
)
def test_an_address_names_a_link_a_post_or_nothing(path: str, place: Place, post_id: str) -> None:
    found = request(path=path)
    assert (found.place, found.post_id) == (place, post_id)


@pytest.mark.parametrize(
    ("event", "cookies"),
    [
        ({"cookies": ["a=1", " b=2 "]}, ("a=1", "b=2")),
        ({"headers": {"Cookie": "a=1; b=2"}}, ("a=1", "b=2")),
        ({"cookies": None, "headers": {}}, ()),
        ({"cookies": "a=1"}, ()),
        ({"cookies": ["a=" + "x" * 9_000]}, ()),
    ],
)
def test_cookies_come_in_a_list_or_in_a_header(event: dict[str, Any], cookies: tuple[str, ...]) -> None:
    assert read_request(event).cookies == cookies
