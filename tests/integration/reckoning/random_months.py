"""A month, or a week, of business by chance: what is done when and to what comes out of one number."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from business import ADA, BEN, LATER, LOST, OK, PAUSED, Business

from mesh.approvals import Action, How
from mesh.ledger import HeadState
from mesh.span import Span, digest_week, month_before
from networks.model import Outcome, Result

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "UTC",
    "Asia/Kathmandu",  # a quarter past
    "Pacific/Auckland",  # a day ahead, for most of the month's last day
    "Pacific/Honolulu",
    "Australia/Lord_Howe",  # half an hour of summer
    "America/Santiago",  # the clocks change at midnight
)
CHANNELS = ("instagram-main", "x-main", "gone-by-now")
NO = Outcome(Result.REJECTED, detail="The text is too long.")


class Chance:
    """``run`` does the month; ``span`` is what is to be reckoned. Much is done at its borders, to the microsecond."""

    def __init__(self, seed: int, tables: Any = None) -> None:
        self.dice = random.Random(seed)
        zone = ZoneInfo(self.dice.choice(ZONES))
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.dice.randrange(2 * 365 * 24))
        week = self.dice.random() < 0.3
        self.span: Span = digest_week(moment, zone) if week else month_before(moment, zone)
        length = self.span.ends - self.span.begins
        self._first, self._last = self.span.begins - length / 3, self.span.ends + length / 5
        self.business = Business(zone, self._first, tables)
        self._posts: list[str] = []
        self._drafts: list[str] = []

    def run(self, most: int = 80) -> Business:
        for moment in self._moments(self.dice.randrange(most + 1)):
            self.business.now = max(moment, self.business.now)
            self.dice.choice((self._row, *(self._decide,) * 5, *(self._send,) * 6, self._draft, self._stop))()
        self.business.now = max(self._last, self.business.now)
        return self.business

    def _moments(self, count: int) -> list[datetime]:
        length = (self._last - self._first) // timedelta(microseconds=1)
        edges = (self.span.begins, self.span.ends)
        tick = timedelta(microseconds=1)
        found = []
        for _ in range(count):
            at = self._first + self.dice.randrange(length) * tick
            if self.dice.random() < 0.15:
                at = self.dice.choice(edges) + self.dice.choice((-1, 0, 1)) * tick
            elif self.dice.random() < 0.5:
                at = at.replace(microsecond=0)  # a moment is written without a fraction where it has none
            found.append(at)
        return sorted(found)

    def _row(self) -> None:
        channels = tuple(self.dice.sample(CHANNELS, self.dice.randrange(1, len(CHANNELS) + 1)))
        self._posts.append(self.business.row(channels))

    def _post(self) -> str:
        if not self._posts:
            self._row()
        return self.dice.choice(self._posts[-8:])

    def _decide(self) -> None:
        business, post, dice = self.business, self._post(), self.dice
        by, how = dice.choice(((ADA, How.MAIL), (BEN, How.SLACK), (ADA, How.DEVICE)))
        deeds = [
            lambda: business.ask(post, dice.choice(("new", "changed", "reminder", "late", "released"))),
            lambda: business.ask(post, "reminder"),
            lambda: business.press(post, Action.REVIEW, by, how),
            lambda: business.press(post, Action.REVIEW, by, how),
            lambda: business.press(post, Action.SEND_NOW, by, how),
            lambda: business.press(post, Action.HOLD, by, how),
            lambda: business.press(post, Action.RELEASE, by, how),
            lambda: business.written(post),
            lambda: business.untick(post),
            lambda: business.edit(post),
            lambda: business.undo_edit(post),
        ]
        dice.choice(deeds)()

    def _send(self) -> None:
        business, post, dice = self.business, self._post(), self.dice
        status = business.ledger.status(post)
        assert status is not None
        channel = dice.choice(status.channels)
        head = business.head(post, channel)
        state = head.state if head is not None else None
        if state is HeadState.SENT:
            return
        if state is HeadState.UNKNOWN and dice.random() < 0.8:
            answers = (Action.FOUND, Action.NOT_THERE, Action.SEND_AGAIN)
            if dice.random() < 0.5:
                business.look(post, channel, there=dice.random() < 0.5)
            else:
                business.answer(post, channel, dice.choice(answers))
        elif state in {None, HeadState.FAILED} or (state is HeadState.READY and dice.random() < 0.2):
            late = timedelta(seconds=dice.choice((0, 0, 30, 299, 300, 301, 4000)))
            business.book(post, channel, business.now - late)
            if dice.random() < 0.8:
                business.attempt(post, channel, dice.choice((OK, OK, OK, LATER, LOST, NO)))
        elif dice.random() < 0.1:
            business.lose(post, channel)
        else:
            took = timedelta(microseconds=dice.choice((1, 999_999, 2_000_000, 80_000_000)))
            business.attempt(post, channel, dice.choice((OK, OK, OK, LATER, LOST, NO, PAUSED)), took)

    def _draft(self) -> None:
        business, dice = self.business, self.dice
        if not self._drafts or dice.random() < 0.5:
            works = dice.random() < 0.8
            post = business.draft(works=works)
            if works:
                self._drafts.append(post)
        elif dice.random() < 0.5:
            business.redraft(dice.choice(self._drafts))
        else:
            business.accept(self._drafts.pop(dice.randrange(len(self._drafts))))

    def _stop(self) -> None:
        business, dice = self.business, self.dice
        channel = dice.choice(CHANNELS)
        deeds = [
            lambda: business.everything(holds=True),
            lambda: business.everything(holds=False),
            lambda: business.pause(channel),
            lambda: business.lift_pause(channel),
        ]
        dice.choice(deeds)()
