"""Asks the model for a month's paragraph, within the day's cap, and counts what it cost. Whatever goes wrong, there is a paragraph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mesh.converse.model import Malformed, Model, ModelError
from mesh.converse.prices import cost_micro_usd
from mesh.converse.talk import Reply
from mesh.ledger import Runtime, spending
from mesh.ledger.proposals import STAND_IN
from mesh.ledger.spending import Day
from mesh.reckoning.model import Figures
from recap import asking
from recap.decide import is_empty
from recap.paragraph import plain
from recap.settings import RecapSettings

READ_SECONDS = 15
NEEDED_MILLISECONDS = (READ_SECONDS + 10) * 1000
"""With less time left the model is not asked: the mails have to go out in what remains."""


@dataclass(frozen=True)
class Written:
    """``by`` is who wrote it, "" for this code; ``why`` says in a word why it was not the model."""

    text: str
    by: str = ""
    why: str = ""


@dataclass(frozen=True)
class Writer:
    """``model`` makes its client when it is first asked."""

    settings: RecapSettings
    runtime: Runtime
    model: Callable[[], Model]

    def write(
        self,
        figures: Figures,
        phrases: Mapping[str, str],
        owed: Set[str],
        now: datetime,
        left: Callable[[], int],
    ) -> Written:
        """The model's where it says nothing but the figures, else the plain one."""
        if is_empty(figures):
            return Written(plain(figures, phrases), why="a month of nothing")
        try:
            text = self._asked(phrases, owed, now.astimezone(figures.span.zone).date(), left)
        except _NotAsked as error:
            return Written(plain(figures, phrases), why=str(error))
        except ModelError as error:
            return Written(plain(figures, phrases), why=_said(error))
        return Written(text, STAND_IN if self.settings.bedrock_url else self.settings.model)

    def _asked(self, phrases: Mapping[str, str], owed: Set[str], today: date, left: Callable[[], int]) -> str:
        if left() < NEEDED_MILLISECONDS:
            raise _NotAsked("no time left")
        if not spending.count_draft(self.runtime, today, self.settings.daily_drafts):
            raise _NotAsked("the day's cap")

        def check(given: Mapping[str, Any]) -> object:
            return asking.paragraph_of(given, phrases, owed)

        try:
            reply = self.model().ask(asking.request(phrases, owed), check=check, left=left)
        except ModelError as error:
            self._count(error, today, drafts=-1)
            raise
        self._count(reply, today)
        return asking.paragraph_of(reply.given, phrases, owed)

    def _count(self, one: Reply | ModelError, today: date, drafts: int = 0) -> None:
        cost = cost_micro_usd(self.settings.model, one.tokens_in, one.tokens_out)
        day = Day(
            drafts=drafts,
            calls=one.calls,
            tokens_in=one.tokens_in,
            tokens_out=one.tokens_out,
            micro_usd=cost or 0,
            unpriced=one.calls if cost is None else 0,
        )
        spending.count(self.runtime, today, day)


class _NotAsked(Exception):
    """The model was not asked; the message says why in a word."""


def _said(error: ModelError) -> str:
    """For a log line: no word of what was written."""
    return str(error) if isinstance(error, Malformed) else type(error).__name__
