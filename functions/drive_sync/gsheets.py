"""gspread as drive-sync uses it: with timeouts, pointed where the service account's document says, and without Google's extra thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gspread
from google.oauth2 import service_account
from gspread.http_client import HTTPClient

_GOOGLE = "https://sheets.googleapis.com"


def client(document: Mapping[str, Any], scopes: Sequence[str], timeouts_seconds: tuple[int, int]) -> gspread.Client:
    """``document`` is the service account's JSON; its optional ``api_endpoint`` replaces Google's address."""
    origin = str(document.get("api_endpoint") or _GOOGLE).rstrip("/")

    class Pointed(HTTPClient):
        """Rewrites the address of each request: patching gspread's own constants comes too late."""

        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, endpoint.replace(_GOOGLE, origin, 1), *args, **kwargs)

    made = gspread.Client(auth=_credentials(document, scopes), http_client=Pointed)
    made.http_client.set_timeout(timeouts_seconds)
    return made


class _Credentials(service_account.Credentials):
    """google-auth 2.55 and later asks another Google host in a background thread; this private hook stops it (a test holds it)."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def _credentials(document: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    made: Any = _Credentials  # google-auth has no types
    return made.from_service_account_info(dict(document), scopes=list(scopes))
