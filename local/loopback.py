"""Who asks a server of this computer: a page of this computer, or one from elsewhere that a browser here has open.

A page on the web cannot see this computer, but its browser can, and lets it ask: by an address of ours, which comes with the page's
``Origin``, or by a name of the page's own that it made point here, which then stands in ``Host``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_NAMES = ("127.0.0.1", "localhost", "::1")


def is_foreign(host: str, origin: str) -> bool:
    """By the headers as they came; "" for one that did not. Programs send no origin; a page that hides its own sends ``null``."""
    return any(not _is_here(address) for address in (origin, f"//{host}" if host else "") if address)


def _is_here(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return name in _NAMES or name.endswith(".localhost")  # browsers look those up nowhere (RFC 6761)
