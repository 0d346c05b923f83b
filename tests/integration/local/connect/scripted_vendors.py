"""Vendors whose sign-in is the local servers' own (state, PKCE, single codes that run out) and whose API is just what a sign-in needs.

Fields and paths as docs/connect.md names them; every secret that one gives out stands in ``given``.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from local.networks.faults import Faults
from local.networks.sign_in import BadGrantError, SignIn
from local.networks.web import Answer, Origin, Request, Route, as_json, route

PAGES = (
    {"id": "701", "name": "Café Möwe", "instagram_business_account": {"id": "17841", "username": "cafe.moewe"}},
    {"id": "702", "name": "Backstube"},
    {"id": "703", "name": "Chor", "instagram_business_account": {"id": "17843", "username": "chor"}},
)


class Vendor:
    """``between`` stands between scopes on its page; ``accounts`` are whom the page lets choose."""

    label = ""
    between = " "
    code_for = timedelta(minutes=5)
    needs_pkce = False
    accounts: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.sign_in = SignIn(self.label, {}, self.code_for, needs_pkce=self.needs_pkce)
        self.given: list[str] = [self.sign_in.secret]
        self.live: dict[str, str] = {}
        self.scopes_given: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda scopes: scopes
        self.faults = Faults()
        self.server = Origin(0, [*self.doors(), *self.routes()], self.missing, self.faults)
        self.server.start()

    def stop(self) -> None:
        self.faults.stop()
        self.server.stop()

    @property
    def origin(self) -> str:
        return self.server.origin

    def order(self, match: str, do: str, **fault: Any) -> None:
        self.faults.order({"match": match, "do": do, **fault})

    def missing(self, request: Request) -> Answer:
        return as_json({"error": {"message": f"Unknown path {request.path}", "code": 2500}}, 404)

    def token(self, account_id: str) -> str:
        made = f"{self.label}-{secrets.token_urlsafe(16)}"
        self.given.append(made)
        self.live[made] = account_id
        return made

    def whose(self, token: str) -> str | None:
        return self.live.get(token)

    def page(self, path: str) -> list[Route]:
        return [
            route("GET", path, lambda request: self.sign_in.page(request, self.accounts, between=self.between)),
            route("POST", path, self._decided),
        ]

    def _decided(self, request: Request) -> Answer:
        answer = self.sign_in.decided(request, self.accounts, between=self.between)
        query = dict(parse_qsl(answer.headers.get("location", "").partition("?")[2]))
        if "code" in query:
            self.given.append(query["code"])
        return answer

    def doors(self) -> list[Route]:
        raise NotImplementedError

    def routes(self) -> list[Route]:
        raise NotImplementedError


def form(request: Request) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(request.body.decode()))


def oauth_error(bad: BadGrantError) -> Answer:
    return as_json({"error": bad.error, "error_description": str(bad)}, 401 if bad.error == "invalid_client" else 400)


class X(Vendor):
    label = "X"
    accounts: ClassVar = {"55": "@cafe", "56": "@other"}
    code_for = timedelta(seconds=30)
    needs_pkce = True

    def doors(self) -> list[Route]:
        return self.page("/i/oauth2/authorize")

    def routes(self) -> list[Route]:
        return [
            route("POST", "/2/oauth2/token", self._token),
            route("POST", "/2/oauth2/revoke", self._revoke),
            route("GET", "/2/users/me", self._me),
        ]

    def _told(self, request: Request) -> tuple[dict[str, str], str | None]:
        """A confidential app's secret comes by Basic, and its id then nowhere else; None for a public one."""
        told, basic = form(request), request.headers.get("authorization", "")
        if not basic:
            return told, None
        client_id, _, secret = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
        return {**told, "client_id": client_id}, secret

    def _token(self, request: Request) -> Answer:
        told, secret = self._told(request)
        try:
            granted = self.sign_in.redeem(told, client_secret=secret)
        except BadGrantError as bad:
            return oauth_error(bad)
        scope = " ".join(self.scopes_given(granted.scopes))
        tokens = {"access_token": self.token(granted.account_id), "refresh_token": self.token(granted.account_id)}
        return as_json({"token_type": "bearer", "expires_in": 7200, "scope": scope, **tokens})

    def _me(self, request: Request) -> Answer:
        account_id = self.whose(request.token)
        if account_id is None:
            return as_json({"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, 401)
        return as_json({"data": {"id": account_id, "name": "Café", "username": self.accounts[account_id][1:]}})

    def _revoke(self, request: Request) -> Answer:
        told, secret = self._told(request)
        if told["client_id"] != "local" or secret not in (None, self.sign_in.secret):
            return oauth_error(BadGrantError("invalid_client", "no such app"))
        self.live.pop(told["token"], None)
        return as_json({"revoked": True})


class Meta(Vendor):
    """Facebook and Instagram: the user signs in, the pages have tokens."""

    label = "Meta"
    between = ","
    accounts: ClassVar = {"9": "Möwe Schmidt"}
    pages: tuple[dict[str, Any], ...] = PAGES

    def doors(self) -> list[Route]:
        return self.page("/dialog/oauth")

    def routes(self) -> list[Route]:
        self.granted: tuple[str, ...] = ()
        self.page_ends_at = 0
        return [
            route("GET", "/oauth/access_token", self._token),
            route("GET", "/me/accounts", self._pages),
            route("GET", "/debug_token", self._debug),
            route("DELETE", "/me/permissions", self._forget),
        ]

    def _token(self, request: Request) -> Answer:
        asked = {name: request.asked(name) for name in request.query}
        if asked.get("grant_type") == "fb_exchange_token":
            if self.whose(asked["fb_exchange_token"]) != "9" or asked["client_secret"] != self.sign_in.secret:
                return graph_error("Error validating access token", 190)
            return as_json({"access_token": self.token("9-long"), "token_type": "bearer", "expires_in": 5_184_000})
        try:
            granted = self.sign_in.redeem(asked, client_secret=asked.get("client_secret", ""))
        except BadGrantError as bad:
            return graph_error(str(bad), 100)
        self.granted = self.scopes_given(granted.scopes)
        return as_json({"access_token": self.token(granted.account_id), "token_type": "bearer", "expires_in": 3600})

    def _pages(self, request: Request) -> Answer:
        """One page a list, so that the lists have to be followed."""
        if self.whose(request.token) != "9-long":
            return graph_error("Error validating access token", 190)
        at = int(request.asked("after", "0"))
        wanted = [name.partition("{")[0] for name in request.asked("fields").split(",")]
        listed = [
            {name: page[name] for name in page if name in wanted} | {"access_token": self.token(page["id"])}
            for page in self.pages[at : at + 1]
        ]
        more = at + 1 < len(self.pages)
        paging = {
            "cursors": {"before": str(at), "after": str(at + 1)},
            **({"next": "https://elsewhere"} if more else {}),
        }
        return as_json({"data": listed, "paging": paging})

    def _debug(self, request: Request) -> Answer:
        if request.asked("access_token") != f"local|{self.sign_in.secret}":
            return graph_error("Invalid OAuth access token", 190)
        of = self.whose(request.asked("input_token"))
        told = {"is_valid": of is not None, "expires_at": self.page_ends_at, "scopes": list(self.granted)}
        return as_json({"data": told})

    def _forget(self, request: Request) -> Answer:
        if self.whose(request.token) != "9":
            return graph_error("(#100) Only a person's token can do this", 100)
        self.live.clear()
        return as_json({"success": True})


def graph_error(message: str, code: int) -> Answer:
    return as_json({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}, 400)


class Threads(Vendor):
    label = "Threads"
    between = ","
    accounts: ClassVar = {"880": "@cafe"}

    def doors(self) -> list[Route]:
        return self.page("/oauth/authorize")

    def routes(self) -> list[Route]:
        return [
            route("POST", "/oauth/access_token", self._short),
            route("GET", "/access_token", self._long),
            route("GET", "/me", self._me),
        ]

    def _short(self, request: Request) -> Answer:
        told = form(request)
        try:
            granted = self.sign_in.redeem(told, client_secret=told["client_secret"])
        except BadGrantError as bad:
            return as_json({"error_type": "OAuthException", "code": 400, "error_message": str(bad)}, 400)
        return as_json({"access_token": self.token(f"{granted.account_id}-short"), "user_id": int(granted.account_id)})

    def _long(self, request: Request) -> Answer:
        right = request.asked("client_secret") == self.sign_in.secret
        of = self.whose(request.asked("access_token"))
        if request.asked("grant_type") != "th_exchange_token" or not right or of != "880-short":
            return graph_error("Error validating access token", 190)
        return as_json({"access_token": self.token("880"), "token_type": "bearer", "expires_in": 5_184_000})

    def _me(self, request: Request) -> Answer:
        if self.whose(request.token) != "880":
            return graph_error("Error validating access token", 190)
        return as_json({"id": "880", "username": "cafe"})


class LinkedIn(Vendor):
    label = "LinkedIn"
    accounts: ClassVar = {"aBc-1": "Möwe Schmidt"}
    refreshes = False

    def doors(self) -> list[Route]:
        return self.page("/oauth/v2/authorization")

    def routes(self) -> list[Route]:
        return [
            route("POST", "/oauth/v2/accessToken", self._token),
            route("POST", "/oauth/v2/revoke", self._revoke),
            route("GET", "/v2/userinfo", self._userinfo),
            route("GET", "/rest/organizationAcls", self._organisations),
        ]

    def _token(self, request: Request) -> Answer:
        told = form(request)
        try:
            granted = self.sign_in.redeem(told, client_secret=told["client_secret"])
        except BadGrantError as bad:
            return oauth_error(bad)
        made = {"access_token": self.token(granted.account_id), "expires_in": 5_184_000}
        if self.refreshes:
            made |= {"refresh_token": self.token(granted.account_id), "refresh_token_expires_in": 31_536_000}
        return as_json({**made, "scope": ",".join(self.scopes_given(granted.scopes))})

    def _userinfo(self, request: Request) -> Answer:
        if self.whose(request.token) is None:
            return as_json({"serviceErrorCode": 65600, "message": "Invalid access token", "status": 401}, 401)
        return as_json({"sub": "aBc-1", "name": "Möwe Schmidt"})

    def _organisations(self, request: Request) -> Answer:
        if not request.headers.get("linkedin-version", "").isdigit() or request.asked("q") != "roleAssignee":
            return as_json({"message": "A version must be present", "code": "VERSION_MISSING", "status": 400}, 400)
        shown = {"role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": "urn:li:person:aBc-1"}
        urns = ("urn:li:organization:31", "urn:li:organization:32")
        return as_json({"elements": [{**shown, "organization": urn} for urn in urns]})

    def _revoke(self, request: Request) -> Answer:
        told = form(request)
        if told["client_secret"] != self.sign_in.secret:
            return oauth_error(BadGrantError("invalid_client", "no such app"))
        self.live.pop(told["token"], None)
        return Answer(200, b"")


VENDORS: dict[str, type[Vendor]] = {
    "x": X,
    "facebook": Meta,
    "instagram": Meta,
    "threads": Threads,
    "linkedin": LinkedIn,
}
