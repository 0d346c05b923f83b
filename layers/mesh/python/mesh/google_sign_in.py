"""The service account's access token, over our own HTTP client.

google-auth is imported where it is first used: it costs 100 ms and more, and most functions never need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import httpx

from mesh.errors import Misconfigured, Unreachable


@dataclass(frozen=True)
class _Answer:
    """What google-auth wants of its transport."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class SignIn:
    """Keeps the token until shortly before it ends. ``document`` is the service account's JSON key."""

    def __init__(
        self, document: Mapping[str, Any], scopes: Sequence[str], http: httpx.Client, timeout: httpx.Timeout
    ) -> None:
        self._document = dict(document)
        self._scopes = tuple(scopes)
        self._http = http
        self._timeout = timeout
        self._credentials: Any = None

    def token(self) -> str:
        """Made or renewed when needed. Misconfigured for a key Google does not accept, Unreachable when it cannot be asked."""
        errors: Any = import_module("google.auth.exceptions")
        try:
            credentials = self._credentials or credentials_of(self._document, self._scopes)
            self._credentials = credentials  # another thread may forget them at any moment
            if not credentials.valid:
                credentials.refresh(self._transport(errors.TransportError))
        except errors.RefreshError as error:
            if error.retryable:
                raise Unreachable("Google's sign-in did not answer") from error
            message = (
                "Google does not accept the service account's key: make a new one and store it in the Drive secret"
            )
            raise Misconfigured(message) from error
        except errors.TransportError as error:
            raise Unreachable(f"Google's sign-in could not be reached ({error})") from error
        return str(credentials.token)

    def forget(self) -> None:
        """The token was refused: the next one is made anew."""
        self._credentials = None

    def _transport(self, transport_error: type[Exception]) -> Callable[..., _Answer]:
        def request(url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> _Answer:
            try:
                answer = self._http.request(method, url, content=body, headers=headers, timeout=self._timeout)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise transport_error(type(error).__name__) from error
            return _Answer(answer.status_code, answer.headers, answer.content)

        return request


def credentials_of(document: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    """google-auth's, of the service account's JSON key. Misconfigured where it is none."""
    base: Any = import_module("google.oauth2.service_account").Credentials

    class Credentials(base):  # type: ignore[misc]
        def _is_regional_access_boundary_lookup_required(self) -> bool:
            return False  # else a background thread asks another Google host; private, so held by a test

    try:
        signer = _signer(document["private_key"], document.get("private_key_id"))
        named = {name: document[name] for name in ("project_id", "universe_domain") if name in document}
        return Credentials(signer, document["client_email"], document["token_uri"], scopes=list(scopes), **named)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misconfigured("the Drive secret is no service account's JSON key") from error


@lru_cache(maxsize=2)
def _signer(private_key: str, key_id: str | None) -> Any:
    """Whether a key's primes are primes is left to Google, which refuses what another key has signed: finding out takes 50 ms of a whole
    core, 350 ms at 256 MB, in every cold start, and once more for the second of those who sign in."""
    serialization: Any = import_module("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    return import_module("google.auth.crypt").RSASigner(key, key_id)
