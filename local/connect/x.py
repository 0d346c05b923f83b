"""X: OAuth 2.0 with PKCE; the code is good for 30 seconds, so it is exchanged at once (docs.x.com, "OAuth 2.0").

A confidential app shows id and secret by Basic; a public one names its id in the body. The refresh token is taken to be good once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from local.connect.model import App, Scope, Session, SignedIn
from local.connect.vendor import ask_vendor, check_scopes, ends_at, id_in, shown_in, token_in
from networks.model import Account

LABEL = "X"
PAGE_HOST = "https://x.com"


class XFlow:
    """A ``local.connect.model.Flow``."""

    in_browser = True
    revokes_in_browser = False
    port = 8407
    scopes = (
        Scope("tweet.read", "read your posts, to find out whether one arrived"),
        Scope("tweet.write", "post in your name"),
        Scope("users.read", "see which account this is"),
        Scope("media.write", "upload images"),
        Scope("offline.access", "stay signed in without asking you every two hours"),
    )

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        app = session.person.app(LABEL, may_be_public=True)
        asked = {"client_id": app.client_id, "scope": " ".join(scope.name for scope in session.scopes)}
        allowed = session.browser.allowed(LABEL, session.at(PAGE_HOST) + "/i/oauth2/authorize", asked, pkce=True)
        form = {
            "grant_type": "authorization_code",
            "code": allowed.code,
            "redirect_uri": allowed.redirect_uri,
            "code_verifier": allowed.verifier,
        }
        told = self._ask(session, app, "/2/oauth2/token", form, (allowed.code, allowed.verifier))
        check_scopes(told.get("scope"), session.scopes, LABEL)
        access, refreshing = token_in(told, LABEL), token_in(told, LABEL, "refresh_token")
        asked_back = ask_vendor(session, LABEL, "GET", f"{session.host}/2/users/me", token=access)
        user = asked_back.get("data")
        user = user if isinstance(user, dict) else {}
        credentials = {
            "access_token": access,
            "refresh_token": refreshing,
            "client_id": app.client_id,
            "client_secret": app.secret,
            **ends_at(told, session.now()),
        }
        return (SignedIn(id_in(user, LABEL), "@" + shown_in(user, "username"), session.host, credentials),)

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        known = account.credentials
        own = App(known.get("client_id", ""), known.get("client_secret", ""))
        for kind in ("refresh_token", "access_token"):
            if token := known.get(kind, ""):
                form = {"token": token, "token_type_hint": kind}
                self._ask(session, own, "/2/oauth2/revoke", form, (token,))
        return ""

    def _ask(
        self, session: Session, app: App, path: str, form: Mapping[str, str], never: tuple[str, ...]
    ) -> Mapping[str, Any]:
        address, basic = session.host + path, b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
        if not app.secret:
            return ask_vendor(session, LABEL, "POST", address, never=never, data={**form, "client_id": app.client_id})
        headers = {"authorization": f"Basic {basic}"}
        return ask_vendor(
            session, LABEL, "POST", address, never=(*never, app.secret, basic), data=form, headers=headers
        )
