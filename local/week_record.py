"""The referee's own record: what the owner did and was shown, kept apart from everything the stack says of itself."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from local.week_plan import Intent, moment_of, number_in
from local.week_rules import Rules

COLUMNS = ("date", "time", "text", "channels", "image", "alt text", "link", "note")
"""The owner's cells. Whatever the stack writes, these stay as they were typed."""

_MATTERS = ("date", "time", "text", "channels", "image", "alt text", "link")  # a note is not part of a post
POLL = timedelta(minutes=5)  # what is changed in the sheet is seen by the next poll


class May(StrEnum):
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"  # a press of the owner's was answered with an error and never cleared up


@dataclass(frozen=True)
class Words:
    """What one channel is to show: the text, each image's alt text and SHA-256, the link card."""

    text: str
    images: tuple[tuple[str, str], ...]
    link: str


@dataclass(frozen=True)
class Shown:
    """What a page showed of one post: when it goes, and each channel's words."""

    when: str
    channels: Mapping[str, Words]

    @property
    def number(self) -> int:
        return next((number_in(words.text) for words in self.channels.values()), 0)


@dataclass
class Approval:
    """A press of the owner's. ``matters`` are the row's cells at that moment; ``sure``: the page said that it was saved."""

    at: datetime
    shown: Shown
    matters: tuple[str, ...]
    current: bool
    sure: bool
    now_please: bool = False


@dataclass
class Post:
    """One row in the owner's mind."""

    number: int
    cells: dict[str, str]
    intent: Intent
    zone: str = ""  # the business's, when its time was last given a meaning: in another it is another moment
    post_id: str = ""
    gone: bool = False
    approvals: list[Approval] = field(default_factory=list)
    stopped: str = ""  # by a hold or an untick
    allowed_since: datetime | None = None
    stopped_since: datetime | None = None  # for how long it has not been allowed without a break
    by_sheet: bool = False  # whether it was the sheet that allowed it last
    told: dict[str, str] = field(default_factory=dict)  # by channel: how the owner was told that it is not out
    story: list[str] = field(default_factory=list)

    @property
    def matters(self) -> tuple[str, ...]:
        return (*(self.cells.get(name, "") for name in _MATTERS), self.zone)

    @property
    def channels(self) -> list[str]:
        return [name.strip() for name in self.cells["channels"].split(",") if name.strip()]

    def may(self) -> May:
        """Whether it may go out as it stands, everything on hold apart: the newest press counts, for what it showed."""
        if self.gone or self.stopped or not self.approvals:
            return May.NO
        newest = self.approvals[-1]
        if not newest.current or newest.matters != self.matters:
            return May.NO
        return May.YES if newest.sure else May.UNCLEAR

    def settle(self, now: datetime, *, by_sheet: bool) -> None:
        """After each thing the owner did."""
        allowed = self.may() is not May.NO
        if allowed and self.allowed_since is None:
            self.allowed_since, self.stopped_since, self.by_sheet = now, None, by_sheet
        elif not allowed and (self.allowed_since is not None or self.stopped_since is None):
            self.allowed_since, self.stopped_since = None, now

    def approved_words(self, channel: str) -> list[Words]:
        return [approval.shown.channels[channel] for approval in self.approvals if channel in approval.shown.channels]

    def due(self, rules: Rules, *, by_poll: bool = True) -> datetime:
        """The effective time by the rules, the gap between posts apart: planned, or when it was allowed after that.

        ``by_poll``: what was allowed in the sheet is seen by its next poll.
        """
        newest = self.approvals[-1] if self.approvals else None
        planned = newest.at if newest is not None and newest.now_please else moment_of(self.cells, rules.zone)
        moments = [planned, *([newest.at] if newest is not None else [])]
        if self.allowed_since is not None:
            moments.append(self.allowed_since + (POLL if self.by_sheet and by_poll else timedelta()))
        return rules.next_allowed(max(moments))


def shown_on(page: str) -> list[Shown]:
    """The posts a page shows, as a reader sees them."""
    found = []
    for part in page.split('<p class="when">')[1:]:
        goes = part.partition("</p>")[0]
        planned = re.search(r'<p class="faint small">Planned for (.*?);', part)
        channels: dict[str, Words] = {}
        for names, inside in re.findall(r"<article><h2 class=\"pv-head\">(.*?)</h2>(.*?)</article>", part, re.DOTALL):
            listed = html.unescape(names.rpartition("· ")[2])
            channels |= dict.fromkeys(listed.split(", "), _words(inside))
        found.append(Shown(html.unescape(f"{goes} {planned[1] if planned else ''}"), channels))
    return found


def _words(article: str) -> Words:
    shown, _, card = article.partition('class="pv-card">')
    text = re.search(r'<div class="pv-text" dir="auto">(.*?)</div>', shown, re.DOTALL)
    images = re.findall(r'<img class="pv-image" src="[^"]*/image/([0-9a-f]{64})" alt="([^"]*)"', shown)
    link = re.search(r'(?:^Link card: |<span class="pv-link">)(.*?)<', card)
    return Words(
        _seen(text[1]) if text else "",
        tuple((html.unescape(alt), sha256) for sha256, alt in images),
        html.unescape(link[1]) if link else "",
    )


def _seen(inside: str) -> str:
    """The words alone, without the line that marks a fold."""
    unfolded = re.sub(r'<span class="pv-fold">.*?</span>', "", inside)
    return html.unescape(re.sub(r"<[^>]*>", "", unfolded.replace("<br>", "\n")))
