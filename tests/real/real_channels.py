"""An account on a real server, seen through its adapter, and its owner's other client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from between import Between
from PIL import Image as Pixels
from real_servers import Pds

from networks import network
from networks.model import Account, AttemptKey, Draft, Finding, Image, Network, Outcome, Rendition

POST_COLLECTION = "app.bsky.feed.post"


def _picture() -> bytes:
    made = io.BytesIO()
    Pixels.new("RGB", (120, 80), (200, 120, 40)).save(made, "PNG")
    return made.getvalue()


PNG = _picture()
PICTURE = Image(hashlib.sha256(PNG).hexdigest(), "image/png", len(PNG), 120, 80, "Käsekuchen, “warm” & a cup of ☕")


@dataclass
class RealChannel:
    """The adapter talks to ``account.host``, which is the proxy; ``http`` without it goes to the server itself."""

    account: Account
    between: Between
    http: httpx.Client
    adapter: Network

    def impatient(self) -> None:
        """Two seconds for a publish, not half a minute."""
        adapter: Any = network(self.account.network)
        self.adapter = replace(adapter, declared=replace(adapter.declared, publish_timeout_seconds=2))

    def compose(self, draft: Draft) -> Rendition:
        composed = self.adapter.compose(draft)
        assert isinstance(composed, Rendition), composed
        return composed

    def publish(self, draft: Draft | Rendition, key: AttemptKey, later: timedelta = timedelta()) -> Outcome:
        rendition = draft if isinstance(draft, Rendition) else self.compose(draft)
        return self.adapter.publish(self.http, self.account, rendition, key, lambda _: PNG, datetime.now(UTC) + later)

    def find(self, draft: Draft, key: AttemptKey) -> Finding:
        return self.adapter.find(self.http, self.account, self.compose(draft), key)

    def sign_in_with(self, **credentials: str) -> None:
        self.account = replace(self.account, credentials=credentials)


@dataclass
class BlueskyChannel(RealChannel):
    """``session`` is what signing up gave: the owner's own app."""

    handle: str
    session: dict[str, str]
    pds: Pds

    def records(self) -> list[dict[str, Any]]:
        """Every post of the account: uri, cid, value."""
        where = {"repo": self.account.account_id, "collection": POST_COLLECTION, "limit": "100"}
        answer = self.http.get(f"{self.pds.origin}/xrpc/com.atproto.repo.listRecords", params=where)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["records"]
        return found

    def delete(self, rkey: str) -> None:
        where = {"repo": self.account.account_id, "collection": POST_COLLECTION, "rkey": rkey}
        self.call("repo.deleteRecord", where, self.session["accessJwt"]).raise_for_status()

    def call(self, method: str, body: dict[str, Any] | None, token: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.http.post(f"{self.pds.origin}/xrpc/com.atproto.{method}", json=body, headers=headers)

    def blob(self, link: str) -> bytes:
        where = {"did": self.account.account_id, "cid": link}
        answer = self.http.get(f"{self.pds.origin}/xrpc/com.atproto.sync.getBlob", params=where)
        return answer.raise_for_status().content

    def signed_in(self) -> dict[str, str]:
        """A session by the app password, as ``connect`` would store it."""
        credentials = self.account.credentials
        told = {"identifier": self.handle, "password": credentials["app_password"]}
        session = self.call("server.createSession", told).raise_for_status().json()
        return {"access_jwt": session["accessJwt"], "refresh_jwt": session["refreshJwt"]}

    def expired(self, token: str) -> str:
        """The same access token, two hours older: signed by the server's own key, so that only its time is wrong."""
        claims = json.loads(_decoded(token.split(".")[1]))
        now = int(time.time())
        claims |= {"iat": now - 7_300, "exp": now - 100}
        signed = f"{token.split('.')[0]}.{_encoded(json.dumps(claims).encode())}"
        return f"{signed}.{_encoded(hmac.digest(self.pds.jwt_secret.encode(), signed.encode(), 'sha256'))}"


@dataclass
class MastodonChannel(RealChannel):
    origin: str

    def statuses(self) -> list[dict[str, Any]]:
        answer = self.http.get(f"{self.origin}/api/v1/accounts/{self.account.account_id}/statuses")
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    def fault(self, effect: dict[str, Any], count: int = 1) -> None:
        """The mock's own fault injection, for the next requests that create a status."""
        rule = {"match": {"methods": ["POST"], "path": "/api/v1/statuses"}, "effect": effect, "count": count}
        self.http.post(f"{self.origin}/api/v1/_mock/faults", json=rule).raise_for_status()

    def no_faults(self) -> None:
        self.http.delete(f"{self.origin}/api/v1/_mock/faults").raise_for_status()


def sign_up(pds: Pds, between: Between, http: httpx.Client) -> BlueskyChannel:
    """A new account with an app password, on its own handle."""
    handle, password = f"cafe-{secrets.token_hex(4)}.test", secrets.token_hex(8)
    told = {"handle": handle, "email": f"{handle}@example.test", "password": password}
    made = http.post(f"{pds.origin}/xrpc/com.atproto.server.createAccount", json=told)
    session: dict[str, str] = made.raise_for_status().json()
    own = {"authorization": f"Bearer {session['accessJwt']}"}
    named = {"name": "social scheduler"}
    app = http.post(f"{pds.origin}/xrpc/com.atproto.server.createAppPassword", json=named, headers=own)
    credentials = {"identifier": handle, "app_password": app.raise_for_status().json()["password"]}
    account = Account("bluesky", session["did"], between.origin, credentials)
    return BlueskyChannel(account, between, http, network("bluesky"), handle, session, pds)


def open_mastodon(origin: str, between: Between, http: httpx.Client, token: str) -> MastodonChannel:
    """One of the seeded accounts; its token is its name."""
    own = {"authorization": f"Bearer {token}"}
    told = http.get(f"{origin}/api/v1/accounts/verify_credentials", headers=own).raise_for_status().json()
    account = Account("mastodon", told["id"], between.origin, {"access_token": token})
    return MastodonChannel(account, between, http, network("mastodon"), origin)


def new_key(created_at: datetime | None = None) -> AttemptKey:
    return AttemptKey(secrets.token_hex(32), created_at or datetime.now(UTC))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
