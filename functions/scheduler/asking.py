"""Cards are asked for: up to ten posts a card, each noted as asked before the event goes out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from mesh.events import Asked, ReviewRequested
from mesh.ledger import Act, Ledger, Status
from mesh.rulebook import Rulebook
from scheduler.carrying import Carrier
from scheduler.reasons import Code, Reason, because
from scheduler.rounds import asking
from scheduler.steps import Clock, Decision, Step

POSTS_A_CARD = 10


@dataclass
class Asks:
    """What one run has to ask. ``fresh`` by the card's reason, ``again`` by a round and its reason."""

    fresh: dict[str, dict[str, tuple[Status, Reason]]] = field(default_factory=dict)
    again: dict[tuple[str, str], list[Status]] = field(default_factory=dict)
    nearly: list[Status] = field(default_factory=list)  # to be reminded of soon: they come along on the next one's card

    def note(self, decision: Decision) -> None:
        step, status = decision.step, decision.status
        if step.step is Step.ASK_AGAIN and status.asked is not None:
            self.again.setdefault((status.asked.round_id, status.asked.reason), []).append(status)
        elif step.step in {Step.ASK, Step.ASK_AGAIN}:
            self._add(step.ask_reason, status, step.reason)
        elif step.comes_along:
            self.nearly.append(status)
        if decision.late is not None:
            self._add("late", status, decision.late)

    def _add(self, ask_reason: str, status: Status, reason: Reason) -> None:
        self.fresh.setdefault(ask_reason, {})[status.post_id] = (status, reason)

    def with_those_nearly_due(self) -> None:
        """A reminder takes along what would be one soon."""
        if "reminder" in self.fresh:
            for status in self.nearly:
                self._add("reminder", status, because(Code.ASK_REMINDER))


class Asker:
    """Notes posts as asked and makes the events that say so."""

    def __init__(self, ledger: Ledger, carrier: Carrier, rulebook: Rulebook, clock: Clock) -> None:
        self._ledger = ledger
        self._carrier = carrier
        self._rulebook = rulebook
        self._clock = clock

    def ask(self, asks: Asks) -> None:
        asks.with_those_nearly_due()
        for ask_reason, by_id in sorted(asks.fresh.items()):
            posts = sorted(by_id.values(), key=lambda one: _due_order(one[0]))
            for start in range(0, len(posts), POSTS_A_CARD):
                self._ask_round(posts[start : start + POSTS_A_CARD], ask_reason)
        for (round_id, ask_reason), statuses in asks.again.items():
            posts_again = [
                Asked(post_id=one.post_id, revision=one.asked.revision) for one in _in_order(statuses) if one.asked
            ]
            self._say_round(round_id, ask_reason, posts_again)
            for one in posts_again:
                self._carrier.changed(one.post_id, Step.ASK_AGAIN, because(Code.CARD_LOST))

    def _ask_round(self, posts: list[tuple[Status, Reason]], ask_reason: str) -> None:
        round_id = f"r_{secrets.token_hex(8)}"
        asked: dict[str, Asked] = {}

        def ask_one(status: Status, reason: Reason) -> None:
            after = self._note(status, ask_reason, round_id, self._carrier.acted(f"asked: {ask_reason}", reason))
            if after is not None and after.current_revision is not None:
                asked[after.post_id] = Asked(post_id=after.post_id, revision=after.current_revision)
                self._carrier.changed(after.post_id, Step.ASK, reason)

        self._carrier.together((status.post_id, partial(ask_one, status, reason)) for status, reason in posts)
        if asked:
            self._say_round(round_id, ask_reason, [asked[one.post_id] for one, _ in posts if one.post_id in asked])

    def _note(self, status: Status, ask_reason: str, round_id: str, act: Act) -> Status | None:
        def change(before: Status | None) -> Status | None:
            if before is None or before.current_revision is None:
                return None
            if before.current_revision != status.current_revision:
                return None
            if before.asked != status.asked:  # another run, woken by another event, has asked meanwhile
                return None
            if ask_reason not in {"late", "tick"} and (before.approved or before.held is not None):
                return None  # answered meanwhile
            return asking(before, round_id, ask_reason, self._rulebook, self._clock.now)

        return self._ledger.change_status(status.post_id, act, change)

    def _say_round(self, round_id: str, ask_reason: str, asked: list[Asked]) -> None:
        event = ReviewRequested(trace_id=self._carrier.trace_id, posts=asked, round_id=round_id, reason=ask_reason)
        self._carrier.events.append(event)


def _in_order(statuses: Iterable[Status]) -> list[Status]:
    """Each post once, in the order in which they go out."""
    return sorted({status.post_id: status for status in statuses}.values(), key=_due_order)


def _due_order(status: Status) -> tuple[str, str]:
    return status.due_at or "", status.post_id
