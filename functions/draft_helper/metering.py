"""Asks the model and keeps the books: the day's cap, the day's counters, and the answers of a day, so that nothing is paid for twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from draft_helper import failing
from draft_helper.failing import CannotDraft
from draft_helper.wiring import Parts
from mesh import figures
from mesh.converse.model import Malformed, ModelError
from mesh.converse.prices import cost_micro_usd, watched_micro_usd
from mesh.converse.talk import Reply, Request
from mesh.ledger import spending
from mesh.ledger.proposals import Spent
from mesh.ledger.spending import Day

_KEPT_FOR = timedelta(days=1)
_LARGEST_KEPT_BYTES = 100_000

Check = Callable[[Mapping[str, Any]], object]


@dataclass
class Meter:
    """For one draft or plan. ``left`` are the milliseconds that remain; ``spent`` grows with each request."""

    parts: Parts
    now: datetime
    left: Callable[[], int]
    spent: Spent = field(default_factory=Spent)

    def ask(self, request: Request, check: Check, *, first: bool) -> Reply:
        """An answer to the very same request of the last 24 hours, or a new one. ``first``: it counts as a draft of the day, where it
        is really asked. CannotDraft past the day's cap; a ModelError, whose tokens are counted too.
        """
        key = f"drafted#{fingerprint(request, self.parts.model.name, self.parts.model.guardrail)}"
        kept = self._kept(key, check)
        if kept is not None:
            self._note(Day(cache_hits=1))
            return kept
        most = self.parts.settings.daily_drafts
        if first and not spending.count_draft(self.parts.runtime, self._today, most):
            raise CannotDraft(failing.too_many_today(most))
        try:
            reply = self.parts.model.ask(request, check=check, left=self.left)
        except ModelError as error:
            self._count(error, drafts=-1 if first else 0)
            raise
        self._count(reply)
        self._keep(key, reply)
        return reply

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.parts.zone).date()

    def _count(self, one: Reply | ModelError, drafts: int = 0) -> None:
        cost = cost_micro_usd(self.parts.model.name, one.tokens_in, one.tokens_out)
        day = Day(
            drafts=drafts,
            calls=one.calls,
            tokens_in=one.tokens_in,
            tokens_out=one.tokens_out,
            micro_usd=cost or 0,
            unpriced=one.calls if cost is None else 0,
        )
        self.spent = Spent(
            calls=self.spent.calls + day.calls,
            tokens_in=self.spent.tokens_in + day.tokens_in,
            tokens_out=self.spent.tokens_out + day.tokens_out,
            micro_usd=self.spent.micro_usd + day.micro_usd,
        )
        self._note(day)
        watched = watched_micro_usd(self.parts.model.name, one.tokens_in, one.tokens_out)
        if watched:
            figures.put(self.parts.bus.source, "draft-helper", {"BedrockUsd": watched / 1_000_000})

    def _note(self, day: Day) -> None:
        spending.count(self.parts.runtime, self._today, day)

    def _kept(self, key: str, check: Check) -> Reply | None:
        item = self.parts.runtime.get(key, self.now)
        if item is None:
            return None
        reply = Reply.of(json.loads(item["reply"]))
        try:
            check(reply.given)
        except Malformed:  # kept by a version that took it
            return None
        return reply

    def _keep(self, key: str, reply: Reply) -> None:
        text = json.dumps({**asdict(reply), "calls": 0, "tokens_in": 0, "tokens_out": 0, "milliseconds": 0})
        if len(text.encode()) <= _LARGEST_KEPT_BYTES:
            self.parts.runtime.put(key, {"reply": text}, ttl=self.now + _KEPT_FOR)


def fingerprint(request: Request, model: str, guardrail: str) -> str:
    """The same for the same question to the same model; files count by their bytes."""
    asked = {one.name: getattr(request, one.name) for one in fields(request)} | {"model": model, "guardrail": guardrail}
    text = json.dumps(asked, sort_keys=True, default=_digest)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(content: object) -> str:
    if not isinstance(content, bytes):
        raise TypeError(f"a request holds a {type(content).__name__}")
    return hashlib.sha256(content).hexdigest()
