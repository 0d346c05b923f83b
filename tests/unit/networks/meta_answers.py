"""Errors in the graph API's shape, and accounts and pictures for the adapters of Facebook, Instagram and Threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from networks.model import Account, Blobs, Draft, Image, Network, Rendition

TOKEN = "EAAsecret"
TEXT = "A very private announcement"
Answers = Callable[[httpx.Request], httpx.Response]


class Addresses:
    """``networks.model.Blobs`` for networks that fetch images themselves."""

    def __call__(self, sha256: str) -> bytes:
        raise AssertionError("nobody needs the bytes")

    def address(self, sha256: str) -> str:
        return f"https://images.example/{sha256}"


BLOBS: Blobs = Addresses()


def jpeg(number: int = 0) -> Image:
    return Image(f"{number:064x}", "image/jpeg", 1_000, 800, 800, f"Cup {number}")


def account(network: str) -> Account:
    host = "https://graph.threads.net" if network == "threads" else "https://graph.facebook.com"
    return Account(network, "42", host, {"access_token": TOKEN})


def composed(adapter: Network, image_count: int = 1, text: str = TEXT) -> Rendition:
    rendition = adapter.compose(Draft(text, images=tuple(jpeg(number) for number in range(image_count))))
    assert isinstance(rendition, Rendition), rendition
    return rendition


def graph(code: int, subcode: int = 0, message: str = "said so", **more: Any) -> dict[str, Any]:
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    return {"error": {**told, **({"error_subcode": subcode} if subcode else {})}}


def answering(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Answers:
    if isinstance(body, bytes):
        return lambda _: httpx.Response(status, content=body, headers=headers)
    return lambda _: httpx.Response(status, json=body, headers=headers)


def failing(error: Exception) -> Answers:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return fail


# What proves nothing, whoever answers it.
NO_PROOF: list[Answers] = [
    answering(500, graph(2)),
    answering(500, graph(100)),
    answering(502, b"<html>Bad gateway"),
    answering(503),
    answering(200, b""),
    answering(200, b"<html>Just a moment"),
    answering(200, {"id": 7}),
    answering(200, {"id": "../me"}),
    answering(200, []),
    answering(200, b"x" * 1_000_001),
    answering(302, headers={"location": "https://evil.example"}),
    answering(400, b"<html>Bad request"),
    answering(400, {"error": "said so"}),
    answering(400, {"error": {"message": "no code"}}),
    answering(400, {"error": {"message": "a flag", "code": True}}),
    answering(400, graph(9999)),
    answering(401),
    answering(403, b"<html>Forbidden"),
    answering(404, graph(803)),
    answering(429, b"<html>"),
    failing(httpx.ReadTimeout("slow")),
    failing(httpx.WriteTimeout("slow")),
    failing(httpx.ReadError("reset")),
    failing(httpx.RemoteProtocolError("cut")),
]
