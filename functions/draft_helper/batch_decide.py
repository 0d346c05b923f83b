"""What is to be done for a batch, by what its item and its posts' items say. Pure.

The batch's state: REQUESTED (to be planned), READY or FAILED (its owner looks at the plan, or at why there is none), ACCEPTED (each post
of the plan is to be drafted), DISCARDED. It is done when it is ACCEPTED or DISCARDED and off the index of drafts: what was discarded while
it was being drafted stays on it until its posts are discarded too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mesh.batches import is_batch, plan_digest
from mesh.ledger.items import Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source, Spent

MACHINE = timedelta(minutes=20)
"""The longest that one run of the machine may take (TimeoutSeconds in statemachines/draft_batch.asl.yaml)."""
LEASE = MACHINE + timedelta(minutes=1)
GRACE = timedelta(minutes=2)  # an event is on its way that long
UNTOLD = timedelta(minutes=3)
MOST_RUNS = 5  # of the machine, for one thing that a human asked for

_AGAIN = "Your note is kept: press “Plan again” on its page."
GIVEN_UP = f"The plan could not be made in {MOST_RUNS} tries. {_AGAIN}"
NOT_DRAFTED = "It could not be drafted just now. The note is kept: press “Try again” on its page."
NOT_PLANNED = f"The plan could not be made just now. {_AGAIN}"
_BUSY = "The model has too much to do just now."
_TROUBLES = {
    "Throttled": _BUSY,
    "Lambda.TooManyRequestsException": _BUSY,
    "Unavailable": "The model does not answer just now.",
    "Unreachable": "The model does not answer just now.",
    "TimedOut": "The model took too long to answer.",
    "Sandbox.Timedout": "The model took too long to answer.",
    "States.Timeout": "The model took too long to answer.",
}


class Todo(StrEnum):
    """What a run of the machine has to do."""

    PLAN = "plan"
    DRAFT = "draft"
    DELIVER = "deliver"  # enough was tried: what is there is told of, and what is missing; or all of it was discarded
    NOTHING = "nothing"


_TODO = {DraftState.REQUESTED: Todo.PLAN, DraftState.ACCEPTED: Todo.DRAFT, DraftState.DISCARDED: Todo.DELIVER}


@dataclass(frozen=True)
class Begin:
    """``after`` is the item as it shall be, None where nothing is to be written."""

    todo: Todo
    after: Status | None = None


def begin(status: Status | None, run: str, now: datetime) -> Begin:
    """May this run of the machine have the batch, and for what? A run that has it already may begin again."""
    proposal = status.proposal if status is not None and status.open == DRAFTING else None
    if status is None or proposal is None or not is_batch(status.post_id):
        return Begin(Todo.NOTHING)
    todo = _TODO.get(proposal.state, Todo.NOTHING)
    if todo is Todo.NOTHING or (leased(proposal, now) and proposal.lease_by != run):
        return Begin(Todo.NOTHING)
    tried_enough = proposal.tries >= MOST_RUNS
    if leased(proposal, now):
        return Begin(Todo.DELIVER if tried_enough and todo is Todo.DRAFT else todo)
    if tried_enough and todo is Todo.PLAN:
        return Begin(Todo.NOTHING, unplanned(status, GIVEN_UP, now))
    taken = proposal.model_copy(
        update={"lease_until": (now + LEASE).isoformat(), "lease_by": run, "tries": proposal.tries + 1}
    )
    return Begin(Todo.DELIVER if tried_enough else todo, with_proposal(status, taken))


def planning(status: Status | None, run: str) -> Proposal | None:
    """The batch that this run has to plan; None where somebody changed or took it meanwhile."""
    proposal = status.proposal if status is not None else None
    if proposal is None or proposal.state is not DraftState.REQUESTED or proposal.lease_by != run:
        return None
    return proposal


def planned(
    status: Status, plan: tuple[Planned, ...], remark: str, spent: Spent, now: datetime, planner: str = ""
) -> Status:
    """The plan is there to be looked at; ``planner`` made it."""
    assert status.proposal is not None
    made = {"plan": plan, "planner": planner, "error": remark, "spent": spent, "tries": 0}
    update = {"state": DraftState.READY, **made, **_ended(now)}
    return with_proposal(status, status.proposal.model_copy(update=update))


def unplanned(status: Status, sentence: str, now: datetime) -> Status:
    """No plan came of it; ``sentence`` says why. The note is kept, and so is a plan from before."""
    assert status.proposal is not None
    update = {"state": DraftState.FAILED, "error": sentence, **_ended(now)}
    return with_proposal(status, status.proposal.model_copy(update=update))


def released(status: Status | None, run: str) -> Status | None:
    """The run has come to a halt: another may have the batch. None where it has it not."""
    proposal = status.proposal if status is not None else None
    if status is None or proposal is None or proposal.lease_by != run:
        return None
    return with_proposal(status, proposal.model_copy(update=_FREE))


def post_of(status: Status, post_id: str) -> Planned | None:
    proposal = status.proposal
    return next((one for one in proposal.plan if one.post_id == post_id), None) if proposal is not None else None


def first_item(batch: Status, one: Planned, now: datetime) -> Status:
    """A planned post's own item, to be drafted. Date, time, channels and pictures are the plan's, which its owner agreed to."""
    assert batch.proposal is not None
    asked, plan = batch.proposal.note, batch.proposal.plan
    others = [upload for upload in asked.uploads if upload.kind != "image"]
    number = [other.post_id for other in plan].index(one.post_id) + 1
    note = Note(
        text=f"{one.topic}\n\nThis is post {number} of {len(plan)} of what was asked for: {asked.text}",
        channels=one.channels,
        uploads=(*one.uploads, *others),
        date=one.date,
        time=one.time,
        link=asked.link,
        by=asked.by,
        at=asked.at,
        source=Source.BATCH,
        batch_id=batch.post_id,
    )
    proposal = Proposal(state=DraftState.REQUESTED, note=note)
    return Status(
        post_id=one.post_id, open=DRAFTING, due_at=now.isoformat(), proposal=proposal, trace_id=batch.trace_id
    )


def undrafted(status: Status, error: str, now: datetime) -> Status | None:
    """The draft failed with the machine's ``error``; None where it is settled, or somebody is at it."""
    proposal = status.proposal
    if proposal is None or proposal.state is not DraftState.REQUESTED or leased(proposal, now):
        return None
    sentence = f"{_TROUBLES[error]} {NOT_DRAFTED}" if error in _TROUBLES else NOT_DRAFTED
    update = {"state": DraftState.FAILED, "error": sentence, **_ended(now)}
    return with_proposal(status, proposal.model_copy(update=update))


