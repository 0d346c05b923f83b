"""Facebook's sign-in, which Instagram shares: a person allows the app, and the person's token leads to the tokens of the pages.

A code becomes a short token (1 h), that one a long one (60 days), and a page's token made with a long one does not end. There is one
person here, who manages every page of the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from local.clock import now
from local.networks.meta_graph import PAGING, Call, Gate, RefusedError, Tokens, page_of
from local.networks.sign_in import CLIENT_ID, BadGrantError, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, route

PERSON = "100000000000001"
PERSON_NAME = "Local owner"
CODE_FOR = timedelta(minutes=10)
SHORT_SECONDS = 3_600
LONG_SECONDS = 5_184_000
_PAGE_FIELDS = ("access_token", "category", "name", "id", "tasks")


class PageSignIn:
    """``pages`` gives each page's node by id, without its token."""

    def __init__(
        self, label: str, store: Store, kept: dict[str, Any], tokens: Tokens, pages: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._store, self._tokens, self._pages = store, tokens, pages
        self._sign_in = SignIn(label, kept, CODE_FOR)

    @property
    def app(self) -> dict[str, str]:
        """What a program that signs in here has to show."""
        return {"client_id": CLIENT_ID, "client_secret": self._sign_in.secret}

    def routes(self, gate: Gate) -> list[Route]:
        dialog = "(?:/v[0-9]+[.][0-9]+)?/dialog/oauth"
        return [
            route("GET", dialog, self._page),
            route("POST", dialog, self._decided),
            gate.open_route("GET", "/oauth/access_token", self._access_token),
            gate.open_route("GET", "/debug_token", self._debug_token),
            gate.route("GET", "/me/accounts", self._accounts, PAGING),
            gate.route("GET", "/me/permissions", self._permissions),
            gate.route("DELETE", "/me/permissions", self._revoke),
        ]

    def person(self) -> dict[str, Any]:
        return {"id": PERSON, "name": PERSON_NAME}

    def _page(self, request: Request) -> Answer:
        return self._sign_in.page(request, {PERSON: PERSON_NAME}, between=",")

    def _decided(self, request: Request) -> Answer:
        with self._store.lock:
            answer = self._sign_in.decided(request, {PERSON: PERSON_NAME}, between=",")
            self._store.save()
        return answer

    def _access_token(self, request: Request, told: Mapping[str, str]) -> dict[str, Any]:
        if told.get("grant_type") == "fb_exchange_token":
            self._check_app(told)
            short = self._tokens.find(told.get("fb_exchange_token", ""))
            if short.owner != PERSON:
                raise RefusedError("(#100) fb_exchange_token must be a person's token", 100)
            return self._minted("long", LONG_SECONDS, short.scopes)
        try:
            granted = self._sign_in.redeem(told, client_secret=told.get("client_secret", ""))
        except BadGrantError as bad:
            if bad.error == "invalid_client":
                raise RefusedError("Error validating client secret.", 1) from bad
            raise RefusedError(f"This authorization code cannot be used: {bad}", 100, 36009) from bad
        return self._minted("short", SHORT_SECONDS, granted.scopes)

    def _minted(self, kind: str, seconds: int, scopes: tuple[str, ...]) -> dict[str, Any]:
        token = self._tokens.mint(kind, PERSON, seconds, scopes)
        self._store.save()
        return {"access_token": token, "token_type": "bearer", "expires_in": seconds}

    def _check_app(self, told: Mapping[str, str]) -> None:
        right = secrets.compare_digest(told.get("client_secret", "").encode(), self._sign_in.secret.encode())
        if told.get("client_id") != CLIENT_ID or not right:
            raise RefusedError("Error validating client secret.", 1)

    def _debug_token(self, request: Request, told: Mapping[str, str]) -> dict[str, Any]:
        asking = request.token or told.get("access_token", "")
        if asking != f"{CLIENT_ID}|{self._sign_in.secret}":
            self._tokens.find(asking)
        try:
            token = self._tokens.find(told.get("input_token", ""))
        except RefusedError as refused:
            error = {"code": refused.code, "message": str(refused), "subcode": refused.subcode}
            return {"data": {"app_id": CLIENT_ID, "is_valid": False, "error": error, "scopes": []}}
        return {
            "data": {
                "app_id": CLIENT_ID,
                "type": "PAGE" if token.kind == "page" else "USER",
                "is_valid": True,
                "issued_at": int(token.since.timestamp()),
                "expires_at": int(token.until.timestamp()) if token.until else 0,
                "scopes": list(token.scopes),
                "user_id": PERSON,
                **({"profile_id": token.owner} if token.kind == "page" else {}),
            }
        }

    def _accounts(self, call: Call) -> dict[str, Any]:
        """The pages, each with its own token, as long-lived as the person's."""
        if call.token.owner != PERSON:
            raise RefusedError("(#100) Tried accessing nonexisting field (accounts) on node type (Page)", 100)
        with self._store.lock:
            nodes = [
                {**node, "access_token": self._page_token(call, page_id)} for page_id, node in self._pages().items()
            ]
            self._store.save()
        return page_of(call, nodes, "Page", _PAGE_FIELDS)

    def _page_token(self, call: Call, page_id: str) -> str:
        made = self._tokens.made_of(call.token.value, page_id)
        if made:
            return made
        seconds = None
        if call.token.kind == "short" and call.token.until is not None:
            seconds = int((call.token.until - now()).total_seconds())
        return self._tokens.mint("page", page_id, seconds, call.token.scopes, parent=call.token.value)

    def _permissions(self, call: Call) -> dict[str, Any]:
        return {"data": [{"permission": scope, "status": "granted"} for scope in call.token.scopes]}

    def _revoke(self, call: Call) -> dict[str, Any]:
        if call.token.owner != PERSON:
            raise RefusedError("(#100) Only a person's token can do this", 100)
        with self._store.lock:
            self._tokens.drop(PERSON)
            self._store.save()
        return {"success": True}


def page_node(page_id: str, account: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """A page as the API shows it; its token is shown by ``/me/accounts`` only."""
    linked = {"id": account["instagram_id"], "username": account["handle"]} if account.get("instagram_id") else None
    return {
        "id": page_id,
        "name": account["name"],
        "username": account["handle"],
        "category": "Café",
        "link": f"{origin}/{page_id}",
        "tasks": ["ADVERTISE", "CREATE_CONTENT", "MANAGE"],
        "instagram_business_account": linked,
    }
