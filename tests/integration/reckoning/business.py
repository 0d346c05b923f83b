"""A business on tables in memory: what people and functions do to posts, decided and written by their own code, each noted in a list.

The notes are plain: (what, moment, post, channel, more). What is in them was known to whoever did it, and is read from no table.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from memory.tables import MemoryTables
from mesh_world.wiring import NAMES
from mesh_world.world import schemas

import approve_handler.commit as door
import approve_handler.drafts as drafts_door
from approve_handler.answering import answered as with_answer
from approve_handler.decide import decide, lift
from draft_helper.decide import Made, with_lease, with_made
from draft_helper.failing import Failure
from drive_sync.decide import hold_for_untick
from mesh.approvals import Action, How, Token, new_nonce
from mesh.ledger import Act, Flag, FlagState, Head, HeadState, Hold, Ledger, PackageRef, Runtime, Status, head_key
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Wording
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.spending import Day, count
from mesh.reckoning.figures import figures
from mesh.reckoning.model import Figures, Happened
from mesh.reckoning.reading import read
from mesh.rulebook import parse_rules
from mesh.side_by_side import one_by_one
from mesh.span import Span
from networks import network
from networks.model import Finding, Outcome, Pause, Presence, Result
from scheduler.rounds import asking
from sender import decide as sending

ADA, BEN = "ada@example.test", "ben@example.test"
RULEBOOK, _ = parse_rules("", default_zone="Europe/Berlin")
Noted = tuple[str, datetime, str, str, Any]


class Business:
    """``now`` is moved by whoever drives it. ``tables`` may be others than those in memory."""

    def __init__(self, zone: ZoneInfo, now: datetime, tables: Any = None) -> None:
        self.zone, self.now = zone, now
        self.tables = tables or MemoryTables(schemas())
        self.ledger, self.runtime = Ledger(self.tables, NAMES), Runtime(self.tables, NAMES)
        self.notes: list[Noted] = []
        self._versions: dict[str, list[str]] = {}
        self._made = 0

    def note(self, what: str, post: str = "", channel: str = "", more: Any = None) -> None:
        self.notes.append((what, self.now, post, channel, more))

    def happened(self, span: Span) -> Happened:
        return read(self.ledger, self.runtime, span, self.now, one_by_one)

    def figures(self, span: Span) -> Figures:
        return figures(self.happened(span))

    def _act(self, action: str, by: str, how: str = "", revision: str = "") -> Act:
        return Act(action, by, self.now, "t_1", how, revision)

    # the row

    def row(self, channels: tuple[str, ...]) -> str:
        self._made += 1
        post = f"p_{self._made}"
        self._versions[post] = []
        fresh = Status(post_id=post, due_at=self.now.isoformat(), channels=channels)
        self.ledger.change_status(post, self._act("the row changed", "scheduler"), lambda _: fresh)
        self.edit(post)
        return post

    def edit(self, post: str) -> None:
        version = f"r_{post}_{len(set(self._versions[post])) + 1}"
        self._to(post, version)

    def undo_edit(self, post: str) -> None:
        if len(self._versions[post]) > 1:
            self._to(post, self._versions[post][-2])

    def version(self, post: str) -> str:
        return self._versions[post][-1]

    def _to(self, post: str, version: str) -> None:
        self._versions[post].append(version)
        package = PackageRef(source_revision=f"s_{version}", revision=version)
        update = {"source_revision": f"s_{version}", "package": package}
        self._change(post, self._act("package ready", "renderer"), update)

    def _change(self, post: str, act: Act, update: dict[str, Any]) -> None:
        self.ledger.change_status(post, act, lambda before: before and before.model_copy(update=update))

    # asking and deciding

    def ask(self, post: str, reason: str) -> None:
        act = self._act(f"asked: {reason}", "scheduler")
        self.ledger.change_status(
            post, act, lambda before: before and asking(before, f"r_{new_nonce()}", reason, RULEBOOK, self.now)
        )
        self.note("asked", post, more=self.version(post))

    def press(self, post: str, action: Action, by: str = ADA, how: How = How.MAIL) -> bool:
        """False where the button did nothing."""
        revision = self.version(post)
        hand = Hold(by=by, how=how, at=self.now.isoformat())
        act = self._act(door._PAST[action], by, how, revision)
        status = self.ledger.status(post)
        shown = {lift(post, status.held)} if status is not None and status.held is not None else set()
        after = self.ledger.change_status(
            post, act, lambda before: decide(action, before, revision, hand, self.zone, shown)
        )
        if after is not None:
            self.note("pressed", post, more=(action.name, revision, by, str(how)))
        return after is not None

    def written(self, post: str) -> None:
        """drive-sync has put tick and stamp into the sheet."""
        flag = Flag(state=FlagState.WRITTEN, at=self.now.isoformat())
        self._change(post, self._act("flag written", "drive-sync"), {"flag": flag})

    def untick(self, post: str) -> None:
        act = self._act("held by untick", "the sheet's owner")
        if self.ledger.change_status(post, act, lambda before: hold_for_untick(before, self.now)) is not None:
            self.note("unticked", post)

    def everything(self, *, holds: bool) -> None:
        action = Action.HOLD_EVERYTHING if holds else Action.RELEASE_EVERYTHING
        values = {"by": ADA, "how": "mail", "at": self.now.isoformat()} if holds else None
        if (
            self.ledger.set_standing("everything", HOLD_EVERYTHING, values, self._act(door._PAST[action], ADA))
            and holds
        ):
            self.note("everything held")

    def pause(self, channel: str) -> None:
        values = {"reason": "billing", "detail": "The card has expired.", "since": self.now.isoformat()}
        if self.ledger.set_standing(f"channel#{channel}", pause_key(channel), values, self._act("pause", "sender")):
            self.note("paused", channel=channel)

    def lift_pause(self, channel: str) -> None:
        self.ledger.set_standing(f"channel#{channel}", pause_key(channel), None, self._act("lift pause", "sender"))

    # sending

    def head(self, post: str, channel: str) -> Head | None:
        return self.ledger.head(post, channel)

    def book(self, post: str, channel: str, due: datetime) -> None:
        """The scheduler makes the head ready for the current version."""
        before, version = self.head(post, channel), self.version(post)
        fresh = before or Head(post_channel=head_key(post, channel), state=HeadState.READY, revision=version)
        update = {"state": HeadState.READY, "revision": version, "due": due.isoformat(), "detail": "", "next_at": None}
        self.ledger.change_head(before, fresh.model_copy(update=update), self._act("booked", "scheduler"))
        self.note("booked", post, channel, due)

    def attempt(self, post: str, channel: str, outcome: Outcome, took: timedelta = timedelta(seconds=2)) -> None:
        """The sender claims, and writes down what became of it ``took`` later."""
        head = self.head(post, channel)
        assert head is not None
        event = sending.Send(post_id=post, channel=channel, revision=head.revision, attempt=head.attempts + 1)
        tries = self.ledger.attempts(post, channel)
        opened, attempt = sending.claimed(head, event, self.now, tries)
        opened = self.ledger.change_head(
            head, opened, self._act("claim", "sender"), attempt=attempt, attempt_is_new=True
        )
        self.note("tried", post, channel, head.revision)
        self.now += took
        tried = sending.Tried(opened, attempt, tuple(tries), repeats_unknown=head.state is HeadState.UNKNOWN)
        declared = network("mastodon").declared
        self._record(opened, sending.recorded(tried, outcome, declared, self.now, 0.5), by="network")

    def lose(self, post: str, channel: str) -> None:
        """The sender claims and is never heard of again; its lease ends."""
        head = self.head(post, channel)
        assert head is not None
        event = sending.Send(post_id=post, channel=channel, revision=head.revision, attempt=head.attempts + 1)
        opened, attempt = sending.claimed(head, event, self.now, self.ledger.attempts(post, channel))
        opened = self.ledger.change_head(
            head, opened, self._act("claim", "sender"), attempt=attempt, attempt_is_new=True
        )
        self.note("tried", post, channel, head.revision)
        self.now += sending.LEASE
        self._record(opened, sending.expired(opened, attempt, timedelta(minutes=5)), by="network")

    def give_up(self, post: str, channel: str, sentence: str) -> None:
        self.attempt(post, channel, Outcome(Result.REJECTED, detail=sentence))

    def look(self, post: str, channel: str, *, there: bool) -> None:
        """The sender looks for a try whose fate is unknown."""
        head, attempt = self.head(post, channel), self.ledger.attempts(post, channel)[-1]
        assert head is not None
        if there:
            self._record(
                head, sending.found(head, attempt, Finding(Presence.PRESENT, "1", _url(post)), self.now), by="look"
            )
        else:
            self._record(head, sending.look_later(head, attempt, "Not provable.", self.now), by="look")

    def answer(self, post: str, channel: str, action: Action) -> None:
        """The owner says what became of it, and the sender applies that."""
        head, attempt = self.head(post, channel), self.ledger.attempts(post, channel)[-1]
        assert head is not None
        token = Token(
            action=action,
            posts=((post, head.revision),),
            recipient=ADA,
            round_id="r_1",
            nonce=new_nonce(),
            expires_at=0,
            channel=channel,
            attempt=head.attempts,
        )
        act = self._act(f"answered: {door_says(action)}", ADA, How.MAIL, head.revision)
        status = self.ledger.change_status(post, act, lambda before: with_answer(token, before, self.now, How.MAIL))
        given = status.answer_about(head) if status is not None else None
        assert given is not None
        self._record(head, sending.answered(head, attempt, given, Finding(Presence.UNPROVABLE), self.now), by="answer")

    def _record(self, head: Head, record: Any, by: str) -> None:
        self.ledger.change_head(head, record.head, self._act(record.action, "sender"), attempt=record.attempt)
        self.note("became", head.post_id, head.channel, (str(record.head.state), by, record.head.detail))

    # drafts

    def draft(self, *, works: bool = True) -> str:
        """A note is taken, and the model drafts it, or cannot."""
        self._made += 1
        post = f"p_{self._made}"
        note = Note(text="cake", by=ADA, at=self.now.isoformat())
        fresh = Status(post_id=post, open=DRAFTING, proposal=Proposal(state=DraftState.REQUESTED, note=note))
        self.ledger.change_status(post, self._act("note taken", ADA), lambda _: fresh)
        self.write_draft(post, works=works)
        return post

    def write_draft(self, post: str, *, works: bool = True) -> None:
        leased = self.ledger.change_status(
            post, self._act("drafting began", "draft-helper"), lambda before: with_lease(before, self.now)
        )
        assert leased is not None
        assert leased.proposal is not None
        wording = Wording(text="Cake!", by="model", at=self.now.isoformat(), model="m")
        made = Made((wording,)) if works else Made(failure=Failure("no", "No draft could be made."))
        ready = works or bool(leased.proposal.wordings)
        action, lease = "draft ready" if ready else "draft failed", leased.proposal.lease_until or ""
        self.ledger.change_status(
            post, self._act(action, "draft-helper"), lambda before: with_made(before, lease, made, self.now)
        )
        count(self.runtime, self.now.astimezone(self.zone).date(), Day(drafts=1, calls=1, micro_usd=1500))
        self.note("drafted" if works else "not drafted", post, more=self.today)

    def redraft(self, post: str) -> None:
        """Two more wordings are asked for, and one comes."""
        status = self.ledger.status(post)
        assert status is not None
        assert status.proposal is not None
        update = {"state": DraftState.REQUESTED, "wants": len(status.proposal.wordings) + 1, "lease_until": None}
        wanted = {"proposal": status.proposal.model_copy(update=update)}
        self._change(post, self._act(drafts_door._ACTS["others"], ADA), wanted)
        self.write_draft(post)

    def accept(self, post: str) -> None:
        status = self.ledger.status(post)
        assert status is not None
        assert status.proposal is not None
        over = {"proposal": status.proposal.model_copy(update={"state": DraftState.ACCEPTED}), "open": "1"}
        self._change(post, self._act(drafts_door._ACTS["accept"], ADA, How.MAIL), over)
        self.note("accepted", post)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


OK = Outcome(Result.OK, remote_id="1", url="https://x.test/1")
LATER = Outcome(Result.RETRYABLE, detail="Too many requests.")
LOST = Outcome(Result.UNKNOWN, detail="No answer came.")
PAUSED = Outcome(Result.RETRYABLE, detail="The card has expired.", pause=Pause.BILLING)


def _url(post: str) -> str:
    return f"https://x.test/{post}"


def door_says(action: Action) -> str:
    from approve_handler.answering import _SAYS

    return _SAYS[action].value
