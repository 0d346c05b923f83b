"""The operator's commands over moto, as on AWS: what they change, what they refuse, and what they never say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto_mesh import COMPOSE_KEY, REGION, SIGNING_KEY, MotoMesh

from local import ROOT
from local.operator import holding, redrive, rotating, status, trace
from local.operator.books import BooksError
from local.operator.letters import BUS, FUNCTION, read
from local.operator.progress import Progress
from local.operator.redrive import Queue
from local.operator.rotating import Kept, good_at, keys_of, rotate
from local.operator.which import Reached
from mesh.events import Held, Released
from mesh.ledger import Act, Hold, Status
from mesh.ledger.proposals import DraftState, Note, Planned, Proposal
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.posts import Row
from mesh.posts_csv import write_csv

AWS = ["--prefix", "ss", "--region", REGION]
NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)
ACCOUNT = "123456789012"  # moto's
SECRET = "ss/approval/signing-secret"
NOTES = "ss/compose/signing-secret"


@pytest.fixture
def stack(mesh: MotoMesh) -> Reached:
    clients = {"dynamodb": mesh.dynamodb, "secretsmanager": mesh.secrets}

    def client(service: str) -> Any:
        import boto3

        return clients.get(service) or boto3.client(service, region_name=REGION)

    return Reached("ss", "ss in Singapore", client, lambda: NOW)


class Refusing:
    """A service that refuses every call."""

    def __init__(self, code: str, message: str = "") -> None:
        self._error = {"Error": {"Code": code, "Message": message}}

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            raise ClientError(self._error, name)  # type: ignore[arg-type]

        return call


def refusing(stack: Reached, service: str, code: str, message: str = "") -> Reached:
    plain = stack.client
    return replace(stack, client=lambda name: Refusing(code, message) if name == service else plain(name))


# the brake


def test_everything_is_held_with_its_row_and_then_its_event_and_let_go_again(mesh: MotoMesh, stack: Reached) -> None:
    assert holding.change(stack, "ada", "the kitchen burns", on=True).changed
    standing = mesh.ledger.standing([HOLD_EVERYTHING])[HOLD_EVERYTHING]
    assert standing == {"by": "ada", "how": "command", "at": NOW.isoformat()}
    (row,) = mesh.audit("everything")
    assert (row["action"], row["by_user"], row["how"], row["reason"]) == (
        "everything held",
        "ada",
        "command",
        "the kitchen burns",
    )
    (news,) = mesh.events_of(Held)
    assert (news.scope, news.post_ids, news.trace_id) == ("everything", [], row["trace_id"])

    assert holding.change(stack, "ben", "", on=False).changed
    assert mesh.ledger.standing([HOLD_EVERYTHING]) == {}
    assert mesh.events_of(Released)[0].scope == "everything"


def test_a_second_hold_changes_nothing_and_says_who_holds(mesh: MotoMesh, stack: Reached) -> None:
    holding.change(stack, "ada", "", on=True)
    again = holding.change(stack, "ben", "", on=True)
    assert not again.changed
    assert "ada holds everything since 2027-03-25 17:04 UTC already" in holding.told("ss", again)
    assert len(mesh.audit("everything")) == len(mesh.events_of(Held)) == 1


def test_it_holds_also_while_the_bus_takes_nothing(mesh: MotoMesh, stack: Reached) -> None:
    done = holding.change(refusing(stack, "events", "ThrottlingException"), "ada", "", on=True)
    assert done.changed
    assert HOLD_EVERYTHING in mesh.ledger.standing([HOLD_EVERYTHING])
    assert "holds all the same" in done.remark


def test_one_post_s_hold_is_not_lifted_by_a_command(
    mesh: MotoMesh, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = Hold(by="ada@example.test", how="mail", at=NOW.isoformat())
    mesh.ledger.change_status("p_1", Act("held", "ada", NOW), lambda _: Status(post_id="p_1", held=hold))
    assert holding.release(["p_1", *AWS]) == 1
    assert "ada@example.test holds p_1 since 2027-03-25 17:04 UTC" in capsys.readouterr().out
    after = mesh.ledger.status("p_1")
    assert after is not None
    assert after.held == hold
    assert holding.release(["p_9", *AWS]) == 1
    assert "There is no post p_9" in capsys.readouterr().out
    assert holding.release(["p_9", "--json", *AWS]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["changed"], answer["remark"][:20]) == (False, "There is no post p_9")


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("AccessDeniedException", "User: x is not authorized to perform: dynamodb:GetItem on", "dynamodb:GetItem"),
        ("ExpiredTokenException", "", "the sign-in to AWS has expired"),
        ("ResourceNotFoundException", "", "are the prefix and the region right?"),
    ],
)
def test_what_aws_refuses_is_said_with_what_is_missing(stack: Reached, code: str, message: str, said: str) -> None:
    with pytest.raises(BooksError, match=said.replace("?", r"\?")):
        holding.change(refusing(stack, "dynamodb", code, message), "ada", "", on=True)


# dead letters


@pytest.fixture
def letters(mesh: MotoMesh, stack: Reached) -> Callable[..., None]:
    """Puts one."""
    sqs = stack.client("sqs")
    url = sqs.create_queue(QueueName="ss-dead-letters")["QueueUrl"]

    def put(body: object, **attributes: str) -> None:
        shaped = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
        text = body if isinstance(body, str) else json.dumps(body)
        sqs.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=shaped)

    return put


def arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:lambda:{REGION}:{account}:function:{name}"


def event(kind: str = "ss.sent", source: str = "ss", **detail: object) -> dict[str, Any]:
    told = {"trace_id": "t_1", "post_id": "p_1", "channel": "x-main", "attempt": 1, **detail}
    return {"id": "e", "source": source, "detail-type": kind, "detail": told}


def silent() -> Progress:
    return Progress()


def test_an_event_goes_on_the_bus_again_as_it_was_and_its_letter_goes(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None]
) -> None:
    letters(event(), TARGET_ARN=arn("ss-notifier"), ERROR_CODE="NO_RESOURCE", RETRY_ATTEMPTS="10")
    queue = Queue(stack.client, "ss")
    (looked,) = redrive.redrive(queue, go=False, tell=silent())
    assert (looked.letter.function, looked.letter.why, looked.letter.times) == ("notifier", "NO_RESOURCE", 10)
    assert mesh.entries == []
    (sent,) = redrive.redrive(queue, go=True, tell=silent())
    assert sent.became == "sent again"
    (entry,) = mesh.entries
    assert (entry["Source"], entry["DetailType"], json.loads(entry["Detail"])) == ("ss", "ss.sent", event()["detail"])
    assert queue.count() == 0


def test_a_booking_s_detail_becomes_its_event_again(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None]
) -> None:
    group = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/ss-bookings/p_1-x-main-2-abc"
    detail = {"post_id": "p_1", "channel": "x-main", "revision": "r", "attempt": 2, "trace_id": "t_2"}
    letters(detail, SCHEDULE_ARN=group, TARGET_ARN="arn:aws:events:x:y:event-bus/default")
    letters(detail, SCHEDULE_ARN=group.replace("ss-bookings", "other-bookings"), TARGET_ARN="arn:aws:events:x")
    became = [one.became for one in redrive.redrive(Queue(stack.client, "ss"), go=True, tell=silent())]
    assert became == ["sent again", "kept: it is of no schedule of this stack"]
    assert [entry["DetailType"] for entry in mesh.entries] == ["ss.retry"]


EARLIER = sorted((ROOT / "events" / "bus").glob("*/v*[0-9].json"))


@pytest.mark.parametrize("sample", EARLIER, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_letter_of_any_version_that_was_ever_written_goes_again(sample: Path) -> None:
    """As a rule left it, and as a function did: with nothing that came after its version, and with what a later one may add."""
    written = json.loads(sample.read_text("utf-8"))
    for said in (written, {**written, "detail": {**written["detail"], "of_a_later_release": [1]}}):
        left = {"MessageId": "m", "Body": json.dumps(said)}
        assert read(left, "ss", ACCOUNT).way == BUS
        record = {"requestContext": {"functionArn": arn("ss-sender")}, "requestPayload": said}
        assert read({"MessageId": "m", "Body": json.dumps(record)}, "ss", ACCOUNT).way == FUNCTION


@pytest.mark.parametrize(
    ("body", "attributes", "why"),
    [
        ("not JSON", {}, "it is not understood"),
        ([1], {}, "it is not understood"),
        ({"a": 1}, {}, "it is not understood"),
        (event(source="other"), {}, "its event is of another source"),
        (event(kind="ss.unheard.of"), {}, "its event is not understood by this version"),
        (event(attempt="many"), {}, "its event is not understood by this version"),
        (event(schema_version=2), {}, "its event is not understood by this version"),
        (
            {"requestContext": {"functionArn": arn("ss-notifier")}, "requestPayload": event(schema_version=2)},
            {},
            "its event is not understood by this version",
        ),
        (
            {"requestContext": {"functionArn": arn("ss-notifier")}, "requestPayload": event(kind="ss.unheard.of")},
            {},
            "its event is not understood by this version",
        ),
        (
            {"requestContext": {"functionArn": arn("other-sender")}, "requestPayload": event()},
            {},
            "it is of no function of this stack",
        ),
        (
            {"requestContext": {"functionArn": arn("ss-sender", "999999999999")}, "requestPayload": event()},
            {},
            "it is of no function of this stack",
        ),
        (
            {"requestContext": {"functionArn": arn("ss-sender")}, "requestPayload": event(source="other")},
            {},
            "its event is of another source",
        ),
    ],
)
def test_what_is_not_ours_or_not_understood_is_kept(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None], body: object, attributes: dict[str, str], why: str
) -> None:
    letters(body, **attributes)
    queue = Queue(stack.client, "ss")
    (one,) = redrive.redrive(queue, go=True, tell=silent())
    assert one.became == f"kept: {why}"
    assert queue.count() == 1
    assert mesh.entries == []


def test_a_letter_that_is_not_accepted_stays_and_the_others_go(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None]
) -> None:
    record = {
        "requestContext": {"functionArn": arn("ss-sender"), "approximateInvokeCount": 3},
        "requestPayload": event("ss.send", revision="r"),
        "responsePayload": {"errorType": "Throttled", "errorMessage": "a secret of the network"},
    }
    letters(record)
    letters(event())
    down = refusing(stack, "lambda", "AccessDeniedException", "not authorized to perform: lambda:InvokeFunction on x")
    queue = Queue(down.client, "ss")
    outcomes = redrive.redrive(queue, go=True, tell=silent())
    assert sorted(one.became for one in outcomes) == [
        "not sent: the function ss-sender: this sign-in may not do lambda:InvokeFunction; "
        "sign in as somebody who may, or have that right added",
        "sent again",
    ]
    assert queue.count() == 1
    said = redrive.told(outcomes, "ss", went=True)
    assert "sender: ss.send about p_1 x-main: Throttled, tried 3 times [t_1]" in said
    assert "a secret" not in said + json.dumps(redrive.as_json(outcomes))


def test_it_is_chosen_by_function_and_by_age(mesh: MotoMesh, stack: Reached, letters: Callable[..., None]) -> None:
    letters(event(), TARGET_ARN=arn("ss-notifier"))
    letters(event(), TARGET_ARN=arn("ss-drive-sync"))
    queue = Queue(stack.client, "ss")
    assert len(redrive.redrive(queue, go=False, tell=silent(), only="notifier")) == 1
    assert redrive.redrive(queue, go=False, tell=silent(), before=datetime.now(UTC) - timedelta(hours=1)) == []


class FewAtATime:
    """SQS as it may answer: a look without a wait asks some of its servers, and finds nothing."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def receive_message(self, **request: Any) -> Any:
        if request["WaitTimeSeconds"] == 0:
            return {}
        return self._sqs.receive_message(
            **{**request, "WaitTimeSeconds": 0, "MaxNumberOfMessages": min(2, request["MaxNumberOfMessages"])}
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)


