"""The notifier over moto: each recipient is told once, and what SES does not take now is told later."""

from __future__ import annotations

import email
import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from moto.ses.models import ses_backends
from moto_mesh import REGION, MotoMesh

from mesh.errors import Throttled
from mesh.events import Asked, Detail, Failed, Held, ReviewRequested, Sent, Trouble
from mesh.ledger import Act, Asking, Head, HeadState, PackageRef, Status
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.mail import Mailer, MailRefused
from mesh.packages import Manifest, PackedChannel
from notifier.handler import handler

NOW = datetime.now(UTC)
ACT = Act("test", by="test", at=NOW)
ADA, BEN = "ada@example.test", "ben@example.test"


@pytest.fixture
def revision(mesh: MotoMesh) -> str:
    """A post on one channel that was asked about in round r_1."""
    channel = PackedChannel(network="bluesky", account="did:plc:a", host="https://bsky.social", text="Cake", payload={})
    manifest = Manifest(
        post_id="p_1",
        source_revision="s1",
        planned_at=(NOW + timedelta(days=1)).isoformat(),
        time_zone="Europe/Berlin",
        channels={"main": channel},
    )
    made = mesh.packages.write(manifest, {})
    status = Status(
        post_id="p_1",
        channels=("main",),
        due_at=manifest.planned_at,
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision=made),
        asked=Asking(revision=made, round_id="r_1", reason="new", at=NOW.isoformat()),
    )
    mesh.ledger.change_status("p_1", ACT, lambda _: status)
    return made


def deliver(detail: Detail) -> int:
    event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
    return handler(event, object())["mails"]


def mails() -> list[EmailMessage]:
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def recipients() -> list[str]:
    return sorted(str(mail["To"]) for mail in mails())


def request(revision: str, round_id: str = "r_1") -> ReviewRequested:
    return ReviewRequested(posts=[Asked(post_id="p_1", revision=revision)], round_id=round_id, reason="new")


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception, to: str = "", times: int = 99) -> None:
    """SES refuses the next ``times`` mails, those ``to`` one recipient or all."""
    original, left = Mailer.send, [times]

    def send(self: Mailer, mail: EmailMessage) -> None:
        if left[0] and to in {"", str(mail["To"])}:
            left[0] -= 1
            raise error
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)


def finish(mesh: MotoMesh, revision: str, state: HeadState, **update: Any) -> None:
    head = Head(post_channel="p_1#main", state=state, revision=revision, attempts=1).model_copy(update=update)
    mesh.ledger.change_head(mesh.ledger.head("p_1", "main"), head, ACT)


def test_a_card_goes_to_each_recipient_once_however_often_it_is_delivered(mesh: MotoMesh, revision: str) -> None:
    detail = request(revision)

    assert [deliver(detail), deliver(detail), deliver(request(revision))] == [2, 0, 0]

    assert recipients() == [ADA, BEN]
    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert (status.card.round_id, status.card.error) == ("r_1", "")


def test_another_round_is_another_card(mesh: MotoMesh, revision: str) -> None:
    deliver(request(revision))
    deliver(request(revision, "r_2"))

    assert recipients() == [ADA, ADA, BEN, BEN]


def test_throttled_in_the_middle_it_goes_on_where_it_stopped(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, Throttled("SES"), to=BEN, times=1)
    detail = request(revision)

    with pytest.raises(Throttled):
        deliver(detail)
    assert recipients() == [ADA]

    assert deliver(detail) == 1
    assert recipients() == [ADA, BEN]


def test_what_was_never_sent_is_not_noted_as_sent(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")
    refuse(monkeypatch, Throttled("SES"), times=1)
    detail = Sent(post_id="p_1", channel="main", attempt=1)

    with pytest.raises(Throttled):
        deliver(detail)

    assert deliver(detail) == 2
    assert recipients() == [ADA, BEN]


def test_a_recipient_ses_refuses_does_not_cost_the_others_theirs_and_is_noted(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, MailRefused("the mail was refused (MessageRejected)"), to=ADA)

    assert deliver(request(revision)) == 1

    status = mesh.ledger.status("p_1")
    assert status is not None
    assert status.card is not None
    assert status.card.sent_at is not None
    assert ADA in status.card.error


def test_a_post_edited_meanwhile_is_not_asked_about(mesh: MotoMesh, revision: str) -> None:
    mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"source_revision": "s2"}))

    assert deliver(request(revision)) == 0
    assert mails() == []


def test_a_failure_after_a_further_try_is_told_again_and_a_repetition_is_not(mesh: MotoMesh, revision: str) -> None:
    finish(mesh, revision, HeadState.FAILED, detail="Too long.")
    failed = Failed(post_id="p_1", channel="main", attempt=1)
    assert [deliver(failed), deliver(failed)] == [2, 0]

    head = mesh.ledger.head("p_1", "main")
    assert head is not None
    mesh.ledger.change_head(head, head.model_copy(update={"attempts": 2}), ACT)

    assert deliver(Failed(post_id="p_1", channel="main", attempt=2)) == 2


def test_a_trouble_is_told_once_a_day(mesh: MotoMesh) -> None:
    trouble = Trouble(cause="sheet-broken", message="The tab is empty.")
    assert [deliver(trouble), deliver(Trouble(cause="sheet-broken", message="The tab is empty."))] == [2, 0]
    mesh.turn_clock(NOW + timedelta(hours=25))
    assert deliver(Trouble(cause="sheet-broken", message="The tab is empty.")) == 2


def test_a_question_that_was_settled_meanwhile_is_not_asked(mesh: MotoMesh, revision: str) -> None:
    finish(mesh, revision, HeadState.SENT, posted_url="https://n.test/1")

    assert deliver(Trouble(cause="unknown#p_1#main#1", message="?", post_ids=["p_1"], channel="main", attempt=1)) == 0


def hold_everything(mesh: MotoMesh, values: dict[str, str] | None = None) -> None:
    values = values or {"by": ADA, "how": "mail", "at": "2026-03-20T08:12:00+00:00"}
    mesh.ledger.set_standing("everything", HOLD_EVERYTHING, values, ACT)


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_hold_of_one_post_needs_no_mail_and_a_hold_of_everything_does(mesh: MotoMesh) -> None:
    hold_everything(mesh)
    assert deliver(Held(post_ids=["p_1"])) == 0
    assert deliver(Held(post_ids=[], scope="everything")) == 2
    assert {str(mail["Subject"]) for mail in mails()} == {"Everything is on hold"}
    assert all("Let everything go on: https://approve.example.test/" in plain(mail) for mail in mails())


def test_a_hold_that_ended_before_its_mail_went_is_not_told_as_if_it_stood(mesh: MotoMesh) -> None:
    assert deliver(Held(post_ids=[], scope="everything")) == 2
    assert {str(mail["Subject"]) for mail in mails()} == {"Everything was on hold"}
