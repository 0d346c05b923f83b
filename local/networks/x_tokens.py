"""X-shaped tokens: an access token of two hours, and a refresh token that is good once and renews both.

Kept by their digests. All of one sign-in hang together: a new pair ends the access token before it, and taking back a refresh token
ends the whole sign-in. (X's documentation gives the two hours and the shapes; the rest is the stricter of what it leaves open.)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from local.clock import now

ACCESS_FOR = timedelta(hours=2)


class Tokens:
    """``kept`` is a part of the server's section in the store."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self._access: dict[str, Any] = kept.setdefault("access", {})
        self._refresh: dict[str, Any] = kept.setdefault("refresh", {})

    def issue(self, account_id: str, scopes: Sequence[str], *, sign_in: str = "", access: str = "") -> dict[str, Any]:
        """The token endpoint's answer. A refresh token only where ``offline.access`` was allowed; ``access`` is a wanted token."""
        sign_in, access = sign_in or secrets.token_hex(8), access or secrets.token_urlsafe(48)
        self._end_access(sign_in)
        grant = {"account": account_id, "scopes": list(scopes), "sign_in": sign_in}
        self._access[_digest(access)] = {**grant, "until": (now() + ACCESS_FOR).isoformat()}
        answer: dict[str, Any] = {
            "token_type": "bearer",
            "expires_in": int(ACCESS_FOR.total_seconds()),
            "access_token": access,
            "scope": " ".join(scopes),
        }
        if "offline.access" in scopes:
            answer["refresh_token"] = secrets.token_urlsafe(48)
            self._refresh[_digest(answer["refresh_token"])] = grant
        return answer

    def holder(self, access: str) -> dict[str, Any] | None:
        """``{account, scopes, …}`` of an access token that is good now."""
        found: dict[str, Any] | None = self._access.get(_digest(access))
        return found if found is not None and datetime.fromisoformat(found["until"]) > now() else None

    def renew(self, refresh: str, accounts: Collection[str]) -> dict[str, Any] | None:
        """The next pair, once, for one of these accounts; None for a token that is unknown or used."""
        grant = self._refresh.get(_digest(refresh))
        if grant is None or grant["account"] not in accounts:
            return None
        del self._refresh[_digest(refresh)]
        return self.issue(grant["account"], grant["scopes"], sign_in=grant["sign_in"])

    def revoke(self, token: str) -> None:
        """As if it had never been, whichever kind it is; what is unknown already is."""
        self._access.pop(_digest(token), None)
        grant = self._refresh.pop(_digest(token), None)
        if grant is not None:
            self._end_access(grant["sign_in"])

    def end_all_access(self) -> None:
        """No access token is good any more; refresh tokens still are."""
        self._access.clear()

    def _end_access(self, sign_in: str) -> None:
        for digest in [digest for digest, kept in self._access.items() if kept["sign_in"] == sign_in]:
            del self._access[digest]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
