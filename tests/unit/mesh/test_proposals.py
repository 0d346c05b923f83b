"""A draft's item, and what the audit trail tells of it: that it was changed, and no word of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from mesh.ledger import Act, Status
from mesh.ledger.audit import audit_row
from mesh.ledger.items import AuditHead, Wanted
from mesh.ledger.proposals import (
    DRAFTING,
    DraftState,
    Mark,
    Note,
    Planned,
    Proposal,
    Source,
    Upload,
    Wording,
)

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
UPLOAD = Upload(upload_id="u_1", kind="image", name="SECRET.jpg", mime="image/jpeg", size=10, md5="0" * 32)
NOTE = Note(text="SECRET note", channels=("x-main",), uploads=(UPLOAD,), by="ada@example.test", at=NOW.isoformat())
WORDING = Wording(
    text="SECRET text",
    texts={"x-main": "SECRET short"},
    alt="SECRET alt",
    marks=(Mark(code="number", message="SECRET 5 is not in the note", quote="SECRET 5", channel="x-main"),),
    by="model",
    at=NOW.isoformat(),
)
PLANNED = Planned(post_id="p_2", topic="SECRET topic", date="2027-03-02", time="09:00")


def draft(**changes: object) -> Status:
    said = {"state": DraftState.READY, "note": NOTE, "wordings": (WORDING,), "plan": (PLANNED,), "error": "SECRET"}
    return Status(post_id="p_1", open=DRAFTING, proposal=Proposal.model_validate({**said, **changes}))


def trail(before: Status | None, after: Status) -> dict[str, object]:
    old = before.model_dump(mode="json") if before else {}
    act = Act(action="drafted", by="draft-helper", at=NOW)
    return audit_row("p_1", AuditHead(), act, old, after.model_dump(mode="json"))[0]


def test_it_comes_back_from_the_table_as_it_was() -> None:
    assert Status.model_validate(json.loads(draft().model_dump_json())) == draft()


def test_the_wording_that_is_shown_first_is_the_chosen_one() -> None:
    proposal = draft().proposal
    assert proposal is not None
    assert proposal.current == WORDING
    assert proposal.model_copy(update={"wordings": ()}).current is None
    assert NOTE.source is Source.NOTE
    assert UPLOAD.cell == "upload:u_1"


def test_the_trail_tells_no_word_of_a_draft_and_none_of_a_row_to_come() -> None:
    wanted = Wanted(by="ada", date="2027-03-02", time="09:00", text="SECRET", texts={"x-main": "SECRET"}, note="SECRET")
    accepted = draft(state=DraftState.ACCEPTED).model_copy(update={"wanted": wanted})
    for row in (trail(None, draft()), trail(draft(), accepted)):
        assert "SECRET" not in json.dumps(row)
    told = trail(draft(), accepted)
    after = told["after"]
    assert isinstance(after, dict)
    assert after["proposal"]["state"] == "accepted"
    assert after["proposal"]["note"]["channels"] == ["x-main"]
    assert after["wanted"]["date"] == "2027-03-02"
    assert str(after["wanted"]["text"]).startswith("sha256:")


def test_the_trail_tells_one_wording_from_another() -> None:
    other = WORDING.model_copy(update={"text": "SECRET other"})
    row = trail(draft(), draft(wordings=(other,)))
    before, after = row["before"], row["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert before["proposal"]["wordings"][0]["text"] != after["proposal"]["wordings"][0]["text"]
