"""Bluesky-shaped sessions: JWTs that run out by the stack's clock, and refresh tokens that rotate.

Access 7,200 s, refresh 90 days; an old refresh token works for two more hours and yields the same next one (measured on
a real PDS).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from local.clock import now
from local.networks.store import Store
from local.networks.web import Answer, Request, as_json

ACCESS_SECONDS = 7_200
REFRESH_SECONDS = 90 * 86_400
GRACE_SECONDS = 2 * 3_600
ACCESS_SCOPE = "com.atproto.appPass"
REFRESH_SCOPE = "com.atproto.refresh"


class RefusedError(Exception):
    """A request that gets an XRPC error."""

    def __init__(self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.answer: Answer = as_json({"error": error, "message": message}, status, headers)


def account_of(store: Store, request: Request, scope: str = ACCESS_SCOPE) -> tuple[str, dict[str, Any]]:
    """The DID and the token's claims. RefusedError as a PDS words it."""
    if not request.headers.get("authorization"):
        raise RefusedError(401, "AuthMissing", "Authentication Required")
    claims = _claims(store, request.token)
    account = store.section("bluesky")["accounts"].get(claims.get("sub")) if claims else None
    if not claims or claims.get("scope") != scope or account is None:
        raise RefusedError(400, "InvalidToken", "Token could not be verified")
    if claims["exp"] <= now().timestamp():
        raise RefusedError(400, "ExpiredToken", "Token has expired")
    if not account["active"]:
        raise RefusedError(401, "AccountDeactivated", "Account is deactivated")
    return claims["sub"], claims


def create(store: Store, request: Request) -> dict[str, Any]:
    """A session for handle or DID and password."""
    identifier = str(request.fields.get("identifier", "")).removeprefix("@").lower()
    for did, account in store.section("bluesky")["accounts"].items():
        if identifier in (did, account["handle"]) and hmac.compare_digest(
            account["password"].encode(), str(request.fields.get("password", "")).encode("utf-8", "replace")
        ):
            return _session(store, did, secrets.token_hex(16), request.origin)
    raise RefusedError(401, "AuthenticationRequired", "Invalid identifier or password")


def refresh(store: Store, request: Request) -> dict[str, Any]:
    """The next session; the refresh token used keeps yielding that same next one for two hours."""
    did, claims = account_of(store, request, REFRESH_SCOPE)
    moment = now().timestamp()
    used = store.section("bluesky")["refreshes"].setdefault(
        claims["jti"], {"next": secrets.token_hex(16), "until": moment + GRACE_SECONDS}
    )
    if used["until"] < moment:
        raise RefusedError(400, "ExpiredToken", "Token has been revoked")
    return _session(store, did, used["next"], request.origin)


def delete(store: Store, request: Request) -> None:
    """The refresh token's session ends; an access token made of it stays good until it runs out, as on a real PDS."""
    _, claims = account_of(store, request, REFRESH_SCOPE)
    store.section("bluesky")["refreshes"][claims["jti"]] = {"next": "", "until": 0}


def described(store: Store, did: str) -> dict[str, Any]:
    account = store.section("bluesky")["accounts"][did]
    return {"did": did, "handle": account["handle"], "active": account["active"], "emailConfirmed": True}


def _session(store: Store, did: str, refresh_id: str, origin: str) -> dict[str, Any]:
    moment = int(now().timestamp())
    access = {"scope": ACCESS_SCOPE, "sub": did, "iat": moment, "exp": moment + ACCESS_SECONDS}
    refreshing = {
        "scope": REFRESH_SCOPE,
        "sub": did,
        "jti": refresh_id,
        "iat": moment,
        "exp": moment + REFRESH_SECONDS,
    }
    return {
        **described(store, did),
        "didDoc": _document(did, origin),
        "accessJwt": _signed(store, "at+jwt", access),
        "refreshJwt": _signed(store, "refresh+jwt", refreshing),
    }


def _document(did: str, origin: str) -> dict[str, Any]:
    """The part of a DID document that says on which server the account lives."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": origin}
    return {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "service": [service]}


def _signed(store: Store, kind: str, claims: dict[str, Any]) -> str:
    head = ".".join(_packed(json.dumps(part).encode()) for part in ({"typ": kind, "alg": "HS256"}, claims))
    return f"{head}.{_signature(store, head)}"


def _claims(store: Store, token: str) -> dict[str, Any] | None:
    head, _, signature = token.rpartition(".")
    if not head or not hmac.compare_digest(_signature(store, head).encode(), signature.encode("utf-8", "replace")):
        return None
    packed = head.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return claims


def _signature(store: Store, head: str) -> str:
    return _packed(hmac.digest(store.signing_key.encode(), head.encode("utf-8", "replace"), hashlib.sha256))


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
