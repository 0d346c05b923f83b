"""Images as Meta takes them: fetched from an address, and measured.

Only this computer is asked, by http: what is elsewhere is out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from urllib.parse import urlsplit

from PIL import Image

FETCH_SECONDS = 10.0
FETCH_LIMIT_BYTES = 30_000_000


class UnreachableError(Exception):
    """Nothing could be fetched there."""


class NoImageError(Exception):
    """What was fetched is no image."""


@dataclass(frozen=True)
class Fetched:
    """``kind`` is ``JPEG``, ``PNG``, …"""

    content: bytes
    kind: str
    width_px: int
    height_px: int

    @property
    def ratio(self) -> float:
        return self.width_px / self.height_px


def fetch_image(address: str) -> Fetched:
    """UnreachableError, NoImageError. No redirect is followed."""
    content = _content(address)
    try:
        with Image.open(BytesIO(content)) as image:
            return Fetched(content, str(image.format), image.width, image.height)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise NoImageError(type(error).__name__) from error


def _content(address: str) -> bytes:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UnreachableError(address) from error
    if parts.scheme != "http" or host not in ("127.0.0.1", "localhost", "::1"):
        raise UnreachableError(address)
    connection = HTTPConnection(host, port, timeout=FETCH_SECONDS)
    try:
        connection.request("GET", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")
        answer = connection.getresponse()
        content = answer.read(FETCH_LIMIT_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise UnreachableError(type(error).__name__) from error
    finally:
        connection.close()
    if answer.status != 200 or len(content) > FETCH_LIMIT_BYTES:
        raise UnreachableError(str(answer.status))
    return content
