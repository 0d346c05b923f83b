"""Everybody who writes a draft, in any order and on stale looks: what is decided stays decided, and wants its row once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from approve_handler.draft_decide import MODEL, Hand, blank, digest, in_force, rule
from approve_handler.draft_form import Typed
from draft_helper import batch_decide
from draft_helper.decide import Made, given_up, with_lease, with_made
from draft_helper.failing import storage_busy
from mesh.ledger import Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Source, Wording
from notifier.drafting import noted, round_of

START = datetime(2027, 3, 20, 8, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
OVER = {DraftState.ACCEPTED, DraftState.DISCARDED}
BUTTONS = ["accept", "accept", "save", "others", "again", "discard", "use-0", "use-1", ""]


class Walk:
    """``seen`` is every state that stood once: pages, mails and runs act on what they saw."""

    def __init__(self, seed: int) -> None:
        self.chance, self.now = random.Random(seed), START
        note = Note(
            text="Rolls",
            channels=("a", "b"),
            by="ada@example.test",
            at=START.isoformat(),
            date="2027-04-01",
            time="09:00",
            source=Source.BATCH,
            batch_id="b_1",
        )
        proposal = Proposal(state=DraftState.REQUESTED, note=note)
        self.status = Status(post_id="p_1", open=DRAFTING, due_at=START.isoformat(), proposal=proposal)
        self.seen, self.leases = [self.status], [""]
        self.steps = [self.leases_it, self.drafts, self.gives_up, self.notes_a_card, self.machine_fails, self.withdraws]
        self.steps += [self.presses] * 4

    @property
    def proposal(self) -> Proposal:
        assert self.status.proposal is not None
        return self.status.proposal

    def step(self) -> None:
        self.now += timedelta(seconds=self.chance.choice([1, 30, 200, 400]))
        after, before = self.chance.choice(self.steps)(), self.proposal.state
        if after is None or after == self.status:
            return
        assert before not in OVER, "what is decided is written over"
        self.status = after
        self.seen.append(after)

    def leases_it(self) -> Status | None:
        leased = with_lease(self.status, self.now)
        if leased is not None and leased.proposal is not None:
            self.leases.append(leased.proposal.lease_until or "")
        return leased

    def drafts(self) -> Status | None:
        words = (Wording(text=f"Words {len(self.seen)}", by=MODEL, at=self.now.isoformat()),)
        failed = Made(self.chance.choice([(), words]), failure=storage_busy(), waits=self.chance.random() < 0.5)
        return with_made(
            self.status, self.chance.choice(self.leases), self.chance.choice([Made(words), failed]), self.now
        )

    def gives_up(self) -> Status | None:
        return given_up(self.status, self.now)

    def notes_a_card(self) -> Status | None:
        told = round_of(self.chance.choice(self.seen))
        return noted(self.status, told, self.now.isoformat(), "", 1) if told else None

    def machine_fails(self) -> Status | None:
        return batch_decide.undrafted(self.status, "Throttled", self.now)

    def withdraws(self) -> Status | None:
        if self.chance.random() > 0.1:
            return None
        over = self.proposal.model_copy(update={"decided_by": "ben@example.test", "decided_at": self.now.isoformat()})
        return batch_decide.withdrawn(self.status, over)

    def presses(self) -> Status | None:
        shown = self.chance.choice(self.seen[-3:]).proposal
        assert shown is not None
        words, stands = shown.current or blank(shown), in_force(shown)
        typed = Typed(
            do=self.chance.choice(BUTTONS),
            shown=digest(shown),
            text=self.chance.choice([words.text, f"Typed {len(self.seen)}"]),
            channels=self.chance.choice([stands.channels, ("a",)]),
            date=stands.date,
            time=stands.time,
        )
        by = self.chance.choice(["ada@example.test", "ben@example.test"])
        return rule(self.status, typed, Hand(by, self.now, ZONE)).after


@pytest.mark.parametrize("seed", range(4))
def test_whoever_comes_when_a_decided_draft_stays_as_it_was_decided(seed: int) -> None:
    accepted = 0
    for number in range(400):
        walk = Walk(1_000 * seed + number)
        for _ in range(14):
            walk.step()
            status, state = walk.status, walk.proposal.state
            if state is DraftState.ACCEPTED:
                accepted += 1
                assert status.wanted is not None
                assert (status.open, status.card, status.approval) == ("1", None, None)
            else:
                assert status.wanted is None
                assert status.open == (None if state is DraftState.DISCARDED else DRAFTING)
            if state is DraftState.READY:
                assert walk.proposal.current is not None, "there is nothing to be accepted"
    assert accepted > 200
