"""Clicks in Slack over real tables (moto): one commit, by whom it may come, and what is refused."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ReadTimeoutError
from moto_mesh import SIGNING_KEY
from slack_channel import ACT, ADA, GUEST, NOW, OWNER, PNG, STRANGER, Channel, nodes, payload_of

import approve_handler.handler
from mesh.approvals import How, Signer
from mesh.errors import Throttled
from mesh.events import Approved, Held, Released
from mesh.ledger import Hold
from mesh.ledger.tables import Tables
from mesh.slack import signature

REMOTE = {"GetItem", "BatchGetItem", "TransactWriteItems", "PutEvents", "GetObject", "PutItem", "UpdateItem"}


def test_one_click_approves_exactly_what_the_message_shows_as_the_mapped_recipient(channel: Channel) -> None:
    revision = channel.package()
    channel.deliver(channel.ask("p_1"))
    answer = channel.click("approve")
    approval = channel.status().approval
    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert approval is not None
    assert (approval.revision, approval.by, approval.how) == (revision, ADA, How.SLACK)
    assert [event.post_ids for event in channel.mesh.events_of(Approved)] == [["p_1"]]
    assert [row["how"] for row in channel.mesh.audit("p_1") if row["action"] == "approved"] == ["slack"]
    assert channel.whispers == []


def test_a_click_makes_three_remote_calls_one_after_the_other(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    channel.click("hold", user=GUEST)  # wires the door
    channel.mesh.calls.clear()
    channel.click("approve")
    made = [call for call in channel.mesh.calls if call in REMOTE]
    # The package and the items are read side by side.
    assert sorted(made[:2]) == ["BatchGetItem", "GetObject"]
    assert made[2:] == ["TransactWriteItems", "PutEvents"]


def test_a_double_click_and_slacks_own_repetition_are_one_decision(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    for headers in ({}, {}, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}):
        assert channel.click("approve", **headers)["statusCode"] == 200
    assert len(channel.mesh.events_of(Approved)) == 1
    assert [row["action"] for row in channel.mesh.audit("p_1")].count("approved") == 1
    assert len(channel.whispers) == 1
    assert "approved exactly this already" in channel.whispers[0]["text"]


def test_a_spent_button_does_not_undo_a_hold_that_came_after_it(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    channel.click("approve")
    channel.click("hold")
    channel.click("approve")
    assert channel.status().held is not None
    assert len(channel.mesh.events_of(Held)) == 1


@pytest.mark.parametrize("user", [GUEST, STRANGER, ""])
def test_whoever_is_not_mapped_decides_nothing_and_is_told_who_can_help(channel: Channel, user: str) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    assert channel.click("approve", user=user)["statusCode"] == 200
    assert channel.status().approval is None
    assert [one["user"] for one in channel.whispers] == [user]
    assert ADA in channel.whispers[0]["text"]


def test_a_mapped_address_that_is_no_recipient_any_more_decides_nothing(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    monkeypatch.setenv("RECIPIENTS", "ben@example.test")
    channel.click("approve")
    assert channel.status().approval is None


def test_a_button_of_an_older_revision_says_that_the_newest_message_has_it(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    channel.package(source="s2", text="Another cake")
    channel.click("approve")
    assert channel.status().approval is None
    assert channel.whispers[0]["text"] == "This has changed since; the newest message has it."


def test_a_click_does_not_lift_a_hold_that_its_message_does_not_show(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    hold = Hold(by="ben@example.test", how="mail", at=NOW.isoformat())
    channel.mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"held": hold}))
    channel.click("approve")
    assert channel.status().held == hold
    assert "ben@example.test put it on hold" in channel.whispers[0]["text"]


def test_approve_all_decides_every_post_of_its_message(channel: Channel) -> None:
    for number in range(3):
        channel.package(f"p_{number}", text=f"Cake {number}")
    channel.deliver(channel.ask("p_0", "p_1", "p_2"))
    channel.click("approve-all")
    assert all(channel.status(f"p_{number}").approved for number in range(3))
    assert [sorted(event.post_ids) for event in channel.mesh.events_of(Approved)] == [["p_0", "p_1", "p_2"]]


def test_everything_is_held_and_let_go_on_from_the_channel(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    channel.click("hold-everything")
    (held,) = channel.mesh.events_of(Held)
    channel.deliver(held)
    assert "Nothing goes out until somebody lets it go on" in channel.words()
    assert "held everything" in channel.words(0)
    channel.click("release-everything")
    (released,) = channel.mesh.events_of(Released)
    channel.deliver(released)
    assert channel.buttons("release-everything") == []
    assert "held everything" not in channel.words(0)


# what is refused


def test_forged_old_and_mangled_requests_get_one_and_the_same_refusal(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    message, element = channel.buttons("approve")[0]
    body = channel.slack.clicks.body(message, element, OWNER)
    now = int(datetime.now(UTC).timestamp())  # not when this module was imported: that may be minutes ago
    good = signature(channel.secret, str(now), body)
    wrong = [
        {"X-Slack-Signature": good[:-1] + ("0" if good[-1] != "0" else "1")},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": good.upper()},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "٣٣٣"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": ""},
    ]
    answers = [
        channel.call("POST", "/slack", body, {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": good, **part})
        for part in wrong
    ]
    answers += [channel.send(body, stamp=str(now + seconds)) for seconds in (-400, 400)]
    answers += [channel.send(body, secret="another"), channel.call("GET", "/slack"), channel.call("POST", "/slack")]
    answers.append(channel.send(b"payload=" + b"x" * 1_000_001))
    assert {answer["statusCode"] for answer in answers} == {404}
    assert channel.status().approval is None
    assert channel.whispers == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"payload=%7B",
        b"payload=[]",
        b"payload=" + b"[" * 5000,
        urlencode(
            {"payload": json.dumps({"type": "view_submission", "user": {"id": OWNER}, "actions": [{}]})}
        ).encode(),
        urlencode({"payload": json.dumps({"type": "block_actions", "user": {"id": OWNER}, "actions": []})}).encode(),
        b"payload=" + b"x" * 900_000,
    ],
)
def test_what_slack_signed_and_is_no_click_of_ours_is_taken_and_changes_nothing(channel: Channel, body: bytes) -> None:
    assert channel.send(body)["statusCode"] == 200
    assert channel.mesh.events == []


def test_a_link_from_a_mail_is_no_buttons_value_and_the_other_way_round(channel: Channel) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    message, element = channel.buttons("approve")[0]
    assert channel.call("POST", f"/{element['value']}", b"go=1")["statusCode"] == 404
    value = approve_handler.handler.wire_slack().buttons.read(element["value"], NOW)
    channel.send(
        channel.slack.clicks.body(message, {**element, "value": Signer([SIGNING_KEY], "ss").sign(value)}, OWNER)
    )
    assert channel.status().approval is None


def test_answers_go_to_slack_alone(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    message, element = channel.buttons("approve")[0]
    payload = payload_of(channel.slack.clicks.body(message, element, GUEST))
    for url in (
        "http://169.254.169.254/",
        "https://hooks.slack.com.evil.example/",
        "file:///etc/passwd",
        "",
        "http://[",
    ):
        channel.send(urlencode({"payload": json.dumps({**payload, "response_url": url})}).encode())
    assert channel.whispers == []


# time and trouble


def test_throttled_tables_save_nothing_and_the_clicker_is_told(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))

    def throttled(self: Tables, writes: object) -> None:
        raise Throttled("TransactWriteItems")

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "transact", throttled)
        assert channel.click("approve")["statusCode"] == 200
    assert channel.status().approval is None
    assert "click again" in channel.whispers[0]["text"]
    channel.click("approve")
    assert channel.status().approved


def test_a_stalled_service_costs_no_more_than_the_budget(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        channel.package(f"p_{number}", text=f"Cake {number}")
    channel.deliver(channel.ask(*(f"p_{number}" for number in range(10))))
    channel.click("approve-all", user=GUEST)  # wires the door
    door = approve_handler.handler.wire_slack()
    client = door.desk.ledger._tables._client._client
    stalled = client._make_api_call

    def slow(operation: str, request: object) -> object:
        if operation == "TransactWriteItems":
            time.sleep(0.5)  # what the client's own read timeout allows
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return stalled(operation, request)

    monkeypatch.setattr(client, "_make_api_call", slow)
    began = time.monotonic()
    answer = channel.click("approve-all")
    assert time.monotonic() - began < 2.5
    assert answer["statusCode"] == 200
    assert "click again" in channel.whispers[-1]["text"]


def test_after_a_while_no_further_call_is_begun(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    channel.package()
    channel.deliver(channel.ask("p_1"))
    channel.click("hold", user=GUEST)
    door = approve_handler.handler.wire_slack()
    monkeypatch.setattr(door.watch, "elapsed_seconds", lambda: 1.3)
    channel.mesh.calls.clear()
    channel.click("approve")
    assert [call for call in channel.mesh.calls if call in REMOTE] == []


# pictures


def test_a_pictures_address_shows_it_and_nothing_else(channel: Channel) -> None:
    channel.package(image=PNG)
    channel.deliver(channel.ask("p_1"))
    (image,) = [node for node in nodes(channel.messages[0]["blocks"]) if node.get("type") == "image"]
    path = image["image_url"].removeprefix("https://approve.example.test")
    answer = channel.call("GET", path)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "image/png")
    assert base64.b64decode(answer["body"]) == PNG
    token = path.removeprefix("/picture/")
    assert channel.call("GET", f"/{token}")["statusCode"] == 404
    assert channel.call("POST", path)["statusCode"] == 404
    assert channel.call("GET", f"{path}x")["statusCode"] == 404
    channel.mesh.turn_clock(NOW + timedelta(days=31))
    assert channel.call("GET", path)["statusCode"] == 404


def test_without_slack_there_is_no_such_place(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SECRET", "")
    assert channel.send(b"payload={}")["statusCode"] == 404
