"""Each call to AWS fails once, in each way: nothing is lost, a retry does it once, and no word of a note is told to anybody."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from batch_desk import SHORT, Batches
from compose_desk import NOW as TODAY
from compose_desk import Writer, drafts, jpeg, token
from draft_desk import Desk, photo
from failing_calls import KINDS, failing

from mesh.ledger.proposals import DraftState

WORD = "Zimtknusperkranz"


def raised(what: Callable[[], object]) -> str:
    """What a log or the machine's history would hold of what was raised."""
    try:
        what()
    except Exception as error:  # noqa: BLE001 - whatever it is, its words are looked at
        return "".join(traceback.format_exception(error))
    return ""


def told(desk: Desk) -> str:
    """What is written down for others: the audit and the events."""
    audit = desk.mesh.dynamodb.scan(TableName=desk.mesh.names.audit)["Items"]
    return json.dumps(audit) + json.dumps(desk.mesh.entries)


def count_calls(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> int:
    with failing(monkeypatch, -1, "") as calls:
        what()
    return len(calls)


@pytest.mark.slow
def test_a_note_whose_drafting_fails_anywhere_is_drafted_once_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "500")
    upload = desk.uploads(f"{WORD}.jpg", photo())

    def notes(post_id: str) -> None:
        desk.notes(post_id, f"{WORD} {post_id}", uploads=(upload,), link=f"https://{WORD}.example")

    notes("p_0")
    count = count_calls(monkeypatch, lambda: desk.asks("p_0"))
    names, said = [], ""
    for kind in KINDS:
        for at in range(count):
            names.append(f"p_{kind}{at}")
            notes(names[-1])
            with failing(monkeypatch, at, kind):
                said += raised(lambda: desk.asks(names[-1]))
    for _ in range(8):
        desk.later(minutes=6)
        desk.sweeps()
        desk.asks(*(one.post_ids[0] for one in desk.mesh.events if one.detail_type == "ss.draft.requested"))
    ends = {name: desk.draft(name) for name in names}
    found = {name: (end.state, len(end.wordings), end.error) for name, end in ends.items()}
    assert {name: end for name, end in found.items() if end != (DraftState.READY, 1, "")} == {}
    assert set(names) <= {post_id for post_ids, _ in desk.told for post_id in post_ids}, "somebody was not told"
    assert WORD not in told(desk) + said + capsys.readouterr().out


def test_a_press_that_fails_anywhere_gives_the_note_back_and_the_next_one_notes_it_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.mesh.turn_clock(TODAY)
    writer, link = Writer(), token()
    file = writer.add(desk.mesh, link, f"{WORD}.jpg", jpeg())

    def write(text: str, page: Any = None) -> Any:
        return writer.write(page or writer.open(link), text, upload=[file])

    page = writer.open(link)
    count = count_calls(monkeypatch, lambda: write("first", page))
    wrong = []
    before = len(drafts(desk.mesh))
    for kind in KINDS:
        for at in range(count):
            page, text = writer.open(link), f"{WORD} {kind} {at}"
            with failing(monkeypatch, at, kind):
                answer = write(text, page)
            if answer.status != 303 and text not in answer.body:
                wrong.append((kind, at, answer.status))
            assert write(text, page).status == 303
            before += 1
            if len(drafts(desk.mesh)) != before:
                wrong.append((kind, at, len(drafts(desk.mesh)) - before))
            for key in ("rate#note", "rate#note#ada@example.test"):
                desk.mesh.dynamodb.delete_item(TableName=desk.mesh.names.runtime, Key={"pk": {"S": key}})
    assert wrong == []
    log = capsys.readouterr().out
    assert WORD not in told(desk) + log
    assert link not in told(desk) + log
    assert "X-Amz" not in log
    assert "x-amz" not in log


@pytest.mark.slow
def test_a_batch_whose_steps_fail_anywhere_comes_to_its_end_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    batches, said = Batches(desk), ""
    batches.notes(f"{SHORT} {WORD}", batch_id="b_0")
    count = count_calls(monkeypatch, lambda: batches.run("b_0"))
    for kind in KINDS:
        for at in range(count):
            name = f"b_{kind}{at}"
            batches.notes(f"{SHORT} {WORD} {name}", batch_id=name)
            with failing(monkeypatch, at, kind):
                said += raised(partial(batches.run, name))
            desk.later(minutes=30)
            batches.run(name, run="run-2")
            proposal = desk.draft(name)
            assert (proposal.state, len(proposal.plan)) in {(DraftState.READY, 2), (DraftState.FAILED, 0)}, name
    assert WORD not in told(desk) + said + capsys.readouterr().out
