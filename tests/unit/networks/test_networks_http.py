from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_samples import NOW, client

from networks.http import ANSWER_LIMIT_BYTES, Answer, Lost, NotSent, ask, is_token, pinned_origin, plain, reset_time


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("https://bsky.social", "https://bsky.social"),
        ("https://bsky.social/", "https://bsky.social"),
        ("https://cafe.example:8443", "https://cafe.example:8443"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://[::1]:4000", "http://[::1]:4000"),
        ("http://bsky.social", None),
        ("https://bsky.social@evil.example", None),
        ("https://bsky.social/path", None),
        ("https://bsky.social?x", None),
        ("bsky.social", None),
        ("https://x:99999", None),
        ("", None),
    ],
)
def test_only_a_plain_origin_is_ever_spoken_to(host: str, origin: str | None) -> None:
    assert pinned_origin(host) == origin


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-reset": str(int(NOW.timestamp()) + 90)},
        {"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)},
        {"x-ratelimit-reset": "2026-11-21T09:01:30.000000Z"},
        {"x-ratelimit-reset": "2026-11-21T17:01:30+08:00"},
        {"retry-after": "90"},
        {"retry-after": "Sat, 21 Nov 2026 09:01:30 GMT"},
    ],
)
def test_the_reset_time_is_read_in_every_spelling(headers: dict[str, str]) -> None:
    assert reset_time(headers, NOW) == NOW + timedelta(seconds=90)


@pytest.mark.parametrize("told", ["", "soon", "nan", "inf", "-5", "1e400", "99999999999999", "2999-01-01T00:00:00Z"])
def test_a_senseless_reset_time_is_none(told: str) -> None:
    assert reset_time({"x-ratelimit-reset": told}, NOW) is None


def test_a_reset_time_in_the_past_is_now() -> None:
    assert reset_time({"ratelimit-reset": "1000"}, NOW) == NOW


@given(st.text(), st.sampled_from(["retry-after", "ratelimit-reset", "x-ratelimit-reset"]))
def test_reset_times_never_raise(told: str, name: str) -> None:
    moment = reset_time({name: told}, NOW)
    assert moment is None or moment >= NOW


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_without_a_connection_nothing_was_sent(error: type[httpx.TransportError]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise error("no")

    with pytest.raises(NotSent):
        ask(client(refuse), "POST", "https://cafe.example/", timeout_seconds=1)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError, httpx.DecodingError])
def test_any_later_trouble_is_lost(error: type[httpx.RequestError]) -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        raise error("gone")

    with pytest.raises(Lost):
        ask(client(lose), "POST", "https://cafe.example/", timeout_seconds=1)


def test_a_text_without_utf8_never_leaves() -> None:
    with pytest.raises(NotSent):
        ask(
            client(lambda _: httpx.Response(200)),
            "POST",
            "https://cafe.example/",
            timeout_seconds=1,
            json={"a": "\ud800"},
        )


def test_no_time_left_means_nothing_was_sent() -> None:
    with pytest.raises(NotSent):
        ask(client(lambda _: httpx.Response(200)), "POST", "https://cafe.example/", timeout_seconds=0)


def test_redirects_are_not_followed() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "https://evil.example/"})

    http = httpx.Client(transport=httpx.MockTransport(redirect), follow_redirects=True)
    assert ask(http, "POST", "https://cafe.example/", timeout_seconds=1, token="t").status == 307
    assert asked == ["https://cafe.example/"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"x" * (ANSWER_LIMIT_BYTES + 1)),
        httpx.Response(200, headers={"content-encoding": "br"}),
    ],
)
def test_giant_and_packed_answers_are_lost(answer: httpx.Response) -> None:
    with pytest.raises(Lost):
        ask(client(lambda _: answer), "GET", "https://cafe.example/", timeout_seconds=1)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"a": 1', b"[" * 200_000, b"\xff", b"null"])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    answer = Answer(200, httpx.Headers(), body)
    assert answer.fields == {}
    assert answer.text_field("id") == ""


def test_a_network_s_words_are_shortened_and_hold_no_secret() -> None:
    said = plain("Bad token  tok-1\n\x1b[31mfor " + "x" * 400, "tok-1", "")
    assert "tok-1" not in said
    assert len(said) == 200
    assert "\n" not in said
    assert "\x1b" not in said


def test_a_token_is_visible_ascii() -> None:
    assert is_token("abc.DEF-1_2~/+=")
    assert not any(is_token(wrong) for wrong in ("", "a b", "a\n", "é"))


def test_the_epoch_is_not_mistaken_for_a_wait() -> None:
    assert reset_time({"retry-after": "0"}, datetime.fromtimestamp(0, UTC)) == datetime.fromtimestamp(0, UTC)
