"""What a press on a draft's page may do: by every state, and whatever was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approve_handler.draft_decide import Fate, Hand, digest, marks_left, rule
from approve_handler.draft_form import Typed, read_typed
from mesh.ledger.items import CardSent, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Mark, Note, Proposal, Wording

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
HAND = Hand("ada@example.test", NOW, ZoneInfo("Europe/Berlin"), "t_1")
NOTE = Note(
    text="Rolls", channels=("a", "b"), date="2027-03-02", time="09:00", by="ada@example.test", at=NOW.isoformat()
)
WORDS = Wording(text="Warm rolls", by="model", at=NOW.isoformat())


def draft(state: DraftState = DraftState.READY, **more: Any) -> Status:
    proposal = Proposal(**{"state": state, "note": NOTE, "wordings": (WORDS,), **more})
    return Status(post_id="p_1", open=DRAFTING, proposal=proposal)


def typed(status: Status, do: str, **more: Any) -> Typed:
    assert status.proposal is not None
    said = {"text": "Warm rolls", "date": "2027-03-02", "time": "09:00", "channels": ("a", "b")}
    return Typed(**{"do": do, "shown": digest(status.proposal), **said, **more})


FATES = {
    ("accept", DraftState.READY): DraftState.ACCEPTED,
    ("save", DraftState.READY): DraftState.READY,
    ("others", DraftState.READY): DraftState.REQUESTED,
    ("again", DraftState.READY): DraftState.REQUESTED,
    ("discard", DraftState.READY): DraftState.DISCARDED,
    ("accept", DraftState.FAILED): DraftState.ACCEPTED,
    ("save", DraftState.FAILED): DraftState.READY,
    ("others", DraftState.FAILED): DraftState.REQUESTED,
    ("again", DraftState.FAILED): DraftState.REQUESTED,
    ("discard", DraftState.FAILED): DraftState.DISCARDED,
}


@pytest.mark.parametrize("state", list(DraftState))
@pytest.mark.parametrize("do", ["accept", "save", "others", "again", "discard", "use-0", "nonsense", ""])
def test_every_press_in_every_state_does_what_it_may_and_nothing_else(state: DraftState, do: str) -> None:
    before = draft(state)
    after = rule(before, typed(before, do, text="Warm rolls!"), HAND).after
    expected = FATES.get((do, state))
    if do in {"nonsense", "", "use-0"}:
        expected = FATES.get(("save", state))
        assert after is None or after.proposal.state in {expected, state}  # type: ignore[union-attr]
        return
    assert (after.proposal.state if after is not None and after.proposal is not None else None) == expected
    if after is not None:
        assert (after.wanted is not None) == (expected is DraftState.ACCEPTED)
        assert after.approval is None
        index = {DraftState.ACCEPTED: "1", DraftState.DISCARDED: None}
        assert after.open == index.get(expected, DRAFTING)  # type: ignore[arg-type]


@given(st.binary(max_size=200), st.text(max_size=60))
def test_whatever_somebody_sends_is_read_and_ruled_on(shown: bytes, text: str) -> None:
    before = draft()
    fields = [
        ("do", text),
        ("shown", shown.decode("latin-1")),
        ("text", text),
        (f"text:{text}", text),
        ("channel", text),
    ]
    ruling = rule(before, read_typed(fields), HAND)
    assert ruling.fate is Fate.CHANGED
    assert ruling.after is None


def test_an_edit_keeps_the_marks_of_what_nobody_touched() -> None:
    own = Mark(code="long", message="too long", channel="a", stops=True)
    price = Mark(code="price", message="4,90 € is not in the note", quote="4,90 €")
    base = WORDS.model_copy(update={"text": "Rolls 4,90 €", "texts": {"a": "Own"}, "marks": (own, price)})
    assert marks_left(base, "Rolls 4,90 € today", {"a": "Own"}, ("a", "b")) == (own, price)
    assert marks_left(base, "Rolls", {"a": "Own"}, ("a", "b")) == (own,)
    assert marks_left(base, "Rolls 4,90 €", {"a": "New"}, ("a", "b")) == (price,)


def test_what_a_browser_does_to_line_ends_is_no_edit() -> None:
    before = draft(wordings=(WORDS.model_copy(update={"text": "One\r\ntwo \n"}),))
    form = [("do", "save"), ("text", "One\r\ntwo"), ("date", "2027-03-02"), ("time", "09:00")]
    assert before.proposal is not None
    form += [("shown", digest(before.proposal)), ("channel", "a"), ("channel", "b")]
    assert rule(before, read_typed(form), HAND).fate is Fate.SAME


def test_a_draft_edited_by_many_keeps_the_models_wordings_and_the_latest_edits() -> None:
    status = draft()
    for number in range(12):
        hand = Hand(f"p{number}@example.test", NOW, HAND.zone)
        after = rule(status, typed(status, "save", text=f"Edit {number}"), hand).after
        assert after is not None
        status = after
    assert status.proposal is not None
    texts = [one.text for one in status.proposal.wordings]
    assert texts[0] == "Warm rolls"
    assert texts[-1] == status.proposal.current.text == "Edit 11"  # type: ignore[union-attr]
    assert len(texts) == 5


def test_what_a_check_finds_takes_nothing_from_what_is_typed_meanwhile() -> None:
    mine = Wording(text="Mine", by="ada@example.test", at=NOW.isoformat(), checked=False)
    before = draft(wordings=(WORDS, mine), chosen=1)
    assert before.proposal is not None
    form = typed(before, "save", text="Mine, still typing")
    mark = Mark(code="never-say", message="“Mine” is never said.", quote="Mine", stops=True)
    read = mine.model_copy(update={"marks": (mark,), "checked": True})
    checked = before.model_copy(update={"proposal": before.proposal.model_copy(update={"wordings": (WORDS, read)})})
    after = rule(checked, form, HAND).after
    assert after is not None
    assert after.proposal is not None
    assert after.proposal.current is not None
    assert (after.proposal.current.text, after.proposal.current.checked) == ("Mine, still typing", False)
    assert rule(checked, typed(before, "accept", text="Mine"), HAND).sentences == (mark.message,)


def test_the_card_of_a_failure_makes_room_for_that_of_the_draft() -> None:
    card = CardSent(round_id="draft-failed", sent_at=NOW.isoformat())
    failed = draft(DraftState.FAILED, wordings=()).model_copy(update={"card": card})
    after = rule(failed, typed(failed, "again", text="Rolls"), HAND).after
    assert after is not None
    assert after.card is None
    ready = draft().model_copy(update={"card": card})
    after = rule(ready, typed(ready, "others"), HAND).after
    assert after is not None
    assert after.card == card
