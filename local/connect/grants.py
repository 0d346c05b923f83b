"""State, PKCE and the check of what comes back by the redirect address (RFC 6749 section 4.1.2, RFC 7636). Pure but for the dice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from local.connect.model import ConnectError
from networks.http import plain

_STRANGE = "Somebody else may have sent it: nothing was changed. Run the command again."


@dataclass(frozen=True)
class Grant:
    """What this one sign-in is known by. ``state`` is seen by the browser, ``verifier`` by the token endpoint alone."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    @property
    def challenge(self) -> str:
        """S256 of RFC 7636."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def code_in(query: Mapping[str, Sequence[str]], grant: Grant, label: str) -> str:
    """The code that the network's page gave out. ConnectError for whatever is not a yes to this very sign-in.

    The state is looked at first: of an answer that is not ours nothing is repeated.
    """
    states = query.get("state", [])
    if len(states) != 1 or not hmac.compare_digest(states[0].encode(), grant.state.encode()):
        raise ConnectError(f"An answer came that does not belong to this sign-in (its state is another). {_STRANGE}")
    if "error" in query:
        error = query["error"][-1]
        if error == "access_denied":
            raise ConnectError(f"Access was not allowed at {label}: nothing was changed.")
        words = plain(query.get("error_description", [error])[-1], grant.state, grant.verifier)
        raise ConnectError(f"{label} did not give access ({words}): nothing was changed.")
    codes = query.get("code", [])
    if len(codes) != 1 or not codes[0] or len(codes[0]) > 4_000:
        raise ConnectError(f"An answer came without a code. {_STRANGE}")
    return codes[0]


def code_in_address(address: str, redirect_uri: str, grant: Grant, label: str) -> str:
    """The same out of a pasted address. ConnectError where it is not the redirect address."""
    try:
        pasted, wanted = urlsplit(address.strip()), urlsplit(redirect_uri)
        there = (pasted.scheme, pasted.netloc.lower(), pasted.path or "/")
    except ValueError:
        raise ConnectError("What was pasted is no address. Run the command again.") from None
    if there != (wanted.scheme, wanted.netloc.lower(), wanted.path or "/"):
        raise ConnectError(
            f"What was pasted does not begin with {redirect_uri}: nothing was changed. Run the command again."
        )
    return code_in(parse_qs(pasted.query, keep_blank_values=True), grant, label)