def test_every_letter_is_found_however_few_sqs_hands_out_at_a_time(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None]
) -> None:
    for number in range(12):
        letters(event(post_id=f"p_{number}"))
    plain = stack.client
    queue = Queue(lambda name: FewAtATime(plain(name)) if name == "sqs" else plain(name), "ss")
    assert len(redrive.redrive(queue, go=False, tell=silent())) == 12
    assert len(list(queue.letters(silent(), 5))) == 5, "and no more than are wanted"
    assert queue.count() == 12


def test_a_letter_that_went_and_cannot_be_taken_out_is_not_said_to_be_unsent(
    mesh: MotoMesh, stack: Reached, letters: Callable[..., None]
) -> None:
    class Undeletable(FewAtATime):
        def delete_message(self, **request: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "DeleteMessage")

    letters(event())
    plain = stack.client
    queue = Queue(lambda name: Undeletable(plain(name)) if name == "sqs" else plain(name), "ss")
    (one,) = redrive.redrive(queue, go=True, tell=silent())
    assert one.became.startswith("sent again, and still in the queue: the dead letters: ")
    assert len(mesh.entries) == queue.count() == 1


def test_a_span_nobody_understands_and_a_queue_that_is_not_there(
    mesh: MotoMesh, capsys: pytest.CaptureFixture[str]
) -> None:
    assert redrive.main([*AWS, "--older", "soon"]) == 2
    assert "like 30m, 2h or 3d" in capsys.readouterr().err
    assert redrive.main(AWS) == 2
    assert "the queue ss-dead-letters: not there; are the prefix and the region right?" in capsys.readouterr().err


