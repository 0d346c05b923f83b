"""Ids and digests of batches."""

from __future__ import annotations

from mesh.batches import is_batch, plan_digest
from mesh.bus import Bus
from mesh.events import DraftReady
from mesh.ids import BATCH, POST, random_id
from mesh.ledger.proposals import DraftState, Note, Planned, Proposal
from mesh.posts import is_post_id

NOTE = Note(text="x", by="ada@example.test", at="2027-03-20T08:00:00+00:00")
ONE = Planned(post_id="p_1", topic="Rolls", date="2027-03-22", time="09:00")


def test_a_batch_is_told_from_a_post_by_its_id() -> None:
    assert is_batch(random_id(BATCH))
    assert not is_batch(random_id(POST))
    assert is_post_id(random_id(POST))
    assert is_post_id(random_id(BATCH))
    assert len({random_id(POST) for _ in range(50)}) == 50


def test_another_plan_has_another_digest_and_the_lease_changes_none() -> None:
    plan = Proposal(state=DraftState.READY, note=NOTE, plan=(ONE,))
    others = [
        plan.model_copy(update={"plan": (ONE.model_copy(update={"topic": "Bread"}),)}),
        plan.model_copy(update={"state": DraftState.FAILED}),
        plan.model_copy(update={"error": "Told."}),
        plan.model_copy(update={"decided_at": "2027-03-21T08:00:00+00:00"}),
    ]
    assert len({plan_digest(one) for one in [plan, *others]}) == 5
    assert plan_digest(plan.model_copy(update={"lease_by": "run-1"})) == plan_digest(plan)


def test_a_plans_word_goes_out_though_it_names_no_post_and_one_of_nothing_does_not() -> None:
    put: list[object] = []

    class Client:
        def put_events(self, **request: object) -> dict[str, object]:
            put.append(request["Entries"])
            return {"Entries": []}

    bus = Bus(Client(), "ss")
    assert bus.put([DraftReady(post_ids=[], batch_id="b_1")]) == 1
    assert bus.put([DraftReady(post_ids=[])]) == 0
    assert len(put) == 1
