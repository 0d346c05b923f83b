"""Mails that come back, over moto: who is left out, who hears of it, what the row says, and the ways back."""

from __future__ import annotations

import email
import json
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from moto.ses.models import ses_backends
from moto_mesh import REGION, MotoMesh

from mesh.errors import Unreachable
from mesh.events import Approved, Trouble
from mesh.ledger import Act, Approval, Asking, CardSent, Status
from mesh.messages.bounced import TRIED_AGAIN_AFTER, Bounced, bounced, note_bounced
from notifier import handler as notifier_handler
from notifier.handler import handler
from notifier.returns import MOST_PASSING

NOW = datetime.now(UTC)
ACT = Act("test", by="test", at=NOW)
ADA, BEN = "ada@example.test", "ben@example.test"
TRIGGERS = Path(__file__).parents[3] / "events" / "triggers" / "notifier"


@pytest.fixture(autouse=True)
def _with_a_set(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_SET", "ss-mails")


def event(kind: str = "Email Bounced", **changes: Any) -> dict[str, Any]:
    """The stored one, about BEN's mail of round r_1, as if sent just now."""
    made: dict[str, Any] = json.loads((TRIGGERS / f"{kind}.json").read_text("utf-8"))
    made["detail"]["mail"] |= {"timestamp": datetime.now(UTC).isoformat(), **changes.pop("mail", {})}
    made["detail"]["mail"]["tags"]["round"] = ["r_1"]
    made["detail"].get("bounce", {}).update(changes)
    return made


def waits(mesh: MotoMesh, *, sent_to: int = 2, error: str = "") -> None:
    asked = Asking(revision="r", round_id="r_1", reason="new", at=NOW.isoformat())
    card = CardSent(round_id="r_1", sent_at=NOW.isoformat(), sent_to=sent_to, error=error)
    due = (NOW + timedelta(days=1)).isoformat()
    status = Status(post_id="p_1", channels=("main",), due_at=due, asked=asked, card=card, open="1")
    mesh.ledger.change_status("p_1", ACT, lambda _: status)


def card(mesh: MotoMesh) -> CardSent:
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    return status.card


def told(mesh: MotoMesh, minutes: float = 6) -> int:
    mesh.turn_clock(datetime.now(UTC) + timedelta(minutes=minutes))
    return handler({"tick": "troubles"}, object())["mails"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("Email Bounced", "the mailbox does not exist"), ("Email Complaint Received", "marked a mail as spam")],
)
def test_it_is_noted_said_in_the_row_and_told_to_the_others_once(mesh: MotoMesh, kind: str, said: str) -> None:
    waits(mesh)
    for _ in range(2):
        handler(event(kind), object())
    assert said in bounced(mesh.runtime, [ADA, BEN.upper()], NOW)[BEN.upper()].reason
    assert card(mesh).error.count(BEN) == 1
    assert said in card(mesh).error
    assert (card(mesh).sent_at is None, card(mesh).sent_to) == (False, 1)
    assert [told(mesh), told(mesh, 12)] == [1, 0], "Ada alone"


