"""Troubles on their way to people, over moto: together, once, and not lost whatever fails in between."""

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

from mesh.errors import Conflict, Throttled
from mesh.events import Trouble, together
from mesh.ledger import Runtime
from mesh.mail import Mailer, MailRefused
from notifier.handler import handler
from notifier.trouble_words import KINDS

NOW = datetime.now(UTC)
PAUSE = "pause#x-main#2026-03-20T07:00:00+00:00"


def deliver(detail: Trouble) -> int:
    event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
    return handler(event, object())["mails"]


def tick(mesh: MotoMesh, minutes: float = 6) -> int:
    """What the schedule's next run sends, so many minutes later."""
    mesh.turn_clock(datetime.now(UTC) + timedelta(minutes=minutes))
    return handler({"tick": "troubles"}, object())["mails"]


def late(*numbers: int) -> Trouble:
    said = "The approved post of Friday 20 March, 09:00 has not gone out on x-main yet: the network did not answer."
    ones = [Trouble(cause=f"late#p_{one}#x-main#", message=said, post_ids=[f"p_{one}"]) for one in numbers]
    (event,) = together(ones)
    return event


def mails() -> list[EmailMessage]:
    sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def subjects() -> list[str]:
    return [str(mail["Subject"]) for mail in mails() if mail["To"] == "ada@example.test"]


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_twelve_late_posts_are_one_mail_to_each_at_once(mesh: MotoMesh) -> None:
    assert deliver(late(*range(12))) == 2
    assert subjects() == ["12 posts are late"]
    assert text(mails()[0]).count("has not gone out on x-main yet") == 12


def test_what_goes_wrong_together_is_told_together_whatever_the_order_and_however_often(mesh: MotoMesh) -> None:
    pauses = [Trouble(cause=f"pause#x-{one}#s", message=f"x-{one} is paused: connect it.") for one in range(3)]
    for event in (*pauses, *reversed(pauses), Trouble(cause="sheet-broken#a", message="The tab is empty. Fill it.")):
        assert deliver(event) == 0
    assert [tick(mesh), tick(mesh, 12)] == [2, 0]
    assert subjects() == ["3 channels are paused; Your sheet has something to mend"]
    assert all(f"x-{one} is paused: connect it." in text(mails()[0]) for one in range(3))


def test_one_trouble_alone_has_its_own_subject_and_no_list(mesh: MotoMesh) -> None:
    deliver(Trouble(cause=PAUSE, message="x-main is paused, nothing is posted there: connect it."))
    tick(mesh)
    assert subjects() == ["x-main is paused"]
    assert text(mails()[0]).startswith("x-main is paused, nothing is posted there: connect it.\n")


def test_the_end_of_a_pause_that_was_told_is_told_and_of_one_that_was_not_is_not(mesh: MotoMesh) -> None:
    deliver(Trouble(cause=PAUSE, message="x-main is paused."))
    tick(mesh)
    deliver(Trouble(cause=PAUSE, message="What waited goes out.", ended=True))
    deliver(Trouble(cause="pause#y-main#s", message="y-main is paused."))
    deliver(Trouble(cause="pause#y-main#s", message="What waited goes out.", ended=True))
    assert tick(mesh, 12) == 2
    assert subjects() == ["x-main is paused", "x-main works again"]


def test_an_idle_tick_costs_one_read(mesh: MotoMesh) -> None:
    handler({"tick": "troubles"}, object())
    mesh.calls.clear()
    handler({"tick": "troubles"}, object())
    assert mesh.calls == ["GetItem"]


def test_a_trouble_told_already_costs_one_read_too(mesh: MotoMesh) -> None:
    event = Trouble(cause="sheet-not-shared", message="Share it again.")
    deliver(event)
    tick(mesh)
    mesh.calls.clear()
    assert deliver(event) == 0
    assert mesh.calls == ["GetItem"]


