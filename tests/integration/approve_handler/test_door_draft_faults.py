"""A press on a draft's page while AWS fails: what was typed is kept or comes back, and the next press does it once."""

from __future__ import annotations

import pytest
from door_desk import Visitor
from drafts_door_desk import link, press, proposal, ready
from failing_calls import KINDS, failing
from moto_mesh import MotoMesh
from plan_desk import batch
from plan_desk import link as plan_link

from mesh.ledger.proposals import DraftState

TYPED = "Plum cake with cream"
ENDS = {
    "Accept": (DraftState.ACCEPTED, "draft accepted"),
    "Discard": (DraftState.DISCARDED, "draft discarded"),
    "Two other wordings": (DraftState.REQUESTED, "other wordings wanted"),
    "Save the change": (DraftState.READY, "draft edited"),
}
CALLS = 4  # a look at what stands, the transaction, the event, and a look after a conflict


@pytest.mark.parametrize("label", ENDS)
def test_a_press_that_fails_anywhere_loses_no_word_and_the_next_one_does_it_once(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    end, deed = ENDS[label]
    wrong = []
    for kind in KINDS:
        for at in range(CALLS):
            post_id, visitor = f"p_{kind}{at}", Visitor()
            ready(mesh, post_id=post_id)
            page = visitor.open(link(post_id))
            with failing(monkeypatch, at, kind):
                answer = press(visitor, page, label, text=TYPED)
            kept = TYPED in answer.body or any(one.text == TYPED for one in proposal(mesh, post_id).wordings)
            if label != "Discard" and not kept:
                wrong.append((kind, at, answer.status, "lost"))
            again = press(visitor, page, label, text=TYPED)
            found = proposal(mesh, post_id)
            deeds = [row["action"] for row in mesh.audit(post_id)].count(deed)
            texts = [one.text for one in found.wordings].count(TYPED)
            if (again.status, found.state, deeds, texts) != (200, end, 1, 0 if label == "Discard" else 1):
                wrong.append((kind, at, again.status, found.state, deeds, texts))
    assert wrong == []


def test_a_plan_that_cannot_be_read_now_gives_back_what_was_typed(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(mesh)
    visitor = Visitor()
    page = visitor.open(plan_link())
    with failing(monkeypatch, 0, "throttled"):
        answer = visitor.post(
            page.path, [("by", "hand"), ("do", "draft"), ("topic-0", TYPED), ("topic-1", "<b>More</b>")]
        )
    assert answer.status == 503
    assert TYPED in answer.body
    assert "&lt;b&gt;More" in answer.body
    assert answer.answer["headers"]["retry-after"] == "60"