@pytest.mark.parametrize(("address", "listed"), [(BEN, "Recipients"), ("Mum@example.test", "Stakeholders")])
def test_the_message_names_the_list_that_is_to_be_corrected(mesh: MotoMesh, address: str, listed: str) -> None:
    waits(mesh)
    handler(event(bouncedRecipients=[{"emailAddress": address}]), object())
    told(mesh)
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    (mail,) = (
        email.message_from_string(one.raw_data, policy=default) for one in sent if "ada" in str(one.destinations)
    )
    said = " ".join(str(mail.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
    assert f"the stack's parameter {listed}." in said
    assert ("by a link from a mail, ends this" in said) == (listed == "Recipients")


def test_the_last_recipient_gone_the_row_says_that_nobody_could_be_asked(mesh: MotoMesh) -> None:
    waits(mesh, sent_to=1)
    handler(event(), object())
    assert card(mesh).sent_at is None
    assert BEN in card(mesh).error


def test_a_mail_that_comes_back_before_its_card_is_noted_is_delivered_again(mesh: MotoMesh) -> None:
    with pytest.raises(Unreachable):
        handler(event(), object())
    waits(mesh)
    handler(event(), object())
    assert BEN in card(mesh).error


def test_full_mailboxes_pass_until_several_mails_came_back(mesh: MotoMesh) -> None:
    waits(mesh)
    for number in range(MOST_PASSING):
        assert bounced(mesh.runtime, [BEN], NOW) == {}
        for _ in range(2):  # a mail counts once
            mail = {"messageId": f"m-{number}"}
            handler(event(bounceType="Transient", bounceSubType="MailboxFull", mail=mail), object())
    assert bounced(mesh.runtime, [BEN], NOW)[BEN].reason == "the mailbox is full"


@pytest.mark.parametrize(
    "broken",
    [
        {"source": "aws.ses", "detail-type": "Email Bounced"},
        {"source": "aws.ses", "detail-type": "Email Bounced", "detail": {"mail": "x", "bounce": []}},
        {"source": "aws.ses", "detail-type": "Email Bounced", "detail": None},
    ],
)
def test_an_event_that_ses_does_not_write_does_nothing(mesh: MotoMesh, broken: dict[str, Any]) -> None:
    assert handler(broken, object()) == {"mails": 0, "slack": 0}


def test_an_event_of_another_set_or_of_no_harm_does_nothing(mesh: MotoMesh) -> None:
    waits(mesh)
    other = event()
    other["detail"]["mail"]["tags"]["ses:configuration-set"] = ["another-mails"]
    handler(other, object())
    praise = event("Email Complaint Received")
    praise["detail"]["complaint"]["complaintFeedbackType"] = "not-spam"
    handler(praise, object())
    odd = event(bouncedRecipients=[{"emailAddress": "<script>"}])
    handler(odd, object())
    assert bounced(mesh.runtime, [BEN, "<script>"], NOW) == {}
    assert card(mesh).error == ""


def test_who_is_left_out_is_tried_again_after_thirty_days(mesh: MotoMesh) -> None:
    note_bounced(mesh.runtime, BEN, Bounced("bounce", "the mailbox is full", NOW.isoformat()), NOW)
    trouble = Trouble(cause="late#p_1#x#", message="It is late.", post_ids=["p_1"])
    sent = {"source": "ss", "detail-type": "ss.trouble", "detail": json.loads(trouble.model_dump_json())}
    assert handler(sent, object())["mails"] == 1
    mesh.turn_clock(NOW + TRIED_AGAIN_AFTER + timedelta(minutes=1))
    assert handler(sent, object())["mails"] == 2


def test_who_decides_something_by_a_link_gets_mails_again(mesh: MotoMesh) -> None:
    waits(mesh)
    note_bounced(mesh.runtime, BEN, Bounced("bounce", "the mailbox is full", NOW.isoformat()), NOW)
    later = NOW + timedelta(seconds=1)
    for at, how, expected in (
        (NOW - timedelta(hours=1), "mail", [BEN]),
        (later, "slack", [BEN]),  # says nothing of the mailbox
        (later, "mail", []),
    ):
        approval = Approval(revision="r", by=BEN, how=how, at=at.isoformat())
        mesh.ledger.change_status(
            "p_1", ACT, lambda one, approval=approval: one and one.model_copy(update={"approval": approval})
        )
        approved = {"source": "ss", "detail-type": "ss.approved", "detail": {"post_ids": ["p_1"]}}
        assert Approved.model_validate(approved["detail"]).post_ids == ["p_1"]
        handler(approved, object())
        assert list(bounced(mesh.runtime, [BEN], NOW)) == expected


def test_one_read_says_for_all_people_whose_mails_come_back(mesh: MotoMesh) -> None:
    office = notifier_handler.wire()
    mesh.calls.clear()
    assert bounced(office.runtime, office.settings.people, NOW) == {}
    assert mesh.calls == ["BatchGetItem"]
