"""Threads: 500 characters in which an emoji counts as its bytes, at most five links, one topic tag.

Limits: Threads API. A link goes as attachment beside a text, and into the text beside images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from networks.drafts import Composing, link_beside_images, measured, shared_problems, too_long, too_many
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Measure, Of, Presence, Problem, Rendition
from networks.text import (
    Span,
    apart,
    find_links,
    find_mentions,
    find_tags,
    graphemes,
    holds_link,
    is_emoji,
    tidy,
    utf8_bytes,
)

LABEL = "Threads"


@dataclass(frozen=True)
class Threads(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """Code points; an emoji as its bytes in UTF-8. A link costs nothing as an attachment."""
        return measured(self.declared, _length(link_beside_images(text, link, image_count)))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are the fields of ``/{id}/threads`` but for the image addresses."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        attached = tidy(draft.link) if not draft.images and not holds_link(shown, tidy(draft.link)) else ""
        links = {span.value for span in find_links(shown)} | ({attached} - {""})
        problems = (
            *too_long(self.declared, measured(self.declared, _length(shown))),
            *too_many(self.declared, Of.LINKS, len(links)),
            *shared_problems(self.declared, draft),
        )
        if problems:
            return problems
        post: dict[str, Any] = {"text": shown}
        if attached:
            post["link_attachment"] = attached
        return Rendition(shown, {"post": post}, draft.images, None if draft.images else draft.card)

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """Of the hashtags the first alone."""
        return apart([*find_links(text), *find_tags(text)[:1], *find_mentions(text)])

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        """Beyond the first, hashtags are plain text."""
        tags = find_tags(draft.text)
        if len(tags) > 1:
            sentence = f"Threads makes a topic of one hashtag only, #{tags[0].value}: the others stay plain text."
            return (Problem("tags-plain", sentence),)
        return ()


def _length(text: str) -> int:
    return sum(utf8_bytes(one) if is_emoji(one) else len(one) for one in graphemes(text))


NETWORK = Threads(
    Declared(
        name="threads",
        label=LABEL,
        limits={
            Of.TEXT: Limit(500, "characters", "Threads", Mark.DOCUMENTED, "an emoji counts as its bytes in UTF-8"),
            Of.LINKS: Limit(5, "links", "Threads", Mark.DOCUMENTED),
            Of.IMAGES: Limit(20, "images", "Threads", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(8_000_000, "bytes", "Threads", Mark.DOCUMENTED),
            Of.IMAGE_WIDTH: Limit(1_440, "pixels", "Threads", Mark.DOCUMENTED),
            Of.IMAGE_WIDTH_LEAST: Limit(320, "pixels", "Threads", Mark.DOCUMENTED),
            Of.RATIO_NARROWEST: Limit(Fraction(1, 10), "width by height", "Threads", Mark.DOCUMENTED),
            Of.RATIO_WIDEST: Limit(Fraction(10), "width by height", "Threads", Mark.DOCUMENTED),
            Of.ALT: Limit(1_000, "characters", "Threads", Mark.DOCUMENTED),
        },
        image_mimes=("image/jpeg", "image/png"),
        counted="Code points, an emoji as its bytes in UTF-8. A link is attached to the text, or stands in it beside images.",
        after_unknown=AfterUnknown.REPEAT_SAME,
        settle=timedelta(minutes=2),
        publish_timeout_seconds=45,
        proves=frozenset({Presence.PRESENT, Presence.ABSENT}),
        carousel=True,
        host="https://graph.threads.net",
    )
)