# keys


def test_a_rotation_appends_and_says_no_key(mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]) -> None:
    assert rotating.main(AWS) == 0
    keys = mesh.vault.signing_keys(SECRET)
    assert keys[0] == SIGNING_KEY
    assert len(keys) == 2
    said = capsys.readouterr()
    assert not [key for key in keys if key in said.out + said.err]
    assert not [key for key in keys if key in repr(keys_of({"keys": keys}))]
    notes = mesh.vault.signing_keys(NOTES)
    assert (notes[0], len(notes)) == (COMPOSE_KEY, 2)
    assert not set(notes) & set(keys)


def test_the_stack_s_own_first_key_stays_first(mesh: MotoMesh, stack: Reached) -> None:
    mesh.put_secret(SECRET, {"note": "newest last", "key": "k" * 64})
    rotate(stack, SECRET)
    keys = mesh.vault.signing_keys(SECRET)
    assert (keys[0], len(keys)) == ("k" * 64, 2)
    assert mesh.vault.document(SECRET)["note"] == "newest last"


def test_old_keys_go_when_nothing_they_signed_is_good_any_more() -> None:
    def made(days: int) -> str:
        return (NOW - timedelta(days=days)).isoformat()

    first, second, third = Kept("a", ""), Kept("b", made(500)), Kept("c", made(400))
    assert good_at([first, second, third], NOW) == [second, third]
    assert good_at([first], NOW) == [first]


