"""Members, organizations and tokens of the LinkedIn-shaped server, and its side of signing in.

An access token is good for 60 days and a refresh token for 365, which a refresh does not prolong; refresh tokens are for partners only
(``behaviour["partner"]``). Tokens run out by the stack's clock.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from local.clock import now
from local.networks.linkedin_errors import RefusedError, no_access
from local.networks.server import BadAccountError
from local.networks.sign_in import CLIENT_ID, BadGrantError, SignIn
from local.networks.store import Store
from local.networks.web import Answer, Request, as_json

ACCESS_FOR = timedelta(days=60)
REFRESH_FOR = timedelta(days=365)
CODE_FOR = timedelta(minutes=30)
SCOPES = (
    "openid",
    "profile",
    "email",
    "w_member_social",
    "r_member_social",
    "w_organization_social",
    "r_organization_social",
    "rw_organization_admin",
)
ADMINISTRATOR = "ADMINISTRATOR"
PERSON, ORGANIZATION = "urn:li:person:", "urn:li:organization:"


class Access:
    """``kept`` is the server's section in the store, ``behaviour`` the server's own."""

    def __init__(self, store: Store, kept: dict[str, Any], behaviour: Mapping[str, Any]) -> None:
        self._store, self._behaviour = store, behaviour
        self.accounts: dict[str, Any] = kept["accounts"]
        self._tokens: dict[str, Any] = kept["tokens"]
        self._refreshing: dict[str, Any] = kept["refreshing"]
        self._roles: dict[str, Any] = kept["roles"]
        self._sign_in = SignIn("LinkedIn", kept["sign_in"], CODE_FOR)

    # accounts

    @property
    def app(self) -> dict[str, str]:
        return {"client_id": CLIENT_ID, "client_secret": self._sign_in.secret}

    def add(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``kind`` is member or organization; an organization's token is that of ``member``, its administrator."""
        handle = str(told["handle"])
        author = self._made(handle, str(told.get("kind") or ""))
        member = author
        if author.startswith(ORGANIZATION):
            known = next(iter(self._roles.get(author, {})), "")
            named = str(told.get("member") or "")
            member = self._made(named, "member") if named else known or self._made(f"{handle}-admin", "member")
            self._roles.setdefault(author, {})[member] = str(told.get("role") or ADMINISTRATOR)
        scopes = told.get("scopes")
        told_scopes = scopes.split() if isinstance(scopes, str) else list(scopes or SCOPES)
        token = str(told.get("token") or "") or _new_token()
        self._tokens[token] = self._token(member, told_scopes, active=bool(told["active"]))
        credentials = {"access_token": token, "expires_at": self._tokens[token]["until"]}
        if self._behaviour["partner"]:
            credentials["refresh_token"] = self._new_refresh(member, told_scopes)
            credentials |= {"client_id": CLIENT_ID, "client_secret": self._sign_in.secret}
        return {"handle": handle, "account_id": author, "credentials": credentials}

    def _made(self, handle: str, kind: str) -> str:
        known = next((urn for urn, account in self.accounts.items() if account["handle"] == handle), "")
        if kind not in ("", "member", "organization"):
            raise BadAccountError("kind must be member or organization")
        if known and kind and self.accounts[known]["kind"] != kind:
            raise BadAccountError(f"{handle} is a {self.accounts[known]['kind']} already")
        if known:
            return known
        kind = kind or "member"
        own_id = re.sub("[-_]", "x", secrets.token_urlsafe(8))[:10]
        urn = PERSON + own_id if kind == "member" else f"{ORGANIZATION}{secrets.randbelow(90_000_000) + 10_000_000}"
        self.accounts[urn] = {"handle": handle, "kind": kind}
        return urn

    # who asks

    def asking(self, request: Request) -> tuple[str, frozenset[str]]:
        """The member whose token it is, and what it may do. RefusedError 401."""
        token = self._tokens.get(request.token) if request.token else None
        if token is None:
            raise RefusedError(401, "INVALID_ACCESS_TOKEN", "Invalid access token", serviceErrorCode=65600)
        if not token["active"] or self._behaviour["dead_tokens"]:
            message = "The token used in the request has been revoked by the user"
            raise RefusedError(401, "REVOKED_ACCESS_TOKEN", message, serviceErrorCode=65601)
        if datetime.fromisoformat(token["until"]) <= now():
            message = "The token used in the request has expired"
            raise RefusedError(401, "EXPIRED_ACCESS_TOKEN", message, serviceErrorCode=65602)
        return token["member"], frozenset(token["scopes"])

    def check_author(self, member: str, scopes: frozenset[str], author: str, *, reads: bool, what: str) -> None:
        """RefusedError 403 where this member's token may not read or write for that author."""
        kind = "organization" if author.startswith(ORGANIZATION) else "member"
        may = author == member if kind == "member" else member in self._roles.get(author, {})
        if not may or f"{'r' if reads else 'w'}_{kind}_social" not in scopes:
            raise no_access(what)

    # signing in

    def page(self, request: Request) -> Answer:
        answer = self._sign_in.page(request, self._members())
        unknown = [scope for scope in request.asked("scope").split() if scope not in SCOPES]
        if answer.status != 200 or (request.asked("scope") and not unknown):
            return answer
        refusal = {
            "error": "unauthorized_scope_error",
            "error_description": f'Scope "{" ".join(unknown)}" is not authorized for your application',
            "state": request.asked("state"),
        }
        joined = "&" if urlsplit(request.asked("redirect_uri")).query else "?"
        return Answer(302, b"", headers={"location": f"{request.asked('redirect_uri')}{joined}{urlencode(refusal)}"})

    def decided(self, request: Request) -> Answer:
        answer = self._sign_in.decided(request, self._members())
        self._store.save()
        return answer

    def token(self, request: Request) -> Answer:
        """``POST /oauth/v2/accessToken`` for a code or a refresh token."""
        try:
            answer = self._granted(_form(request))
        except BadGrantError as bad:
            status = 401 if bad.error == "invalid_client" else 400
            return as_json({"error": bad.error, "error_description": str(bad)}, status)
        self._store.save()
        return as_json(answer)

    def revoke(self, request: Request) -> Answer:
        """``POST /oauth/v2/revoke``: the app's own tokens only."""
        form = _form(request)
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != self._sign_in.secret:
            return as_json({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        known = self._tokens.get(form.get("token", ""))
        if known is None:
            return as_json({"error": "invalid_request", "error_description": "The token is invalid"}, 400)
        known["active"] = False
        self._store.save()
        return Answer(200, b"")

    def userinfo(self, request: Request) -> Answer:
        member, scopes = self.asking(request)
        if "openid" not in scopes:
            raise no_access("userinfo.GET.NO_VERSION")
        handle = self.accounts[member]["handle"]
        told = {"sub": member.removeprefix(PERSON), "name": handle, "given_name": handle, "family_name": ""}
        return as_json({**told, "locale": {"country": "US", "language": "en"}})

    def organization_acls(self, request: Request, member: str, scopes: frozenset[str]) -> Answer:
        """``q=roleAssignee``: the organizations that this member has a part in."""
        if "rw_organization_admin" not in scopes:
            raise no_access("organizationAcls.FINDER-roleAssignee.20260501")
        if request.asked("q") != "roleAssignee" or set(request.query) - {"q", "role", "state", "count", "start"}:
            raise RefusedError(400, "ILLEGAL_ARGUMENT", "No query parameters besides role, state, count and start")
        listed = [
            {"organization": urn, "role": roles[member], "roleAssignee": member, "state": "APPROVED"}
            for urn, roles in self._roles.items()
            if member in roles
        ]
        if request.asked("state", "APPROVED") != "APPROVED":
            listed = []
        listed = [one for one in listed if request.asked("role") in ("", one["role"])]
        return as_json({"paging": {"start": 0, "count": len(listed), "links": []}, "elements": listed})

    def _members(self) -> dict[str, str]:
        return {urn: account["handle"] for urn, account in self.accounts.items() if account["kind"] == "member"}

    def _granted(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form.get("grant_type") == "authorization_code":
            granted = self._sign_in.redeem(form, client_secret=form.get("client_secret", ""))
            return self._minted(granted.account_id, list(granted.scopes), "")
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form)
        raise BadGrantError("unsupported_grant_type", "The passed in grant_type is invalid")

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != self._sign_in.secret:
            raise BadGrantError("invalid_client", "Client authentication failed")
        kept = self._refreshing.get(form.get("refresh_token", ""))
        if kept is None or datetime.fromisoformat(kept["until"]) <= now():
            raise BadGrantError("invalid_request", "The provided authorization grant or refresh token is invalid")
        return self._minted(kept["member"], kept["scopes"], form["refresh_token"])

    def _minted(self, member: str, scopes: list[str], refresh: str) -> dict[str, Any]:
        token = _new_token()
        self._tokens[token] = self._token(member, scopes, active=True)
        answer = {"access_token": token, "expires_in": int(ACCESS_FOR.total_seconds()), "token_type": "Bearer"}
        if self._behaviour["partner"]:
            refresh = refresh or self._new_refresh(member, scopes)
            left = datetime.fromisoformat(self._refreshing[refresh]["until"]) - now()
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": int(left.total_seconds())}
        return {**answer, "scope": ",".join(scopes)}

    def _new_refresh(self, member: str, scopes: list[str]) -> str:
        token = _new_token()
        self._refreshing[token] = {"member": member, "scopes": scopes, "until": (now() + REFRESH_FOR).isoformat()}
        return token

    def _token(self, member: str, scopes: list[str], *, active: bool) -> dict[str, Any]:
        return {"member": member, "scopes": scopes, "until": (now() + ACCESS_FOR).isoformat(), "active": active}


def _form(request: Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _new_token() -> str:
    return "AQ" + secrets.token_urlsafe(48)
