"""What of a post's text readers can tap, on each network: what is not told here would be promised and not kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import regex

from networks.text import Span, find_links, find_mentions, find_tags
from networks.x_text import find_x_links

_AT_A_SERVER = regex.compile(r"(?<![=/\w])@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?(?:@[\w.-]*\w)?", regex.IGNORECASE)


def tappable(network: str, text: str) -> tuple[Span, ...]:
    """As the network finds them in the text, in their order, none within another.

    On Instagram a link is plain; on Facebook and LinkedIn a name after an @ is; Threads makes one hashtag its topic; on X a bare domain
    is a link.
    """
    match network:
        case "x":
            found = [*find_x_links(text), *find_tags(text), *find_mentions(text)]
        case "instagram":
            found = [*find_tags(text), *find_mentions(text)]
        case "facebook" | "linkedin":
            found = [*find_links(text), *find_tags(text)]
        case "threads":
            found = [*find_links(text), *islice(find_tags(text), 1), *find_mentions(text)]
        case "mastodon":
            names = (Span(one.start(), one.end(), one.group()) for one in _AT_A_SERVER.finditer(text))
            found = [*find_links(text), *find_tags(text), *names]
        case _:
            found = [*find_links(text), *find_tags(text), *find_mentions(text)]
    return _apart(found)


def bluesky_facets(text: str, payload: Mapping[str, Any]) -> tuple[Span, ...] | None:
    """As code points: the package's record counts in UTF-8 bytes. Bluesky looks for nothing itself. None where there is no record."""
    if "record" not in payload:
        return None
    raw = text.encode()
    spans = []
    for facet in payload["record"].get("facets", ()):
        start, end = (len(raw[: facet["index"][edge]].decode(errors="ignore")) for edge in ("byteStart", "byteEnd"))
        spans.append(Span(start, end, text[start:end]))
    return _apart(spans)


def _apart(found: Iterable[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)
