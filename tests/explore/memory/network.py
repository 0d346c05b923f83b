"""A network in memory: what a request does and what it answers are two things, so that the one may come without the other, or later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from networks.drafts import Composing
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
    Pause,
    Presence,
    Problem,
    Rendition,
    Result,
    always_open,
)


@dataclass(frozen=True)
class Posted:
    """One post that is out. ``pictures`` counts those it shows."""

    remote_id: str
    account: str
    text: str
    key: str
    at: datetime
    pictures: int = 0


@dataclass(frozen=True)
class Request:
    """A publish on its way."""

    account: str
    text: str
    key: AttemptKey
    sent_at: datetime


class Feed:
    """What a network's accounts show, and the tokens it takes. Shared by everybody who talks to it."""

    def __init__(self) -> None:
        self.posts: tuple[Posted, ...] = ()
        self.tokens: dict[str, str] = {}
        self.refreshing: dict[str, str] = {}
        self.containers: dict[str, tuple[str, str, str]] = {}  # by id: account, text, status
        self.uploads = 0  # pictures that no post has to show

    def fingerprint(self) -> int:
        named = (self.tokens, self.refreshing, self.containers)
        return hash((self.posts, self.uploads, *(tuple(sorted(one.items())) for one in named)))

    def copy(self) -> Feed:
        twin = Feed()
        twin.posts = self.posts
        twin.tokens = dict(self.tokens)
        twin.refreshing = dict(self.refreshing)
        twin.containers = dict(self.containers)
        twin.uploads = self.uploads
        return twin


_DECLARED = Declared(
    name="bluesky",
    label="Memory",
    limits={Of.TEXT: Limit(300, "characters", "nobody", Mark.CAUTION)},
    image_mimes=("image/png",),
    counted="Code points.",
    after_unknown=AfterUnknown.REPEAT_SAME,
    settle=timedelta(minutes=2),
    publish_timeout_seconds=30,
    proves=frozenset({Presence.PRESENT, Presence.ABSENT}),
)


@dataclass(frozen=True)
class MemoryNetwork(Composing):
    """``declared`` says what it promises; ``knows_keys`` whether a key is one post (Bluesky for ever, Mastodon within ``repeat_within``).

    ``proves_absence`` is what a look can tell where there is no post: absent, or nothing.
    """

    declared: Declared = _DECLARED
    feed: Feed = field(default_factory=Feed)
    knows_keys: bool = True
    proves_absence: bool = True
    name: str = "bluesky"
    host: str = "https://memory.test"

    def account_of(self, account: str) -> str:
        """The network's own id of an account of the explored business."""
        return account

    def fresh(self) -> MemoryNetwork:
        """Its twin with nothing in it."""
        return replace(self, feed=Feed())

    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        return Measure(len(text), 300)

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        over = self.measure(draft.text).over
        if over:
            return (Problem("too-long", f"{over} characters too long.", over),)
        return Rendition(draft.text, {"text": draft.text}, draft.images)

    def prepare(self, account: Account, rendition: Rendition, key: AttemptKey, now: datetime) -> Request:
        return Request(account.account_id, rendition.text, key, now)

    def land(self, request: Request) -> Posted:
        """The effect."""
        if self.knows_keys:
            memory = self.declared.repeat_within
            for posted in self.feed.posts:
                same = (posted.account, posted.key) == (request.account, request.key.value)
                if same and (memory is None or request.sent_at < request.key.created_at + memory):
                    return posted
        number = f"{request.account}/{len(self.feed.posts) + 1}"
        posted = Posted(number, request.account, request.text, request.key.value, request.sent_at)
        self.feed.posts = (*self.feed.posts, posted)
        return posted

    def publish(
        self,
        http: Any,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: datetime,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        refusal = self._refused(account)
        if refusal is not None:
            return refusal
        if rendition.images and (why := confirm()):
            return Outcome(Result.RETRYABLE, detail=why, closed=True)
        posted = self.land(self.prepare(account, rendition, key, now))
        return Outcome(Result.OK, posted.remote_id, f"https://memory.test/{posted.remote_id}")

    def find(
        self, http: Any, account: Account, rendition: Rendition, key: AttemptKey, kept: Mapping[str, str] = NOTHING_KEPT
    ) -> Finding:
        for posted in self.feed.posts:
            same_words = posted.text == rendition.text and posted.at >= key.created_at - timedelta(minutes=2)
            same = posted.key == key.value if self.knows_keys else same_words
            if posted.account == account.account_id and same:
                return Finding(Presence.PRESENT, posted.remote_id, f"https://memory.test/{posted.remote_id}")
        return Finding(Presence.ABSENT if self.proves_absence else Presence.UNPROVABLE)

    def refresh(self, http: Any, account: Account, now: datetime) -> Account | None:
        """A pair is good once: who comes with an old one kills them all, as real servers do."""
        name = account.account_id
        if name not in self.feed.refreshing:
            return None
        if account.credentials.get("refresh_jwt") != self.feed.refreshing[name]:
            self.feed.refreshing[name] = self.feed.tokens[name] = "dead"
            return None
        number = int(self.feed.refreshing[name].rpartition("-")[2]) + 1
        self.feed.refreshing[name], self.feed.tokens[name] = f"refresh-{number}", f"access-{number}"
        fresh: Mapping[str, str] = {
            **account.credentials,
            "access_jwt": self.feed.tokens[name],
            "refresh_jwt": self.feed.refreshing[name],
        }
        return replace(account, credentials=fresh)

    def probe(self, http: Any, account: Account) -> Outcome:
        return self._refused(account) or Outcome(Result.OK, account.account_id)

    def _refused(self, account: Account) -> Outcome | None:
        """Where the feed keeps no token for the account, every one is good."""
        wanted = self.feed.tokens.get(account.account_id)
        if wanted is None or account.credentials.get("access_jwt") == wanted:
            return None
        if wanted == "dead":
            return Outcome(Result.RETRYABLE, detail="The sign-in is dead.", pause=Pause.REAUTHORISE)
        return Outcome(Result.RETRYABLE, detail="The sign-in has run out.", expired=True)
