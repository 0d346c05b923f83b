"""Trouble on order: AWS errors before and after the effect, and functions killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import LocalAws, wait_until


@pytest.fixture(autouse=True)
def _no_faults_left(aws: LocalAws) -> Iterator[None]:
    yield
    aws.clear_faults()


def _dynamodb(aws: LocalAws) -> Any:
    return _without_retries(aws, "dynamodb")


def _without_retries(aws: LocalAws, service: str) -> Any:
    """The SDK would try again by itself and so hide the fault."""
    return boto3.client(
        service,
        endpoint_url=aws.endpoint,
        region_name="ap-southeast-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def _put(post_id: str) -> dict[str, Any]:
    return {"Put": {"TableName": "ss-status", "Item": {"post_id": {"S": post_id}}}}


def _is_stored(client: Any, post_id: str) -> bool:
    return "Item" in client.get_item(TableName="ss-status", Key={"post_id": {"S": post_id}})


@pytest.mark.parametrize(("when", "stored"), [("before", False), ("after", True)])
def test_a_fault_comes_before_or_after_the_effect(aws: LocalAws, when: str, stored: bool) -> None:
    client = _dynamodb(aws)
    fault = {"service": "dynamodb", "action": "TransactWriteItems", "error": "ProvisionedThroughputExceededException"}
    aws.post("faults", **fault, when=when, match=f"fault-{when}")
    client.transact_write_items(TransactItems=[_put("unharmed")])
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.transact_write_items(TransactItems=[_put(f"fault-{when}")])
    assert _is_stored(client, f"fault-{when}") is stored
    client.transact_write_items(TransactItems=[_put(f"fault-{when}")])


def test_a_fault_is_counted_down_and_can_be_listed_and_cleared(aws: LocalAws) -> None:
    client = _dynamodb(aws)
    aws.post("faults", service="dynamodb", action="GetItem", count=2, error="InternalServerError", status=500)
    with pytest.raises(ClientError, match="InternalServerError"):
        _is_stored(client, "any")
    assert [fault["count"] for fault in aws.get("faults")["faults"]] == [1]
    aws.clear_faults()
    assert _is_stored(client, "never-put") is False


def test_a_fault_can_let_calls_through_first(aws: LocalAws) -> None:
    client = _dynamodb(aws)
    fault = {"service": "dynamodb", "action": "GetItem", "error": "InternalServerError", "status": 500}
    aws.post("faults", **fault, skip=2, match="the-third")
    assert _is_stored(client, "another") is False
    assert [_is_stored(client, "the-third") for _ in range(2)] == [False, False]
    with pytest.raises(ClientError, match="InternalServerError"):
        _is_stored(client, "the-third")
    assert _is_stored(client, "the-third") is False


def test_a_whole_service_can_be_throttled_for_so_many_calls(aws: LocalAws) -> None:
    client = _dynamodb(aws)
    fault = {"service": "dynamodb", "action": "*", "error": "ThrottlingException"}
    aws.post("faults", **fault, count=2)
    with pytest.raises(ClientError, match="ThrottlingException"):
        _is_stored(client, "any")
    with pytest.raises(ClientError, match="ThrottlingException"):
        client.transact_write_items(TransactItems=[_put("throttled")])
    assert _is_stored(client, "throttled") is False
    with pytest.raises(_without_retries(aws, "s3").exceptions.NoSuchBucket):
        _without_retries(aws, "s3").get_object(Bucket="no-such-bucket-here", Key="x")


def test_a_table_can_be_throttled_throughout_while_the_others_answer(aws: LocalAws) -> None:
    client = _dynamodb(aws)
    fault = {"service": "dynamodb", "action": "*", "error": "ProvisionedThroughputExceededException"}
    aws.post("faults", **fault, count=1_000_000, match='"ss-status"')
    for _ in range(3):
        with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
            _is_stored(client, "any")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="ss-another", Key={"post_id": {"S": "any"}})


def test_a_transaction_conflict_names_its_reasons(aws: LocalAws) -> None:
    client = _dynamodb(aws)
    aws.post("faults", service="dynamodb", action="TransactWriteItems", error="TransactionCanceledException")
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[_put("a"), _put("b")])
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "TransactionConflict",
        "None",
    ]


@pytest.mark.parametrize(
    ("service", "action", "error", "call"),
    [
        ("s3", "GetObject", "SlowDown", lambda s3: s3.get_object(Bucket="ss-posts-source-000000000000", Key="x")),
        ("secretsmanager", "GetSecretValue", "InternalServiceError", lambda sm: sm.get_secret_value(SecretId="x")),
        ("ssm", "GetParametersByPath", "ThrottlingException", lambda ssm: ssm.get_parameters_by_path(Path="/ss")),
        ("scheduler", "ListSchedules", "ThrottlingException", lambda scheduler: scheduler.list_schedules()),
        ("events", "PutEvents", "InternalException", lambda events: events.put_events(Entries=[{}])),
        ("sesv2", "SendEmail", "TooManyRequestsException", lambda ses: ses.send_email(Content={"Raw": {"Data": b"x"}})),
    ],
)
def test_every_service_we_call_can_be_made_to_fail(
    aws: LocalAws, service: str, action: str, error: str, call: Any
) -> None:
    aws.post("faults", service={"sesv2": "ses"}.get(service, service), action=action, error=error, status=503)
    with pytest.raises(ClientError, match=error):
        call(_without_retries(aws, service))


def test_an_order_that_makes_no_sense_is_refused(aws: LocalAws) -> None:
    assert aws.refused("faults", service="dynamodb") == 400
    assert aws.refused("faults", service="dynamodb", action="PutItem", error="X", when="during") == 400
    assert aws.refused("faults", service="dynamodb", action="PutItem", error="X", skip=-1) == 400


def test_a_function_killed_in_the_middle_counts_as_failed_and_is_tried_again(aws: LocalAws) -> None:
    before = aws.last("invocations")
    aws.work({"id": "killed", "seconds": 0.6})
    killed: list[int] = []

    def one_is_killed() -> bool:
        killed.append(int(aws.post("kill", function="ss-worker")["killed"]))
        return killed[-1] > 0

    wait_until(one_is_killed)
    aws.settle()
    assert killed[-1] == 1
    assert [one["outcome"] for one in aws.invocations(before)] == ["killed", "ok"]


def test_there_is_nothing_to_kill_when_nothing_runs(aws: LocalAws) -> None:
    aws.settle()
    assert aws.post("kill", function="ss-worker") == {"killed": 0}
