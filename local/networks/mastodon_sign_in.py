"""Signing in at the Mastodon-shaped server: apps that register themselves, the page that asks, tokens and their end.

Paths, fields and errors by docs.joinmastodon.org/methods/apps and /methods/oauth. A code is good for ten minutes (Doorkeeper's default),
a token until it is revoked. Only ``authorization_code`` is granted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.clock import now
from local.networks.sign_in import BadGrantError, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, as_html, as_json, route

CODE_FOR = timedelta(minutes=10)
_ALL = {
    *("read", "write", "follow", "push", "profile"),
    *(f"read:{part}" for part in ("accounts", "blocks", "favourites", "filters", "follows", "lists", "notifications")),
    *("read:search", "read:statuses", "write:accounts", "write:media", "write:statuses", "write:favourites"),
}


class MastodonSignIn:
    """``kept`` is the server's section in the store, with its ``accounts``."""

    def __init__(self, store: Store, kept: dict[str, Any]) -> None:
        self._store, self._kept = store, kept
        kept.setdefault("apps", {})
        kept.setdefault("tokens", {})

    def routes(self) -> list[Route]:
        return [
            route("POST", "/api/v1/apps", self._locked(self._register)),
            route("GET", "/oauth/authorize", self._locked(self._page)),
            route("POST", "/oauth/authorize", self._locked(self._decided)),
            route("POST", "/oauth/token", self._locked(self._token)),
            route("POST", "/oauth/revoke", self._locked(self._revoke)),
        ]

    def known(self, token: str) -> tuple[str, frozenset[str]] | None:
        """Whose token it is and what it may do; None for one that was not given out here, or was revoked."""
        found = self._kept["tokens"].get(_digest(token))
        return (found["account_id"], frozenset(found["scopes"])) if found else None

    def _locked(self, handle: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            with self._store.lock:
                answered = handle(request)
                self._store.save()
                return answered

        return answer

    def _register(self, request: Request) -> Answer:
        told = _told(request)
        name, scopes = told.get("client_name", "").strip(), told.get("scopes", "read").split()
        redirects = told.get("redirect_uris", "").split()
        if not name:
            return as_json({"error": "Validation failed: Application name can't be blank"}, 422)
        if not redirects or not all(urlsplit(one).scheme and not urlsplit(one).fragment for one in redirects):
            return as_json({"error": "Validation failed: Redirect URI must be an absolute URI."}, 422)
        if not set(scopes) <= _ALL:
            return as_json({"error": "Validation failed: Scopes doesn't match configured on the server."}, 422)
        client_id = secrets.token_urlsafe(32)
        self._kept["apps"][client_id] = {"name": name, "redirects": redirects, "scopes": scopes, "sign_in": {}}
        return as_json(
            {
                "id": str(len(self._kept["apps"])),
                "name": name,
                "website": told.get("website") or None,
                "scopes": scopes,
                "redirect_uri": "\n".join(redirects),
                "redirect_uris": redirects,
                "client_id": client_id,
                "client_secret": self._sign_in(client_id).secret,
                "client_secret_expires_at": 0,
            }
        )

    def _page(self, request: Request) -> Answer:
        asked = {name: values[-1] for name, values in request.query.items()}
        return self._refused(asked) or self._sign_in(asked["client_id"]).page(request, self._people())

    def _decided(self, request: Request) -> Answer:
        asked = _told(request)
        return self._refused(asked) or self._sign_in(asked["client_id"]).decided(request, self._people())

    def _refused(self, asked: Mapping[str, str]) -> Answer | None:
        """A page that says why, for what must not lead back to the app; None where it may go on."""
        app = self._kept["apps"].get(asked.get("client_id", ""))
        if app is None:
            words = "Client authentication failed due to unknown client."
        elif asked.get("redirect_uri") not in app["redirects"]:
            words = "The requested redirect uri is malformed or doesn't match client redirect URI."
        elif not set(asked.get("scope", "read").split()) <= set(app["scopes"]):
            words = "The requested scope is invalid, unknown, or malformed."
        else:
            return None
        return as_html(f'<!doctype html><html lang="en"><title>Mastodon</title><p>{escape(words)}</p></html>', 400)

    def _token(self, request: Request) -> Answer:
        told = _told(request)
        if told.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type", "The authorization grant type is not supported.")
        client_id = told.get("client_id", "")
        if client_id not in self._kept["apps"]:
            return _error("invalid_client", "Client authentication failed due to unknown client.", 401)
        try:
            granted = self._sign_in(client_id).redeem(told, client_secret=told.get("client_secret", ""))
        except BadGrantError as bad:
            return _error(bad.error, str(bad), 401 if bad.error == "invalid_client" else 400)
        token = secrets.token_urlsafe(32)
        scopes = list(granted.scopes) or ["read"]
        kept = {"account_id": granted.account_id, "client_id": client_id, "scopes": scopes}
        self._kept["tokens"][_digest(token)] = kept
        scope = " ".join(scopes)
        told_back = {
            "access_token": token,
            "token_type": "Bearer",
            "scope": scope,
            "created_at": int(now().timestamp()),
        }
        return as_json(told_back, headers={"cache-control": "no-store"})

    def _revoke(self, request: Request) -> Answer:
        """A token that is not known is revoked already (RFC 7009)."""
        told = _told(request)
        client_id, digest = told.get("client_id", ""), _digest(told.get("token", ""))
        own = self._sign_in(client_id).secret if client_id in self._kept["apps"] else ""
        found = self._kept["tokens"].get(digest)
        shown = told.get("client_secret", "")
        is_app = bool(own) and hmac.compare_digest(own.encode(), shown.encode("utf-8", "replace"))
        if not is_app or (found is not None and found["client_id"] != client_id):
            return _error("unauthorized_client", "You are not authorized to revoke this token", 403)
        self._kept["tokens"].pop(digest, None)
        return as_json({})

    def _sign_in(self, client_id: str) -> SignIn:
        app = self._kept["apps"][client_id]
        return SignIn("Mastodon", app["sign_in"], CODE_FOR, client_id=client_id, app=app["name"])

    def _people(self) -> dict[str, str]:
        return {
            account_id: f"@{account['username']}"
            for account_id, account in self._kept["accounts"].items()
            if account["active"]
        }


def _told(request: Request) -> dict[str, str]:
    """A form's or a JSON object's fields; a list, as ``redirect_uris`` may be, with spaces between."""
    if "json" in request.headers.get("content-type", ""):
        return {
            name: " ".join(map(str, value)) if isinstance(value, list) else str(value)
            for name, value in request.fields.items()
        }
    return {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _error(error: str, description: str, status: int = 400) -> Answer:
    return as_json({"error": error, "error_description": description}, status, {"cache-control": "no-store"})


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
