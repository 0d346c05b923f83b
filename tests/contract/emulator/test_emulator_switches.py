"""The console's switches for AWS, the mail and the mesh itself, at the local AWS side: who meets them, and who does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import LocalAws

from local.console.mesh_switches import mesh_groups
from local.console.service_switches import service_groups
from local.console.switches import ONCE, UNTIL_OFF, order_body

pytestmark = pytest.mark.slow

SWITCHES = {one.id: one for group in (*service_groups(), *mesh_groups()) for one in group.switches}
WORKER = "ss-worker"
GONE = r"(?i)connection|500|timeout|Internal"  # who is killed gets no answer that means anything


@pytest.fixture(autouse=True)
def _nothing_left(aws: LocalAws) -> Iterator[None]:
    yield
    for order in aws.get("orders")["orders"]:
        take_back(aws, order["id"])


def take_back(aws: LocalAws, the_id: str) -> bool:
    return bool(httpx.delete(f"{aws.endpoint}/_local/orders/{the_id}").json()["removed"])


def turn(aws: LocalAws, switch: str, count: int = ONCE, choice: str = "") -> dict[str, Any]:
    one = SWITCHES[switch]
    for order in one.orders:
        body = order_body(order, count, one.name(choice), prefix="ss", choice=choice)
        httpx.post(f"{aws.endpoint}{order.path}", json=body).raise_for_status()
    return order_of(aws, one.name(choice))


def order_of(aws: LocalAws, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [one for one in aws.get("orders")["orders"] if one["name"] == name]
    return found[-1]


def as_function(aws: LocalAws, service: str) -> Any:
    """A client that says it is one of the mesh's functions."""
    config = Config(user_agent_appid=WORKER, retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    return aws.client(service, config)


def puts(count: int) -> list[dict[str, str]]:
    return [{"Source": "ss", "DetailType": "ss.nobody", "Detail": json.dumps({"n": n})} for n in range(count)]


@pytest.mark.parametrize(
    ("switch", "error", "service", "call"),
    [
        ("aws-tables-throttled", "ProvisionedThroughput", "dynamodb", lambda tables: tables.list_tables()),
        ("aws-conflict", "TransactionCanceled", "dynamodb", lambda tables: put(tables, "conflict")),
        ("aws-written-unsaid", "InternalServerError", "dynamodb", lambda tables: put(tables, "unsaid")),
        ("aws-events-refused", "InternalException", "events", lambda events: events.put_events(Entries=puts(1))),
        ("aws-bookings-refused", "ThrottlingException", "scheduler", lambda scheduler: book(scheduler)),
        ("aws-storage-down", "SlowDown", "s3", lambda s3: s3.get_object(Bucket="ss-any", Key="x")),
        ("mail-throttled", "TooManyRequestsException", "sesv2", lambda ses: send(ses)),
        ("mail-refused", "MessageRejected", "sesv2", lambda ses: send(ses)),
    ],
)
def test_a_function_meets_the_fault_as_often_as_was_said(
    aws: LocalAws, switch: str, error: str, service: str, call: Any
) -> None:
    order = turn(aws, switch)
    assert (order["left"], order["taken"]) == (1, 0)
    with pytest.raises(ClientError, match=error):
        call(as_function(aws, service))
    after = order_of(aws, order["name"])
    assert (after["left"], after["taken"]) == (0, 1)


def put(tables: Any, post_id: str) -> Any:
    item = {"Put": {"TableName": "ss-status", "Item": {"post_id": {"S": post_id}}}}
    return tables.transact_write_items(TransactItems=[item])


def book(scheduler: Any) -> Any:
    target = {
        "Arn": "arn:aws:lambda:ap-southeast-1:000000000000:function:x",
        "RoleArn": "arn:aws:iam::000000000000:role/x",
    }
    return scheduler.create_schedule(
        Name="any", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )


def send(ses: Any) -> Any:
    return ses.send_email(
        FromEmailAddress="posts@example.test",
        Destination={"ToAddresses": ["ada@example.test"]},
        Content={"Raw": {"Data": b"Subject: Hi\r\n\r\nHi"}},
    )


def test_who_only_looks_on_meets_nothing_and_uses_nothing_up(aws: LocalAws) -> None:
    order = turn(aws, "aws-tables-throttled", UNTIL_OFF)
    assert order["left"] is None
    assert "ss-status" in aws.client("dynamodb").list_tables()["TableNames"]
    assert order_of(aws, order["name"])["taken"] == 0
    assert take_back(aws, order["id"])
    assert "ss-status" in as_function(aws, "dynamodb").list_tables()["TableNames"]


def test_what_was_written_and_not_said_is_there(aws: LocalAws) -> None:
    turn(aws, "aws-written-unsaid")
    with pytest.raises(ClientError):
        put(as_function(aws, "dynamodb"), "there")
    key = {"post_id": {"S": "there"}}
    assert "Item" in aws.client("dynamodb").get_item(TableName="ss-status", Key=key)


@pytest.mark.parametrize("count", [1, 3])
def test_of_one_call_the_last_event_alone_is_refused(aws: LocalAws, count: int) -> None:
    before = aws.last("events")
    turn(aws, "aws-events-in-part")
    answer = as_function(aws, "events").put_events(Entries=puts(count))
    assert answer["FailedEntryCount"] == 1
    assert ["ErrorCode" in entry for entry in answer["Entries"]] == [False] * (count - 1) + [True]
    assert [one["detail"]["n"] for one in aws.get(f"events?after={before}")["events"]] == list(range(count - 1))


@pytest.mark.parametrize(("switch", "runs"), [("mesh-lose-event", 0), ("mesh-double-event", 2)])
def test_the_next_event_whichever_it_is_is_lost_or_comes_twice(aws: LocalAws, switch: str, runs: int) -> None:
    before = aws.last("invocations")
    turn(aws, switch, choice="*")
    aws.work({"id": switch})
    aws.settle()
    assert len(aws.invocations(before)) == runs
    aws.work({"id": f"{switch}-next"})
    aws.settle()
    assert len(aws.invocations(before)) == runs + 1


def test_the_next_run_is_killed_at_its_start_and_the_one_after_it_lives(aws: LocalAws) -> None:
    before = aws.last("invocations")
    aws.post("kills", function=WORKER, at="start")
    aws.work({"id": "killed-at-its-start"})
    aws.settle()
    assert [one["outcome"] for one in aws.invocations(before)] == ["killed", "ok"]


def test_a_kill_at_a_call_is_of_that_function_alone_and_the_call_is_never_carried_out(aws: LocalAws) -> None:
    aws.post("kills", function=WORKER, at="write", name="mine")
    assert "ss-status" in as_function(aws, "dynamodb").list_tables()["TableNames"]
    put(aws.client("dynamodb"), "of-somebody-else")
    assert order_of(aws, "mine")["taken"] == 0
    with pytest.raises(Exception, match=GONE):
        put(as_function(aws, "dynamodb"), "of-the-dead")
    assert (order_of(aws, "mine")["left"], order_of(aws, "mine")["taken"]) == (0, 1)
    key = {"post_id": {"S": "of-the-dead"}}
    assert "Item" not in aws.client("dynamodb").get_item(TableName="ss-status", Key=key)


def test_a_kill_waits_for_the_call_that_it_was_ordered_for(aws: LocalAws) -> None:
    turn(aws, "mesh-kill-sender")
    sender = aws.client("dynamodb", Config(user_agent_appid="ss-sender", retries={"max_attempts": 0}))
    put(sender, "claimed")
    assert order_of(aws, "console:mesh-kill-sender")["left"] == 1
    item = {"Put": {"TableName": "ss-status", "Item": {"post_id": {"S": "s"}, "state": {"S": "sent"}}}}
    with pytest.raises(Exception, match=GONE):
        sender.transact_write_items(TransactItems=[item])
    assert order_of(aws, "console:mesh-kill-sender")["left"] == 0


def test_the_next_mail_comes_back_whoever_it_went_to(aws: LocalAws) -> None:
    order = turn(aws, "mail-bounces")
    assert (order["where"], order["left"]) == ("returns", 1)
    returns = httpx.post(f"{aws.endpoint}/_local/returns", json={"address": "ben@example.test"}).json()["returns"]
    assert returns == {"*": "bounce", "ben@example.test": "bounce"}
    assert take_back(aws, order["id"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("kills", {"function": "", "at": "start"}),
        ("kills", {"function": WORKER, "match": "x"}),
        ("kills", {"function": WORKER, "count": 0}),
        ("faults", {"service": "s3", "action": "*", "error": "X", "when": "part"}),
        ("faults", {"service": "s3", "action": "*", "error": "X", "caller": "me"}),
        ("faults", {"service": "s3", "action": "*", "error": "X", "taken": 1}),
        ("returns", {"address": "*", "count": 0}),
    ],
)
def test_an_order_without_sense_is_refused(aws: LocalAws, path: str, body: dict[str, Any]) -> None:
    assert aws.refused(path, **body) == 400
