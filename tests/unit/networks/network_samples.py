"""Accounts, keys and scripted servers for the adapters' unit tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx

from networks.bluesky import NETWORK as BLUESKY
from networks.bluesky import Bluesky
from networks.mastodon import NETWORK as MASTODON
from networks.mastodon import Mastodon
from networks.model import Account, AttemptKey, Draft, Image, Rendition

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DID = "did:plc:abcdefghijklmnopqrstuvwx"
PNG = b"\x89PNG\r\n\x1a\n" + b"cake" * 8
IMAGE = Image(hashlib.sha256(PNG).hexdigest(), "image/png", len(PNG), 800, 600, "A slice of apple cake")

Handler = Callable[[httpx.Request], httpx.Response]


def key(name: str = "post-1", created_at: datetime = NOW) -> AttemptKey:
    return AttemptKey(hashlib.sha256(name.encode()).hexdigest(), created_at)


def bluesky_account(**credentials: str) -> Account:
    return Account("bluesky", DID, "https://bsky.social", credentials or {"access_jwt": "access-secret"})


def mastodon_account(**credentials: str) -> Account:
    return Account("mastodon", "42", "https://cafe.example", credentials or {"access_token": "token-secret"})


def rendition(adapter: Bluesky | Mastodon, draft: Draft) -> Rendition:
    composed = adapter.compose(draft)
    assert isinstance(composed, Rendition), composed
    return composed


def client(handler: Handler) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(handler))


def hurried(adapter: Bluesky | Mastodon) -> Bluesky | Mastodon:
    """The adapter with little patience, so that a test of patience is short."""
    return replace(adapter, declared=replace(adapter.declared, publish_timeout_seconds=1))


__all__ = ["BLUESKY", "DID", "IMAGE", "MASTODON", "NOW", "PNG", "bluesky_account", "client", "hurried", "key"]
__all__ += ["mastodon_account", "rendition"]