def why_unplanned(error: str) -> str:
    """The sentence for the machine's ``error``."""
    return f"{_TROUBLES[error]} {NOT_PLANNED}" if error in _TROUBLES else NOT_PLANNED


def withdrawn(status: Status | None, batch: Proposal) -> Status | None:
    """A post whose batch was discarded is discarded too; None where it was decided already."""
    proposal = status.proposal if status is not None else None
    if status is None or proposal is None or proposal.state in {DraftState.ACCEPTED, DraftState.DISCARDED}:
        return None
    update = {
        "state": DraftState.DISCARDED,
        "decided_by": batch.decided_by,
        "decided_at": batch.decided_at,
        "lease_until": None,
    }
    return with_proposal(status, proposal.model_copy(update=update)).model_copy(update={"open": None})


def delivered(status: Status | None) -> Status | None:
    """The batch is done with: nobody looks for it any more. None where it is so already, or is not to be delivered."""
    if status is None or status.open != DRAFTING or status.proposal is None:
        return None
    if status.proposal.state not in {DraftState.ACCEPTED, DraftState.DISCARDED}:
        return None
    return with_proposal(status, status.proposal.model_copy(update=_FREE)).model_copy(update={"open": None})


def told_of(plan: Iterable[Planned], posts: Mapping[str, Status]) -> list[str]:
    """The posts that the batch's card is about: drafted, or failed with a reason."""
    ends = {DraftState.READY, DraftState.FAILED}
    return [
        one.post_id
        for one in plan
        if (found := posts.get(one.post_id)) is not None and found.proposal is not None and found.proposal.state in ends
    ]


def stalled(status: Status, now: datetime) -> bool:
    """A batch whose event was lost, or whose machine ended in the middle: ``ss.batch.requested`` is to be said again.

    So it is for a plan, or for why there is none, of which nobody was told: the run that finds it says so.
    """
    if not is_batch(status.post_id) or status.broken or status.open != DRAFTING or status.proposal is None:
        return False
    if leased(status.proposal, now):
        return False
    since = now - _touched(status.proposal)
    return since >= GRACE if status.proposal.state in _TODO else since >= UNTOLD and untold(status)


def untold(status: Status | None) -> bool:
    """A plan, or why there is none, of which no card is noted."""
    proposal = status.proposal if status is not None and status.open == DRAFTING else None
    if status is None or proposal is None or proposal.state not in {DraftState.READY, DraftState.FAILED}:
        return False
    return status.card is None or status.card.round_id != plan_digest(proposal)


def leased(proposal: Proposal, now: datetime) -> bool:
    return proposal.lease_until is not None and datetime.fromisoformat(proposal.lease_until) > now


def with_proposal(status: Status, proposal: Proposal) -> Status:
    return status.model_copy(update={"proposal": proposal})


_FREE = {"lease_until": None, "lease_by": ""}


def _ended(now: datetime) -> dict[str, str | None]:
    return {"ended_at": now.isoformat(), **_FREE}


def _touched(proposal: Proposal) -> datetime:
    moments = [proposal.note.at, proposal.decided_at, proposal.ended_at, proposal.lease_until]
    return max(datetime.fromisoformat(moment) for moment in moments if moment)
