"""Images as Meta takes them: fetched from an address, and measured. Only this computer is asked: what is elsewhere is out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

import httpx
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
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise UnreachableError(address)
    try:
        answer = httpx.get(address, timeout=FETCH_SECONDS, follow_redirects=False, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(type(error).__name__) from error
    if answer.status_code != 200 or len(answer.content) > FETCH_LIMIT_BYTES:
        raise UnreachableError(str(answer.status_code))
    try:
        with Image.open(BytesIO(answer.content)) as image:
            return Fetched(answer.content, str(image.format), image.width, image.height)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise NoImageError(type(error).__name__) from error