@pytest.mark.parametrize("made", [["once", "2027-03-25T10:00:00"], [None, 5], "2027", {}])
def test_a_key_that_was_put_back_by_hand_stays_whatever_was_written_beside_it(
    mesh: MotoMesh, stack: Reached, made: object
) -> None:
    mesh.put_secret(SECRET, {"keys": ["a" * 64, "b" * 64], "made": made})
    rotate(stack, SECRET)
    assert mesh.vault.signing_keys(SECRET)[:-1] == ["a" * 64, "b" * 64]


def test_revoking_leaves_the_new_key_alone(mesh: MotoMesh, stack: Reached) -> None:
    rotate(stack, SECRET)
    done = rotate(stack, SECRET, revoke_old=True)
    assert (done.keys, done.dropped) == (1, 2)
    assert SIGNING_KEY not in mesh.vault.signing_keys(SECRET)


def test_of_two_rotations_at_one_moment_one_is_refused(mesh: MotoMesh, stack: Reached) -> None:
    class Overtaken:
        """Somebody else rotates between the read and the write."""

        def __init__(self, client: Any) -> None:
            self._client = client
            self.reads = 0

        def get_secret_value(self, **request: Any) -> Any:
            found = self._client.get_secret_value(**request)
            self.reads += 1
            if self.reads == 1:
                rotate(stack, SECRET)
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

    overtaken = Overtaken(mesh.secrets)
    racing = replace(stack, client=lambda name: overtaken if name == "secretsmanager" else stack.client(name))
    with pytest.raises(BooksError, match="nothing was done"):
        rotate(racing, SECRET)
    assert len(mesh.vault.signing_keys(SECRET)) == 2  # the other's


