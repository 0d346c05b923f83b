"""Facebook Pages: long texts, a link card made by Facebook from the page, or photos with the link in the text.

Limits: Pages API; what no page of Meta says is marked as reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from networks.drafts import Composing, link_beside_images, measured, shared_problems, too_long
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Measure, Of, Problem, Rendition
from networks.text import tidy, utf16_units

LABEL = "Facebook"


@dataclass(frozen=True)
class Facebook(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """UTF-16 units; a link stands in the text only beside images."""
        return measured(self.declared, utf16_units(link_beside_images(text, link, image_count)))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are the fields of ``/{page}/feed`` but for ``attached_media``."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        problems = (
            *too_long(self.declared, self.measure(draft.text, draft.link, image_count=len(draft.images))),
            *shared_problems(self.declared, draft),
        )
        if problems:
            return problems
        post: dict[str, Any] = {"message": shown}
        if draft.link and not draft.images:
            post["link"] = tidy(draft.link)
        return Rendition(shown, {"post": post}, draft.images, None if draft.images else draft.card)


NETWORK = Facebook(
    Declared(
        name="facebook",
        label=LABEL,
        limits={
            Of.TEXT: Limit(63_206, "characters", "others", Mark.REPORTED, "in UTF-16 units"),
            Of.FOLD: Limit(477, "characters", "others", Mark.REPORTED),
            Of.IMAGES: Limit(10, "images", "nobody", Mark.CAUTION),
            Of.IMAGE_BYTES: Limit(4_000_000, "bytes", "others", Mark.REPORTED),
        },
        image_mimes=("image/jpeg", "image/png"),
        counted="UTF-16 units. A link is handed over beside the text, or stands in it beside images.",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=5),
        publish_timeout_seconds=40,
        host="https://graph.facebook.com",
    )
)
