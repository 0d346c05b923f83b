"""What can come back by the redirect address: forged, replayed, denied, late, pasted. Only a yes to this very sign-in counts."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from connect_desk import ConnectDesk, Hands, unchanged
from scripted_vendors import Vendor

from local.connect.terminal import Terminal


def changed(address: str, **fields: str | list[str] | None) -> str:
    """A callback's address with other fields; None leaves one out."""
    head, _, query = address.partition("?")
    told: dict[str, Any] = {**parse_qs(query), **fields}
    return f"{head}?{urlencode({name: value for name, value in told.items() if value is not None}, doseq=True)}"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "somebody-elses-state"}, "does not belong to this sign-in"),
        ({"state": None}, "does not belong to this sign-in"),
        ({"state": ["é", "ü"]}, "does not belong to this sign-in"),
        (
            {"state": "", "error": "access_denied", "error_description": "read-me-out"},
            "does not belong to this sign-in",
        ),
        ({"code": None}, "without a code"),
        ({"code": ""}, "without a code"),
        ({"code": ["one", "two"]}, "without a code"),
        ({"code": "x" * 5_000}, "without a code"),
        (
            {"code": None, "error": "server_error", "error_description": "Try\nlater\x1b[31m"},
            "did not give access (Try later",
        ),
        ({"code": None, "error": "unauthorized_scope_error"}, "did not give access (unauthorized_scope_error)"),
        ({"code": "guessed-code"}, "came too late, or was used before"),
    ],
)
def test_a_forged_callback_ends_the_sign_in(
    ready: ConnectDesk, vendor: Vendor, fields: dict[str, Any], words: str
) -> None:
    ready.hands = Hands(twist=lambda address: [changed(address, **fields)])
    unchanged(ready, vendor, words, code=ready.run("x-main"))
    assert "\x1b" not in ready.seen
    assert "read-me-out" not in ready.seen + ready.hands.shown[0]


def test_a_code_that_was_used_before_is_refused_by_the_network(ready: ConnectDesk, vendor: Vendor) -> None:
    def first_by_somebody_else(address: str) -> Sequence[str]:
        code = parse_qs(urlsplit(address).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://127.0.0.1/",
            "client_id": "local",
        }
        assert httpx.post(f"{vendor.origin}/2/oauth2/token", data=form, trust_env=False).status_code == 400
        return [address]

    ready.hands = Hands(twist=first_by_somebody_else)
    unchanged(ready, vendor, "used before", code=ready.run("x-main"))


def test_the_callback_of_an_earlier_sign_in_is_a_stranger(ready: ConnectDesk, vendor: Vendor) -> None:
    earlier: list[str] = []
    ready.hands = Hands(twist=lambda address: earlier.append(address) or [changed(address, state="other")])  # type: ignore[func-returns-value]
    assert ready.run("x-main") == 1
    query = urlsplit(earlier[0]).query
    ready.hands = Hands(twist=lambda address: [f"{address.partition('?')[0]}?{query}"])
    unchanged(ready, vendor, "does not belong to this sign-in", code=ready.run("x-main"))


def test_the_same_callback_twice_finds_a_closed_door(ready: ConnectDesk, vendor: Vendor) -> None:
    ready.hands = Hands(twist=lambda address: [address, address])
    assert ready.run("x-main") == 0
    assert ready.hands.shown[1] in ("ConnectError", "ReadError", "RemoteProtocolError")


def test_a_code_that_ran_out_on_the_way_is_told(ready: ConnectDesk, vendor: Vendor) -> None:
    def later(address: str) -> Sequence[str]:
        ready.mesh.turn_clock(ready.now() + timedelta(seconds=40))
        return [address]

    ready.hands = Hands(twist=later)
    unchanged(ready, vendor, "came too late", code=ready.run("x-main"))


def test_nobody_answers_in_time(ready: ConnectDesk, vendor: Vendor) -> None:
    ready.hands = Hands(twist=lambda address: [])
    began = time.monotonic()
    unchanged(ready, vendor, "No answer came within 1 minute", code=ready.run("x-main", "--minutes", "0.005"))
    assert time.monotonic() - began < 10


def test_what_is_about_something_else_does_not_end_the_wait(ready: ConnectDesk, vendor: Vendor) -> None:
    def with_noise(address: str) -> Sequence[str]:
        origin = address.partition("/connected")[0]
        with httpx.Client(trust_env=False) as http:
            assert http.get(f"{origin}/favicon.ico").status_code == 404
            assert http.post(address).status_code == 404
            assert http.get(address, headers={"host": "evil.example"}).status_code == 400
            assert http.get(f"{origin}/connected/?{urlsplit(address).query}").status_code == 404
        return [address]

    ready.hands = Hands(twist=with_noise)
    assert ready.run("x-main") == 0, ready.seen


def test_a_connection_that_says_nothing_does_not_keep_others_out(ready: ConnectDesk, vendor: Vendor) -> None:
    idle: list[socket.socket] = []

    def with_an_idle_one(address: str) -> Sequence[str]:
        parts = urlsplit(address)
        idle.append(socket.create_connection((parts.hostname or "", parts.port or 0)))
        return [address]

    ready.hands = Hands(twist=with_an_idle_one)
    assert ready.run("x-main") == 0, ready.seen
    idle[0].close()


def test_the_page_holds_nothing_of_the_request_and_no_script(ready: ConnectDesk) -> None:
    ready.hands = Hands(twist=lambda address: [changed(address, error="<script>alert(1)</script>", code=None)])
    assert ready.run("x-main") == 1
    assert "<script" not in ready.hands.shown[0]


@pytest.fixture
def keyboard(ready: ConnectDesk) -> Iterator[int]:
    """Where a person's typing goes in."""
    ready.typed, writing = os.pipe()
    yield writing
    os.close(ready.typed)
    os.close(writing)


def test_a_pasted_address_does_as_well(ready: ConnectDesk, vendor: Vendor, keyboard: int) -> None:
    """On a machine without a browser: the address is opened elsewhere, and what it ends on is typed in."""
    say = Terminal.say

    def said(terminal: Terminal, line: str) -> None:
        say(terminal, line)
        for address in [part.strip() for part in line.splitlines() if "/i/oauth2/authorize?" in part]:
            os.write(keyboard, f"{ready.hands.answer_to(address)}\n".encode())

    ready.patch.setattr(Terminal, "say", said)
    assert ready.run("x-main", "--no-browser") == 0, ready.seen
    assert ready.hands.opened == []
    assert "paste its address" in ready.seen


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("https://evil.example/connected?code=a&state=b", "does not begin with https://cafe.example/connected"),
        ("https://cafe.example/connected?code=a&state=b", "does not belong to this sign-in"),
        ("what?", "does not begin with"),
        ("https://[", "is no address"),
    ],
)
def test_another_address_pasted_is_refused(
    ready: ConnectDesk, vendor: Vendor, keyboard: int, line: str, words: str
) -> None:
    os.write(keyboard, f"{line}\n".encode())
    code = ready.run("x-main", "--no-browser", "--redirect", "https://cafe.example/connected")
    unchanged(ready, vendor, words, "Register this redirect address there, exactly: https://cafe.example/", code=code)


def test_when_nobody_types_any_more_the_wait_ends(ready: ConnectDesk, vendor: Vendor) -> None:
    ready.typed, writing = os.pipe()
    os.close(writing)
    code = ready.run("x-main", "--no-browser", "--redirect", "https://cafe.example/connected")
    unchanged(ready, vendor, "nobody to paste", code=code)
    os.close(ready.typed)
