"""The state folder: a restart, and even a kill, goes on where the last run was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from local_aws import LocalAws, wait_until

_ROLE = "arn:aws:iam::000000000000:role/ss-scheduler"
_BUS = "arn:aws:events:ap-southeast-1:000000000000:event-bus/default"


def _book(aws: LocalAws, name: str, seconds: float) -> None:
    due = datetime.fromisoformat(aws.get("clock")["now"]) + timedelta(seconds=seconds)
    parameters = {"DetailType": "ss.work", "Source": "ss"}
    detail = json.dumps({"id": name})
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": _BUS, "RoleArn": _ROLE, "EventBridgeParameters": parameters, "Input": detail},
    )


def _events(aws: LocalAws, name: str) -> int:
    return sum(event["detail"].get("id") == name for event in aws.get("events")["events"])


@pytest.mark.slow
def test_everything_is_there_after_a_restart(start: Callable[..., LocalAws]) -> None:
    first = start()
    first.deploy()
    address = first.outputs["function_url:Page"].rsplit("/", 2)[1]
    bucket = first.outputs["Bucket"]
    versions = [first.client("s3").put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"1", b"2")]
    secret = first.client("secretsmanager").get_secret_value(SecretId="ss/approval/signing-secret")["SecretString"]
    first.work({"id": "kept"})
    first.settle()
    first.post("clock", advance_seconds=3600)
    first.settle()
    _book(first, "fired", 1000)
    _book(first, "coming", 7200)
    first.post("clock", advance_seconds=1800)
    first.settle()
    offset = first.get("clock")["offset_seconds"]
    invocations = first.last("invocations")
    assert first.stop() == 0

    second = start(first.state)
    assert second.get("clock")["offset_seconds"] == offset
    bodies = [second.client("s3").get_object(Bucket=bucket, Key="k", VersionId=v)["Body"].read() for v in versions]
    assert bodies == [b"1", b"2"]
    assert (
        second.client("secretsmanager").get_secret_value(SecretId="ss/approval/signing-secret")["SecretString"]
        == secret
    )
    assert second.client("ssm").get_parameter(Name="/ss/config/timezone")["Parameter"]["Value"] == "Europe/Berlin"
    assert "Item" in second.client("dynamodb").get_item(TableName="ss-status", Key={"post_id": {"S": "kept"}})
    assert "unchanged" in second.deploy()[1]
    assert second.outputs["function_url:Page"].rsplit("/", 2)[1] == address
    second.work({"id": "after"})
    second.settle()
    assert second.invocations(invocations)[-1]["outcome"] == "ok"
    second.post("clock", advance_seconds=7200)
    second.settle()
    assert (_events(second, "fired"), _events(second, "coming"), _events(second, "kept")) == (1, 1, 1)


def test_a_one_off_that_fell_due_while_nothing_ran_fires_at_the_next_start(start: Callable[..., LocalAws]) -> None:
    first = start()
    _book(first, "meanwhile", 3600)
    first.stop()
    clock = first.state / "clock.json"
    clock.write_text(json.dumps({"offset_seconds": 7200}))
    second = start(first.state)
    wait_until(lambda: _events(second, "meanwhile") == 1)
    second.settle()
    assert _events(second, "meanwhile") == 1


def test_an_event_that_waits_for_its_retry_goes_on_after_a_restart(start: Callable[..., LocalAws]) -> None:
    first = start()
    first.deploy()
    functions = first.client("lambda")
    functions.put_function_concurrency(FunctionName="ss-worker", ReservedConcurrentExecutions=0)
    first.work({"id": "patient"})
    assert first.get("idle?timeout_seconds=0.3")["idle"] is False
    first.stop()
    second = start(first.state)
    second.client("lambda").delete_function_concurrency(FunctionName="ss-worker")
    second.settle()
    assert "Item" in second.client("dynamodb").get_item(TableName="ss-status", Key={"post_id": {"S": "patient"}})


def test_a_change_is_on_disk_within_a_second_or_so(start: Callable[..., LocalAws]) -> None:
    first = start()
    first.client("ssm").put_parameter(Name="/kept", Value="over a kill", Type="String")
    saved = first.state / "services" / "ssm.json"

    def is_saved(path: Path = saved) -> bool:
        return path.exists() and "over a kill" in path.read_text()

    wait_until(is_saved)
    first.process.kill()
    first.process.wait(10)
    second = start(first.state)
    assert second.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "over a kill"


def test_functions_end_with_the_launcher_and_leave_no_folders(start: Callable[..., LocalAws]) -> None:
    one = start()
    one.deploy()
    one.work({"id": "warm"})
    one.settle()
    assert list((one.state / "tmp").iterdir())
    one.stop()
    assert list((one.state / "tmp").iterdir()) == []


def test_a_killed_launcher_repeats_nothing_it_had_fired_and_has_its_stack(start: Callable[..., LocalAws]) -> None:
    first = start()
    first.deploy()
    _book(first, "before-the-kill", 600)
    first.post("clock", advance_seconds=1200)
    first.settle()

    def is_saved() -> bool:
        kept = (first.state / "services" / "scheduler.json").read_text()
        return "before-the-kill" not in kept and "ss-worker" in (first.state / "services" / "lambda.json").read_text()

    wait_until(is_saved)
    first.process.kill()
    first.process.wait(10)
    second = start(first.state)
    second.settle()
    assert _events(second, "before-the-kill") == 1
    assert "unchanged" in second.deploy()[1]
