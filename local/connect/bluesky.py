"""Bluesky: handle and app password, no browser. The session says which account it is and on which server that lives (its DID document)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from local.connect.model import ConnectError, Scope, Session, SignedIn, on_this_computer
from local.connect.vendor import ask_vendor, shown_in, token_in
from networks.http import pinned_origin
from networks.model import Account

LABEL = "Bluesky"
ENTRY = "https://bsky.social"
_HOUSES = ".host.bsky.network"  # Bluesky's own servers, behind its entry (docs.bsky.app, "PDS entryway")
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_PASSWORDS = "the list of app passwords in Bluesky's settings"


class BlueskyFlow:
    """A ``local.connect.model.Flow``."""

    in_browser = False
    revokes_in_browser = False
    port = 0
    scopes = (Scope("app password", "post, read and delete in the account; not change its password or mail address"),)

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        handle = session.handle or session.person.ask("The account's handle (cafe.bsky.social)")
        identifier = handle.strip().removeprefix("@")
        password = session.person.password(f"An app password for {identifier} (made in {_PASSWORDS})")
        address = f"{session.host}/xrpc/com.atproto.server.createSession"
        body = {"identifier": identifier, "password": password}
        told = ask_vendor(session, LABEL, "POST", address, json=body, never=(password,))
        did = told.get("did")
        if not isinstance(did, str) or not _DID.fullmatch(did):
            raise ConnectError(f"{LABEL} did not say which account signed in: nothing was changed. Try again later.")
        credentials = {
            "identifier": shown_in(told, "handle") or identifier,
            "app_password": password,
            "access_jwt": token_in(told, LABEL, "accessJwt"),
            "refresh_jwt": token_in(told, LABEL, "refreshJwt"),
        }
        host = reached_at(session.host, told.get("didDoc"), did)
        if on_this_computer(host) and not on_this_computer(session.host):
            raise ConnectError(
                f"{LABEL} says that the account lives on this computer, which cannot be: nothing was changed."
            )
        return (SignedIn(did, credentials["identifier"], host, credentials),)

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        """The session's own refresh token ends it; the app password can only be deleted by the owner."""
        if token := account.credentials.get("refresh_jwt", ""):
            ask_vendor(session, LABEL, "POST", f"{session.host}/xrpc/com.atproto.server.deleteSession", token=token)
        return f"Delete its app password in {_PASSWORDS}: until then whoever has it could sign in."


def reached_at(asked: str, document: Any, did: str) -> str:
    """Where the account is spoken to: its own server by its DID document, ``asked`` where none is told.

    Bluesky's own servers are reached by their entry, where that was asked: that stays true when an account is moved to another of them.
    """
    home = _home(document, did)
    if not home or (asked == ENTRY and (urlsplit(home).hostname or "").endswith(_HOUSES)):
        return asked
    return home


def _home(document: Any, did: str) -> str:
    """The account's own server by its DID document; "" where none is told."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and str(service.get("id", "")).removeprefix(did) == "#atproto_pds":
            return pinned_origin(str(service.get("serviceEndpoint", ""))) or ""
    return ""
