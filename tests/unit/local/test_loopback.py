"""Who may ask a server of this computer."""

from __future__ import annotations

import pytest

from local.loopback import is_foreign


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8400", ""),
        ("localhost:8400", "http://localhost:8400"),
        ("[::1]:8400", "http://127.0.0.1:1"),
        ("posts.localhost:8400", ""),
        ("", ""),
    ],
)
def test_a_page_and_a_program_of_this_computer_are_not(host: str, origin: str) -> None:
    assert not is_foreign(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example", ""),
        ("127.0.0.1.evil.example", ""),
        ("127.0.0.1:8400", "https://evil.example"),
        ("127.0.0.1:8400", "http://localhost.evil.example"),
        ("127.0.0.1:8400", "http://evil@evil.example"),
        ("127.0.0.1:8400", "null"),
        ("[", ""),
        ("0.0.0.0:8400", ""),
        ("192.168.1.2:8400", ""),
    ],
)
def test_whoever_is_from_elsewhere_is_foreign(host: str, origin: str) -> None:
    assert is_foreign(host, origin)
