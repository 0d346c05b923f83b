"""A try that nobody can prove: the owner is asked once, and the answer decides, unless the post is found after all."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import pytest
from moto.ses.models import ses_backends
from moto_mesh import REGION, MotoMesh
from sender_stage import POST, TEXT, Stage

from approve_handler.handler import handler as door
from mesh.events import Answered, Detail, Trouble
from mesh.ledger import HeadState, Says, State
from notifier.handler import handler as notify
from sender.send import Done, answered

CHANNEL = "mastodon-main"
ORIGIN = "https://approve.example.test"
LABELS = {"found": "Yes, it is there", "not-there": "No, it is not there", "send-again": "Not there: send it again"}


def never_arrived(_: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.ReadTimeout("no answer")


def envelope(detail: Detail) -> dict[str, Any]:
    return {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    """Nobody knows what became of the first try, and the network's memory of it is over."""
    stage = Stage(mesh, channels=(CHANNEL,))
    stage.networks.script = [never_arrived]
    stage.send(channel=CHANNEL)
    stage.wait(timedelta(hours=1))
    assert stage.send(attempt=2, channel=CHANNEL).move == "ask"
    return stage


def asked(stage: Stage) -> list[EmailMessage]:
    """The mails that the trouble makes, in the notifier."""
    stage.mesh.turn_clock(stage.now)
    (trouble,) = stage.mesh.events_of(Trouble)
    notify(envelope(trouble), object())
    (account,) = ses_backends
    sent = ses_backends[account][REGION].sent_messages
    return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]


def links(mail: EmailMessage) -> dict[str, str]:
    part = mail.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    return {name: re.search(rf"{re.escape(label)}: (\S+)", text)[1] for name, label in LABELS.items()}  # type: ignore[index]


def call(method: str, address: str) -> dict[str, Any]:
    form = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    context = {"http": {"method": method}, "domainName": "x.on.aws"}
    path = address.removeprefix(ORIGIN)
    return door(
        {"version": "2.0", "rawPath": path, "headers": form, "requestContext": context, "body": "go=1"}, object()
    )


def apply(stage: Stage) -> Done:
    event = stage.mesh.events_of(Answered)[-1]
    return answered(stage.ports, event, lambda: 60.0)


def test_the_owner_is_asked_once_with_what_was_handed_over_and_three_answers(stage: Stage) -> None:
    stage.wait(timedelta(hours=1))
    assert stage.send(attempt=2, channel=CHANNEL).move == "ask"

    mails = asked(stage)

    assert [mail["To"] for mail in mails] == ["ada@example.test", "ben@example.test"]
    assert {mail["Subject"] for mail in mails} == {"Did this go out on mastodon-main?"}
    assert TEXT in mails[0].as_string()
    assert set(links(mails[0])) == {"found", "not-there", "send-again"}
    assert stage.head(CHANNEL).asked_at is not None


def test_opening_an_answers_link_shows_the_try_and_changes_nothing(stage: Stage) -> None:
    address = links(asked(stage)[0])["send-again"]
    version = stage.mesh.ledger.status(POST).version  # type: ignore[union-attr]

    page = call("GET", address)

    assert page["statusCode"] == 200
    for words in (TEXT, "Is this on mastodon-main?", "It is not there: send it again", "it would be there twice"):
        assert words in page["body"]
    assert stage.mesh.ledger.status(POST).version == version  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answer", "state", "derived"),
    [
        ("found", HeadState.SENT, State.SENT),
        ("not-there", HeadState.FAILED, State.FAILED),
        ("send-again", HeadState.RETRY, State.QUEUED),
    ],
)
def test_each_answer_ends_the_doubt(stage: Stage, answer: str, state: HeadState, derived: State) -> None:
    page = call("POST", links(asked(stage)[0])[answer])
    assert page["statusCode"] == 200
    stage.networks.posts.clear()

    assert apply(stage).move == f"answered: {answer}"

    assert stage.head(CHANNEL).state is state
    status = stage.mesh.ledger.status(POST)
    assert status is not None
    assert (status.state, status.answers[0].says, status.answers[0].by) == (derived, Says(answer), "ada@example.test")
    assert len(stage.networks.creating) == 1, "an answer publishes nothing by itself"


def test_send_again_is_a_new_attempt_with_the_same_key_through_the_gate(stage: Stage) -> None:
    call("POST", links(asked(stage)[0])["send-again"])
    apply(stage)

    assert stage.send(attempt=2, channel=CHANNEL).outcome == "ok"

    first, second = stage.networks.creating
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(stage.networks.posts) == 1
    assert stage.head(CHANNEL).state is HeadState.SENT


def test_send_again_does_not_pass_a_hold(stage: Stage) -> None:
    call("POST", links(asked(stage)[0])["send-again"])
    stage.hold()
    apply(stage)

    assert stage.send(attempt=2, channel=CHANNEL).move == "gate final"
    assert len(stage.networks.creating) == 1


@pytest.mark.parametrize("answer", ["not-there", "send-again"])
def test_what_is_found_after_all_is_sent_whatever_was_answered(stage: Stage, answer: str) -> None:
    call("POST", links(asked(stage)[0])[answer])
    stage.networks.land(stage.networks.creating[0])

    apply(stage)

    head = stage.head(CHANNEL)
    assert head.state is HeadState.SENT
    assert head.posted_url != ""


def test_a_second_answer_changes_nothing_and_is_told_the_first(stage: Stage) -> None:
    first, second = asked(stage)
    call("POST", links(first)["found"])

    page = call("POST", links(second)["send-again"])

    assert "ada@example.test has answered already" in page["body"]
    assert len(stage.mesh.events_of(Answered)) == 1
    apply(stage)
    assert stage.head(CHANNEL).state is HeadState.SENT
    assert "It was found, it is out" in call("POST", links(second)["send-again"])["body"]


def test_an_answer_about_an_earlier_try_says_nothing_about_the_next(stage: Stage) -> None:
    mails = asked(stage)
    call("POST", links(mails[0])["send-again"])
    apply(stage)
    stage.networks.script = [never_arrived]
    assert stage.send(attempt=2, channel=CHANNEL).outcome == "unknown"

    page = call("POST", links(mails[1])["not-there"])

    assert "It was decided since" in page["body"]
    assert stage.head(CHANNEL).state is HeadState.UNKNOWN


def test_a_lost_event_loses_no_answer(stage: Stage) -> None:
    call("POST", links(asked(stage)[0])["found"])

    assert stage.send(attempt=2, channel=CHANNEL).move == "answered: found"
