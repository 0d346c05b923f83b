"""Threads: a code, a token good for an hour, and for it one good for 60 days, which the sender renews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.connect.model import Scope, Session, SignedIn
from local.connect.vendor import ask_vendor, ends_at, id_in, shown_in, token_in
from networks.model import Account

LABEL = "Threads"
PAGE_HOST = "https://threads.net"


class ThreadsFlow:
    """A ``local.connect.model.Flow``."""

    in_browser = True
    revokes_in_browser = False
    port = 8407
    scopes = (
        Scope("threads_basic", "see the account and its posts, to find out whether one arrived"),
        Scope("threads_content_publish", "post to the account"),
    )

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        app = session.person.app(LABEL)
        asked = {"client_id": app.client_id, "scope": ",".join(scope.name for scope in session.scopes)}
        allowed = session.browser.allowed(LABEL, session.at(PAGE_HOST) + "/oauth/authorize", asked, pkce=False)
        form = {
            "client_id": app.client_id,
            "client_secret": app.secret,
            "grant_type": "authorization_code",
            "redirect_uri": allowed.redirect_uri,
            "code": allowed.code,
        }
        hidden = (app.secret, allowed.code)
        bought = ask_vendor(session, LABEL, "POST", f"{session.host}/oauth/access_token", data=form, never=hidden)
        short = token_in(bought, LABEL)
        longer = {"grant_type": "th_exchange_token", "client_secret": app.secret, "access_token": short}
        hidden = (app.secret, short)
        told = ask_vendor(session, LABEL, "GET", f"{session.host}/access_token", params=longer, never=hidden)
        token = token_in(told, LABEL)
        params = {"fields": "id,username"}
        me = ask_vendor(session, LABEL, "GET", f"{session.host}/me", params=params, token=token)
        credentials = {"access_token": token, **ends_at(told, session.now())}
        return (SignedIn(id_in(me, LABEL), "@" + shown_in(me, "username"), session.host, credentials),)

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        return (
            "No way is known for an app to end a sign-in at Threads: remove the app in the account's own settings,"
            " under website permissions. Left alone, it ends by itself, 60 days after it was last renewed."
        )
