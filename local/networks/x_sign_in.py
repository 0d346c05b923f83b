"""The X-shaped server's sign-in: the page that asks, the token endpoint, and taking a token back.

A confidential app shows its id and secret in a Basic header; a public one, which has no secret, its id in the form.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from local.networks.sign_in import CLIENT_ID, BadGrantError, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, as_html, as_json, route
from local.networks.x_problems import oauth
from local.networks.x_tokens import Tokens

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
_INVALID = "Value passed for the token was invalid."


class Doors:
    """The routes that need no token. ``behaviour`` is the server's own."""

    def __init__(
        self, store: Store, sign_in: SignIn, tokens: Tokens, accounts: Mapping[str, Any], behaviour: Mapping[str, Any]
    ) -> None:
        self._store, self._sign_in, self._tokens = store, sign_in, tokens
        self._accounts, self._behaviour = accounts, behaviour

    def routes(self) -> list[Route]:
        return [
            route("GET", "/i/oauth2/authorize", self._page),
            route("POST", "/i/oauth2/authorize", self._decided),
            route("POST", "/2/oauth2/token", self._for_the_app(self._token)),
            route("POST", "/2/oauth2/revoke", self._for_the_app(self._revoke)),
        ]

    def _page(self, request: Request) -> Answer:
        unknown = set(request.asked("scope").split()) - set(SCOPES)
        if unknown or not request.asked("scope"):
            return as_html("<!doctype html><title>X</title><p>The app asks for scopes that there are not.", 400)
        with self._store.lock:
            return self._sign_in.page(request, self._handles())

    def _decided(self, request: Request) -> Answer:
        with self._store.lock:
            answer = self._sign_in.decided(request, self._handles())
            self._store.save()
            return answer

    def _handles(self) -> dict[str, str]:
        return {account_id: account["username"] for account_id, account in self._accounts.items() if account["active"]}

    def _for_the_app(self, handle: Callable[[dict[str, str]], Answer]) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            told = parse_qs(request.body.decode("utf-8", "replace"))
            form = {name: values[-1] for name, values in told.items()}
            if not self._is_the_app(request, form):
                return oauth(401, "unauthorized_client", "The app did not say who it is, or not truly.")
            with self._store.lock:
                answered = handle(form)
                self._store.save()
                return answered

        return answer

    def _is_the_app(self, request: Request, form: Mapping[str, str]) -> bool:
        if not self._behaviour["confidential"]:
            return form.get("client_id") == CLIENT_ID
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        try:
            shown = base64.b64decode(packed, validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{CLIENT_ID}:{self._sign_in.secret}".encode()
        return scheme.lower() == "basic" and hmac.compare_digest(shown, wanted)

    def _token(self, form: dict[str, str]) -> Answer:
        match form.get("grant_type"):
            case "refresh_token":
                pair = self._tokens.renew(form.get("refresh_token", ""), self._handles())
                return as_json(pair) if pair is not None else oauth(400, "invalid_request", _INVALID)
            case "authorization_code":
                try:
                    granted = self._sign_in.redeem(form)
                except BadGrantError as bad:
                    return oauth(400, "invalid_request", str(bad))
                return as_json(self._tokens.issue(granted.account_id, granted.scopes))
            case _:
                return oauth(400, "unsupported_grant_type", "This server knows authorization_code and refresh_token.")

    def _revoke(self, form: dict[str, str]) -> Answer:
        self._tokens.revoke(form.get("token", ""))
        return as_json({"revoked": True})
