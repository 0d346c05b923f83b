"""Drafts that are ready, over moto: one mail to each recipient for all of an event's, once, and noted for whoever sweeps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from moto_mesh import SIGNING_KEY, MotoMesh
from test_notifier_once import ADA, BEN, NOW, deliver, mails, recipients, refuse

from mesh import clock
from mesh.approvals import LIFETIME, Action, Signer, Token
from mesh.errors import Throttled
from mesh.events import DraftReady
from mesh.ledger import Act, CardSent, Ledger, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Planned, Proposal, Source, Wording
from mesh.mail import MailRefused

ACT = Act("drafted", "draft-helper", NOW)


def draft(mesh: MotoMesh, post_id: str = "p_d", state: DraftState = DraftState.READY, **more: Any) -> None:
    note = Note(text="Rolls", channels=("main",), by=ADA, at=NOW.isoformat())
    wordings = (
        () if state is DraftState.FAILED else (Wording(text=f"Words of {post_id}", by="model", at=NOW.isoformat()),)
    )
    error = "No model." if state is DraftState.FAILED else ""
    proposal = Proposal(**{"state": state, "note": note, "wordings": wordings, "error": error, **more})
    status = Status(post_id=post_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    mesh.ledger.change_status(
        post_id, ACT, lambda before: status.model_copy(update={"card": before.card}) if before else status
    )


def card(mesh: MotoMesh, post_id: str = "p_d") -> CardSent | None:
    status = mesh.ledger.status(post_id)
    assert status is not None
    return status.card


def ready(*post_ids: str, **more: Any) -> DraftReady:
    return DraftReady(post_ids=list(post_ids or ("p_d",)), trace_id="t_1", **more)


def links(text: str) -> list[Token]:
    found = re.findall(r"https://approve\.example\.test/([\w.-]+)", text)
    return [Signer([SIGNING_KEY], "ss").read(one, NOW) for one in dict.fromkeys(found)]


def test_each_recipient_gets_one_mail_with_a_link_of_their_own_however_often_it_is_delivered(mesh: MotoMesh) -> None:
    draft(mesh)
    assert [deliver(ready()) for _ in range(3)] == [2, 0, 0]
    assert recipients() == [ADA, BEN]
    for mail in mails():
        plain = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert "Words of p_d" in plain
        (token,) = [one for one in links(plain) if one.action is Action.DRAFT]
        assert (token.posts, token.recipient) == ((("p_d", ""),), str(mail["To"]))
        assert token.expires_at <= int((clock.now() + LIFETIME).timestamp())
    noted = card(mesh)
    assert noted is not None
    assert (noted.round_id, noted.sent_to, noted.error) == ("draft-ready", 2, "")
    status = mesh.ledger.status("p_d")
    assert status is not None
    assert status.open == DRAFTING
    assert deliver(ready().model_copy(update={"trace_id": "t_2"})) == 0  # the sweep says it once more


def test_all_drafts_of_an_event_are_one_mail(mesh: MotoMesh) -> None:
    for post_id in ("p_1", "p_2"):
        draft(mesh, post_id)
    draft(mesh, "p_3", DraftState.FAILED)
    draft(mesh, "p_4", DraftState.DISCARDED)
    draft(mesh, "p_5", DraftState.REQUESTED)
    assert deliver(ready("p_1", "p_2", "p_3", "p_4", "p_5", "p_none")) == 2
    text = mails()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Words of p_1" in text
    assert "Words of p_2" in text
    assert "No model." in text
    assert "p_4" not in text
    assert len([one for one in links(text) if one.action is Action.DRAFT]) == 3
    assert [card(mesh, one) is not None for one in ("p_1", "p_2", "p_3", "p_4", "p_5")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_draft_that_was_told_among_others_is_not_told_again_alone(mesh: MotoMesh) -> None:
    for post_id in ("p_1", "p_2"):
        draft(mesh, post_id)
    assert deliver(ready("p_1", "p_2")) == 2
    assert deliver(ready("p_2")) == 0


def test_a_batchs_mail_says_how_many_of_its_plan_are_there(mesh: MotoMesh) -> None:
    plan = tuple(Planned(post_id=f"p_{n}", topic="t", date="2027-03-02", time="09:00") for n in range(3))
    note = Note(text="Three", by=ADA, at=NOW.isoformat(), source=Source.BATCH)
    draft(mesh, "b_1", DraftState.ACCEPTED, plan=plan, note=note, wordings=())
    draft(mesh, "p_0")
    draft(mesh, "p_1", DraftState.FAILED)
    assert deliver(ready("p_0", "p_1", batch_id="b_1")) == 2
    assert str(mails()[0]["Subject"]).startswith("1 of 3 drafts are here")
    assert deliver(ready(batch_id="b_none")) == 0


def test_a_failure_and_the_draft_after_it_are_two_mails(mesh: MotoMesh) -> None:
    draft(mesh, state=DraftState.FAILED)
    assert deliver(ready()) == 2
    assert "No model." in mails()[0].as_string()
    draft(mesh)
    assert deliver(ready()) == 2
    assert len(mails()) == 4


def test_other_wordings_that_somebody_waits_for_on_the_page_are_no_mail(mesh: MotoMesh) -> None:
    draft(mesh)
    deliver(ready())
    draft(mesh, wants=3)
    assert deliver(ready()) == 0
    written = Wording(text="One", by="model", at=NOW.isoformat())
    draft(mesh, state=DraftState.FAILED, wants=3, wordings=(written,))
    assert deliver(ready()) == 0
    assert len(mails()) == 2


def test_wordings_asked_for_before_any_mail_went_out_are_told_by_one_all_the_same(mesh: MotoMesh) -> None:
    """Else whoever sweeps would look for their card for ever."""
    draft(mesh, wants=3)
    assert deliver(ready()) == 2
    assert card(mesh) is not None


def test_a_recipient_that_ses_refuses_costs_the_others_nothing_and_is_noted(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, MailRefused("no such mailbox"), to=ADA)
    draft(mesh)
    assert deliver(ready()) == 1
    noted = card(mesh)
    assert noted is not None
    assert noted.sent_to == 1
    assert ADA in noted.error


def test_what_ses_does_not_take_now_goes_out_with_the_next_delivery(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, Throttled("slow down"), to=BEN, times=1)
    draft(mesh)
    with pytest.raises(Throttled):
        deliver(ready())
    assert card(mesh) is None
    assert deliver(ready()) == 1
    assert recipients() == [ADA, BEN]


def test_a_delivery_that_ends_between_two_notes_sends_nobody_a_second_mail(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(mesh, "p_1")
    draft(mesh, "p_2")
    original = Ledger.change_status

    def ends(ledger: Ledger, post_id: str, *args: Any, **more: Any) -> Any:
        if post_id == "p_2":
            raise Throttled("the tables")
        return original(ledger, post_id, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "change_status", ends)
        with pytest.raises(Throttled):
            deliver(ready("p_1", "p_2"))
    assert [card(mesh, one) is not None for one in ("p_1", "p_2")] == [True, False]
    assert deliver(ready("p_1", "p_2")) == 0
    assert card(mesh, "p_2") is not None
    assert len(mails()) == 2


def test_nothing_of_a_draft_reaches_the_log(mesh: MotoMesh, capsys: pytest.CaptureFixture[str]) -> None:
    draft(mesh)
    deliver(ready())
    assert "Words of" not in capsys.readouterr().out
    assert "Words of" not in str(mesh.audit("p_d"))
