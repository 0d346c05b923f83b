"""EventBridge to Lambda: nothing is lost, failures are retried, and one can wait for the end of it all."""

from __future__ import annotations

import json
from typing import Any

from local_aws import LocalAws

_DEAD_LETTERS = "ss-dead-letters"


def _dead_letters(aws: LocalAws) -> list[dict[str, Any]]:
    sqs = aws.client("sqs")
    queue = sqs.get_queue_url(QueueName=_DEAD_LETTERS)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def _stored(aws: LocalAws, prefix: str) -> int:
    items = aws.client("dynamodb").scan(TableName="ss-status")["Items"]
    return sum(item["post_id"]["S"].startswith(prefix) for item in items)


def test_each_of_a_hundred_events_at_once_is_delivered(aws: LocalAws) -> None:
    aws.work(*({"id": f"burst-{number}"} for number in range(100)))
    aws.settle()
    assert _stored(aws, "burst-") == 100


def test_throttled_events_wait_and_none_is_lost(aws: LocalAws) -> None:
    functions = aws.client("lambda")
    functions.put_function_concurrency(FunctionName="ss-worker", ReservedConcurrentExecutions=1)
    try:
        aws.work(*({"id": f"narrow-{number}", "seconds": 0.01} for number in range(30)))
        aws.settle()
    finally:
        functions.delete_function_concurrency(FunctionName="ss-worker")
    assert _stored(aws, "narrow-") == 30
    assert _dead_letters(aws) == []


def test_a_failing_function_is_tried_as_often_as_configured_and_then_goes_to_its_failure_destination(
    aws: LocalAws,
) -> None:
    before = aws.last("invocations")
    aws.work({"id": "broken", "fail": True})
    aws.settle()
    assert [one["outcome"] for one in aws.invocations(before)] == ["error", "error"]
    (letter,) = _dead_letters(aws)
    assert letter["requestPayload"]["detail"] == {"id": "broken", "fail": True}
    assert letter["requestContext"]["condition"] == "RetriesExhausted"
    assert letter["requestContext"]["approximateInvokeCount"] == 2


def test_idle_waits_for_events_that_a_function_put_while_it_ran(aws: LocalAws) -> None:
    aws.work({"id": "parent", "more": 3})
    aws.settle()
    assert _stored(aws, "parent") == 4


def test_idle_names_what_is_busy_when_the_time_is_up(aws: LocalAws) -> None:
    aws.work({"seconds": 1.5})
    answer = aws.get("idle?timeout_seconds=0.2")
    assert answer["idle"] is False
    assert any("ss-worker" in busy for busy in answer["busy"])
    aws.settle()


def test_idle_waits_for_a_state_machine_and_what_it_causes(aws: LocalAws) -> None:
    machine = aws.client("stepfunctions")
    started = machine.start_execution(stateMachineArn=aws.outputs["MachineArn"], input='{"id": "by-machine"}')
    aws.settle()
    assert machine.describe_execution(executionArn=started["executionArn"])["status"] == "SUCCEEDED"
    assert _stored(aws, "by-machine") == 1
    assert _stored(aws, "from-machine") == 1


def test_an_event_for_a_function_that_is_gone_goes_to_the_rules_dead_letter_queue(aws: LocalAws) -> None:
    events = aws.client("events")
    queue = "arn:aws:sqs:ap-southeast-1:000000000000:ss-dead-letters"
    gone = "arn:aws:lambda:ap-southeast-1:000000000000:function:ss-gone"
    events.put_rule(Name="gone", EventPattern='{"detail-type": ["ss.gone"]}')
    events.put_targets(Rule="gone", Targets=[{"Id": "1", "Arn": gone, "DeadLetterConfig": {"Arn": queue}}])
    events.put_events(Entries=[{"Source": "ss", "DetailType": "ss.gone", "Detail": '{"id": "lost?"}'}])
    (letter,) = _dead_letters(aws)
    assert letter["detail"] == {"id": "lost?"}


def test_a_function_that_outstays_its_time_is_stopped_and_said_so(aws: LocalAws) -> None:
    before = aws.last("invocations")
    functions = aws.client("lambda")
    functions.update_function_configuration(FunctionName="ss-worker", Timeout=1)
    try:
        aws.work({"seconds": 3})
        aws.settle()
    finally:
        functions.update_function_configuration(FunctionName="ss-worker", Timeout=5)
    assert {one["outcome"] for one in aws.invocations(before)} == {"timeout"}
    assert len(_dead_letters(aws)) == 1


def test_every_event_can_be_read_in_order_with_its_time_on_the_stacks_clock(aws: LocalAws) -> None:
    before = aws.last("events")
    aws.work({"id": "read-1"}, {"id": "read-2"})
    first, second = aws.get(f"events?after={before}")["events"]
    assert first["detail"] == {"id": "read-1"}
    assert (second["seq"], second["source"], second["detail_type"]) == (first["seq"] + 1, "ss", "ss.work")
    assert first["time"] <= second["time"] <= aws.get("clock")["now"]
    aws.settle()


def test_an_invocation_tells_its_trigger_its_time_and_its_log(aws: LocalAws) -> None:
    before = aws.last("invocations")
    aws.work({"id": "told"})
    aws.settle()
    (one,) = aws.invocations(before)
    assert (one["function"], one["trigger"], one["outcome"]) == ("ss-worker", "event ss.work", "ok")
    assert '"greeting": "from the layer"' in one["log"]
    assert one["duration_ms"] >= 0


def test_an_asynchronous_invoke_by_call_is_retried_and_waited_for_too(aws: LocalAws) -> None:
    before = aws.last("invocations")
    functions = aws.client("lambda")
    functions.invoke(FunctionName="ss-worker", InvocationType="Event", Payload=b'{"id": "called", "fail": true}')
    aws.settle()
    assert [one["outcome"] for one in aws.invocations(before)] == ["error", "error"]
    assert len(_dead_letters(aws)) == 1