def test_throttled_in_the_middle_the_next_delivery_goes_on_where_it_stopped(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, left = Mailer.send, [1]

    def send(self: Mailer, mail: EmailMessage) -> None:
        if str(mail["To"]).startswith("ben") and left[0]:
            left[0] -= 1
            raise Throttled("SES")
        original(self, mail)

    monkeypatch.setattr(Mailer, "send", send)
    with pytest.raises(Throttled):
        deliver(late(1))
    assert deliver(late(1)) == 1
    assert sorted(str(mail["To"]) for mail in mails()) == ["ada@example.test", "ben@example.test"]


def test_killed_after_the_mails_the_next_tick_settles_without_a_second_mail(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Runtime.swap
    with monkeypatch.context() as patch:

        def dies(self: Runtime, key: str, values: dict[str, Any], version: int) -> None:
            if version:
                raise KeyboardInterrupt
            original(self, key, values, version)

        patch.setattr(Runtime, "swap", dies)
        with pytest.raises(KeyboardInterrupt):
            deliver(late(1))
    assert [tick(mesh, 2), tick(mesh, 8)] == [0, 0]
    assert subjects() == ["A post is late"]
    assert deliver(late(1)) == 0


def test_where_every_recipient_is_refused_nothing_is_lost(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:

        def refuse(self: Mailer, mail: EmailMessage) -> None:
            raise MailRefused("the mail was refused (MessageRejected)")

        patch.setattr(Mailer, "send", refuse)
        assert deliver(late(1)) == 0
    deliver(late(2))
    assert tick(mesh, 16) == 2
    assert subjects() == ["2 posts are late"]


def test_others_who_write_at_the_same_moment_lose_nothing(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    original, times = Runtime.swap, [3]

    def in_the_way(self: Runtime, key: str, values: dict[str, Any], version: int) -> None:
        if times[0]:
            times[0] -= 1
            raise Conflict("somebody else")
        original(self, key, values, version)

    monkeypatch.setattr(Runtime, "swap", in_the_way)
    deliver(Trouble(cause="clock#a", message="You need not do anything."))
    assert tick(mesh) == 2


def test_what_quotes_the_owner_is_said_as_it_lies_in_the_table_and_escaped(mesh: MotoMesh) -> None:
    mesh.runtime.put("note#rules-doc#a", {"message": "Line 3: <b>“pizza”</b> is no network. Correct it."})
    deliver(Trouble(cause="rules-doc#a", message="Something is to mend.", words_key="note#rules-doc#a"))
    tick(mesh)
    assert "Line 3: <b>“pizza”</b> is no network." in text(mails()[0])
    rich = mails()[0].get_body(("html",))
    assert rich is not None
    assert "&lt;b&gt;“pizza”&lt;/b&gt;" in rich.get_content()


def test_every_kind_has_a_subject_that_says_what_it_is() -> None:
    for kind, words in KINDS.items():
        assert words.one
        assert "need" not in words.one.lower(), f"{kind}: it says that something is needed, not what is wrong"


def test_a_test_goes_to_the_one_who_is_named_and_how_it_went_is_noted(mesh: MotoMesh) -> None:
    said = Trouble(cause="test#1", message="This is a test. No post is touched.", only_for="ada@example.test")
    assert [deliver(said), deliver(said)] == [1, 0]
    assert [(mail["To"], mail["Subject"]) for mail in mails()] == [("ada@example.test", "A test: your mails arrive")]
    noted = mesh.runtime.get("test#1", NOW)
    assert noted is not None
    assert (noted["sent"], noted["refused"]) == (1, "")
    assert tick(mesh) == 0


def test_a_test_to_somebody_who_approves_nothing_is_not_sent(mesh: MotoMesh) -> None:
    assert deliver(Trouble(cause="test#2", message="A test.", only_for="eve@example.test")) == 0
    assert mails() == []
    noted = mesh.runtime.get("test#2", NOW)
    assert noted is not None
    assert "no recipient of this stack" in noted["refused"]
