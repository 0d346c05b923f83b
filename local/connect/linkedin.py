"""LinkedIn: a code, a token good for 60 days (reported), and for whom to post: the member, or an organisation they administer.

Signing in is at www.linkedin.com, everything else at api.linkedin.com. A refresh token is only given to approved partners (reported).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from local.connect.model import ConnectError, Scope, Session, SignedIn
from local.connect.vendor import ask_vendor, check_scopes, ends_at, id_in, optional_token, shown_in, token_in
from networks.linkedin_door import API_VERSION
from networks.model import Account

LABEL = "LinkedIn"
SIGN_IN_HOST = "https://www.linkedin.com"
VERSION_VARIABLE = "LINKEDIN_VERSION"
_ORGANISATION = re.compile(r"urn:li:organization:[0-9]{1,20}")


class LinkedInFlow:
    """A ``local.connect.model.Flow``."""

    in_browser = True
    revokes_in_browser = False
    port = 8407
    scopes: tuple[Scope, ...] = (
        Scope("openid", "know that it is you"),
        Scope("profile", "see your name"),
        Scope("w_member_social", "post in your name"),
    )
    # Reported: the product behind these is given to apps that have no other, so they are not asked for together.
    organisation_scopes = (
        Scope("rw_organization_admin", "see which organisations you administer, to let you pick one"),
        Scope("r_organization_social", "read the organisation's posts, to find out whether one arrived"),
        Scope("w_organization_social", "post in the organisation's name"),
    )

    def scopes_for(self, account_id: str, *, organisation: bool) -> tuple[Scope, ...]:
        """An organisation's where one is named or wanted; else the member's."""
        wanted = organisation or bool(_ORGANISATION.fullmatch(account_id))
        return self.organisation_scopes if wanted else self.scopes

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        app = session.person.app(LABEL)
        door = session.at(SIGN_IN_HOST)
        asked = {"client_id": app.client_id, "scope": " ".join(scope.name for scope in session.scopes)}
        allowed = session.browser.allowed(LABEL, f"{door}/oauth/v2/authorization", asked, pkce=False)
        form = {
            "grant_type": "authorization_code",
            "code": allowed.code,
            "client_id": app.client_id,
            "client_secret": app.secret,
            "redirect_uri": allowed.redirect_uri,
        }
        hidden = (allowed.code, app.secret)
        told = ask_vendor(session, LABEL, "POST", f"{door}/oauth/v2/accessToken", data=form, never=hidden)
        check_scopes(told.get("scope"), session.scopes, LABEL)
        credentials = {"access_token": token_in(told, LABEL), **ends_at(told, session.now())}
        if refreshing := optional_token(told, "refresh_token"):
            own = {"client_id": app.client_id, "client_secret": app.secret}
            credentials |= {"refresh_token": refreshing, **own}
        if version := _version():
            credentials["api_version"] = version  # what the sender names from then on
        found, names = [], {scope.name for scope in session.scopes}
        if "openid" in names:
            me = ask_vendor(session, LABEL, "GET", f"{session.host}/v2/userinfo", token=credentials["access_token"])
            member = f"urn:li:person:{id_in(me, LABEL, 'sub')}"
            found.append(SignedIn(member, f"{shown_in(me, 'name')} (you)", session.host, credentials))
        if any("organization" in name for name in names):
            for urn in _organisations(session, credentials["access_token"]):
                shown = f"organisation {urn.rpartition(':')[2]}"
                found.append(SignedIn(urn, shown, session.host, credentials))
        if not found:
            raise ConnectError("You administer no organisation that LinkedIn tells of: nothing was changed.")
        return found

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        known = account.credentials
        own = session.person.app(LABEL) if not known.get("client_secret") else None
        form = {
            "token": known.get("access_token", ""),
            "client_id": own.client_id if own else known["client_id"],
            "client_secret": own.secret if own else known["client_secret"],
        }
        hidden = (form["token"], form["client_secret"])
        ask_vendor(session, LABEL, "POST", session.at(SIGN_IN_HOST) + "/oauth/v2/revoke", data=form, never=hidden)
        return ""


def _organisations(session: Session, token: str) -> Iterator[str]:
    """Those of which the member is an approved administrator."""
    headers = {"linkedin-version": _version() or API_VERSION, "x-restli-protocol-version": "2.0.0"}
    params = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}
    address = f"{session.host}/rest/organizationAcls"
    told = ask_vendor(session, LABEL, "GET", address, token=token, params=params, headers=headers)
    listed = told.get("elements")
    for element in listed if isinstance(listed, list) else ():
        urn = element.get("organization") if isinstance(element, dict) else None
        if isinstance(urn, str) and _ORGANISATION.fullmatch(urn):
            yield urn


def _version() -> str:
    """Which one is wanted in place of the adapter's own; "" where nobody says. ConnectError for what is none."""
    version = os.environ.get(VERSION_VARIABLE, "")
    if version and not re.fullmatch(r"20[0-9]{4}", version):
        raise ConnectError(f"{VERSION_VARIABLE} must be a year and a month, like {API_VERSION}.")
    return version
