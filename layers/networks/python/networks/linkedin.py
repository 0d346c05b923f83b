"""LinkedIn: "little text", in which fifteen characters must be escaped or the post is cut at the first one, without an error.

Format and limits: Posts API, little text format; the length is on a help page only. The link card is what the poster brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from networks.drafts import UnitsAndCard, link_beside_images, own_card
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Of, Presence, Problem, Rendition
from networks.text import find_tags, tidy

LABEL = "LinkedIn"
RESERVED = frozenset("\\|{}@[]()<>#*_~")
TITLE_LIMIT = 400
DESCRIPTION_LIMIT = 4_086


@dataclass(frozen=True)
class LinkedIn(UnitsAndCard):
    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are commentary and article; author, visibility and image handles come with publishing."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        problems = self.problems(draft)
        if problems:
            return problems
        post: dict[str, Any] = {"commentary": little_text(shown)}
        card = own_card(tidy(draft.link), draft.card) if draft.link and not draft.images else None
        if card is not None:
            post["content"] = {
                "article": {"source": card.url, "title": card.title[:TITLE_LIMIT], "description": card.description}
            }
        return Rendition(shown, {"post": post}, draft.images, card)


def little_text(text: str) -> str:
    """The text with every reserved character escaped and every hashtag as LinkedIn's own template, so that it can be clicked."""
    pieces: list[str] = []
    position = 0
    for tag in find_tags(text):
        pieces.append(_escaped(text[position : tag.start]))
        pieces.append(f"{{hashtag|\\#|{_escaped(tag.value)}}}")
        position = tag.end
    return "".join([*pieces, _escaped(text[position:])])


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in RESERVED else character for character in text)


NETWORK = LinkedIn(
    Declared(
        name="linkedin",
        label=LABEL,
        limits={
            Of.TEXT: Limit(3_000, "characters", "LinkedIn help", Mark.DOCUMENTED, "in UTF-16 units, without escapes"),
            Of.FOLD: Limit(210, "characters", "others", Mark.REPORTED),
            Of.IMAGES: Limit(20, "images", "LinkedIn", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(8_000_000, "bytes", "nobody", Mark.CAUTION),
            Of.IMAGE_PIXELS: Limit(36_152_319, "pixels", "LinkedIn", Mark.DOCUMENTED),
            Of.THUMBNAIL_BYTES: Limit(5_000_000, "bytes", "nobody", Mark.CAUTION),
            Of.ALT: Limit(4_086, "characters", "LinkedIn", Mark.DOCUMENTED),
        },
        image_mimes=("image/jpeg", "image/png"),
        counted="UTF-16 units of what readers see; fifteen reserved characters are escaped, hashtags are written as "
        "LinkedIn's template.",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=5),
        publish_timeout_seconds=40,
        proves=frozenset({Presence.PRESENT}),
        host="https://api.linkedin.com",
        brings_card=True,
    )
)
