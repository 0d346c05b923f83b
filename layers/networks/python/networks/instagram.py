"""Instagram: pictures with a caption. No post without an image, JPEG only, in a narrow range of shapes; links cannot be tapped.

Limits: Instagram Platform, content publishing. A carousel shows all its images in the first one's shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from networks.drafts import Composing, link_below, measured, shared_problems, too_long, too_many
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Measure, Of, Presence, Problem, Rendition
from networks.text import Span, apart, count_hashes, find_links, find_mentions, find_tags, utf16_units

LABEL = "Instagram"


@dataclass(frozen=True)
class Instagram(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """UTF-16 units: whatever Instagram means by characters, it is not more."""
        return measured(self.declared, utf16_units(link_below(text, link)))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["caption"]``; the image addresses come with publishing."""
        shown = link_below(draft.text, draft.link)
        problems = (
            *too_long(self.declared, self.measure(draft.text, draft.link)),
            *too_many(self.declared, Of.HASHTAGS, count_hashes(shown)),
            *too_many(self.declared, Of.MENTIONS, len(find_mentions(shown))),
            *shared_problems(self.declared, draft),
        )
        return problems or Rendition(shown, {"caption": shown}, draft.images)

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """Links stay plain."""
        return apart([*find_tags(text), *find_mentions(text)])

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        """A link in a caption is dead letters."""
        if find_links(link_below(draft.text, draft.link)):
            return (Problem("link-plain", "On Instagram nobody can tap the link: it stands there as plain text."),)
        return ()


NETWORK = Instagram(
    Declared(
        name="instagram",
        label=LABEL,
        limits={
            Of.TEXT: Limit(2_200, "characters", "Instagram", Mark.DOCUMENTED, "in UTF-16 units, the strictest reading"),
            Of.HASHTAGS: Limit(30, "hashtags", "Instagram", Mark.DOCUMENTED, "the app is reported to take fewer"),
            Of.MENTIONS: Limit(20, "mentions", "Instagram", Mark.DOCUMENTED),
            Of.FOLD: Limit(125, "characters", "others", Mark.REPORTED),
            Of.IMAGES: Limit(10, "images", "Instagram", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(8_000_000, "bytes", "Instagram", Mark.DOCUMENTED),
            Of.IMAGE_WIDTH: Limit(1_440, "pixels", "Instagram", Mark.DOCUMENTED),
            Of.IMAGE_WIDTH_LEAST: Limit(320, "pixels", "Instagram", Mark.DOCUMENTED),
            Of.RATIO_NARROWEST: Limit(Fraction(4, 5), "width by height", "Instagram", Mark.DOCUMENTED),
            Of.RATIO_WIDEST: Limit(Fraction(191, 100), "width by height", "Instagram", Mark.DOCUMENTED),
            Of.ALT: Limit(1_000, "characters", "Instagram", Mark.REPORTED),
        },
        image_mimes=("image/jpeg",),
        counted="UTF-16 units. A link stands in the caption and cannot be tapped.",
        after_unknown=AfterUnknown.REPEAT_SAME,
        settle=timedelta(minutes=2),
        publish_timeout_seconds=45,
        proves=frozenset({Presence.PRESENT, Presence.ABSENT}),
        host="https://graph.facebook.com",
        needs_image=True,
        one_ratio=True,
        carousel=True,
    )
)
