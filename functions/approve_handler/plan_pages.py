"""A batch behind its link: its plan to be looked at and changed, and what became of it. One transaction a press, then the event.

It works without script. Enter in a field presses the form's first button, which saves and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from approve_handler import plan_form
from approve_handler.commit import Found, announce
from approve_handler.frame import Frame
from approve_handler.pauses import paused_among
from approve_handler.plan_decide import Fate, Hand, Ruling, batch_in, rule, under_way
from approve_handler.plan_form import Press, TypedPlan
from approve_handler.plan_views import being_made, discarded, drafting, drafts, expired, gone, plan_page
from mesh import log
from mesh.approvals import How
from mesh.door.request import Answer, Request, form_fields
from mesh.errors import MeshError
from mesh.events import BatchRequested, new_trace_id
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DraftState

_log = log.logger("approve-handler")
_LATER = "It could not be saved just now. Nothing you typed is lost: please press again in a minute."
_CHANGED = "The plan has changed since you opened it. This is how it stands now; nothing was done."
_DEEDS = {
    Press.DRAFT: "plan agreed to",
    Press.AGAIN: "plan wanted again",
    Press.DISCARD: "batch discarded",
    Press.SAVE: "plan edited",
}


def answer(frame: Frame, found: Found, pressed: Request | None) -> Answer:
    """The page of a link opened; ``pressed`` is the form of one of its buttons."""
    status = found.statuses.get(frame.token.posts[0][0])
    return Answer(200, _look(frame, status) if pressed is None else _press(frame, status, pressed))


def _look(frame: Frame, status: Status | None) -> str:
    """Changes nothing."""
    proposal = batch_in(status)
    if status is None or proposal is None:
        return gone(frame)
    if frame.expired:
        return expired(frame)
    if proposal.state is DraftState.DISCARDED:
        return discarded(frame, proposal)
    if proposal.state is DraftState.REQUESTED:
        return being_made(frame, proposal)
    if proposal.state is DraftState.ACCEPTED:
        posts = frame.desk.ledger.statuses([one.post_id for one in proposal.plan])
        return drafting(frame, proposal, posts) if under_way(status) else drafts(frame, proposal, posts)
    return plan_page(frame, proposal, paused=_paused(frame, status))


def _press(frame: Frame, status: Status | None, request: Request) -> str:
    """What the tables do not take now is said above the form, with all that was typed in it."""
    typed, trace_id = plan_form.read_plan(form_fields(request)), new_trace_id()
    hand = Hand(frame.token.recipient, frame.now, frame.desk.zone, trace_id)
    try:
        ruling = _commit(frame, status, typed, hand)
    except MeshError as error:
        _told(frame, typed, type(error).__name__)
        proposal = batch_in(status)
        if proposal is None or proposal.state not in {DraftState.READY, DraftState.FAILED}:
            raise
        return plan_page(frame, proposal, "Not just now", [_LATER], alert=True, typed=typed)
    _told(frame, typed, ruling.fate.value)
    if ruling.fate is Fate.DONE:
        if ruling.asks:
            announce(frame.desk, BatchRequested(trace_id=trace_id, batch_id=frame.token.posts[0][0]))
        return _done(frame, ruling, typed)
    return _as_it_stands(frame, status, ruling, typed)


def _commit(frame: Frame, status: Status | None, typed: TypedPlan, hand: Hand) -> Ruling:
    """The ruling of the try that was written, else of the last that was looked at."""
    batch_id = frame.token.posts[0][0]
    rulings: list[Ruling] = []

    def change(before: Status | None) -> Status | None:
        rulings.append(rule(before, typed, hand))
        return rulings[-1].after

    act = Act(_DEEDS[_pressed(typed)], hand.by, hand.at, hand.trace_id, How.MAIL)
    read: Mapping[str, Status] = {} if status is None else {batch_id: status}
    after = frame.desk.ledger.change_status(batch_id, act, change, read=read)
    return replace(rulings[-1], after=after)


def _done(frame: Frame, ruling: Ruling, typed: TypedPlan) -> str:
    proposal = batch_in(ruling.after)
    if ruling.after is None or proposal is None:
        return gone(frame)
    if proposal.state is DraftState.READY:
        said = ["This is how it stands now. Nothing is drafted yet."]
        return plan_page(frame, proposal, "Your changes are saved", said, paused=_paused(frame, ruling.after))
    if proposal.state is DraftState.ACCEPTED:
        return drafting(frame, proposal, {})
    return _look(frame, ruling.after)


def _as_it_stands(frame: Frame, status: Status | None, ruling: Ruling, typed: TypedPlan) -> str:
    """Nothing was done: what is to be mended, or that somebody else was first, or an earlier press of this one."""
    if ruling.fate in {Fate.CHANGED, Fate.ALREADY, Fate.GONE}:
        status = frame.desk.ledger.status(frame.token.posts[0][0])
    proposal = batch_in(status)
    if status is None or proposal is None:
        return gone(frame)
    if proposal.state not in {DraftState.READY, DraftState.FAILED}:
        return _look(frame, status)
    paused = _paused(frame, status)
    if ruling.fate is Fate.REFUSED:
        return plan_page(frame, proposal, "Not yet", list(ruling.sentences), alert=True, typed=typed, paused=paused)
    if ruling.fate is Fate.CHANGED:
        return plan_page(frame, proposal, "This has changed since", [_CHANGED], alert=True, paused=paused)
    return plan_page(frame, proposal, "Saved already", ["Nothing was changed: it stands as you see it."], paused=paused)


def _paused(frame: Frame, status: Status) -> tuple[str, ...]:
    """Which of its channels send nothing just now."""
    proposal = batch_in(status)
    names = sorted({name for one in proposal.plan for name in one.channels}) if proposal is not None else []
    return paused_among(frame.desk, names)


def _told(frame: Frame, typed: TypedPlan, outcome: str) -> None:
    log.line(_log, "pressed", post_id=frame.token.posts[0][0], move=f"plan {_pressed(typed)}", outcome=outcome)


def _pressed(typed: TypedPlan) -> Press:
    """A button nobody knows saves what was typed."""
    return Press(typed.do) if typed.do in set(Press) else Press.SAVE
