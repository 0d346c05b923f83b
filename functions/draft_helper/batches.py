"""The steps of the batch machine (statemachines/draft_batch.asl.yaml). Each may be repeated: what is done already is found done.

What a step raises the machine tries again, and then has the step that says so do its part. Ids go in and out, never a post's text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from draft_helper import batch_decide
from draft_helper.batch_decide import Todo, stalled
from draft_helper.wiring import Parts
from mesh import clock, log
from mesh.errors import Busy
from mesh.events import DraftReady, Trouble
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DraftState

__all__ = ["stalled", "step"]

_log = log.logger("draft-helper")
_BY = "draft-helper"


@dataclass(frozen=True)
class _Run:
    """One run of the machine over one batch."""

    parts: Parts
    batch_id: str
    trace_id: str
    name: str
    now: datetime

    def change(self, subject: str, action: str, change: Callable[[Status | None], Status | None]) -> Status | None:
        return self.parts.ledger.change_status(subject, Act(action, _BY, self.now, self.trace_id), change)

    def tell(self, *post_ids: str) -> None:
        self.parts.bus.put([DraftReady(trace_id=self.trace_id, post_ids=list(post_ids), batch_id=self.batch_id)])


def step(parts: Parts, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A step's result, for the machine's next state."""
    run = _Run(parts, event["batch_id"], event["trace_id"], event["run"], clock.now())
    name, post_id = event["step"], event.get("post_id", "")
    match name:
        case "begin":
            found = _begin(run)
        case "plan":
            found = _plan(run, context)
        case "unplanned":
            found = _unplanned(run, event["error"])
        case "draft":
            found = _draft(run, post_id, context)
        case "undrafted":
            found = _undrafted(run, post_id, event["error"])
        case "deliver":
            found = _deliver(run)
        case "stopped":
            found = _stopped(run)
        case _:
            raise ValueError(f"the machine has no step {name!r}")
    outcome = str(found.get("state") or found.get("todo") or "done")
    log.line(_log, f"batch: {name}", trace_id=run.trace_id, post_id=post_id or run.batch_id, outcome=outcome)
    return found


def _begin(run: _Run) -> dict[str, Any]:
    made = batch_decide.Begin(Todo.NOTHING)

    def change(before: Status | None) -> Status | None:
        nonlocal made
        made = batch_decide.begin(before, run.name, run.now)
        return made.after

    after = run.change(run.batch_id, "batch begun", change)
    batch = after or run.parts.ledger.status(run.batch_id)
    proposal = batch.proposal if batch is not None else None
    if made.todo is Todo.NOTHING and batch_decide.untold(batch):
        run.tell()
    drafts = made.todo is Todo.DRAFT and proposal is not None
    return {
        "todo": made.todo.value,
        "post_ids": [one.post_id for one in proposal.plan] if drafts and proposal is not None else [],
    }


def _plan(run: _Run, context: Any) -> dict[str, Any]:
    """Asks the model for topics; what it cannot answer now is raised, and what it never will is the plan's failure."""
    from draft_helper import planner

    batch = run.parts.ledger.status(run.batch_id)
    proposal = batch_decide.planning(batch, run.name)
    if batch is None or proposal is None:
        return {"state": _state(batch)}
    try:
        made = planner.make(run.parts, proposal, run.now, context)
    except planner.NoPlan as error:
        said = error.sentence
        return _store(run, lambda before: batch_decide.unplanned(before, said, run.now))

    def planned(before: Status) -> Status:
        return batch_decide.planned(before, made.plan, made.remark, made.spent, run.now, made.planner)

    return _store(run, planned)


def _unplanned(run: _Run, error: str) -> dict[str, Any]:
    return _store(run, lambda before: batch_decide.unplanned(before, batch_decide.why_unplanned(error), run.now))


def _store(run: _Run, decide: Callable[[Status], Status]) -> dict[str, Any]:
    """What planning came to, and the word of it; nothing where this run has not the batch any more.

    A repeated step says it again: whoever tells people says each thing once.
    """

    def change(before: Status | None) -> Status | None:
        ours = before is not None and batch_decide.planning(before, run.name) is not None
        return decide(before) if before is not None and ours else None

    after = run.change(run.batch_id, "batch planned", change) or run.parts.ledger.status(run.batch_id)
    state = _state(after)
    if state in {DraftState.READY, DraftState.FAILED}:
        run.tell()
    return {"state": state}


