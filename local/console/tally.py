"""Whether anything doubled or was lost since a moment: what the books say, held against what the networks show. Pure.

A post is one row on one channel. It is out where its network shows it, whatever the books say by now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_SETTLED = frozenset({"sent", "failed"})
_TOLD = 8


@dataclass(frozen=True)
class Story:
    """One post that is not simply out, or is and its owner is asked all the same.

    ``state``: doubled, missing, refused, asked or waiting; ``next_at`` ISO, or "".
    """

    post_id: str
    channel: str
    state: str
    detail: str = ""
    next_at: str = ""


@dataclass(frozen=True)
class Tally:
    """``planned`` is the sum of ``out``, ``waiting`` (looked for or tried again), ``asked`` (the owner is), ``refused`` (and told) and
    ``missing``: sent by the books, and not to be seen. ``doubled`` counts what stands beyond the first.
    """

    planned: int = 0
    out: int = 0
    doubled: int = 0
    missing: int = 0
    waiting: int = 0
    asked: int = 0
    refused: int = 0
    stories: tuple[Story, ...] = ()

    def shown(self) -> dict[str, Any]:
        return {**asdict(self), "stories": [asdict(story) for story in self.stories[:_TOLD]]}


def tally(
    heads: Iterable[Mapping[str, Any]], feed: Sequence[Mapping[str, Any]], since: datetime, now: datetime
) -> Tally:
    """``heads`` as they lie in the table, one for each post and channel; ``feed`` as the networks show it, with ``channel``.

    Counted are the posts that were tried since, or that fell due since and are not settled.
    """
    every = list(heads)
    claimed = {str(head["posted_url"]) for head in every if head.get("posted_url")}
    shown = {str(post.get("url")) for post in feed}
    trying = Counter(_channel(head) for head in every if head["state"] not in _SETTLED and head.get("attempts"))
    stories = list(_doubled(feed, claimed, trying, since))
    doubled = len(stories)
    unclaimed = Counter(
        str(post["channel"])
        for post in feed
        if str(post.get("url")) not in claimed and _moment(post["created_at"]) >= since
    )
    counts: Counter[str] = Counter()
    for head in sorted(every, key=lambda head: str(head.get("since") or "")):
        if not _concerned(head, since, now):
            continue
        state = _state(head, shown, unclaimed)
        counts[state] += 1
        if state == "out" and head.get("asked_at") and head["state"] not in _SETTLED:
            state = "asked"  # it is there, and only its owner can say so to the books
        if state != "out":
            next_at = str(head.get("next_at") or "") if state == "waiting" else ""
            stories.append(Story(_post(head), _channel(head), state, str(head.get("detail") or ""), next_at))
    return Tally(planned=counts.total(), doubled=doubled, stories=tuple(stories), **counts)


def _doubled(
    feed: Sequence[Mapping[str, Any]], claimed: set[str], trying: Mapping[str, int], since: datetime
) -> Iterable[Story]:
    """The same words more than once on one channel, beyond what the books know of or are about to find."""
    alike: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for post in feed:
        alike[str(post["channel"]), str(post.get("text", "")).strip()].append(post)
    for (channel, _), posts in alike.items():
        if len(posts) < 2 or all(_moment(post["created_at"]) < since for post in posts):
            continue
        known = sum(str(post.get("url")) in claimed for post in posts)
        for post in posts[max(1, known + trying.get(channel, 0)) :]:
            yield Story("", channel, "doubled", str(post.get("url") or post["id"]))


def _concerned(head: Mapping[str, Any], since: datetime, now: datetime) -> bool:
    tried = bool(head.get("since")) and _moment(head["since"]) >= since
    if head["state"] in _SETTLED:
        return tried
    due = _moment(head["due"]) if head.get("due") else None
    return tried or (due is not None and since <= due <= now)


def _state(head: Mapping[str, Any], shown: set[str], unclaimed: Counter[str]) -> str:
    """Uses one up of ``unclaimed``, the posts on each channel that no head has the address of yet."""
    url = str(head.get("posted_url") or "")
    if head["state"] == "sent":
        return "out" if not url or url in shown else "missing"
    if head.get("attempts") and unclaimed[_channel(head)]:
        unclaimed[_channel(head)] -= 1
        return "out"
    if head["state"] == "failed":
        return "refused"
    return "asked" if head.get("asked_at") else "waiting"


def _post(head: Mapping[str, Any]) -> str:
    return str(head["post_channel"]).partition("#")[0]


def _channel(head: Mapping[str, Any]) -> str:
    return str(head["post_channel"]).partition("#")[2]


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
