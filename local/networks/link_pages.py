"""The web behind the links, made up: a page and a picture for any address, so that link cards can be seen without an internet.

``GET /?url=<address>`` answers what a small site would answer there: its title is made of the path, its picture drawn. A path with
``missing`` in it is 404.
"""

from __future__ import annotations

import hashlib
import io
import math
import threading
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote, urlsplit

from local.networks.web import Answer, Request, Route, as_html, route

_PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_WIDTH_PX, _HEIGHT_PX = 1200, 630
_drawing = threading.Lock()


class LinkPages:
    def routes(self) -> list[Route]:
        return [route("GET", "/", self._page)]

    def missing(self, request: Request) -> Answer:
        return as_html("<!doctype html><title>Nothing here</title><p>Ask for /?url=https://…", 404)

    def _page(self, request: Request) -> Answer:
        parts = urlsplit(request.asked("url"))
        path = unquote(parts.path)
        if parts.scheme not in ("http", "https") or not parts.hostname or "missing" in path:
            return self.missing(request)
        if path.lower().endswith(_PICTURE_ENDINGS):
            with _drawing:
                return Answer(200, drawn(path), "image/png")
        return as_html(page(parts.hostname, path))


def page(host: str, path: str) -> str:
    """What lies at an address: ``/menu/apple-cake`` on a host is titled "Apple cake – host"."""
    slug = path.strip("/").rpartition("/")[2].rpartition(".")[0] or path.strip("/").rpartition("/")[2]
    words = slug.replace("-", " ").replace("_", " ").strip()
    topic = words[:1].upper() + words[1:] or "Welcome"
    title, address = f"{topic} – {host}", f"/pictures/{quote(slug or 'welcome', safe='')}.png"
    description = f"{topic}: what we make of it, when you can have it, and how to find us."
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n"
        f'<meta name="description" content="{escape(description)}">\n'
        f'<meta property="og:title" content="{escape(title)}">\n'
        f'<meta property="og:description" content="{escape(description)}">\n'
        f'<meta property="og:image" content="{escape(address)}">\n'
        f"</head>\n<body>\n<h1>{escape(topic)}</h1>\n<p>{escape(description)}</p>\n</body>\n</html>\n"
    )


@lru_cache(maxsize=64)
def drawn(path: str) -> bytes:
    """A PNG of a sun over the sea, its colours and places made of the path: the same path, the same bytes."""
    from local.samples import draw  # Pillow only when somebody asks for a picture

    numbers = hashlib.sha256(path.encode()).digest()
    skies = (draw.SKY, draw.SAND, draw.ROSE, draw.PAPER, draw.NIGHT)
    sheet = draw.Sheet(_WIDTH_PX, _HEIGHT_PX, skies[numbers[0] % len(skies)])
    sheet.circle(
        200 + numbers[1] * 3, 140 + numbers[2] / 2, 60 + numbers[3] / 4, (draw.GOLD, draw.CORAL)[numbers[4] % 2]
    )
    for n, colour in enumerate((draw.SEA, "#286069", "#21515a")):
        crest, level = 12 + numbers[5 + n] / 10, 380 + n * 80
        points = [(x * 10.0, level + crest * math.sin(x / 5 + numbers[8 + n])) for x in range(_WIDTH_PX // 10 + 1)]
        sheet.polygon([(0, _HEIGHT_PX), *points, (_WIDTH_PX, _HEIGHT_PX)], colour)
    out = io.BytesIO()
    sheet.finished().save(out, format="PNG")
    return out.getvalue()
