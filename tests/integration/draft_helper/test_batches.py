"""From "five posts for the spring sale, two with photos" to five drafts and one word of them, whatever comes twice or ends in between."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from batch_desk import ADA, SHORT, WISH, Batches
from draft_desk import NOW, PDF, Desk, photo

from mesh.batches import MOST_POSTS, plan_digest
from mesh.errors import Busy, Conflict, Doubt
from mesh.events import BatchRequested, DraftReady, Trouble
from mesh.ledger import Act, CardSent, Status
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Source


@pytest.fixture
def batches(desk: Desk) -> Batches:
    return Batches(desk)


def card_went_out(desk: Desk, batch_id: str = "b_1") -> None:
    """As the notifier notes it."""

    def noted(before: Status | None) -> Status:
        assert before is not None
        assert before.proposal is not None
        sent = CardSent(round_id=plan_digest(before.proposal), sent_at=NOW.isoformat())
        return before.model_copy(update={"card": sent})

    desk.mesh.ledger.change_status(batch_id, Act("plan card sent", "notifier", NOW), noted)


def wanted_again(desk: Desk) -> list[str]:
    return [one.batch_id for one in desk.mesh.events_of(BatchRequested)]


def test_five_posts_two_with_photos_become_a_plan_of_five_within_two_weeks(desk: Desk, batches: Batches) -> None:
    photos = batches.photos()
    batches.run(batches.notes(WISH, photos))
    found = desk.draft("b_1")
    assert (found.state, found.error) == (DraftState.READY, "")
    assert len(found.plan) == 5
    assert [upload for one in found.plan for upload in one.uploads] == list(photos)
    assert all(one.channels == ("bluesky-main", "mastodon-main") for one in found.plan)
    days = [date.fromisoformat(one.date) for one in found.plan]
    assert days == sorted(set(days))
    assert NOW.date() < days[0] <= days[-1] <= NOW.date() + timedelta(days=14)
    assert len({one.post_id for one in found.plan}) == 5
    assert desk.told == [([], "b_1")]
    assert (found.spent.calls, found.planner) == (1, STAND_IN)


def test_nothing_is_drafted_before_somebody_agreed_to_the_plan(desk: Desk, batches: Batches) -> None:
    batches.run(batches.notes())
    assert all(desk.mesh.ledger.status(one.post_id) is None for one in desk.draft("b_1").plan)
    assert len(desk.asked) == 1


def test_what_was_agreed_to_becomes_a_draft_each_and_one_word_of_all(desk: Desk, batches: Batches) -> None:
    plan = batches.planned(text=WISH, uploads=batches.photos())
    desk.mesh.entries.clear()
    batches.run(run="run-2")
    for one in plan:
        status = desk.status(one.post_id)
        assert status.proposal is not None
        assert (status.proposal.state, status.open) == (DraftState.READY, DRAFTING)
        note = status.proposal.note
        assert (note.date, note.time, note.channels) == (one.date, one.time, one.channels)
        assert (note.source, note.batch_id) == (Source.BATCH, "b_1")
        assert note.uploads == one.uploads
    assert desk.told == [([one.post_id for one in plan], "b_1")]
    assert desk.status("b_1").open is None


def test_papers_that_came_along_are_read_for_every_post(desk: Desk, batches: Batches) -> None:
    flyer = desk.uploads("sale.pdf", PDF, kind="pdf")
    plan = batches.planned(uploads=(*batches.photos(1), flyer))
    batches.run(run="run-2")
    assert all(flyer in desk.draft(one.post_id).note.uploads for one in plan)


def test_a_run_that_comes_twice_does_nothing_twice(desk: Desk, batches: Batches) -> None:
    batches.notes()
    batches.step("begin", run="run-1")
    assert batches.step("begin", run="run-2") == {"todo": "nothing", "post_ids": []}
    assert batches.step("begin", run="run-1")["todo"] == "plan"
    batches.step("plan", run="run-1")
    first = desk.draft("b_1").plan
    assert batches.step("plan", run="run-1") == {"state": "ready"}
    assert batches.step("begin", run="run-3")["todo"] == "nothing"
    assert desk.draft("b_1").plan == first
    assert len(desk.asked) == 1


def test_every_step_of_drafting_may_be_repeated(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    desk.mesh.entries.clear()
    batches.step("begin", run="run-2")
    for _ in range(2):
        for one in plan:
            assert batches.step("draft", run="run-2", post_id=one.post_id)["state"] == "ready"
    calls = len(desk.asked)
    assert calls == 1 + len(plan)
    for _ in range(2):
        assert batches.step("deliver", run="run-2") == {"state": "accepted", "count": len(plan)}
    assert len(desk.asked) == calls
    assert desk.told == [([one.post_id for one in plan], "b_1")] * 2  # whoever tells people says it once


def test_what_the_model_will_not_write_is_told_with_the_others(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    desk.mesh.entries.clear()
    batches.step("begin", run="run-2")
    desk.orders("refuse")
    for one in plan:
        batches.step("draft", run="run-2", post_id=one.post_id)
    batches.step("deliver", run="run-2")
    states = [desk.draft(one.post_id).state for one in plan]
    assert states == [DraftState.FAILED, DraftState.READY]
    assert "would not write" in desk.draft(plan[0].post_id).error
    assert desk.told == [([one.post_id for one in plan], "b_1")]


def test_a_draft_that_failed_every_time_says_so_and_the_note_is_kept(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    batches.step("begin", run="run-2")
    batches.step("undrafted", run="run-2", post_id=plan[0].post_id, error="Throttled")
    failed = desk.draft(plan[0].post_id)
    assert failed.state is DraftState.FAILED
    assert "too much to do" in failed.error
    assert failed.note.text.startswith(plan[0].topic)


def test_a_draft_that_somebody_else_is_at_is_come_back_to(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    batches.step("begin", run="run-2")
    first = plan[0].post_id
    batches.step("undrafted", run="run-2", post_id=first, error="Throttled")  # made, and then taken by another
    until = (NOW + timedelta(minutes=2)).isoformat()
    desk.changes(first, state=DraftState.REQUESTED, lease_until=until, error="")
    with pytest.raises(Busy):
        batches.step("draft", run="run-2", post_id=first)
    assert batches.step("undrafted", run="run-2", post_id=first, error="Busy")["state"] == "requested"


@pytest.mark.parametrize(
    ("order", "words"),
    [("refuse", "would not write"), ("denied", "may not use the model"), ("malformed", "answered twice")],
)
def test_a_plan_that_the_model_will_not_make_has_failed_in_words(
    desk: Desk, batches: Batches, order: str, words: str
) -> None:
    batches.notes()
    desk.orders(order, order)
    batches.run()
    found = desk.draft("b_1")
    assert (found.state, found.plan) == (DraftState.FAILED, ())
    assert words in found.error
    assert "“Try again”" not in found.error
    assert found.note.text == SHORT
    assert desk.told == [([], "b_1")]


def test_what_the_model_is_too_busy_for_is_the_machines_to_try_again(desk: Desk, batches: Batches) -> None:
    batches.notes()
    batches.step("begin")
    desk.orders(*["throttle"] * 9)
    with pytest.raises(Exception, match="Throttling") as raised:
        batches.step("plan")
    assert type(raised.value).__name__ == "Throttled"
    batches.step("unplanned", error="Throttled")
    assert "too much to do" in desk.draft("b_1").error


def test_every_error_that_a_step_lets_through_is_one_the_machine_knows_by_name() -> None:
    from mesh.converse.model import Unready

    machine = json.dumps(_machine())
    for error in (*Unready.__subclasses__(), Doubt, *Doubt.__subclasses__(), Busy, Conflict):
        ours = error.__module__.split(".")[0] in {"mesh", "draft_helper"}
        if ours and error.__name__ != "Damaged":  # what is damaged stays so
            assert f'"{error.__name__}"' in machine, error.__name__


def _machine() -> Any:
    from local import ROOT
    from local.deploy import read_template

    return read_template(ROOT / "statemachines" / "draft_batch.asl.yaml")


def test_two_hundred_posts_are_a_plan_of_fourteen_and_a_word_about_it(desk: Desk, batches: Batches) -> None:
    batches.run(batches.notes(text="200 posts about our bread please"))
    found = desk.draft("b_1")
    assert len(found.plan) == MOST_POSTS
    assert "200" in found.error
    assert str(MOST_POSTS) in found.error


def test_channels_that_the_rules_doc_has_not_are_left_out_and_named(desk: Desk, batches: Batches) -> None:
    batches.run(batches.notes(channels=("bluesky-main", "myspace-main")))
    found = desk.draft("b_1")
    assert {one.channels for one in found.plan} == {("bluesky-main",)}
    assert "myspace-main" in found.error
    batches.run(batches.notes(channels=("myspace-main",), batch_id="b_2"))
    assert desk.draft("b_2").state is DraftState.FAILED
    assert "myspace-main" in desk.draft("b_2").error


def test_past_the_days_cap_there_is_no_plan_and_the_number_is_said(
    desk: Desk, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "1")
    batches.run(batches.notes())
    batches.run(batches.notes(text="Three posts about bread", batch_id="b_2"), run="run-2")
    assert desk.draft("b_1").state is DraftState.READY
    assert desk.draft("b_2").state is DraftState.FAILED
    assert "One draft was made today" in desk.draft("b_2").error


def test_what_was_discarded_before_its_plan_came_gets_none(desk: Desk, batches: Batches) -> None:
    batches.notes()
    batches.step("begin")
    batches.discards()
    assert batches.step("plan") == {"state": "discarded"}
    assert batches.step("unplanned", error="Throttled") == {"state": "discarded"}
    assert desk.told == []
    assert desk.asked == []


def test_what_is_discarded_while_it_is_drafted_is_told_of_to_nobody(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    desk.mesh.entries.clear()
    batches.step("begin", run="run-2")
    batches.step("draft", run="run-2", post_id=plan[0].post_id)
    batches.discards()
    assert batches.step("draft", run="run-2", post_id=plan[1].post_id)["state"] == ""
    assert batches.step("undrafted", run="run-2", post_id=plan[1].post_id, error="x")["state"] == ""
    batches.step("deliver", run="run-2")
    assert desk.told == []
    first = desk.status(plan[0].post_id)
    assert first.proposal is not None
    assert (first.proposal.state, first.open) == (DraftState.DISCARDED, None)
    assert desk.mesh.ledger.status(plan[1].post_id) is None
    assert desk.status("b_1").open is None


def test_a_machine_that_ended_in_the_middle_is_found_by_the_sweep_and_the_next_goes_on(
    desk: Desk, batches: Batches
) -> None:
    plan = batches.planned()
    batches.step("begin", run="run-2")
    batches.step("draft", run="run-2", post_id=plan[0].post_id)
    calls = len(desk.asked)
    desk.mesh.entries.clear()
    desk.later(minutes=10)
    desk.sweeps()
    assert desk.told == []  # its card is the batch's
    assert wanted_again(desk) == []
    desk.later(minutes=14)
    desk.sweeps()
    assert wanted_again(desk) == ["b_1"]
    batches.run(run="run-3")
    assert len(desk.asked) == calls + len(plan) - 1
    assert desk.told == [([one.post_id for one in plan], "b_1")]


def test_a_lost_event_is_found_by_the_sweep(desk: Desk, batches: Batches) -> None:
    batches.notes()
    desk.sweeps()
    assert wanted_again(desk) == []
    desk.later(minutes=5)
    desk.sweeps()
    assert wanted_again(desk) == ["b_1"]


def test_a_plan_that_nobody_was_told_of_is_told_again(desk: Desk, batches: Batches) -> None:
    batches.run(batches.notes())
    desk.mesh.entries.clear()
    desk.later(minutes=8)
    desk.sweeps()
    assert wanted_again(desk) == ["b_1"]
    assert batches.run(run="run-2")["todo"] == "nothing"
    assert desk.told == [([], "b_1")]
    card_went_out(desk)
    desk.mesh.entries.clear()
    desk.later(minutes=30)
    desk.sweeps()
    assert wanted_again(desk) == []
    assert batches.step("begin", run="run-3")["todo"] == "nothing"
    assert desk.told == []


def test_a_batch_that_stopped_is_said_and_free_for_the_next_run(desk: Desk, batches: Batches) -> None:
    batches.notes()
    batches.step("begin", run="run-1")
    batches.step("stopped", run="run-1")
    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.cause == "batch-stopped#b_1"
    assert "spring" not in trouble.message
    assert batches.step("begin", run="run-2")["todo"] == "plan"


def test_after_five_runs_nobody_tries_again_by_itself(desk: Desk, batches: Batches) -> None:
    batches.notes()
    for number in range(5):
        assert batches.step("begin", run=f"run-{number}")["todo"] == "plan"
        batches.step("stopped", run=f"run-{number}")
    assert batches.step("begin", run="run-6")["todo"] == "nothing"
    assert desk.draft("b_1").state is DraftState.FAILED
    assert desk.told == [([], "b_1")]


def test_drafts_that_five_runs_did_not_finish_are_delivered_as_far_as_they_are(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    desk.mesh.entries.clear()
    for number in range(5):
        batches.step("begin", run=f"again-{number}")
        batches.step("stopped", run=f"again-{number}")
    batches.run(run="last")
    assert {desk.draft(one.post_id).state for one in plan} == {DraftState.FAILED}
    assert desk.told == [([one.post_id for one in plan], "b_1")]
    assert desk.status("b_1").open is None


def test_a_picture_that_is_lost_fails_its_own_post_alone(desk: Desk, batches: Batches) -> None:
    photos = batches.photos()
    plan = batches.planned(uploads=photos)
    desk.mesh.s3.delete_object(Bucket=desk.mesh.posts_bucket, Key=f"uploads/{photos[0].upload_id}")
    batches.run(run="run-2")
    states = {one.post_id: desk.draft(one.post_id).state for one in plan}
    assert [state for post_id, state in states.items() if state is DraftState.FAILED] == [DraftState.FAILED]
    failed = next(one for one in plan if states[one.post_id] is DraftState.FAILED)
    assert failed.uploads == (photos[0],)


def test_no_step_tells_the_machine_a_word_of_a_post(desk: Desk, batches: Batches) -> None:
    plan = batches.planned(uploads=(desk.uploads("rolls.jpg", photo()),))
    told = [batches.step("begin", run="run-2")]
    told += [batches.step("draft", run="run-2", post_id=one.post_id) for one in plan]
    told.append(batches.step("deliver", run="run-2"))
    said = json.dumps(told)
    assert "sale" not in said
    assert "rolls" not in said


def test_a_draft_of_a_batch_costs_no_more_calls_than_a_single_one_and_its_item(desk: Desk, batches: Batches) -> None:
    plan = batches.planned()
    batches.step("begin", run="run-2")
    desk.mesh.calls.clear()
    batches.step("draft", run="run-2", post_id=plan[0].post_id)
    assert len(desk.mesh.calls) <= 14, desk.mesh.calls
    desk.mesh.calls.clear()
    batches.step("deliver", run="run-2")
    assert desk.mesh.events_of(DraftReady)[-1].post_ids


def test_the_audit_tells_a_batchs_life_without_its_words(desk: Desk, batches: Batches) -> None:
    batches.planned()
    batches.run(run="run-2")
    rows = desk.mesh.audit("b_1")
    acted = [row["action"] for row in rows if row["by_user"] != ADA]
    assert acted == ["batch begun", "batch planned", "batch begun", "batch delivered"]
    assert "spring" not in json.dumps(rows, default=str)
