"""A server shaped like the Threads API: containers for texts too, its sign-in with tokens of an hour and of 60 days.

What is wrong with an image shows in the container, as ERROR with ``error_message``. Behaviour as in ``meta_containers.py``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from local.clock import now
from local.networks import meta_parameters as listed
from local.networks.meta_containers import ContainerServer, Filled, status_of
from local.networks.meta_graph import Call, Gate, RefusedError, only, selected
from local.networks.meta_images import Fetched, NoImageError, UnreachableError, fetch_image
from local.networks.sign_in import CLIENT_ID, BadGrantError, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, route

TEXT_LIMIT = 500
LINK_LIMIT = 5
ALT_LIMIT = 1_000
IMAGE_LIMIT_BYTES = 8_000_000
WIDEST = 10.0
SHORT_SECONDS = 3_600
LONG_SECONDS = 5_184_000
OLD_ENOUGH = timedelta(hours=24)
CODE_FOR = timedelta(hours=1)
_TYPES = ("TEXT", "IMAGE", "CAROUSEL")


class Threads(ContainerServer):
    """A ``local.networks.server.Server``."""

    name = "threads"
    page = "/@(?P<account>[^/]+)/post/(?P<number>[A-Za-z0-9_-]+)"
    usage = "threads"
    kind = "ThreadsMedia"
    making = "threads"
    publishing = "threads_publish"
    quota = "threads_publishing_limit"
    state = "status"
    words = "text"
    per_day = 250
    made_of = listed.THREADS
    most_children = 20

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._sign_in = SignIn("Threads", self._kept, CODE_FOR)

    @property
    def app(self) -> dict[str, str]:
        return {"client_id": CLIENT_ID, "client_secret": self._sign_in.secret}

    def routes(self) -> list[Route]:
        return self._api_routes()

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``token`` is the account's, good for 60 days (or ``expires_in_seconds``); ``app`` is what a sign-in has to show."""
        handle, seconds = told["handle"], int(told.get("expires_in_seconds", LONG_SECONDS))
        with self._store.lock:
            accounts = self._kept["accounts"]
            known = [account_id for account_id, account in accounts.items() if account["handle"] == handle]
            account_id = known[0] if known else self._next_id()
            accounts[account_id] = {"handle": handle, "active": told["active"]}
            self._tokens.drop(account_id)
            token = self._tokens.mint("long", account_id, seconds, value=str(told.get("token") or ""))
            self._store.save()
        credentials = {"access_token": token, "expires_at": (now() + timedelta(seconds=seconds)).isoformat()}
        return {"handle": handle, "account_id": account_id, "credentials": credentials, "app": self.app}

    # signing in

    def _sign_in_routes(self, gate: Gate) -> list[Route]:
        return [
            route("GET", "/oauth/authorize", self._page),
            route("POST", "/oauth/authorize", self._decided),
            gate.open_route("POST", "/oauth/access_token", self._short),
            gate.open_route("GET", "/access_token", self._long),
            gate.open_route("GET", "/refresh_access_token", self._refreshed),
        ]

    def _handles(self) -> dict[str, str]:
        accounts = self._kept["accounts"].items()
        return {account_id: one["handle"] for account_id, one in accounts if one["active"]}

    def _page(self, request: Request) -> Answer:
        with self._store.lock:
            return self._sign_in.page(request, self._handles(), between=",")

    def _decided(self, request: Request) -> Answer:
        with self._store.lock:
            answer = self._sign_in.decided(request, self._handles(), between=",")
            self._store.save()
        return answer

    def _short(self, request: Request, told: Mapping[str, str]) -> dict[str, Any]:
        if told.get("grant_type", "authorization_code") != "authorization_code":
            raise RefusedError("(#100) grant_type must be authorization_code", 100)
        try:
            granted = self._sign_in.redeem(told, client_secret=told.get("client_secret", ""))
        except BadGrantError as bad:
            if bad.error == "invalid_client":
                raise RefusedError("Error validating client secret.", 1) from bad
            raise RefusedError(f"This authorization code cannot be used: {bad}", 100, 36009) from bad
        token = self._tokens.mint("short", granted.account_id, SHORT_SECONDS, granted.scopes)
        self._store.save()
        return {"access_token": token, "user_id": granted.account_id}

    def _long(self, request: Request, told: Mapping[str, str]) -> dict[str, Any]:
        right = secrets.compare_digest(told.get("client_secret", "").encode(), self._sign_in.secret.encode())
        if told.get("grant_type") != "th_exchange_token" or not right:
            raise RefusedError("Error validating client secret.", 1)
        token = self._tokens.find(request.token or told.get("access_token", ""))
        if token.kind != "short":
            raise RefusedError("(#100) Only a short-lived token can be exchanged", 100)
        return self._lasting(token.owner, token.scopes)

    def _refreshed(self, request: Request, told: Mapping[str, str]) -> dict[str, Any]:
        token = self._tokens.find(request.token or told.get("access_token", ""))
        if told.get("grant_type") != "th_refresh_token" or token.kind != "long":
            raise RefusedError("(#100) A long-lived token and grant_type th_refresh_token are needed", 100)
        if not self._is_active(token.owner) or self.behaviour["dead_tokens"]:
            raise RefusedError("Error validating access token: The session has been invalidated", 190, 460, status=401)
        if now() < token.since + OLD_ENOUGH:
            raise RefusedError("(#100) The token must be at least 24 hours old to be refreshed", 100)
        return self._lasting(token.owner, token.scopes)

    def _lasting(self, owner: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        token = self._tokens.mint("long", owner, LONG_SECONDS, scopes)
        self._store.save()
        return {"access_token": token, "token_type": "bearer", "expires_in": LONG_SECONDS}

    # the account and its containers

    def _is_active(self, owner: str) -> bool:
        return bool(self._kept["accounts"].get(owner, {}).get("active"))

    def _may(self, call: Call, account_id: str) -> bool:
        return call.token.owner == account_id

    def _me(self, call: Call) -> dict[str, Any]:
        return selected(self._account_node(call.token.owner), call.fields, "User", ("id",))

    def _account_node(self, account_id: str) -> dict[str, Any]:
        handle = self._kept["accounts"][account_id]["handle"]
        return {"id": account_id, "username": handle, "name": handle}

    def _container_node(self, container_id: str, container: Mapping[str, Any]) -> dict[str, Any]:
        status = status_of(container)
        trouble = container["trouble"] if status == "ERROR" else None
        return {"id": container_id, "status": status, "error_message": trouble}

    def _media_type(self, image_count: int) -> str:
        return {0: "TEXT_POST", 1: "IMAGE"}.get(image_count, "CAROUSEL_ALBUM")

    def _address(self, media: Mapping[str, Any], origin: str) -> str:
        return f"{origin}/@{self._kept['accounts'][media['account_id']]['handle']}/post/{media['shortcode']}"

    def _fill(self, call: Call) -> Filled:
        done = {"alt_text", "children", "image_url", "is_carousel_item", "link_attachment", "media_type", "text"}
        only(call.told, done)
        text, link, media_type = (call.told.get(name, "") for name in ("text", "link_attachment", "media_type"))
        if media_type not in _TYPES:
            raise RefusedError(f"(#100) Param media_type must be one of {{{', '.join(_TYPES)}}}", 100)
        _check_text(text, link)
        allowed = {"TEXT": {"text", "link_attachment"}, "CAROUSEL": {"text", "children"}}.get(
            media_type, done - {"children", "link_attachment"}
        )
        extra = sorted(set(call.told) & done - allowed - {"media_type"})
        if extra:
            raise RefusedError(f"(#100) {', '.join(extra)}: not with media_type {media_type}", 100)
        if media_type == "TEXT":
            if not text.strip():
                raise RefusedError("(#100) Param text must not be empty", 100)
            return Filled(text, link)
        if media_type == "CAROUSEL":
            return Filled(text, children=self._children(call))
        is_child, alt = call.flag("is_carousel_item", False), call.told.get("alt_text", "")
        if len(alt) > ALT_LIMIT:
            raise RefusedError(f"(#100) Param alt_text must be at most {ALT_LIMIT} characters long.", 100)
        if not call.told.get("image_url"):
            raise RefusedError("(#100) Param image_url must not be empty", 100)
        image, trouble = _fetched(call.told["image_url"])
        images = ((image, alt),) if image is not None else ()
        return Filled("" if is_child else text, images=images, is_child=is_child, trouble=trouble)


def _check_text(text: str, link: str) -> None:
    """Characters, and those beyond the first 65,536, where the emoji are, as their bytes."""
    length = sum(len(one.encode("utf-8", "replace")) if ord(one) > 0xFFFF else 1 for one in text)
    if length > TEXT_LIMIT:
        raise RefusedError(f"(#100) Param text must be at most {TEXT_LIMIT} characters long.", 100)
    links = {found.rstrip(".,;:!?)") for found in re.findall(r"https?://\S+", text)} | ({link} - {""})
    if len(links) > LINK_LIMIT:
        raise RefusedError(f"(#100) A post may have at most {LINK_LIMIT} links", 100)


def _fetched(address: str) -> tuple[Fetched | None, str]:
    """The image, or what the container's ``error_message`` says of it."""
    try:
        image = fetch_image(address)
    except UnreachableError:
        return None, "FAILED_DOWNLOADING_IMAGE"
    except NoImageError:
        return None, "FAILED_PROCESSING_IMAGE"
    if image.kind not in ("JPEG", "PNG") or len(image.content) > IMAGE_LIMIT_BYTES:
        return None, "INVALID_IMAGE_FORMAT"
    if max(image.ratio, 1 / image.ratio) > WIDEST:
        return None, "INVALID_ASPECT_RATIO"
    return (image, "") if 320 <= image.width_px <= 1_440 else (None, "INVALID_IMAGE_WIDTH")
