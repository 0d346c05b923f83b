"""The page behind a post's link, as a link card shows it: read once, when the package is made, because some networks show what they are
handed and never look themselves.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import regex

from renderer.page_head import Head, page_text, read_head
from renderer.public_addresses import NotPublic, public_address
from renderer.web import Found, NoAnswer, Web

PAGE_LIMIT_BYTES = 1_000_000
IMAGE_LIMIT_BYTES = 5_000_000
TITLE_LIMIT_CHARACTERS = 300
DESCRIPTION_LIMIT_CHARACTERS = 300

_HEAD_ENDS = re.compile(rb"</head\s{0,9}>\s{0,30}<body[\s>]", re.IGNORECASE)  # a script may well speak of </head> alone
_HTML = ("text/html", "application/xhtml+xml")
_DIRECTIONS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # they would turn what follows the title, too


@dataclass(frozen=True)
class Page:
    """What a page says of itself, each on one line. ``image`` is the address of its picture, empty where it names none on the web."""

    title: str
    description: str = ""
    image: str = ""


def read_page(url: str, web: Web) -> Page | None:
    """Open Graph first, then Twitter's tags, then the page's own. None where there is no page to show: an error, something else than HTML,
    too slow, no title, or an address that is not asked. Never raises for anything the page or the line does.
    """
    try:
        found = web.get(url, accept=", ".join(_HTML), limit_bytes=PAGE_LIMIT_BYTES, until=_HEAD_ENDS)
    except NoAnswer:
        return None
    if not _is_html(found):
        return None
    head = read_head(page_text(found.body, found.content_type))
    title = _shown(head.first("og:title", "twitter:title") or head.title, TITLE_LIMIT_CHARACTERS)
    if not title:
        return None
    told = head.first("og:description", "twitter:description", "description")
    return Page(title, _shown(told, DESCRIPTION_LIMIT_CHARACTERS), _image(head, found.url))


def fetch_image(url: str, web: Web) -> bytes | None:
    """A picture's bytes as they lie there, at most ``IMAGE_LIMIT_BYTES``; whether they are one is for the reader of pictures to say. None
    where they cannot be had. Never raises for anything the server or the line does.
    """
    try:
        found = web.get(url, accept="image/jpeg, image/png, image/webp, image/gif", limit_bytes=IMAGE_LIMIT_BYTES)
    except NoAnswer:
        return None
    return found.body or None


def _is_html(found: Found) -> bool:
    told = found.content_type.partition(";")[0].strip().lower()
    return told in _HTML or (not told and found.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"))


def _image(head: Head, base: str) -> str:
    told = head.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    if not told:
        return ""
    try:
        return str(public_address(told, base))
    except NotPublic:
        return ""


def _shown(text: str, limit: int) -> str:
    """On one line and without signs that steer, cut at a word's end where it is longer than ``limit`` characters."""
    kept = (" " if unicodedata.category(sign) == "Cc" else sign for sign in text if sign not in _DIRECTIONS)
    line = " ".join("".join(kept).split())
    if len(line) <= limit:
        return line
    space = line.rfind(" ", limit // 2, limit)
    if space < 0:  # one long word, or a script without spaces: between two characters as people see them
        space = max((match.end() for match in regex.finditer(r"\X", line[:limit]) if match.end() < limit), default=0)
    return line[: space or limit - 1].rstrip(" ,;:.–—-") + "…"
