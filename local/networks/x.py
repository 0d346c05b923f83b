"""A server shaped like X: images and their descriptions, posts with shortened links, a timeline, and sign-in by OAuth 2.0 with PKCE.

Behaviour: ``credit`` false is an account without any (402); ``listing_lag_seconds`` is how long a new post is missing in the list;
``revoke_access`` true ends every access token there is, once; ``confidential`` false makes the app one without a secret;
``refuses_duplicates`` false takes the same text again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from local.clock import now
from local.networks.limits import Limit
from local.networks.sign_in import CLIENT_ID, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, as_json, route
from local.networks.x_media import Media
from local.networks.x_posts import TEXT_LIMIT, cashtags, shortened, weight
from local.networks.x_problems import RefusedError, invalid, no_credit, plain
from local.networks.x_sign_in import SCOPES, Doors
from local.networks.x_timeline import timeline
from local.networks.x_tokens import Tokens

CODE_FOR = timedelta(seconds=30)
DUPLICATE_FOR = timedelta(hours=12)
_QUARTER_SECONDS = 900
_EPOCH_MS = 1_288_834_974_657
_NOT_HERE = (
    "card_uri", "community_id", "direct_message_deep_link", "edit_options", "for_super_followers_only", "geo", "made_with_ai",
    "nullcast", "paid_partnership", "poll", "quote_tweet_id", "reply", "reply_settings", "share_with_followers",
)  # fmt: skip


class X:
    """A ``local.networks.server.Server``."""

    name = "x"
    page = "/i/status/(?P<number>[0-9]+)"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section("x", accounts={}, posts={}, media={}, tokens={}, sign_in={}, last_id=0)
        self._tokens = Tokens(self._kept["tokens"])
        self.behaviour: dict[str, Any] = {
            "credit": True,
            "listing_lag_seconds": 0,
            "revoke_access": False,
            "confidential": True,
            "refuses_duplicates": True,
        }
        self._sign_in = SignIn("X", self._kept["sign_in"], CODE_FOR, needs_pkce=True)
        self._doors = Doors(store, self._sign_in, self._tokens, self._kept["accounts"], self.behaviour)
        self._media = Media(store, self._kept["media"], self._next_id)
        self.origin = ""

    @property
    def app(self) -> dict[str, str]:
        return {"client_id": CLIENT_ID, "client_secret": self._sign_in.secret}

    def routes(self) -> list[Route]:
        number = "(?P<number>[^/]+)"
        read, write = ("tweet.read", "users.read"), ("tweet.read", "tweet.write", "users.read")
        return [
            *self._doors.routes(),
            route("GET", "/2/users/me", self._answering(self._me, 75, read)),
            route("GET", f"/2/users/{number}/tweets", self._answering(self._timeline, 900, read)),
            route("POST", "/2/tweets", self._answering(self._post, 100, write)),
            route("DELETE", f"/2/tweets/{number}", self._answering(self._delete, 50, write)),
            route("POST", "/2/media/upload", self._answering(self._media.upload, 500, ("media.write",))),
            route("POST", "/2/media/metadata", self._answering(self._media.describe, 500, ("media.write",))),
            route("GET", "/media/(?P<number>[0-9]+)", self._media.image),
        ]

    def missing(self, request: Request) -> Answer:
        """X says nothing at all to a path that it does not know."""
        return Answer(404, b"")

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``token`` is its access token, good for two hours from now; a new one where none is told."""
        handle = told["handle"]
        with self._store.lock:
            accounts = self._kept["accounts"]
            known = [account_id for account_id, account in accounts.items() if account["username"] == handle]
            account_id = known[0] if known else self._next_id()
            accounts[account_id] = {"username": handle, "active": told["active"]}
            pair = self._tokens.issue(account_id, SCOPES, access=str(told.get("token") or ""))
            self._store.save()
        credentials = {
            "access_token": pair["access_token"],
            "refresh_token": pair["refresh_token"],
            "client_id": CLIENT_ID,
            "client_secret": self._sign_in.secret if self.behaviour["confidential"] else "",
            "expires_at": (now() + timedelta(seconds=pair["expires_in"])).isoformat(timespec="seconds"),
        }
        return {"handle": handle, "account_id": account_id, "credentials": credentials}

    def posts(self) -> list[dict[str, Any]]:
        return [
            {
                "network": self.name,
                "account": self._kept["accounts"][post["account_id"]]["username"],
                "account_id": post["account_id"],
                "id": post["id"],
                "url": f"{self.origin}/i/status/{post['id']}",
                "text": post["text"],
                "images": [self._media.seen(media_id, self.origin) for media_id in post["media_ids"]],
                "link": "",
                "created_at": post["created_at"],
            }
            for post in self._kept["posts"].values()
        ]

    def _answering(self, handle: Callable[..., Answer], points: int, scopes: tuple[str, ...]) -> Callable[..., Answer]:
        """``points`` are how many in a quarter of an hour for each account."""
        limit = Limit(points, _QUARTER_SECONDS)

        def answer(request: Request, **named: str) -> Answer:
            with self._store.lock:
                headers: dict[str, str] = {}
                try:
                    account_id = self._account(request.token, scopes)
                    headers = _spend(limit, account_id)
                    if not self.behaviour["credit"]:
                        raise no_credit()
                    answered = handle(request, account_id, **named)
                except RefusedError as refused:
                    answered = refused.answer
                all_headers = {**headers, **answered.headers}
                return Answer(answered.status, answered.body, answered.content_type, all_headers)

        return answer

    def _account(self, token: str, scopes: tuple[str, ...]) -> str:
        if self.behaviour["revoke_access"]:
            self.behaviour["revoke_access"] = False
            self._tokens.end_all_access()
        holder = self._tokens.holder(token)
        if holder is None or not self._kept["accounts"][holder["account"]]["active"]:
            raise plain(401, "Unauthorized", "Unauthorized")
        if set(scopes) - set(holder["scopes"]):
            raise plain(403, "Forbidden", f"The sign-in does not cover {' '.join(scopes)}.")
        return str(holder["account"])

    def _me(self, request: Request, account_id: str) -> Answer:
        username = self._kept["accounts"][account_id]["username"]
        return as_json({"data": {"id": account_id, "name": username, "username": username}})

    def _timeline(self, request: Request, account_id: str, number: str) -> Answer:
        shown_until = now() - timedelta(seconds=self.behaviour["listing_lag_seconds"])
        own = [post for post in self._kept["posts"].values() if post["account_id"] == number]
        listed = [post for post in own if datetime.fromisoformat(post["created_at"]) <= shown_until]
        accounts = self._kept["accounts"]
        media = {media_id: self._media.seen(media_id, self.origin) for post in own for media_id in post["media_ids"]}
        return as_json(timeline(request.query, number, accounts, listed, media))

    def _post(self, request: Request, account_id: str) -> Answer:
        fields = request.fields
        for name in fields:
            if name in _NOT_HERE:
                raise invalid(name, f"{name} is not done by this server")
            if name not in ("text", "media"):
                raise invalid(name, f"[{name}] is not a field of a post")
        media_ids = self._media.wanted(fields.get("media"), account_id)
        text: Any = fields.get("text", "")
        if not isinstance(text, str) or not (text.strip() or media_ids):
            raise invalid("text", "A post needs a text or media")
        if weight(text) > TEXT_LIMIT:
            raise invalid("text", f"The text is too long: its weight is {weight(text)}, {TEXT_LIMIT} is the most")
        if cashtags(text) > 1:
            raise plain(403, "Forbidden", "A post holds one cashtag at most.")
        if self.behaviour["refuses_duplicates"] and self._said_lately(account_id, text):
            raise plain(403, "Forbidden", "A post with duplicate content is not allowed.")
        post: dict[str, Any] = {
            "id": self._next_id(),
            "account_id": account_id,
            "text": text,
            "media_ids": media_ids,
            "created_at": now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        self._kept["posts"][post["id"]] = post
        self._store.save()
        username = self._kept["accounts"][account_id]["username"]
        shown, _ = shortened(post["id"], text, username, media_ids)
        return as_json({"data": {"id": post["id"], "text": shown, "edit_history_post_ids": [post["id"]]}}, 201)

    def _said_lately(self, account_id: str, text: str) -> bool:
        since = now() - DUPLICATE_FOR
        return any(
            post["account_id"] == account_id
            and post["text"].split() == text.split()
            and datetime.fromisoformat(post["created_at"]) > since
            for post in self._kept["posts"].values()
        )

    def _delete(self, request: Request, account_id: str, number: str) -> Answer:
        post = self._kept["posts"].get(number)
        if post is None or post["account_id"] != account_id:
            raise plain(403, "Forbidden", "Only own posts can be deleted.")
        del self._kept["posts"][number]
        self._store.save()
        return as_json({"data": {"deleted": True}})

    def _next_id(self) -> str:
        """Numbers that grow with time, like X's: milliseconds since its own epoch, and a counter."""
        number = max(int(now().timestamp() * 1000 - _EPOCH_MS) << 22, self._kept["last_id"] + 1)
        self._kept["last_id"] = number
        return str(number)


def _spend(limit: Limit, account_id: str) -> dict[str, str]:
    allowed, window = limit.spend(account_id)
    headers = {
        "x-rate-limit-limit": str(limit.points),
        "x-rate-limit-remaining": str(limit.points - window.used),
        "x-rate-limit-reset": str(int(window.resets_at.timestamp())),
    }
    if not allowed:
        raise plain(429, "Too Many Requests", "Too Many Requests", headers)
    return headers
