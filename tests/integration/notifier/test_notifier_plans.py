"""A batch's plan by mail: one to each for each plan, with a link that opens its page, and noted on the batch."""

from __future__ import annotations

import email
import json
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from moto.ses.models import ses_backends
from moto_mesh import REGION, SIGNING_KEY, MotoMesh

from mesh.approvals import Action, Signer
from mesh.batches import plan_digest
from mesh.errors import Throttled
from mesh.events import DraftReady
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Note, Planned, Proposal, Source
from mesh.mail import Mailer
from notifier.handler import handler

NOW = datetime.now(UTC)
PLAN = tuple(
    Planned(post_id=f"p_{number}", topic=topic, date="2031-03-22", time="09:00")
    for number, topic in enumerate(("Rolls <now>", "Bread from our oven"))
)


def batch(mesh: MotoMesh, state: DraftState = DraftState.READY, **own: Any) -> None:
    note = Note(text="Two posts for the sale", by="ada@example.test", at=NOW.isoformat(), source=Source.BATCH)
    proposal = Proposal(state=state, note=note, **{"plan": PLAN, **own})
    act = Act("planned", "draft-helper", NOW)
    mesh.ledger.change_status(
        "b_1",
        act,
        lambda before: (before or Status(post_id="b_1", open=DRAFTING, due_at=NOW.isoformat())).model_copy(
            update={"proposal": proposal}
        ),
    )


def deliver(trace_id: str = "t_1") -> int:
    detail = DraftReady(trace_id=trace_id, post_ids=[], batch_id="b_1")
    event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
    return handler(event, object())["mails"]


def mails() -> list[EmailMessage]:
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def status(mesh: MotoMesh) -> Status:
    found = mesh.ledger.status("b_1")
    assert found is not None
    return found


def test_each_recipient_has_one_mail_with_the_topics_and_a_link_of_their_own(mesh: MotoMesh) -> None:
    batch(mesh)
    assert deliver() == 2
    for mail in mails():
        assert mail["Subject"] == "Your plan is ready: 2 posts – Two posts for the sale"
        said = text(mail)
        assert "1. Rolls <now>" in said
        assert "2. Bread from our oven" in said
        assert "nothing is written yet" in said
        link = re.search(r"Look at the plan: https://approve\.example\.test/(\S+)", said)
        assert link is not None
        token = Signer([SIGNING_KEY], "ss").read(link[1], NOW)
        assert (token.action, token.posts, token.recipient) == (Action.DRAFT, (("b_1", ""),), str(mail["To"]))
        html = mail.get_body(("html",))
        assert html is not None
        assert "Rolls &lt;now&gt;" in str(html.get_content())


def test_a_plan_of_the_stand_in_is_said_to_be_its(mesh: MotoMesh) -> None:
    batch(mesh, planner=STAND_IN)
    deliver()
    said = text(mails()[0])
    assert "The stand-in of this computer made this plan, not a model. Look at it" in said
    assert "AI proposed" not in said


def test_delivered_again_it_sends_nothing_and_another_plan_is_another_mail(mesh: MotoMesh) -> None:
    batch(mesh)
    deliver()
    assert deliver() == deliver("t_2") == 0
    assert len(mails()) == 2
    mesh.turn_clock(NOW + timedelta(days=20))  # the marks of what was sent are gone by then
    assert deliver("t_late") == 0
    batch(mesh, plan=PLAN[:1], decided_at=NOW.isoformat())
    assert deliver("t_3") == 2


def test_it_is_noted_that_the_mail_went_out_and_the_batch_stays_where_it_is(mesh: MotoMesh) -> None:
    batch(mesh)
    deliver()
    found = status(mesh)
    assert found.card is not None
    assert found.proposal is not None
    assert (found.card.round_id, found.card.sent_to) == (plan_digest(found.proposal), 2)
    assert found.open == DRAFTING


def test_a_plan_that_could_not_be_made_is_told_with_its_sentence(mesh: MotoMesh) -> None:
    batch(mesh, DraftState.FAILED, plan=(), error="The model did not answer. Press “Plan again”.")
    assert deliver() == 2
    (mail, _) = mails()
    assert mail["Subject"] == "No plan yet: Two posts for the sale"
    assert "The model did not answer." in text(mail)
    assert "Look at your note: https://" in text(mail)


@pytest.mark.parametrize("state", [DraftState.REQUESTED, DraftState.ACCEPTED, DraftState.DISCARDED])
def test_what_somebody_decided_meanwhile_is_not_told(mesh: MotoMesh, state: DraftState) -> None:
    batch(mesh, state)
    assert deliver() == 0


def test_a_batch_that_is_not_there_is_told_to_nobody(mesh: MotoMesh) -> None:
    assert deliver() == 0


def test_what_the_post_does_not_take_now_is_told_at_the_next_delivery(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(mesh)
    send = Mailer.send

    def throttled(self: Mailer, mail: EmailMessage) -> None:
        raise Throttled("told to")

    monkeypatch.setattr(Mailer, "send", throttled)
    with pytest.raises(Throttled):
        deliver()
    assert status(mesh).card is None
    monkeypatch.setattr(Mailer, "send", send)
    mesh.turn_clock(NOW + timedelta(minutes=2))
    assert deliver() == 2
