"""A server shaped like Mastodon: media, statuses with ``Idempotency-Key`` kept for an hour, and its errors and headers.

Behaviour: ``honours_idempotency`` false makes it one of Mastodon's kin that ignore the key (GoToSocial 0.20 posts twice);
``media_polls`` is how often a new image is still "being processed".
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from local.clock import now
from local.networks.limits import Limit
from local.networks.mastodon_sign_in import MastodonSignIn
from local.networks.mastodon_text import counted, rendered
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, Route, as_json, route

TEXT_LIMIT = 500
MEDIA_LIMIT = 4
DESCRIPTION_LIMIT = 1_500
IMAGE_LIMIT_BYTES = 16_777_216
KEY_KEPT = timedelta(hours=1)
_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


class RefusedError(Exception):
    """A request that gets an error in Mastodon's words."""

    def __init__(self, status: int, error: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers or {}


class Mastodon:
    """A ``local.networks.server.Server``."""

    name = "mastodon"
    page = "/@(?P<account>[^/]+)/(?P<number>[0-9]+)"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section("mastodon", accounts={}, statuses={}, media={}, idempotency={}, last_id=0)
        self._sign_in = MastodonSignIn(store, self._kept)
        self._limit = Limit(300, 300)
        self.origin = ""
        self.behaviour: dict[str, Any] = {"honours_idempotency": True, "media_polls": 0}

    @property
    def app(self) -> dict[str, str]:
        """None: every program registers its own."""
        return {}

    def routes(self) -> list[Route]:
        number = "(?P<number>[0-9]+)"
        return [
            route("GET", "/api/v2/instance", self._answering(self._instance, open_to_all=True)),
            route(
                "GET", "/api/v1/accounts/verify_credentials", self._answering(self._verify, "read:accounts", "profile")
            ),
            route("GET", f"/api/v1/accounts/{number}/statuses", self._answering(self._statuses, "read:statuses")),
            route("POST", "/api/v2/media", self._answering(self._upload, "write:media")),
            route("GET", f"/api/v1/media/{number}", self._answering(self._media, "write:media")),
            route("POST", "/api/v1/statuses", self._answering(self._post, "write:statuses")),
            route("GET", f"/api/v1/statuses/{number}", self._answering(self._status, open_to_all=True)),
            route("GET", f"/api/v1/statuses/{number}/source", self._answering(self._source, "read:statuses")),
            route("DELETE", f"/api/v1/statuses/{number}", self._answering(self._delete, "write:statuses")),
            route("GET", f"/system/media_attachments/{number}", self._image),
            *self._sign_in.routes(),
        ]

    def missing(self, request: Request) -> Answer:
        return as_json({"error": "Record not found"}, 404)

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``token`` is the account's, a new one where none is told."""
        handle, token = told["handle"], str(told.get("token") or secrets.token_urlsafe(32))
        with self._store.lock:
            accounts = self._kept["accounts"]
            known = [account_id for account_id, account in accounts.items() if account["username"] == handle]
            account_id = known[0] if known else self._next_id()
            created_at = accounts[account_id]["created_at"] if known else _shown_time(now())
            account = {"username": handle, "token": token, "active": told["active"], "created_at": created_at}
            accounts[account_id] = account
            self._store.save()
        return {"handle": handle, "account_id": account_id, "credentials": {"access_token": token}}

    def posts(self) -> list[dict[str, Any]]:
        return [self._as_seen(status) for status in self._kept["statuses"].values()]

    def _as_seen(self, status: dict[str, Any]) -> dict[str, Any]:
        shown = self.shown_status(status, self.origin)
        return {
            "network": self.name,
            "account": shown["account"]["acct"],
            "account_id": status["account_id"],
            "name": shown["account"]["display_name"],
            "id": status["id"],
            "url": shown["url"],
            "text": status["text"],
            "images": [{"url": media["url"], "alt": media["description"]} for media in shown["media_attachments"]],
            "link": "",
            "created_at": status["created_at"],
        }

    def shown_status(self, status: dict[str, Any], origin: str) -> dict[str, Any]:
        """A status as the API shows it."""
        username = self._kept["accounts"][status["account_id"]]["username"]
        address = f"{origin}/@{username}/{status['id']}"
        return {
            "id": status["id"],
            "created_at": status["created_at"],
            "visibility": status["visibility"],
            "uri": f"{origin}/users/{username}/statuses/{status['id']}",
            "url": address,
            "content": rendered(status["text"], origin),
            "spoiler_text": "",
            "reblog": None,
            "in_reply_to_id": None,
            "account": self._shown_account(status["account_id"], origin),
            "media_attachments": [self._shown_media(media_id, origin) for media_id in status["media_ids"]],
        }

    def _answering(
        self, handle: Callable[..., Answer], *scopes: str, open_to_all: bool = False
    ) -> Callable[..., Answer]:
        """``scopes`` are those of which a token by sign-in needs one; an account's own token may do everything."""

        def answer(request: Request, **named: str) -> Answer:
            with self._store.lock:
                headers: dict[str, str] = {}
                try:
                    if open_to_all:
                        return handle(request, "", **named)
                    account_id = self._account(request.token, scopes)
                    headers = self._spend(account_id)
                    answered = handle(request, account_id, **named)
                except RefusedError as refused:
                    return as_json({"error": refused.error}, refused.status, headers or refused.headers)
                return Answer(answered.status, answered.body, answered.content_type, {**answered.headers, **headers})

        return answer

    def _account(self, token: str, scopes: Sequence[str]) -> str:
        if (known := self._sign_in.known(token)) is not None and known[0] in self._kept["accounts"]:
            account_id, allowed = known
            if not self._kept["accounts"][account_id]["active"]:
                raise RefusedError(401, "The access token was revoked")
            if not allowed & {name for scope in scopes for name in (scope, scope.partition(":")[0])}:
                raise RefusedError(403, "This action is outside the authorized scopes")
            return account_id
        for account_id, account in self._kept["accounts"].items():
            if token and hmac.compare_digest(account["token"].encode(), token.encode("utf-8", "replace")):
                if not account["active"]:
                    raise RefusedError(401, "The access token was revoked")
                return str(account_id)
        raise RefusedError(401, "The access token is invalid")

    def _spend(self, account_id: str) -> dict[str, str]:
        allowed, window = self._limit.spend(account_id)
        headers = {
            "x-ratelimit-limit": str(self._limit.points),
            "x-ratelimit-remaining": str(self._limit.points - window.used),
            "x-ratelimit-reset": window.resets_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        if not allowed:
            raise RefusedError(429, "Too many requests", headers)
        return headers

    def _instance(self, request: Request, account_id: str) -> Answer:
        limits = {
            "statuses": {
                "max_characters": TEXT_LIMIT,
                "max_media_attachments": MEDIA_LIMIT,
                "characters_reserved_per_url": 23,
            },
            "media_attachments": {
                "supported_mime_types": list(_TYPES),
                "description_limit": DESCRIPTION_LIMIT,
                "image_size_limit": IMAGE_LIMIT_BYTES,
                "image_matrix_limit": 33_177_600,
            },
        }
        return as_json({"domain": "127.0.0.1", "title": "Local", "version": "4.5.0", "configuration": limits})

    def _verify(self, request: Request, account_id: str) -> Answer:
        return as_json(self._shown_account(account_id, request.origin))

    def _upload(self, request: Request, account_id: str) -> Answer:
        parts = multipart(request)
        content = parts.get("file", b"")
        if not content:
            raise RefusedError(422, "Validation failed: File can't be blank")
        mime = image_mime(content)
        if mime not in _TYPES:
            raise RefusedError(422, "Validation failed: File content type is invalid")
        if len(content) > IMAGE_LIMIT_BYTES:
            raise RefusedError(422, "Validation failed: File file size must be less than 16 MB")
        description = parts.get("description", b"").decode("utf-8", "replace")
        if len(description) > DESCRIPTION_LIMIT:
            raise RefusedError(422, "Validation failed: Description is too long (maximum is 1500 characters)")
        media_id = self._next_id()
        self._kept["media"][media_id] = {
            "account_id": account_id,
            "description": description,
            "mime": mime,
            "sha256": self._store.put_image(content),
            "polls": self.behaviour["media_polls"],
            "status_id": "",
        }
        self._store.save()
        return as_json(self._shown_media(media_id, request.origin), 202 if self.behaviour["media_polls"] else 200)

    def _media(self, request: Request, account_id: str, number: str) -> Answer:
        media = self._kept["media"].get(number)
        if media is None or media["account_id"] != account_id:
            raise RefusedError(404, "Record not found")
        media["polls"] = max(0, media["polls"] - 1)
        return as_json(self._shown_media(number, request.origin), 206 if media["polls"] else 200)

    def _post(self, request: Request, account_id: str) -> Answer:
        remembered = f"{account_id}:{request.headers.get('idempotency-key', '')}"
        earlier = self._remembered(remembered)
        if earlier is not None:
            return as_json(self.shown_status(earlier, request.origin))
        fields = request.fields
        text, media_ids = str(fields.get("status") or "").strip(), list(fields.get("media_ids") or [])
        if not text and not media_ids:
            raise RefusedError(422, "Validation failed: Text can't be blank")
        if counted(text) > TEXT_LIMIT:
            raise RefusedError(422, f"Validation failed: Text character limit of {TEXT_LIMIT} exceeded")
        if len(media_ids) > MEDIA_LIMIT:
            raise RefusedError(422, "Cannot attach more than 4 files")
        media = self._kept["media"]
        if any(found not in media or media[found]["account_id"] != account_id for found in media_ids):
            raise RefusedError(422, "Media could not be found or is already attached to another post")
        if any(media[found]["polls"] for found in media_ids):
            raise RefusedError(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        status = {
            "id": self._next_id(),
            "account_id": account_id,
            "text": text,
            "media_ids": media_ids,
            "visibility": fields.get("visibility") or "public",
            "created_at": _shown_time(now()),
        }
        self._kept["statuses"][status["id"]] = status
        for found in media_ids:
            media[found]["status_id"] = status["id"]
        if not remembered.endswith(":"):
            kept = {"status_id": status["id"], "until": (now() + KEY_KEPT).isoformat()}
            self._kept["idempotency"][remembered] = kept
        self._store.save()
        return as_json(self.shown_status(status, request.origin))

    def _remembered(self, key: str) -> dict[str, Any] | None:
        kept = self._kept["idempotency"].get(key)
        if not self.behaviour["honours_idempotency"] or kept is None or datetime.fromisoformat(kept["until"]) <= now():
            return None
        status: dict[str, Any] | None = self._kept["statuses"].get(kept["status_id"])
        return status

    def _status(self, request: Request, account_id: str, number: str) -> Answer:
        return as_json(self.shown_status(self._found(number), request.origin))

    def _source(self, request: Request, account_id: str, number: str) -> Answer:
        status = self._found(number, account_id)
        return as_json({"id": number, "text": status["text"], "spoiler_text": ""})

    def _delete(self, request: Request, account_id: str, number: str) -> Answer:
        status = self._found(number, account_id)
        del self._kept["statuses"][number]
        self._store.save()
        return as_json({**self.shown_status(status, request.origin), "text": status["text"]})

    def _statuses(self, request: Request, account_id: str, number: str) -> Answer:
        if number not in self._kept["accounts"]:
            raise RefusedError(404, "Record not found")
        size = int(request.asked("limit")) if request.asked("limit").isdigit() else 20
        before = int(request.asked("max_id")) if request.asked("max_id").isdigit() else None
        listed = [status for status in self._kept["statuses"].values() if status["account_id"] == number]
        listed = [status for status in listed if before is None or int(status["id"]) < before]
        listed.sort(key=lambda status: int(status["id"]), reverse=True)
        return as_json([self.shown_status(status, request.origin) for status in listed[: max(1, min(40, size))]])

    def _image(self, request: Request, number: str) -> Answer:
        with self._store.lock:
            media = self._kept["media"].get(number)
            if media is None:
                return as_json({"error": "Record not found"}, 404)
            return Answer(
                200, self._store.image(media["sha256"]), media["mime"], headers={"x-content-type-options": "nosniff"}
            )

    def _found(self, number: str, account_id: str = "") -> dict[str, Any]:
        status: dict[str, Any] | None = self._kept["statuses"].get(number)
        if status is None or (account_id and status["account_id"] != account_id):
            raise RefusedError(404, "Record not found")
        return status

    def _shown_account(self, account_id: str, origin: str) -> dict[str, Any]:
        account = self._kept["accounts"][account_id]
        name = account["username"]
        return {
            "id": account_id,
            "username": name,
            "acct": name,
            "display_name": name,
            "url": f"{origin}/@{name}",
            "created_at": account["created_at"],
        }

    def _shown_media(self, media_id: str, origin: str) -> dict[str, Any]:
        media = self._kept["media"][media_id]
        address = f"{origin}/system/media_attachments/{media_id}"
        ready = None if media["polls"] else address
        return {
            "id": media_id,
            "type": "image",
            "url": ready,
            "preview_url": ready,
            "description": media["description"],
        }

    def _next_id(self) -> str:
        """Numbers that grow with time, like Mastodon's: milliseconds and a counter."""
        number = max(int(now().timestamp() * 1000) << 16, self._kept["last_id"] + 1)
        self._kept["last_id"] = number
        return str(number)


def multipart(request: Request) -> dict[str, bytes]:
    """The parts of a multipart form by name; empty where it is none."""
    boundary = re.search(r'boundary="?([^";]+)"?', request.headers.get("content-type", ""))
    if boundary is None:
        return {}
    parts: dict[str, bytes] = {}
    for piece in request.body.split(b"--" + boundary.group(1).encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        if name:
            parts[name.group(1).decode("utf-8", "replace")] = content.removesuffix(b"\r\n")
    return parts


def _shown_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
