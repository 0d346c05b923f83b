"""Facebook Pages: long texts, a link card made by Facebook from the page, or photos with the link in the text.

Limits: Pages API; what no page of Meta says is marked as reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from networks.drafts import UnitsAndCard, link_beside_images
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Of, Presence, Problem, Rendition
from networks.text import tidy

LABEL = "Facebook"


@dataclass(frozen=True)
class Facebook(UnitsAndCard):
    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are the fields of ``/{page}/feed`` but for ``attached_media``."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        problems = self.problems(draft)
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
        proves=frozenset({Presence.PRESENT}),
        host="https://graph.facebook.com",
    )
)
