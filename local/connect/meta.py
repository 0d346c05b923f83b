"""Facebook and Instagram: a code, a short user token, a long one, and of that the pages with a token each.

An Instagram channel posts with the token of the Facebook page that its account belongs to. Page tokens made from a long user token are
reported not to expire; whether one does is asked of ``/debug_token`` and kept where it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.connect.model import App, ConnectError, Scope, Session, SignedIn
from local.connect.vendor import ask_vendor, check_scopes, id_in, optional_token, shown_in, token_in
from networks.model import Account

PAGE_HOST = "https://www.facebook.com"
_FIELDS = "id,name,access_token,instagram_business_account{id,username}"
_MOST_LISTS = 20
_SHOW = Scope("pages_show_list", "see which pages you look after, to let you pick one")
_READ = Scope("pages_read_engagement", "read the page's posts, to find out whether one arrived")


@dataclass(frozen=True)
class MetaFlow:
    """A ``local.connect.model.Flow``; ``instagram``: of each page its Instagram account is meant."""

    label: str
    scopes: tuple[Scope, ...]
    instagram: bool = False
    in_browser: bool = True
    revokes_in_browser: bool = True
    port: int = 8407

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        app = session.person.app(self.label)
        short = self._short(session, app, session.scopes)
        own = {"client_id": app.client_id, "client_secret": app.secret}
        longer = {**own, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
        user = token_in(self._get(session, "/oauth/access_token", longer, (app.secret, short)), self.label)
        check_scopes(self._described(session, app, user).get("scopes"), session.scopes, self.label)
        found = [made for page in self._pages(session, user) if (made := self._account(session, app, page)) is not None]
        if not found:
            raise ConnectError(self._nothing())
        return found

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        """The stored token is the page's, and only the person can take back what they allowed: so they sign in once more."""
        session.person.say(
            f"To end it at {self.label} you sign in there once more; the app then loses all your pages at once."
        )
        person = self._short(session, session.person.app(self.label), (_SHOW,))
        ask_vendor(session, self.label, "DELETE", f"{session.host}/me/permissions", token=person)
        return "The app has lost all pages of whoever just signed in: connect their other channels again."

    def _short(self, session: Session, app: App, scopes: Sequence[Scope]) -> str:
        """The person's own token, good for an hour."""
        asked = {"client_id": app.client_id, "scope": ",".join(scope.name for scope in scopes)}
        allowed = session.browser.allowed(self.label, session.at(PAGE_HOST) + "/dialog/oauth", asked, pkce=False)
        bought = {
            "client_id": app.client_id,
            "client_secret": app.secret,
            "redirect_uri": allowed.redirect_uri,
            "code": allowed.code,
        }
        return token_in(self._get(session, "/oauth/access_token", bought, (app.secret, allowed.code)), self.label)

    def _get(
        self, session: Session, path: str, params: Mapping[str, str], never: tuple[str, ...], token: str = ""
    ) -> Mapping[str, Any]:
        return ask_vendor(session, self.label, "GET", session.host + path, params=params, never=never, token=token)

    def _described(self, session: Session, app: App, token: str) -> Mapping[str, Any]:
        asked = {"input_token": token, "access_token": f"{app.client_id}|{app.secret}"}
        told = self._get(session, "/debug_token", asked, (app.secret, token)).get("data")
        return told if isinstance(told, dict) else {}

    def _pages(self, session: Session, user: str) -> Iterator[Mapping[str, Any]]:
        """All that the person looks after, list by list."""
        after: dict[str, str] = {}
        for _ in range(_MOST_LISTS):
            told = self._get(session, "/me/accounts", {"fields": _FIELDS, "limit": "100", **after}, (), user)
            listed = told.get("data")
            yield from (page for page in (listed if isinstance(listed, list) else ()) if isinstance(page, dict))
            paging = told.get("paging")
            cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
            if not isinstance(cursors, dict) or not isinstance(cursors.get("after"), str):
                return
            after = {"after": cursors["after"]}

    def _account(self, session: Session, app: App, page: Mapping[str, Any]) -> SignedIn | None:
        """None for a page without a token (no role that may post) and, on Instagram, for one without an account."""
        token, of = (
            optional_token(page, "access_token"),
            page.get("instagram_business_account") if self.instagram else page,
        )
        if not token or not isinstance(of, dict):
            return None
        credentials = {"access_token": token, **_end(self._described(session, app, token))}
        name = shown_in(page, "name")
        shown = f"@{shown_in(of, 'username')} (page {name})" if self.instagram else name
        return SignedIn(id_in(of, self.label), shown, session.host, credentials)

    def _nothing(self) -> str:
        if self.instagram:
            return (
                "None of your Facebook pages has an Instagram account that can be posted to: nothing was changed. The account must be"
                " a professional one, linked to a page that you chose on Facebook's page. Then run the command again."
            )
        return (
            "There is no Facebook page that you may post for: nothing was changed. Choose the page on Facebook's page when it asks,"
            " and run the command again."
        )


def _end(told: Mapping[str, Any]) -> dict[str, str]:
    """``expires_at`` of ``/debug_token`` is unix seconds; 0 is never."""
    seconds = told.get("expires_at")
    if not isinstance(seconds, int) or not 0 < seconds < 10_000_000_000:
        return {}
    return {"expires_at": datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")}


FACEBOOK = MetaFlow("Facebook", (_SHOW, _READ, Scope("pages_manage_posts", "post on the page")))
INSTAGRAM = MetaFlow(
    "Instagram",
    (
        _SHOW,
        _READ,
        Scope("instagram_basic", "see the Instagram account and its posts"),
        Scope("instagram_content_publish", "post to the Instagram account"),
    ),
    instagram=True,
)
