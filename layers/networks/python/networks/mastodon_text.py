"""How Mastodon counts a text and shows it: addresses as 23, ``@user@host`` as ``@user``, graphemes; content as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import regex

from networks.text import Span, find_links, grapheme_count

_REMOTE_MENTION = regex.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]*\w", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![=/\w])@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?(?:@[\w.-]*\w)?", regex.IGNORECASE)
_PARAGRAPHS = frozenset({"p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})


def counted_length(text: str, link_length: int) -> int:
    """Characters as the server counts them before it refuses a status; an address counts as ``link_length``."""
    pieces: list[str] = []
    position = 0
    for link in find_links(text):
        pieces += (text[position : link.start], "x" * link_length)
        position = link.end
    pieces.append(text[position:])
    return grapheme_count(_REMOTE_MENTION.sub(r"@\1", "".join(pieces)))


def find_server_mentions(text: str) -> list[Span]:
    """``@user`` and ``@user@host``, each whole."""
    return [Span(match.start(), match.end(), match.group()) for match in _MENTION.finditer(text)]


def html_words(content: str) -> str:
    """A status's content as plain text: tags gone, paragraphs and line breaks as newlines, entities as characters."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return "".join(reader.pieces).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
