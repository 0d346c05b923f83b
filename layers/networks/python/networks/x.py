"""X: 280 by weight, links count as 23, and a post with a link costs thirteen times one without.

Prices and limits: X API v2 reference and pricing page; counting: ``networks.x_text``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import regex

from networks.drafts import Composing, link_below, measured, shared_problems, too_long, too_many
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Measure, Of, Presence, Problem, Rendition
from networks.text import Span, apart, find_mentions, find_tags
from networks.x_text import find_x_links, weighted_length

LABEL = "X"
PRICE_USD = "0.015"
PRICE_WITH_LINK_USD = "0.20"
_CASHTAG = regex.compile(r"(?<!\S)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|\p{P})", regex.IGNORECASE)


@dataclass(frozen=True)
class X(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """By weight: most scripts' letters one, Chinese, Japanese and Korean two, an emoji two, a link 23."""
        return measured(self.declared, weighted_length(link_below(text, link), self.declared.most(Of.LINK_LENGTH) or 0))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are the post's own fields but for the media ids."""
        shown = link_below(draft.text, draft.link)
        problems = (
            *too_long(self.declared, self.measure(draft.text, draft.link)),
            *too_many(self.declared, Of.CASHTAGS, len(_CASHTAG.findall(shown))),
            *shared_problems(self.declared, draft),
        )
        if problems:
            return problems
        return Rendition(shown, {"post": {"text": shown}}, draft.images, None if draft.images else draft.card)

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """A bare domain is a link here."""
        return apart([*find_x_links(text), *find_tags(text), *find_mentions(text)])

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        """What X charges the account for this post."""
        if find_x_links(link_below(draft.text, draft.link)):
            sentence = (
                f"X charges ${PRICE_WITH_LINK_USD} for this post, because it holds a link; without it ${PRICE_USD}."
            )
            return (Problem("costs", sentence),)
        return (Problem("costs", f"X charges ${PRICE_USD} for this post."),)


NETWORK = X(
    Declared(
        name="x",
        label=LABEL,
        limits={
            Of.TEXT: Limit(280, "characters", "twitter-text", Mark.DOCUMENTED, "by weight: an emoji is 2, 日 is 2"),
            Of.LINK_LENGTH: Limit(23, "characters", "twitter-text", Mark.DOCUMENTED, "with or without https://"),
            Of.CASHTAGS: Limit(1, "cashtags", "X API", Mark.DOCUMENTED),
            Of.IMAGES: Limit(4, "images", "X API", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(5_000_000, "bytes", "X API", Mark.DOCUMENTED),
            Of.ALT: Limit(1_000, "characters", "X API", Mark.DOCUMENTED),
        },
        image_mimes=("image/jpeg", "image/png", "image/webp"),
        counted="By weight: letters of most scripts 1, Chinese, Japanese and Korean 2, an emoji 2 whatever it is made of, "
        "a link 23, with or without https://.",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=5),
        publish_timeout_seconds=40,
        proves=frozenset({Presence.PRESENT}),
        host="https://api.x.com",
    )
)
