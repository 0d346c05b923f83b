"""Instagram: pictures with a caption. No post without an image, JPEG only, in a narrow range of shapes; links cannot be tapped.

Limits: Instagram Platform, content publishing. A carousel shows all its images in the first one's shape. Published by containers
(``meta_containers.py``); Instagram fetches the images itself. Signed in by a Facebook page's token, or by Instagram's own sign-in where
the secret says ``"login": "instagram"`` (60 days, renewed at ``/refresh_access_token``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from networks.drafts import link_below, measured, shared_problems, too_long, too_many
from networks.http import Stopped
from networks.meta import GRAPH_VERSION, NO_NOW, GraphError, door, meaning, probe, refreshed
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
from networks.text import Span, apart, count_hashes, find_links, find_mentions, find_tags, utf16_units

if TYPE_CHECKING:
    import httpx

LABEL = "Instagram"
_SUBCODE = re.compile(r"\b22\d{5}\b")


def _why(told: str) -> Outcome | None:
    """``status`` beside an ERROR names a subcode: "Error: Media upload has failed with error code 2207052"."""
    found = _SUBCODE.search(told)
    said = meaning(LABEL, GraphError(200, 0, int(found.group()), told), {}, NO_NOW) if found else None
    return replace(said, retry_at=None) if said else None


WAYS = Ways(
    label=LABEL,
    making="media",
    publishing="media_publish",
    state="status_code",
    told="status",
    listing="media",
    words="caption",
    quota="content_publishing_limit",
    why=_why,
)


@dataclass(frozen=True)
class Instagram(ByContainers):
    ways: ClassVar[Ways] = WAYS
    version: ClassVar[str] = GRAPH_VERSION

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

    def plan(self, rendition: Rendition, blobs: Blobs) -> Plan:
        caption = {"caption": str(rendition.payload["caption"])} if rendition.payload["caption"] else {}
        images = [
            {"image_url": blobs.address(image.sha256), "alt_text": image.alt.strip()} for image in rendition.images
        ]
        if len(images) == 1:
            return Plan({**images[0], **caption})
        children = [{**image, "is_carousel_item": "true"} for image in images]
        return Plan({"media_type": "CAROUSEL", **caption}, children)

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """Only Instagram's own sign-in can be renewed; a page's token has nothing to renew it with."""
        return refreshed(http, LABEL, account, "ig_refresh_token", now) if _own_login(account) else None

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """The account itself, which only its own page's token can read."""
        try:
            graph = door(http, LABEL, account, GRAPH_VERSION)
        except Stopped as stop:
            return stop.outcome
        if _own_login(account):
            return probe(graph, "me", "id,user_id,username", "user_id", "id")
        return probe(graph, account.account_id, "id,username", "id")


def _own_login(account: Account) -> bool:
    return account.credentials.get("login") == "instagram"


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
        renew_ahead=timedelta(days=20),
        host="https://graph.facebook.com",
        needs_image=True,
        one_ratio=True,
        carousel=True,
    )
)
