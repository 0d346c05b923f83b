"""LinkedIn: "little text", in which fifteen characters must be escaped or the post is cut at the first one, without an error.

Format and limits: Posts API, little text format; the length is on a help page only. The link card is what the poster brings.
Nothing makes a repetition safe there, and a member's posts cannot be listed: after a lost answer only the owner can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from networks import outcomes
from networks.drafts import UnitsAndCard, link_beside_images, own_card
from networks.http import Answer, Budget, Stopped, ask, is_token, pinned_origin
from networks.linkedin_door import LABEL, LOOK_SECONDS, alive, door_of
from networks.linkedin_publish import NOTED, Sending, find_listed, public_url
from networks.model import (
    NO_NOTES,
    NOTHING_KEPT,
    Account,
    AfterUnknown,
    AttemptKey,
    Blobs,
    Confirm,
    Declared,
    Draft,
    Finding,
    Limit,
    Mark,
    Notes,
    Of,
    Outcome,
    Presence,
    Problem,
    Rendition,
    always_open,
)
from networks.text import find_tags, tidy

if TYPE_CHECKING:
    import httpx

RESERVED = frozenset("\\|{}@[]()<>#*_~")
TITLE_LIMIT = 400
DESCRIPTION_LIMIT = 4_086
_API, _SIGN_IN = "https://api.linkedin.com", "https://www.linkedin.com"
_LONGEST = timedelta(days=3_650)
_NO_NOW = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class LinkedIn(UnitsAndCard):
    image_poll_seconds: float = 1.0

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are commentary and article; author, visibility and image handles come with publishing."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        problems = self.problems(draft)
        if problems:
            return problems
        post: dict[str, Any] = {"commentary": little_text(shown)}
        card = own_card(tidy(draft.link), draft.card) if draft.link and not draft.images else None
        if card is not None:
            title, description = card.title[:TITLE_LIMIT], card.description[:DESCRIPTION_LIMIT]
            post["content"] = {"article": {"source": card.url, "title": title, "description": description}}
        return Rendition(shown, {"post": post}, draft.images, card)

    def confirms(self, rendition: Rendition) -> bool:
        return bool(rendition.uploads)

    def publish(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: datetime,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        """Images, ``confirm`` after those, the post once, and a look whether all of its text arrived."""
        try:
            door = door_of(http, account, rendition)
        except Stopped as stop:
            return stop.outcome
        budget = Budget(self.declared.publish_timeout_seconds)
        sending = Sending(door, rendition, key, now, budget, self.image_poll_seconds)
        return sending.published(blobs, confirm, notes)

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """What a try noted is out. Else an organization's posts are looked through; a member's cannot be listed."""
        try:
            door = door_of(http, account, rendition)
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
        if noted := kept.get(NOTED):
            return Finding(Presence.PRESENT, noted, public_url(door, noted))
        if door.is_organization:
            return find_listed(door, rendition, key)
        return Finding(Presence.UNPROVABLE, detail=f"{LABEL} lets nobody list a person's posts: only you can look.")

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """A fresh access token where there is a refresh token: LinkedIn gives these to approved partners only. RenewalUnclear."""
        credentials, origin = account.credentials, pinned_origin(account.host)
        if origin is None or not is_token(credentials.get("refresh_token", "")):
            return None
        asked = {name: credentials.get(name, "") for name in ("refresh_token", "client_id", "client_secret")}
        address = f"{_SIGN_IN if origin == _API else origin}/oauth/v2/accessToken"
        form = {"grant_type": "refresh_token", **asked}
        answer = outcomes.renewal(LABEL, lambda: ask(http, "POST", address, timeout_seconds=LOOK_SECONDS, data=form))
        if answer is None:
            return None
        return replace(account, credentials={**credentials, "expires_at": "", **_fresh(answer, now)})

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """A person: ``userinfo``, and whether the API's version still is one. An organization: whether the sign-in may post for it."""
        try:
            door = door_of(http, account)
        except Stopped as stop:
            return stop.outcome
        return replace(alive(door, _NO_NOW), retry_at=None)


def little_text(text: str) -> str:
    """The text with every reserved character escaped and every hashtag as LinkedIn's own template, so that it can be clicked."""
    pieces: list[str] = []
    position = 0
    for tag in find_tags(text):
        pieces.append(_escaped(text[position : tag.start]))
        pieces.append(f"{{hashtag|\\#|{_escaped(tag.value)}}}")
        position = tag.end
    return "".join([*pieces, _escaped(text[position:])])


def _fresh(answer: Answer, now: datetime) -> dict[str, str]:
    """The credentials that a token answer changes; RenewalUnclear where it gave none. The refresh token mostly stays the same."""
    token, seconds = answer.text_field("access_token"), answer.fields.get("expires_in")
    if not is_token(token):
        raise outcomes.no_pair(LABEL)
    told = {"access_token": token}
    if isinstance(seconds, int) and 0 < seconds < _LONGEST.total_seconds():
        told["expires_at"] = (now + timedelta(seconds=seconds)).isoformat()
    if is_token(answer.text_field("refresh_token")):
        told["refresh_token"] = answer.text_field("refresh_token")
    return told


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
        renew_ahead=timedelta(days=20),
        host="https://api.linkedin.com",
        brings_card=True,
    )
)
