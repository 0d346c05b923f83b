"""Signing in by a browser, as OAuth 2.0 has it (RFC 6749, PKCE by RFC 7636): the page that asks, the code it hands out, the exchange.

What a vendor does its own way, paths, field names, error shapes and tokens, is the network's server's; this keeps what all have alike.
A code is good once and for a short while.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from local.clock import now
from local.networks.web import Answer, Request, as_html

CLIENT_ID = "local"
_POLICY = {
    # No form-action: the answer to the form leads back to the program that asked, wherever that listens.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
}
_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "button{font:inherit;padding:.6rem 1.4rem;margin:1rem .5rem 0 0;border-radius:.5rem;border:1px solid #555;background:#eee}"
    "button.allow{background:#0a58ca;color:#fff;border-color:#0a58ca}label{display:block;padding:.4rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}button{background:#333;color:#eee}}"
)


class BadGrantError(Exception):
    """What was asked for cannot be had. ``error`` is OAuth's own word for it, the message a sentence."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


@dataclass(frozen=True)
class Granted:
    """What a code stands for."""

    account_id: str
    scopes: tuple[str, ...]


class SignIn:
    """One network's: ``kept`` is a part of the server's section in the store, ``code_for`` how long a code is good.

    ``secret`` is the app's; ``needs_pkce`` refuses whoever brings no challenge. ``client_id`` is the app's, ``app`` its name where apps
    register themselves.
    """

    def __init__(
        self,
        label: str,
        kept: dict[str, Any],
        code_for: timedelta,
        *,
        needs_pkce: bool = False,
        client_id: str = CLIENT_ID,
        app: str = "",
    ) -> None:
        self._label, self._code_for, self._needs_pkce = label, code_for, needs_pkce
        self._client_id, self._app = client_id, app or client_id
        self._codes: dict[str, Any] = kept.setdefault("codes", {})
        self.secret: str = kept.setdefault("client_secret", secrets.token_urlsafe(24))

    def page(self, request: Request, accounts: Mapping[str, str], *, between: str = " ") -> Answer:
        """The page that asks, for ``GET``. ``accounts`` are handles by id; ``between`` stands between scopes (Meta: a comma)."""
        try:
            asked = self._asked(request.query)
        except BadGrantError as bad:
            return as_html(f"<!doctype html><title>{self._label}</title><p>{escape(str(bad))}", 400, _POLICY)
        scopes = [scope for scope in asked.get("scope", "").split(between) if scope]
        choices = "".join(
            f'<label><input type="radio" name="account" value="{escape(account_id)}"{" checked" if not number else ""}> '
            f"{escape(handle)}</label>"
            for number, (account_id, handle) in enumerate(accounts.items())
        )
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
        )
        listed = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
        return as_html(
            '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{self._label}: allow access?</title><style>{_STYLE}</style><main><h1>{self._label}</h1>"
            f"<p>The app “{escape(self._app)}” asks to use your account:</p><ul>{listed}</ul>"
            f'<form method="post">{hidden}{choices or "<p>There is no account here.</p>"}'
            '<button class="allow" name="decision" value="allow">Allow</button>'
            '<button name="decision" value="deny">Deny</button></form></main></html>',
            headers=_POLICY,
        )

    def decided(self, request: Request, accounts: Mapping[str, str], *, between: str = " ") -> Answer:
        """The answer to the page's form: back to the app with a code, or with ``access_denied``."""
        try:
            form = parse_qs(request.body.decode("utf-8", "replace"))
            asked = self._asked(form)
        except BadGrantError as bad:
            return as_html(f"<!doctype html><title>{self._label}</title><p>{escape(str(bad))}", 400, _POLICY)
        account = form.get("account", [""])[-1]
        if form.get("decision") != ["allow"] or account not in accounts:
            return _back(asked, error="access_denied", error_description="The user denied the request")
        code = secrets.token_urlsafe(24)
        self._codes[_digest(code)] = {
            "account": account,
            "scopes": [scope for scope in asked.get("scope", "").split(between) if scope],
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked.get("code_challenge", ""),
            "until": (now() + self._code_for).isoformat(),
        }
        return _back(asked, code=code)

    def redeem(self, told: Mapping[str, str], *, client_secret: str | None = None) -> Granted:
        """What ``code`` was given for: once, in time, with the same redirect address and the verifier. BadGrantError.

        ``client_secret`` None where the app is a public one and shows none.
        """
        if told.get("client_id") not in (None, self._client_id):
            raise BadGrantError("invalid_client", "There is no such app")
        if client_secret is not None and not hmac.compare_digest(client_secret.encode(), self.secret.encode()):
            raise BadGrantError("invalid_client", "The app's secret is wrong")
        kept = self._codes.pop(_digest(told.get("code", "")), None)
        if kept is None or datetime.fromisoformat(kept["until"]) <= now():
            raise BadGrantError("invalid_grant", "The code is unknown, used or expired")
        if kept["redirect_uri"] != told.get("redirect_uri"):
            raise BadGrantError("invalid_grant", "The redirect address is not the one that the code was made for")
        if kept["challenge"] and not hmac.compare_digest(kept["challenge"], challenge(told.get("code_verifier", ""))):
            raise BadGrantError("invalid_grant", "The code verifier does not fit")
        return Granted(kept["account"], tuple(kept["scopes"]))

    def _asked(self, query: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The request's own fields. BadGrantError where they must not even be sent back."""
        names = (
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "response_type",
            "code_challenge",
            "code_challenge_method",
        )
        asked = {name: query[name][-1] for name in names if query.get(name)}
        redirect = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") != self._client_id:
            raise BadGrantError("invalid_client", "There is no such app")
        if redirect.scheme != "http" or redirect.hostname not in ("127.0.0.1", "localhost", "::1") or redirect.fragment:
            raise BadGrantError("invalid_request", "The redirect address is not one that the app has registered")
        if asked.get("response_type", "code") != "code":
            raise BadGrantError("unsupported_response_type", "Only codes are given out")
        challenged = asked.get("code_challenge_method") == "S256" and asked.get("code_challenge")
        if (self._needs_pkce or "code_challenge" in asked) and not challenged:
            raise BadGrantError("invalid_request", "A code challenge by S256 is needed")
        return asked


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _back(asked: Mapping[str, str], **told: str) -> Answer:
    fields = {**told, **({"state": asked["state"]} if "state" in asked else {})}
    joined = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return Answer(302, b"", headers={"location": f"{asked['redirect_uri']}{joined}{urlencode(fields)}", **_POLICY})


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
