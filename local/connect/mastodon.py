"""Mastodon: the app is registered at the account's own server, so no portal is needed; OAuth with PKCE where the server checks it.

The app's id and secret are kept beside the credentials: the server wants them when the token is revoked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.connect.model import Scope, Session, SignedIn
from local.connect.vendor import ask_vendor, check_scopes, ends_at, id_in, shown_in, token_in
from networks.model import Account

LABEL = "Mastodon"
APP_NAME = "Social Scheduler"


class MastodonFlow:
    """A ``local.connect.model.Flow``."""

    in_browser = True
    revokes_in_browser = False
    port = 0  # the redirect address is registered anew with each sign-in
    scopes = (
        Scope("read:accounts", "see which account this is"),
        Scope("read:statuses", "read its posts, to find out whether one arrived"),
        Scope("write:statuses", "post in the account's name"),
        Scope("write:media", "upload images"),
    )

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        scope, redirect_uri = " ".join(one.name for one in session.scopes), session.browser.redirect_uri
        wanted = {"client_name": APP_NAME, "redirect_uris": redirect_uri, "scopes": scope}
        made = ask_vendor(session, LABEL, "POST", f"{session.host}/api/v1/apps", data=wanted)
        client_id, secret = token_in(made, LABEL, "client_id"), token_in(made, LABEL, "client_secret")
        asked = {"client_id": client_id, "scope": scope}
        allowed = session.browser.allowed(LABEL, f"{session.host}/oauth/authorize", asked, pkce=True)
        form = {
            "grant_type": "authorization_code",
            "code": allowed.code,
            "client_id": client_id,
            "client_secret": secret,
            "redirect_uri": allowed.redirect_uri,
            "code_verifier": allowed.verifier,
            "scope": scope,
        }
        hidden = (allowed.code, secret, allowed.verifier)
        told = ask_vendor(session, LABEL, "POST", f"{session.host}/oauth/token", data=form, never=hidden)
        check_scopes(told.get("scope"), session.scopes, LABEL)
        token = token_in(told, LABEL)
        me = ask_vendor(session, LABEL, "GET", f"{session.host}/api/v1/accounts/verify_credentials", token=token)
        credentials = {"access_token": token, **ends_at(told, session.now())}
        app = {"client_id": client_id, "client_secret": secret}
        return (SignedIn(id_in(me, LABEL), "@" + shown_in(me, "acct", "username"), session.host, credentials, app),)

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        token, secret = account.credentials.get("access_token", ""), app.get("client_secret", "")
        if not secret:
            return "This token was not made by this command, so its server was not asked: remove it in the account's settings there."
        form = {"client_id": app.get("client_id", ""), "client_secret": secret, "token": token}
        ask_vendor(session, LABEL, "POST", f"{session.host}/oauth/revoke", data=form, never=(secret, token))
        return ""