def test_a_rotation_that_ends_before_its_write_has_changed_nothing(mesh: MotoMesh, stack: Reached) -> None:
    class Dies:
        def __getattr__(self, name: str) -> Any:
            if name == "put_secret_value":
                raise KeyboardInterrupt
            return getattr(mesh.secrets, name)

    with pytest.raises(KeyboardInterrupt):
        rotate(replace(stack, client=lambda name: Dies()), SECRET)
    assert mesh.vault.signing_keys(SECRET) == [SIGNING_KEY]


# how it stands


def test_status_shows_the_stack_and_names_what_it_could_not_see(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    mesh.ledger.change_status("p_1", Act("the row changed", "scheduler", NOW), lambda _: Status(post_id="p_1"))
    mesh.ledger.set_standing("channel#x-main", "pause#x-main", {"detail": "signed out"}, Act("pause", "sender", NOW))
    mesh.runtime.put("bounced#ben@example.test", {"kind": "bounce", "at": NOW.isoformat()})
    mesh.runtime.put("bounced#well@example.test", {"kind": "bounce"}, ttl=datetime.now(UTC) - timedelta(days=1))
    credentials = {"access_token": "a-token", "expires_at": datetime.now(UTC).isoformat()}
    mesh.put_secret("ss/channels/bluesky-main", {"network": "bluesky", "credentials": credentials})
    holding.change(stack, "ada", "", on=True)
    assert status.main([*AWS, "--zone", "Europe/Berlin"]) == 1
    out = capsys.readouterr().out
    assert "! x-main is paused" in out
    assert "! Mail to ben@example.test came back" in out
    assert "well@example.test" not in out
    assert "! The sign-in of bluesky-main" in out
    assert "! Not seen: the queue ss-dead-letters: not there" in out
    assert "posts         1 draft" in out
    assert "signing keys  1" in out
    assert "EVERYTHING, by ada" in out
    assert "this month    0 publications of 0 posts" in out
    assert not [word for word in (SIGNING_KEY, "a-token") if word in out]

    assert status.main([*AWS, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["what"] for one in told["findings"]} >= {"x-main is paused"}
    assert (told["states"], told["held"][0]) == ({"draft": 1}, "ada")


def test_a_status_that_is_well_ends_with_nought(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.client("sqs").create_queue(QueueName="ss-dead-letters")
    assert status.main(AWS) == 0
    assert "Nothing needs a human." in capsys.readouterr().out
    assert status.main(["--prefix", "other", "--region", REGION]) == 2
    assert "are the prefix and the region right?" in capsys.readouterr().err


def test_status_says_that_nothing_syncs_however_long_ago_and_has_the_tick_s_age_as_the_alarm_has_it(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.client("sqs").create_queue(QueueName="ss-dead-letters")
    now = datetime.now(UTC)
    before = {
        name: (now - timedelta(hours=hours)).isoformat() for name, hours in (("sync", 9), ("tick", 30), ("day", 2))
    }
    mesh.runtime.put("drive#state", {"synced_at": before["sync"]})
    made_up_for = {"swept_at": now.isoformat(), "daily_at": before["day"], "ticked_at": before["tick"]}
    mesh.runtime.put("scheduler#state", made_up_for)
    assert status.main(AWS) == 1
    out = capsys.readouterr().out
    assert "! The sheet was looked at last 9 hours ago" in out
    assert "! The daily tick ran last 30 hours ago" in out
    assert f"Give each command STACK=ss REGION={REGION} too." in out


def test_status_asks_for_the_alarms_of_this_business_alone(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.client("sqs").create_queue(QueueName="ss-dead-letters")
    cloudwatch = stack.client("cloudwatch")
    for name in ("ss-tick", "ss-bikes-tick", "ss-sync"):
        cloudwatch.put_metric_alarm(
            AlarmName=name, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
            ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
        )  # fmt: skip
    for name in ("ss-bikes-tick", "ss-sync"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="for a test")
    assert status.main(AWS) == 1
    out = capsys.readouterr().out
    assert "! The alarm sync rings\n    docs/runbooks/sync.md" in out
    assert "tick rings" not in out


def test_a_secret_that_is_empty_or_spoilt_leaves_the_rest_of_the_status(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.client("sqs").create_queue(QueueName="ss-dead-letters")
    mesh.secrets.create_secret(Name="ss/channels/never-connected")
    assert status.main(AWS) == 0, capsys.readouterr().out
    mesh.secrets.put_secret_value(SecretId=SECRET, SecretString="no JSON of ours")
    assert status.main(AWS) == 1
    out = capsys.readouterr().out
    assert "! Not seen: the secret ss/approval/signing-secret is not as make rotate-signing-key writes it" in out
    assert "no JSON of ours" not in out


# a trace on AWS


def test_a_trace_reads_the_logs_around_what_happened_and_says_what_is_too_old(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    for at, action, trace_id in ((now - timedelta(days=20), "the row changed", "t_old"), (now, "held", "t_new")):
        hold = Hold(by="ada", how="mail", at=at.isoformat())
        mesh.ledger.change_status(
            "p_1", Act(action, "ada", at, trace_id), lambda _, hold=hold: Status(post_id="p_1", held=hold)
        )
    logs = stack.client("logs")
    group = {"logGroupName": "/aws/lambda/ss-sender", "logStreamName": "one"}
    logs.create_log_group(logGroupName=group["logGroupName"])
    logs.create_log_stream(**group)
    line = {"message": "sender", "timestamp": now.isoformat(), "post_id": "p_1", "trace_id": "t_new", "secret": "token"}
    other = {**line, "post_id": "p_2"}
    events = [{"timestamp": int(now.timestamp() * 1000), "message": json.dumps(one)} for one in (line, other)]
    logs.put_log_events(**group, logEvents=events)

    assert trace.main(["p_1", *AWS]) == 0
    out = capsys.readouterr().out
    assert out.count("log      sender") == 1
    assert "what was before" in out
    assert "is told by the audit alone" in out
    assert "token" not in out
    assert trace.main(["p_11", *AWS]) == 1
    assert "did you mean p_1?" in capsys.readouterr().err
    assert trace.main(["t_nobody", *AWS]) == 1
    assert "Nothing is known of t_nobody" in capsys.readouterr().err


def test_a_batch_is_traced_by_its_own_id_and_names_its_drafts(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tuple(
        Planned(post_id=f"p_{n}", topic="rolls", date="2027-03-25", time=f"1{n}:00", channels=("x-main",)) for n in "12"
    )
    note = Note(text="Two posts", by="ada", at=NOW.isoformat())
    item = Status(post_id="b_7k2m9qf4", proposal=Proposal(state=DraftState.ACCEPTED, note=note, plan=plan))
    mesh.ledger.change_status("b_7k2m9qf4", Act("plan agreed to", "ada", datetime.now(UTC), "t_new"), lambda _: item)

    assert trace.main(["b_7k2m9qf4", *AWS]) == 0
    out = capsys.readouterr().out
    assert "ada agreed to the plan" in out
    assert "Its drafts, each with a thread of its own: p_1, p_2." in out
    assert trace.main(["b_nobody", *AWS]) == 1


def test_a_post_is_found_by_its_words_and_of_several_none_is_guessed(
    mesh: MotoMesh, stack: Reached, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = "x-main\x1b[2J\u202e"
    rows = [
        Row(post_id=f"p_{number}", text=f"Fresh rolls, batch {number}", date="2027-03-25", channels=nasty)
        for number in (1, 2)
    ]
    bucket = f"ss-posts-source-{ACCOUNT}"
    where = {"LocationConstraint": REGION}
    mesh.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    mesh.s3.put_object(Bucket=bucket, Key="posts.csv", Body=write_csv(rows))
    mesh.ledger.change_status("p_2", Act("the row changed", "scheduler", NOW), lambda _: Status(post_id="p_2"))
    assert trace.main(["BATCH 2", *AWS]) == 0
    capsys.readouterr()
    assert trace.main(["fresh rolls", *AWS]) == 1
    err = capsys.readouterr().err
    assert "2 posts have these words; say which:\n  p_1  2027-03-25" in err
    assert "Fresh" not in err
    assert all(line.isprintable() for line in err.splitlines()), "and no cell moves the cursor"
