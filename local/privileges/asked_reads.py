"""What AWS asks for the calls that only the operator's commands make: looks at stacks, logs, queues, alarms, mails and models. Pure.

The service authorization reference names the resources; "*" where it names none. What it leaves open is said beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Call = Mapping[str, Any]
Told = Iterator[tuple[str, str]]
"""Actions, each with the ARN behind ``arn:aws:SERVICE:REGION:ACCOUNT:``, or with "*"."""


def _on(action: str, kind: str, parameter: str) -> Callable[[Call], Told]:
    def make(call: Call) -> Told:
        yield action, f"{kind}{call[parameter]}"

    return make


def _on_all(action: str) -> Callable[[Call], Told]:
    def make(_call: Call) -> Told:
        yield action, "*"

    return make


def _stack(action: str) -> Callable[[Call], Told]:
    """By name or ARN; behind a stack's name stands what CloudFormation made up for it."""

    def make(call: Call) -> Told:
        name = call["StackName"]
        yield action, f"stack/{name.split('/')[1] if name.startswith('arn:') else name}/1"

    return make


def _streams(call: Call) -> Told:
    """The reference names the group; refusals have been seen that name its streams. So both."""
    group = f"log-group:{call['logGroupName']}"
    yield "DescribeLogStreams", group
    yield "DescribeLogStreams", f"{group}:log-stream:"


def _queue(call: Call) -> Told:
    yield "GetQueueAttributes", call["QueueUrl"].rpartition("/")[2]


def _topic(call: Call) -> Told:
    yield "ListSubscriptionsByTopic", call["TopicArn"].rpartition(":")[2]


def _alarms(_call: Call) -> Told:
    """Whichever are named, it has been refused on all of them."""
    yield "DescribeAlarms", "alarm:*"


READS: dict[tuple[str, str], Callable[[Call], Told]] = {
    ("cloudformation", "DescribeStacks"): _stack("DescribeStacks"),
    ("cloudformation", "GetTemplate"): _stack("GetTemplate"),
    ("logs", "DescribeLogStreams"): _streams,
    ("sqs", "GetQueueUrl"): _on("GetQueueUrl", "", "QueueName"),
    ("sqs", "GetQueueAttributes"): _queue,
    ("cloudwatch", "DescribeAlarms"): _alarms,
    ("sns", "ListSubscriptionsByTopic"): _topic,
    ("secretsmanager", "ListSecrets"): _on_all("ListSecrets"),
    ("sesv2", "GetAccount"): _on_all("GetAccount"),
    ("sesv2", "GetEmailIdentity"): _on("GetEmailIdentity", "identity/", "EmailIdentity"),
    ("sesv2", "GetSuppressedDestination"): _on_all("GetSuppressedDestination"),
    ("bedrock", "GetFoundationModelAvailability"): _on_all("GetFoundationModelAvailability"),
    ("bedrock", "GetInferenceProfile"): _on("GetInferenceProfile", "inference-profile/", "inferenceProfileIdentifier"),
}
