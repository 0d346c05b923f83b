"""Threads: 500 characters in which an emoji counts as its bytes, at most five links, one topic tag.

Limits: Threads API. A link goes as attachment beside a text, and into the text beside images. Published by containers
(``meta_containers.py``), a text too: ``auto_publish_text`` would make one step of the two, and leave nothing to look at afterwards.
Tokens live 60 days and are renewed at ``/refresh_access_token`` while they are good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from networks import outcomes
from networks.drafts import link_beside_images, measured, shared_problems, too_long, too_many
from networks.http import Stopped
from networks.meta import THREADS_VERSION, door, probe, refreshed
from networks.meta_containers import ByContainers, Plan, Ways
from networks.model import (
    Account,
    AfterUnknown,
    Blobs,
    Declared,
    Draft,
    Limit,
    Mark,
    Measure,
    Of,
    Outcome,
    Presence,
    Problem,
    Rendition,
)
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

if TYPE_CHECKING:
    import httpx

LABEL = "Threads"


def _why(told: str) -> Outcome | None:
    """``error_message`` beside an ERROR: "INVALID_ASPEC_RATIO" and the like. UNKNOWN says nothing."""
    return outcomes.rejected(LABEL, told) if told and told != "UNKNOWN" else None


WAYS = Ways(
    label=LABEL,
    making="threads",
    publishing="threads_publish",
    state="status",
    told="error_message",
    listing="threads",
    words="text",
    quota="threads_publishing_limit",
    why=_why,
)


@dataclass(frozen=True)
class Threads(ByContainers):
    ways: ClassVar[Ways] = WAYS
    version: ClassVar[str] = THREADS_VERSION

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

    def plan(self, rendition: Rendition, blobs: Blobs) -> Plan:
        post = {name: str(value) for name, value in rendition.payload["post"].items() if value}
        images = [
            {"media_type": "IMAGE", "image_url": blobs.address(image.sha256), "alt_text": image.alt.strip()}
            for image in rendition.images
        ]
        if not images:
            return Plan({"media_type": "TEXT", **post})
        if len(images) == 1:
            return Plan({**images[0], **post})
        return Plan({"media_type": "CAROUSEL", **post}, [{**image, "is_carousel_item": "true"} for image in images])

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """Another 60 days; refused for a token that is less than a day old, or has ended."""
        return refreshed(http, LABEL, account, "th_refresh_token", now)

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """``/me``: alive, and the account the channel names."""
        try:
            return probe(door(http, LABEL, account, THREADS_VERSION), "me", "id,username", "id")
        except Stopped as stop:
            return stop.outcome


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
        renew_ahead=timedelta(days=20),
        carousel=True,
        host="https://graph.threads.net",
    )
)
