"""A batch's course, pure: who may begin what, what is stored, and what the sweep takes up again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from draft_helper import batch_decide
from draft_helper.batch_decide import GRACE, LEASE, MACHINE, MOST_RUNS, UNTOLD, Todo, begin, stalled
from local import ROOT
from local.deploy import read_template
from mesh.batches import plan_digest
from mesh.ledger.items import CardSent, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source, Spent, Upload

NOW = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)
PHOTO = Upload(upload_id="u_1", kind="image", name="cake.jpg", mime="image/jpeg", size=5, md5="0" * 32)
FLYER = Upload(upload_id="u_2", kind="pdf", name="sale.pdf", mime="application/pdf", size=5, md5="1" * 32)
PLAN = (
    Planned(
        post_id="p_1", topic="Rolls", date="2027-03-22", time="09:00", channels=("bluesky-main",), uploads=(PHOTO,)
    ),
    Planned(post_id="p_2", topic="Bread", date="2027-03-24", time="10:00", channels=("bluesky-main",)),
)


def batch(state: DraftState = DraftState.REQUESTED, open: str | None = DRAFTING, **own: Any) -> Status:  # noqa: A002 - the field's name
    note = Note(
        text="Two posts", uploads=(PHOTO, FLYER), by="ada@example.test", at=NOW.isoformat(), source=Source.BATCH
    )
    return Status(post_id="b_1", open=open, proposal=Proposal(state=state, note=note, **own), trace_id="t_1")


def after(found: Status | None) -> Proposal:
    assert found is not None
    assert found.proposal is not None
    return found.proposal


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("state", "todo"),
    [
        (DraftState.REQUESTED, Todo.PLAN),
        (DraftState.ACCEPTED, Todo.DRAFT),
        (DraftState.DISCARDED, Todo.DELIVER),
        (DraftState.READY, Todo.NOTHING),
        (DraftState.FAILED, Todo.NOTHING),
    ],
)
def test_the_item_says_what_a_run_has_to_do(state: DraftState, todo: Todo) -> None:
    found = begin(batch(state), "run-1", NOW)
    assert found.todo is todo
    assert (found.after is None) == (todo is Todo.NOTHING)


def test_what_is_off_the_index_or_no_batch_is_left_alone() -> None:
    assert begin(None, "run-1", NOW).todo is Todo.NOTHING
    assert begin(batch(DraftState.ACCEPTED, open=None), "run-1", NOW).todo is Todo.NOTHING
    post = batch().model_copy(update={"post_id": "p_1"})
    assert begin(post, "run-1", NOW).todo is Todo.NOTHING


def test_a_second_run_finds_the_batch_taken_and_the_same_run_may_begin_again() -> None:
    first = begin(batch(), "run-1", NOW)
    assert first.after is not None
    assert after(first.after).lease_until == (NOW + LEASE).isoformat()
    assert begin(first.after, "run-2", later(minutes=1)) == batch_decide.Begin(Todo.NOTHING)
    assert begin(first.after, "run-1", later(minutes=1)) == batch_decide.Begin(Todo.PLAN)
    assert begin(first.after, "run-2", NOW + LEASE).todo is Todo.PLAN


def test_a_run_cannot_outlive_its_lease() -> None:
    machine = read_template(ROOT / "statemachines" / "draft_batch.asl.yaml")
    assert machine["TimeoutSeconds"] == MACHINE.total_seconds() < LEASE.total_seconds()


def test_after_enough_runs_a_plan_has_failed_and_drafts_are_delivered_as_far_as_they_are() -> None:
    plan = begin(batch(tries=MOST_RUNS), "run-6", NOW)
    assert plan.todo is Todo.NOTHING
    assert after(plan.after).state is DraftState.FAILED
    assert "Your note is kept" in after(plan.after).error
    drafts = begin(batch(DraftState.ACCEPTED, tries=MOST_RUNS), "run-6", NOW)
    assert drafts.todo is Todo.DELIVER


def test_a_plan_is_stored_only_by_the_run_that_has_the_batch() -> None:
    taken = begin(batch(), "run-1", NOW).after
    assert batch_decide.planning(taken, "run-1") is not None
    assert batch_decide.planning(taken, "run-2") is None
    assert batch_decide.planning(batch(DraftState.DISCARDED, lease_by="run-1"), "run-1") is None


def test_a_plan_frees_the_batch_and_counts_its_runs_anew() -> None:
    taken = begin(batch(), "run-1", NOW).after
    assert taken is not None
    made = after(batch_decide.planned(taken, PLAN, "Told.", Spent(calls=1), NOW))
    assert (made.state, made.plan, made.error, made.tries) == (DraftState.READY, PLAN, "Told.", 0)
    assert (made.lease_until, made.lease_by) == (None, "")


def test_a_planned_posts_note_has_the_plans_day_channels_and_picture_and_the_batchs_papers() -> None:
    item = batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[0], NOW)
    note = after(item).note
    assert (item.post_id, item.open, item.due_at) == ("p_1", DRAFTING, NOW.isoformat())
    assert (note.date, note.time, note.channels) == ("2027-03-22", "09:00", ("bluesky-main",))
    assert note.uploads == (PHOTO, FLYER)
    assert (note.source, note.batch_id, note.by) == (Source.BATCH, "b_1", "ada@example.test")
    assert note.text.startswith("Rolls\n")
    assert "post 1 of 2" in note.text
    assert "Two posts" in note.text
    second = after(batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[1], NOW)).note
    assert second.uploads == (FLYER,)


@pytest.mark.parametrize("error", ["Throttled", "Sandbox.Timedout", "States.Timeout", "NobodyHeardOf", ""])
def test_whatever_failed_is_said_in_words_and_never_by_the_errors_name(error: str) -> None:
    post = batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[0], NOW)
    failed = after(batch_decide.undrafted(post, error, NOW))
    assert failed.state is DraftState.FAILED
    assert "Try again" in failed.error
    assert "Plan again" in batch_decide.why_unplanned(error)
    for said in (failed.error, batch_decide.why_unplanned(error)):
        assert not error or error not in said


def test_a_draft_that_is_there_or_that_somebody_is_at_does_not_fail_any_more() -> None:
    post = batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[0], NOW)
    proposal = after(post)
    ready = batch_decide.with_proposal(post, proposal.model_copy(update={"state": DraftState.READY}))
    leased = batch_decide.with_proposal(
        post, proposal.model_copy(update={"lease_until": later(seconds=30).isoformat()})
    )
    assert batch_decide.undrafted(ready, "Throttled", NOW) is None
    assert batch_decide.undrafted(leased, "Throttled", NOW) is None
    assert batch_decide.undrafted(leased, "Throttled", later(seconds=31)) is not None


def test_with_its_batch_a_post_is_discarded_unless_somebody_accepted_it() -> None:
    decided = after(batch(DraftState.DISCARDED, decided_by="ben@example.test", decided_at=NOW.isoformat()))
    post = batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[0], NOW)
    gone = batch_decide.withdrawn(post, decided)
    assert gone is not None
    assert (after(gone).state, after(gone).decided_by, gone.open) == (DraftState.DISCARDED, "ben@example.test", None)
    accepted = batch_decide.with_proposal(post, after(post).model_copy(update={"state": DraftState.ACCEPTED}))
    assert batch_decide.withdrawn(accepted, decided) is None
    assert batch_decide.withdrawn(None, decided) is None


@pytest.mark.parametrize("state", [DraftState.REQUESTED, DraftState.ACCEPTED, DraftState.DISCARDED])
def test_a_batch_that_nobody_took_is_asked_for_again_after_a_while(state: DraftState) -> None:
    found = batch(state)
    assert not stalled(found, NOW + GRACE - timedelta(seconds=1))
    assert stalled(found, NOW + GRACE)


def test_one_that_was_taken_is_asked_for_when_its_lease_has_ended() -> None:
    taken = begin(batch(), "run-1", NOW).after
    assert taken is not None
    assert not stalled(taken, NOW + LEASE - timedelta(seconds=1))
    assert stalled(taken, NOW + LEASE + GRACE)


def test_one_that_its_run_let_go_is_asked_for_at_the_next_sweep() -> None:
    taken = begin(batch(), "run-1", NOW).after
    let_go = batch_decide.released(taken, "run-1")
    assert let_go is not None
    assert stalled(let_go, later(minutes=5))
    assert batch_decide.released(taken, "run-2") is None


def test_a_plan_that_nobody_was_told_of_is_asked_for_again_and_one_that_was_told_is_not() -> None:
    ready = batch(DraftState.READY, plan=PLAN, ended_at=NOW.isoformat())
    assert not stalled(ready, NOW + UNTOLD - timedelta(seconds=1))
    assert stalled(ready, NOW + UNTOLD)
    told = ready.model_copy(update={"card": CardSent(round_id=plan_digest(after(ready)), sent_at=NOW.isoformat())})
    assert not stalled(told, later(days=3))
    earlier = ready.model_copy(update={"card": CardSent(round_id="another-plan", sent_at=NOW.isoformat())})
    assert stalled(earlier, NOW + UNTOLD)


@pytest.mark.parametrize(
    "found",
    [
        batch(DraftState.ACCEPTED, open=None),
        batch(DraftState.DISCARDED, open=None),
        batch().model_copy(update={"post_id": "p_1"}),
        batch().model_copy(update={"broken": True}),
        batch().model_copy(update={"proposal": None}),
    ],
)
def test_nothing_else_is_asked_for_again(found: Status) -> None:
    assert not stalled(found, later(days=3))


def test_delivered_is_off_the_index_and_only_what_was_being_drafted_is_delivered() -> None:
    for state in (DraftState.ACCEPTED, DraftState.DISCARDED):
        done = batch_decide.delivered(batch(state, plan=PLAN))
        assert done is not None
        assert done.open is None
        assert batch_decide.delivered(done) is None
    for state in (DraftState.REQUESTED, DraftState.READY, DraftState.FAILED):
        assert batch_decide.delivered(batch(state)) is None


def test_the_card_is_about_what_is_drafted_or_has_failed() -> None:
    def post(state: DraftState) -> Status:
        made = batch_decide.first_item(batch(DraftState.ACCEPTED, plan=PLAN), PLAN[0], NOW)
        return batch_decide.with_proposal(made, after(made).model_copy(update={"state": state}))

    for state, told in zip(DraftState, [False, True, True, False, False], strict=True):
        assert batch_decide.told_of(PLAN, {"p_1": post(state)}) == (["p_1"] if told else []), state
