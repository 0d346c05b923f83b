"""gspread as drive-sync uses it: with timeouts, and pointed where the service account's document says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gspread
from gspread.http_client import HTTPClient

from mesh.google_sign_in import credentials_of

_GOOGLE = "https://sheets.googleapis.com"


def client(document: Mapping[str, Any], scopes: Sequence[str], timeouts_seconds: tuple[int, int]) -> gspread.Client:
    """``document`` is the service account's JSON; its optional ``api_endpoint`` replaces Google's address."""
    origin = str(document.get("api_endpoint") or _GOOGLE).rstrip("/")

    class Pointed(HTTPClient):
        """Rewrites the address of each request: patching gspread's own constants comes too late."""

        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, endpoint.replace(_GOOGLE, origin, 1), *args, **kwargs)

    made = gspread.Client(auth=credentials_of(document, scopes), http_client=Pointed)
    made.http_client.set_timeout(timeouts_seconds)
    return made