def _draft(run: _Run, post_id: str, context: Any) -> dict[str, Any]:
    """Busy where somebody else is drafting it: the machine comes again."""
    from draft_helper import drafting

    found = run.parts.ledger.statuses([run.batch_id, post_id])
    status = _item(run, found.get(run.batch_id), found.get(post_id), post_id)
    if status is None or status.proposal is None:
        return {"post_id": post_id, "state": ""}
    if status.proposal.state is DraftState.REQUESTED:
        outcome = drafting.draft_one(run.parts, post_id, run.trace_id, context)
        if outcome.state == DraftState.REQUESTED:
            raise Busy(post_id, "its lease ends")
        return {"post_id": post_id, "state": str(outcome.state)}
    return {"post_id": post_id, "state": status.proposal.state.value}


def _item(run: _Run, batch: Status | None, status: Status | None, post_id: str) -> Status | None:
    """The post's own item, made where there is none yet. None where its batch is not to be drafted any more."""
    if batch is None or _state(batch) != DraftState.ACCEPTED:
        return None
    one = batch_decide.post_of(batch, post_id)
    if status is not None or one is None:
        return status
    first = batch_decide.first_item(batch, one, run.now)
    made = run.change(post_id, "planned post noted", lambda before: first if before is None else None)
    return made or run.parts.ledger.status(post_id)


def _undrafted(run: _Run, post_id: str, error: str) -> dict[str, Any]:
    """Says why on the post's item, which is made for it where there is none: its card can name it, and it can be tried again."""
    found = run.parts.ledger.statuses([run.batch_id, post_id])
    if _item(run, found.get(run.batch_id), found.get(post_id), post_id) is None:
        return {"post_id": post_id, "state": ""}

    def change(before: Status | None) -> Status | None:
        return batch_decide.undrafted(before, error, run.now) if before is not None else None

    after = run.change(post_id, "planned post failed", change) or run.parts.ledger.status(post_id)
    return {"post_id": post_id, "state": _state(after)}


def _deliver(run: _Run) -> dict[str, Any]:
    """One word for all of the batch's posts, and the batch is done with. What was discarded meanwhile is discarded with its posts."""
    batch = run.parts.ledger.status(run.batch_id)
    if batch is None or batch.proposal is None:
        return {"state": ""}
    plan = batch.proposal.plan
    if batch.proposal.state is DraftState.DISCARDED:
        decided = batch.proposal
        for one in plan:
            run.change(one.post_id, "planned post discarded", lambda before: batch_decide.withdrawn(before, decided))
        run.change(run.batch_id, "batch delivered", batch_decide.delivered)
        return {"state": DraftState.DISCARDED}
    if batch.proposal.state is not DraftState.ACCEPTED:
        return {"state": batch.proposal.state.value}
    posts = run.parts.ledger.statuses([one.post_id for one in plan])
    for one in plan:  # what no run came to
        if one.post_id not in posts or _state(posts[one.post_id]) == DraftState.REQUESTED:
            _undrafted(run, one.post_id, "")
    if any(_state(posts.get(one.post_id)) in {"", DraftState.REQUESTED} for one in plan):
        posts = run.parts.ledger.statuses([one.post_id for one in plan])
    run.change(run.batch_id, "batch delivered", batch_decide.delivered)
    told = batch_decide.told_of(plan, posts)
    if told:
        run.tell(*told)
    return {"state": DraftState.ACCEPTED, "count": len(told)}


def _stopped(run: _Run) -> dict[str, Any]:
    """The machine gives up for now: the batch is free for its next run, which the sweep asks for, and a human hears of it."""
    run.change(run.batch_id, "batch stopped", lambda before: batch_decide.released(before, run.name))
    message = "Drafting several posts came to a halt. It is taken up again by itself in some minutes; what is drafted is kept."
    run.parts.bus.put([Trouble(trace_id=run.trace_id, cause=f"batch-stopped#{run.batch_id}", message=message)])
    return {"state": "stopped"}


def _state(status: Status | None) -> str:
    return status.proposal.state.value if status is not None and status.proposal is not None else ""
