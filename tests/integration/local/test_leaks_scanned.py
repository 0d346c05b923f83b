"""The look at the story's end: what was leaked on purpose is found in each place, and a stack that told nothing is clean."""

from __future__ import annotations

import json
import time
from typing import Any, cast

import boto3
import pytest
from moto_mesh import MotoMesh

from local.leaks.scanning import AUDIT, EVENTS, HISTORIES, KEPT, LETTERS, LINES, RUNS, SCHEDULES, scan
from local.stack import Stack

TEXT = "Sourdough from eight on Friday, as long as there is any."
TOLD = "cannot send: Sourdough from eight on Friday"
ROWS = [{"post_id": "p_1", "text": TEXT}]
HELD = {"Arn": "arn:aws:lambda:ap-southeast-1:000000000000:function:f", "RoleArn": "arn:aws:iam::000000000000:role/r"}


class OnMoto:
    """A stack's clients by moto, and the two journals of our AWS side."""

    aws = "http://127.0.0.1:0"

    def __init__(self, events: list[dict[str, Any]], runs: list[dict[str, Any]]) -> None:
        self._journals = {"events": events, "invocations": runs}

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name="ap-southeast-1")

    def get(self, url: str, timeout_seconds: float = 30) -> dict[str, Any]:
        name = url.rsplit("/", 1)[-1]
        return {name: self._journals[name]}


def stack_that_told(place: str, told: str) -> Stack:
    """Everything a stack has, with ``told`` in one place of it and something harmless in the others."""

    def said(here: str) -> str:
        return json.dumps({"reason": told if here == place else "inside the posting window"})

    stack = OnMoto(
        [{"detail_type": "ss.sent", "detail": json.loads(said(EVENTS))}],
        [{"function": "ss-sender", "log": f"START\n{said(RUNS)}\nEND"}],
    )
    logs = stack.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/ss-sender")
    logs.create_log_stream(logGroupName="/aws/lambda/ss-sender", logStreamName="s")
    line = [{"timestamp": int(time.time() * 1000), "message": said(LINES)}]  # moto takes none of another day
    logs.put_log_events(logGroupName="/aws/lambda/ss-sender", logStreamName="s", logEvents=line)
    queues = stack.client("sqs")
    url = queues.create_queue(QueueName="ss-dead-letters")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody=said(LETTERS))
    stack.client("scheduler").create_schedule(
        Name="s",
        GroupName="ss-bookings",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={**HELD, "Input": said(SCHEDULES)},
    )
    machines = stack.client("stepfunctions")
    definition = json.dumps({"StartAt": "E", "States": {"E": {"Type": "Succeed"}}})
    machine = machines.create_state_machine(name="m", definition=definition, roleArn=HELD["RoleArn"])
    machines.start_execution(stateMachineArn=machine["stateMachineArn"], input=said(HISTORIES))
    tables = stack.client("dynamodb")
    tables.put_item(
        TableName="ss-audit", Item={"subject": {"S": "p_1"}, "seq": {"S": "1"}, "after": {"S": said(AUDIT)}}
    )
    tables.put_item(TableName="ss-runtime", Item={"pk": {"S": "note"}, "said": {"S": said(KEPT)}})
    return cast("Stack", stack)


@pytest.mark.parametrize("place", [LINES, EVENTS, RUNS, AUDIT, LETTERS, SCHEDULES, HISTORIES])
def test_a_piece_of_a_text_is_found_wherever_it_was_told(mesh: MotoMesh, place: str) -> None:
    found = scan(stack_that_told(place, TOLD), ROWS)
    assert {leak.where.partition(",")[0] for leak in found.leaks} == {place}
    assert {leak.kind for leak in found.leaks} == {"a post's or a note's words"}


def test_what_stands_beside_a_dead_letter_is_looked_at_too(mesh: MotoMesh) -> None:
    """EventBridge writes there why it could not deliver."""
    stack = stack_that_told(KEPT, "nothing")
    queues = stack.client("sqs")
    why = {"ERROR_MESSAGE": {"DataType": "String", "StringValue": TOLD}}
    url = queues.get_queue_url(QueueName="ss-dead-letters")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="{}", MessageAttributes=why)
    assert [leak.where.partition(",")[0] for leak in scan(stack, ROWS).leaks] == [LETTERS]


def test_a_key_in_a_table_is_found_and_a_text_there_is_where_it_belongs(mesh: MotoMesh) -> None:
    key = json.loads(mesh.secrets.get_secret_value(SecretId="ss/approval/signing-secret")["SecretString"])["keys"][0]
    (leak,) = scan(stack_that_told(KEPT, f"signed by {key}"), ROWS).leaks
    assert leak.where == f"{KEPT}, runtime"
    assert leak.kind.startswith("the secret ss/approval/signing-secret")
    assert key not in str(leak)


def test_a_stack_that_told_nothing_is_clean_and_says_how_much_was_looked_at(mesh: MotoMesh) -> None:
    found = scan(stack_that_told(KEPT, TEXT), ROWS)
    assert found.leaks == ()
    assert found.secrets >= 1
    assert set(found.looked_at) == {LINES, EVENTS, RUNS, AUDIT, LETTERS, SCHEDULES, HISTORIES, KEPT}
