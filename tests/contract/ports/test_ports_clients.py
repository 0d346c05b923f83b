"""What the mesh expects of S3, EventBridge, Scheduler, Secrets Manager and SES, of moto's and of those in memory alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from memory.clients import MemoryBus, MemoryMail, MemoryObjects, MemorySchedules, MemorySecrets

from mesh.booking import Bookings, BookingSettings, booking_name
from mesh.bus import Bus
from mesh.errors import BusError, Misconfigured
from mesh.events import Retry, Send, Sent
from mesh.objects import opened, read_object
from mesh.schedules import AlreadyThere, NotThere, ScheduleGroup
from mesh.vault import Vault

REGION = "ap-southeast-1"
GROUP = "ss-bookings"
MINUTE = datetime.now(UTC).replace(second=0, microsecond=0)
BUS_ARN = f"arn:aws:events:{REGION}:123456789012:event-bus/default"
SETTINGS = BookingSettings(
    GROUP, "arn:aws:iam::123456789012:role/ss-BookingRole", BUS_ARN, "arn:aws:sqs:::ss-dead-letters", "ss"
)


def code(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture(params=["memory", "moto"])
def kind(request: pytest.FixtureRequest, aws: None) -> str:
    return str(request.param)


# S3


@pytest.fixture
def objects(kind: str) -> Any:
    if kind == "memory":
        return MemoryObjects(["posts"])
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket="posts", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_versioning(Bucket="posts", VersioningConfiguration={"Status": "Enabled"})
    return client


def test_a_version_that_was_put_can_be_read_after_others_and_one_that_was_not_is_not_there(objects: Any) -> None:
    versions = [
        objects.put_object(Bucket="posts", Key="posts.csv", Body=body)["VersionId"] for body in (b"one", b"two")
    ]
    for version, wanted in zip([*versions, ""], (b"one", b"two", b"two"), strict=True):
        with opened(objects, "posts", "posts.csv", version) as found:
            assert found is not None
            assert (found.stream.read(), found.version, found.length_bytes) == (wanted, version or versions[-1], 3)
    with opened(objects, "posts", "posts.csv", "3f8a9e9e-0000-4000-8000-000000000000") as none:
        assert none is None


def test_an_object_is_read_as_it_was_put_with_another_etag_for_other_bytes(objects: Any) -> None:
    objects.put_object(Bucket="posts", Key="posts.csv", Body=b"one")
    first = read_object(objects, "posts", "posts.csv")
    objects.put_object(Bucket="posts", Key="posts.csv", Body=b"two")
    second = read_object(objects, "posts", "posts.csv")
    objects.put_object(Bucket="posts", Key="posts.csv", Body=b"one")
    again = read_object(objects, "posts", "posts.csv")
    assert first is not None
    assert second is not None
    assert (first.data, second.data, again) == (b"one", b"two", first)
    assert first.etag != second.etag
    assert objects.get_object(Bucket="posts", Key="posts.csv")["ContentLength"] == 3


def test_an_object_that_is_not_there_is_none(objects: Any) -> None:
    assert read_object(objects, "posts", "nothing") is None


def test_a_bucket_that_is_not_there_is_named(objects: Any) -> None:
    assert code(lambda: objects.get_object(Bucket="other", Key="x")) == "NoSuchBucket"


def test_put_if_absent_is_for_the_first_alone(objects: Any) -> None:
    objects.put_object(Bucket="posts", Key="by-source/s1", Body=b"r1", IfNoneMatch="*")
    assert (
        code(lambda: objects.put_object(Bucket="posts", Key="by-source/s1", Body=b"r2", IfNoneMatch="*"))
        == "PreconditionFailed"
    )
    found = read_object(objects, "posts", "by-source/s1")
    assert found is not None
    assert found.data == b"r1"


# EventBridge


@pytest.fixture
def events(kind: str) -> Any:
    return MemoryBus() if kind == "memory" else boto3.client("events", region_name=REGION)


def test_events_are_taken_however_many(events: Any) -> None:
    details = [Sent(post_id=f"p_{number}", channel="a", attempt=1) for number in range(25)]
    assert Bus(events, "ss").put(details) == 25


def test_more_than_ten_entries_in_one_call_are_refused(events: Any) -> None:
    entry = {"Source": "ss", "DetailType": "ss.sent", "Detail": "{}"}
    assert code(lambda: events.put_events(Entries=[entry] * 11)) == "ValidationException"


def test_a_bus_that_refuses_an_entry_is_told() -> None:
    """Neither side refuses entries by itself: AWS does under load, with a code in its place and status 200."""

    class Full:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    with pytest.raises(BusError, match="ThrottlingException"):
        Bus(Full(), "ss").put([Sent(post_id="p", channel="a", attempt=1)])


# Scheduler


@pytest.fixture
def schedules(kind: str) -> Any:
    if kind == "memory":
        return MemorySchedules([GROUP], lambda: datetime.now(UTC))
    client = boto3.client("scheduler", region_name=REGION)
    client.create_schedule_group(Name=GROUP)
    return client


def send(attempt: int = 1, **update: Any) -> Send:
    model = Send if attempt == 1 else Retry
    return model(post_id="p_1", channel="bluesky-main", revision="9f" * 32, attempt=attempt, **update)


def request(name: str = "a-booking", at: datetime = MINUTE + timedelta(hours=1), group: str = GROUP) -> dict[str, Any]:
    target = {"Arn": SETTINGS.bus_arn, "RoleArn": SETTINGS.role_arn, "Input": "{}"}
    return {
        "Name": name,
        "GroupName": group,
        "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": target | {"EventBridgeParameters": {"Source": "ss", "DetailType": "ss.send"}},
    }


def test_a_booking_is_made_moved_and_cancelled(schedules: Any) -> None:
    bookings = Bookings(schedules, SETTINGS)
    at = MINUTE + timedelta(hours=2)
    booked = bookings.book(send(), at)
    bookings.book(send(), at + timedelta(hours=1))
    found = schedules.get_schedule(Name=booked.name, GroupName=GROUP)
    assert found["ScheduleExpression"] == f"at({at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S})"
    assert json.loads(found["Target"]["Input"]) == send(
        trace_id=json.loads(found["Target"]["Input"])["trace_id"]
    ).model_dump(mode="json")
    bookings.cancel(booked.name)
    bookings.cancel(booked.name)
    assert code(lambda: schedules.get_schedule(Name=booked.name, GroupName=GROUP)) == "ResourceNotFoundException"


def test_a_name_is_taken_once(schedules: Any) -> None:
    schedules.create_schedule(**request())
    assert code(lambda: schedules.create_schedule(**request())) == "ConflictException"
    assert code(lambda: schedules.update_schedule(**request("another"))) == "ResourceNotFoundException"
    assert code(lambda: schedules.delete_schedule(Name="another", GroupName=GROUP)) == "ResourceNotFoundException"


def test_a_group_has_to_be_there(schedules: Any, kind: str) -> None:
    if kind == "moto":
        pytest.xfail("moto stumbles over a group that is not there (KeyError)")
    assert code(lambda: schedules.create_schedule(**request(group="other"))) == "ResourceNotFoundException"


def test_a_time_that_has_passed_is_refused(schedules: Any, kind: str) -> None:
    if kind == "moto":
        pytest.xfail("moto takes any time; AWS answers ValidationException, and so does the local AWS side")
    assert code(lambda: schedules.create_schedule(**request(at=MINUTE - timedelta(minutes=1)))) == "ValidationException"


def test_every_booking_has_a_legal_name(schedules: Any) -> None:
    for attempt in (1, 2, 12):
        schedules.create_schedule(**request(booking_name(send(attempt))))


@pytest.mark.parametrize("name", ["with blank", "ä", "a" * 65, "a/b"])
def test_a_name_outside_the_rules_is_refused(schedules: Any, kind: str, name: str) -> None:
    if kind == "moto":
        pytest.xfail("moto checks no names; AWS answers ValidationException, and so does the local AWS side")
    assert code(lambda: schedules.create_schedule(**request(name))) == "ValidationException"


def test_the_same_token_with_the_same_request_is_the_same_schedule_and_with_another_a_conflict(
    schedules: Any, kind: str
) -> None:
    if kind == "moto":
        pytest.xfail("moto does not look at ClientToken")
    schedules.create_schedule(**request(), ClientToken="t-1")
    schedules.create_schedule(**request(), ClientToken="t-1")
    assert code(lambda: schedules.create_schedule(**request("another"), ClientToken="t-1")) == "ConflictException"


def test_a_fraction_of_a_second_is_refused(schedules: Any, kind: str) -> None:
    if kind == "moto":
        pytest.xfail("moto takes any text in at()")
    fraction = request() | {"ScheduleExpression": f"at({MINUTE + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}.5)"}
    assert code(lambda: schedules.create_schedule(**fraction)) == "ValidationException"


def test_the_service_s_errors_have_names_of_ours(schedules: Any) -> None:
    group, wanted = ScheduleGroup(schedules, GROUP), request()
    schedules.create_schedule(**wanted)
    del wanted["GroupName"]
    with pytest.raises(AlreadyThere):
        group.call("create_schedule", **wanted)
    with pytest.raises(NotThere):
        group.call("delete_schedule", Name="another")


def test_the_group_s_list_has_a_hundred_names_to_a_page(schedules: Any) -> None:
    for number in range(120):
        schedules.create_schedule(**request(f"n-{number:03d}"))
    listed = Bookings(schedules, SETTINGS).listed()
    assert sorted(one.name for one in listed) == [f"n-{number:03d}" for number in range(120)]
    first = schedules.list_schedules(GroupName=GROUP, MaxResults=100)
    assert len(first["Schedules"]) == 100
    assert first["NextToken"]


def test_a_booking_tells_what_it_will_say(schedules: Any) -> None:
    bookings = Bookings(schedules, SETTINGS)
    said = send(1)
    made = bookings.book(said, MINUTE + timedelta(hours=1))
    assert bookings.event_of(made.name) == said
    schedules.create_schedule(**request("another-s"))
    assert bookings.event_of("another-s") is None
    assert bookings.event_of("nobody-s") is None


def test_what_is_due_fires_once_first_to_last() -> None:
    now = [MINUTE]
    schedules = MemorySchedules([GROUP], lambda: now[0])
    for minutes in (3, 1, 2):
        schedules.create_schedule(**request(f"in-{minutes}", MINUTE + timedelta(minutes=minutes)))
    now[0] += timedelta(minutes=2)
    assert [one["Name"] for one in schedules.due()] == ["in-1", "in-2"]
    assert schedules.due() == []


# Secrets Manager


@pytest.fixture
def secrets(kind: str) -> Any:
    return MemorySecrets() if kind == "memory" else boto3.client("secretsmanager", region_name=REGION)


def test_a_secret_has_a_current_value_and_the_one_before(secrets: Any) -> None:
    secrets.create_secret(Name="ss/channels/a", SecretString='{"n": 1}')
    secrets.put_secret_value(SecretId="ss/channels/a", SecretString='{"n": 2}')
    assert Vault(secrets).document("ss/channels/a") == {"n": 2}
    assert json.loads(
        secrets.get_secret_value(SecretId="ss/channels/a", VersionStage="AWSPREVIOUS")["SecretString"]
    ) == {"n": 1}
    secrets.put_secret_value(SecretId="ss/channels/a", SecretString='{"n": 3}')
    assert json.loads(
        secrets.get_secret_value(SecretId="ss/channels/a", VersionStage="AWSPREVIOUS")["SecretString"]
    ) == {"n": 2}


def test_a_secret_that_is_not_there_is_named(secrets: Any) -> None:
    with pytest.raises(Misconfigured, match="ss/channels/b"):
        Vault(secrets).document("ss/channels/b")
    assert (
        code(lambda: secrets.put_secret_value(SecretId="ss/channels/b", SecretString="{}"))
        == "ResourceNotFoundException"
    )


@pytest.mark.parametrize("text", ["no json", "[1]", '"text"'])
def test_a_secret_that_is_no_json_object_is_named(secrets: Any, text: str) -> None:
    secrets.create_secret(Name="ss/channels/a", SecretString=text)
    with pytest.raises(Misconfigured, match="not"):
        Vault(secrets).document("ss/channels/a")


def test_a_secret_is_made_once(secrets: Any) -> None:
    secrets.create_secret(Name="ss/channels/a", SecretString="{}")
    assert code(lambda: secrets.create_secret(Name="ss/channels/a", SecretString="{}")) == "ResourceExistsException"


# SES


def test_a_mail_is_taken(kind: str) -> None:
    client: Any = MemoryMail()
    if kind == "moto":
        client = boto3.client("sesv2", region_name=REGION)
        client.create_email_identity(EmailIdentity="posts@example.test")
    raw = b"From: posts@example.test\r\nTo: ada@example.test\r\nSubject: Hi\r\n\r\nHi\r\n"
    answer = client.send_email(
        FromEmailAddress="posts@example.test",
        Destination={"ToAddresses": ["ada@example.test"]},
        Content={"Raw": {"Data": raw}},
    )
    assert answer["MessageId"]


def test_a_recipient_that_is_refused_is_an_error() -> None:
    client = MemoryMail()
    client.refuses.add("ada@example.test")
    destination = {"ToAddresses": ["ada@example.test"]}
    assert code(lambda: client.send_email(Destination=destination, Content={"Raw": {"Data": b""}})) == "MessageRejected"
