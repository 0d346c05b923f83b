"""X: 280 by weight, links count as 23, and a post with a link costs thirteen times one without.

X recognises no repetition, so a try whose fate is unknown is never repeated by itself: a look may prove that it is out, and nothing
proves that it is not. Prices and limits: X API v2 reference and pricing page; counting: ``networks.x_text``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import regex

from networks import outcomes
from networks.drafts import Composing, link_below, measured, shared_problems, too_long, too_many
from networks.http import Budget, LineTrouble, Stopped
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
    Measure,
    Notes,
    Of,
    Outcome,
    Presence,
    Problem,
    Rendition,
    Result,
    always_open,
)
from networks.text import Span, apart, find_mentions, find_tags
from networks.x_prices import PRICE_USD, PRICE_WITH_LINK_USD
from networks.x_publish import address, create, upload
from networks.x_session import LABEL, LOOK_SECONDS, check_owner, door, fresh_pair
from networks.x_text import find_x_links, weighted_length
from networks.x_timeline import posts_since, says_the_same

if TYPE_CHECKING:
    import httpx

CLOCK_SLACK = timedelta(minutes=2)
_NO_NOW = datetime.fromtimestamp(0, UTC)
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
        """Whose token it is, the images with their descriptions, ``confirm`` after those, then the post, once."""
        budget = Budget(self.declared.publish_timeout_seconds)
        try:
            check_owner(http, account, now, budget.left_for_preparing_seconds)
            media = [upload(http, account, image, blobs(image.sha256), now, budget) for image in rendition.images]
        except Stopped as stop:
            return stop.outcome
        if media and (why := confirm()):
            return outcomes.closed(why)
        if budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(LABEL)
        return create(http, account, rendition, media, now, budget)

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """Among the account's posts since the first attempt: the same words and as many images. Never ``absent``: X's list can lag."""
        try:
            origin, _ = door(account)
            for post in posts_since(http, account, key.created_at - CLOCK_SLACK):
                if says_the_same(post, rendition):
                    return Finding(Presence.PRESENT, post["id"], address(origin, post["id"]))
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
        except LineTrouble as trouble:
            return outcomes.not_asked(LABEL, trouble)
        detail = f"{LABEL} does not list the post; that alone does not prove that it is not there."
        return Finding(Presence.UNPROVABLE, detail=detail)

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """By the refresh token, which is good once: whoever gets a pair stores it before using it."""
        return fresh_pair(http, account, now)

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """``GET /2/users/me``: alive, and the account the channel names."""
        try:
            handle = check_owner(http, account, _NO_NOW, LOOK_SECONDS)
        except Stopped as stop:
            return replace(stop.outcome, retry_at=None)
        return Outcome(Result.OK, remote_id=account.account_id, receipt={"handle": handle})


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
        renew_ahead=timedelta(minutes=10),
        host="https://api.x.com",
    )
)
