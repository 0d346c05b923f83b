"""Each way out is watched: what is leaked there on purpose is found, and what may be told is not taken for a leak."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import boto3
import botocore.client
import pytest
from moto import mock_aws
from pydantic import ValidationError

from local.leaks.canaries import Canaries, shape_of
from mesh import log
from mesh.approvals import Action, Purpose, Signer, Token
from mesh.bus import Bus
from mesh.errors import MeshError
from mesh.events import Approved, Detail
from mesh.ledger.audit import Act, audit_row
from mesh.ledger.items import AuditHead
from mesh.ledger.proposals import Note, Wording
from mesh.packages import Manifest
from mesh.posts import Row
from mesh.vault import Vault
from tests.canary.watching import AUDIT, ERROR, EVENT, FIGURE, LABEL, LETTER, LOG, MACHINE, SCHEDULE, watch

NOW = datetime(2027, 3, 5, 9, tzinfo=UTC)
KEY = "a-signing-key-of-forty-characters-0123456"
TEXT = "Sourdough from eight on Friday, as long as there is any."
PIECE = "sourdough FROM eight, on"  # who cuts a text has still told it


def token(action: Action = Action.REVIEW) -> Token:
    expires_at = int((NOW + timedelta(days=1)).timestamp())
    return Token(
        action=action,
        posts=(("p_1", "0" * 64),),
        recipient="ada@example.test",
        round_id="r1",
        nonce="n1",
        expires_at=expires_at,
    )


SIGNED = [Signer([KEY], "ss", purpose).sign(token()) for purpose in Purpose]


def row_is_read() -> None:
    Row(post_id="p_1", text=TEXT)


class TakesAll:
    """A bus that nothing listens to."""

    def put_events(self, **request: object) -> dict[str, object]:
        return {"Entries": []}


def approved(post_id: str) -> Detail:
    return Approved(trace_id="t_1", post_ids=(post_id,))


@pytest.mark.parametrize("signed", SIGNED, ids=list(Purpose))
def test_whatever_we_sign_is_known_by_its_look(signed: str) -> None:
    assert shape_of(f"GET https://approve.example.test/{signed}/") == "a signed link or cookie"


@pytest.mark.parametrize(
    "told",
    [
        "Authorization: Bearer abcdefghijklmnop",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOjEifQ.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----",
        "https://bucket.s3.amazonaws.com/uploads/u_1?X-Amz-Expires=60&X-Amz-Signature=0a1b",
        "AKIA" + "A" * 16,
        "xoxb-1234567890-abcdef",
    ],
)
def test_what_others_sign_and_hand_out_is_known_by_its_look(told: str) -> None:
    assert shape_of(told)


def test_what_a_line_says_every_day_is_no_leak() -> None:
    row_is_read()
    ordinary = {
        "trace_id": "t_4fd0c1e2a3b4",
        "post_id": "p_k3J9xZ0qLm2w",
        "channel": "bluesky-main",
        "reason": "inside the posting window, booked for Friday 09:00",
        "revision": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "posted_url": "https://bsky.example/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3lbcdefghijk2",
    }
    assert watch.canaries.found_in(json.dumps(ordinary)) == ""


def test_a_line_that_tells_a_piece_of_a_text_is_found() -> None:
    row_is_read()
    log.line(log.logger("sender"), "sender", reason=PIECE)
    assert watch.take() == [f"{LOG} tells a post's or a note's words"]


def test_an_exception_that_is_logged_with_its_text_is_found() -> None:
    row_is_read()
    told = log.logger("sender")
    try:
        int(TEXT)  # says in its message what it was given
    except ValueError:
        told.exception("failed")
    assert watch.take() == [f"{LOG} tells a post's or a note's words"]


def test_an_event_with_a_signed_link_is_found() -> None:
    Bus(TakesAll(), "ss").put([approved(SIGNED[0])])
    assert watch.take() == [f"{EVENT} tells a signed link or cookie"]


def test_an_audit_row_with_a_text_is_found_and_one_with_its_hash_is_not() -> None:
    row_is_read()
    act = Act("edited", "ada@example.test", NOW)
    audit_row("p_1", AuditHead(), act, {}, {"proposal": {"note": {"text": TEXT}}})
    assert watch.take() == []
    audit_row("p_1", AuditHead(), act, {}, {"held": TEXT})
    assert watch.take() == [f"{AUDIT} tells a post's or a note's words"]


def test_a_note_and_a_draft_are_words_too() -> None:
    Note(text="Tell them that the terrace opens tomorrow", by="ada@example.test", at=NOW.isoformat())
    Wording(text="", texts={"x-main": "All chairs are outside again"}, by="model", at=NOW.isoformat())
    for told in ("that the terrace opens", "chairs are outside again"):
        log.line(log.logger("draft-helper"), "draft", reason=told)
    assert len(watch.take()) == 2


@mock_aws
def test_a_secret_is_known_once_it_was_read_and_found_in_a_schedule_and_a_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    region = {"region_name": "ap-southeast-1"}
    secrets = boto3.client("secretsmanager", **region)
    document = {"network": "x", "account_id": "12345678901234", "credentials": {"access_token": "kept-to-itself-1"}}
    secrets.create_secret(Name="ss/channels/x-main", SecretString=json.dumps(document))
    watch.begin()
    assert Vault(secrets).document("ss/channels/x-main") == document
    told = json.dumps({"account": "12345678901234", "why": "kept-to-itself-1"})
    target = {
        "Arn": "arn:aws:lambda:ap-southeast-1:000000000000:function:f",
        "RoleArn": "arn:aws:iam::000000000000:role/r",
    }
    boto3.client("scheduler", **region).create_schedule(
        Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={**target, "Input": told}
    )
    machines = boto3.client("stepfunctions", **region)
    machine = machines.create_state_machine(
        name="m",
        definition=json.dumps({"StartAt": "E", "States": {"E": {"Type": "Succeed"}}}),
        roleArn=target["RoleArn"],
    )
    machines.start_execution(stateMachineArn=machine["stateMachineArn"], input=told)
    secret = "the secret ss/channels/x-main: credentials: access_token"
    assert watch.take() == [f"{SCHEDULE} tells {secret}", f"{MACHINE} tells {secret}"]


def test_nothing_hides_in_json_within_json_or_without_blanks_between_words() -> None:
    canaries = Canaries()
    canaries.add_text("春の新作ラーメンは金曜日の朝八時から、なくなるまで。")
    inner = json.dumps({"reason": "春の新作ラーメンは金曜日の朝八時から"})
    assert canaries.found_in(json.dumps({"detail": inner}))
    assert not canaries.found_in({"detail": "金曜日"})


def test_what_is_public_of_a_secret_is_no_secret() -> None:
    canaries = Canaries()
    canaries.add_document("ss/drive/sa", {"client_email": "robot@project.example", "private_key": "0123456789abcdef"})
    assert list(canaries.secrets) == ["0123456789abcdef"]


SECRET = "kept-to/itself+1&very=secretly-indeed_0123456789"
JAPANESE = "春の新作ラーメンは金曜日の朝八時から、なくなるまで。"
DISGUISES: dict[str, Callable[[str], str]] = {
    "in an address": quote,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in JSON in base64": lambda text: base64.b64encode(
        json.dumps({"data": base64.urlsafe_b64encode(text.encode()).decode()}).encode()
    ).decode(),
    "base64 behind a slash": lambda text: f"/door/{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}",
    "hexadecimal": lambda text: text.encode().hex(),
    "JSON in a sentence": lambda text: f"was given {json.dumps({'text': text})}",
    "JSON in JSON in a sentence": lambda text: f"was given {json.dumps(json.dumps({'text': text}))}",
    "as Python shows a text": lambda text: f"was given {text!a}",
    "as Python shows bytes": lambda text: f"was given {text.encode()!r}",
    "cut": lambda text: f"was given {text[: len(text) * 2 // 3]}…",
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=list(DISGUISES))
@pytest.mark.parametrize("told", [TEXT, JAPANESE, SECRET], ids=["words", "words without blanks", "secret"])
def test_what_is_written_otherwise_is_found(told: str, disguise: Callable[[str], str]) -> None:
    canaries = Canaries()
    canaries.add_document("ss/x", {"key": SECRET})
    for text in (TEXT, JAPANESE):
        canaries.add_text(text)
    assert canaries.found_in({"reason": disguise(told)})


LEAKING = {
    "SendMessage": (LETTER, {"MessageBody": "{}", "MessageAttributes": {"why": {"StringValue": PIECE}}}),
    "SendMessageBatch": (LETTER, {"Entries": [{"Id": "1", "MessageBody": PIECE}]}),
    "StartExecution": (MACHINE, {"name": quote(PIECE), "input": "{}"}),
    "SendTaskFailure": (MACHINE, {"error": "Refused", "cause": PIECE}),
    "CreateSchedule": (SCHEDULE, {"Description": PIECE, "Target": {"Input": "{}"}}),
    "PutMetricData": (FIGURE, {"MetricData": [{"Dimensions": [{"Name": "post", "Value": PIECE}]}]}),
    "PutTraceSegments": (FIGURE, {"TraceSegmentDocuments": [json.dumps({"annotations": {"post": PIECE}})]}),
    "TagResource": (LABEL, {"Tags": [{"Key": "post", "Value": PIECE}]}),
    "PutObject": (LABEL, {"Body": b"", "Metadata": {"post": PIECE}}),
    "SendEmail": (LABEL, {"EmailTags": [{"Name": "post", "Value": PIECE}]}),
    "PutParameter": (LABEL, {"Name": "n", "Value": PIECE}),
    "PutEvents": (EVENT, {"Entries": [{"Detail": "{}", "Resources": [PIECE]}]}),
    "PutLogEvents": (LOG, {"logEvents": [{"message": PIECE}]}),
}


@pytest.mark.parametrize("operation", LEAKING)
def test_no_part_of_a_call_that_others_read_is_left_out(operation: str) -> None:
    row_is_read()
    where, request = LEAKING[operation]
    with pytest.raises(AttributeError):  # the call itself, which has no service before it
        botocore.client.BaseClient._make_api_call(object(), operation, request)
    assert watch.take() == [f"{where} tells a post's or a note's words"]


def test_an_error_that_says_what_it_was_given_is_found_before_anybody_logs_it() -> None:
    row_is_read()
    MeshError(f"cannot read {PIECE}")
    assert watch.take() == [f"{ERROR} tells a post's or a note's words"]


def test_what_does_not_fit_a_model_is_not_told() -> None:
    """pydantic's errors show what they were given unless they are told not to, and nobody catches them all."""
    row_is_read()
    for model, given in ((Wording, {"text": [TEXT]}), (Manifest, {"channels": {"x-main": {"text": TEXT}}})):
        with pytest.raises(ValidationError) as caught:
            model.model_validate(given)
        assert "Sourdough" not in str(caught.value)
