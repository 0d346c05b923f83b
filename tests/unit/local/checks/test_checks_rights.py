"""What the policies of doctor and setup allow, where a walk on the local AWS side does not come to it; and what they keep out."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from local.checks import rights
from local.checks.model_access import DEFAULT
from tests.privilege.rights_held import Called, held

REFERENCE: dict[str, Any] = json.loads(
    (files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text("utf-8")
)
"""cfn-lint's copy of AWS's service authorization reference."""


def put(source: str, detail_type: str) -> Called:
    return Called("events", "PutEvents", {"Entries": [{"Source": source, "DetailType": detail_type, "Detail": "{}"}]})


@pytest.mark.parametrize(
    "called",
    [
        Called("bedrock", "GetInferenceProfile", {"inferenceProfileIdentifier": DEFAULT}),
        Called("bedrock-runtime", "Converse", {"modelId": DEFAULT}),
        Called("secretsmanager", "CreateSecret", {"Name": "cafe/slack"}),
        Called("secretsmanager", "DescribeSecret", {"SecretId": "cafe/drive/reader"}),
        put("cafe", "ss.trouble"),
    ],
    ids=lambda called: called.operation,
)
def test_setup_may(called: Called) -> None:
    assert held(rights.setup(), "cafe", [called]).refused == []


@pytest.mark.parametrize(
    "called",
    [
        Called("bedrock-runtime", "Converse", {"modelId": "global.other.model-v1:0"}),
        Called("cloudformation", "GetTemplate", {"StackName": "social-scheduler-cafe2"}),
        Called("dynamodb", "PutItem", {"TableName": "cafe-status"}),
        Called("dynamodb", "Query", {"TableName": "cafe2-status", "IndexName": "open"}),
        Called("dynamodb", "Query", {"TableName": "cafe-runtime", "IndexName": "open"}),
        Called("logs", "DescribeLogStreams", {"logGroupName": "/aws/lambda/other-sender"}),
        Called("scheduler", "GetSchedule", {"Name": "cafe-sweep", "GroupName": "cafe-bookings"}),
        Called("secretsmanager", "GetSecretValue", {"SecretId": "cafe2/slack"}),
        Called("secretsmanager", "PutSecretValue", {"SecretId": "cafe/channels/x-main"}),
        Called("sns", "ListSubscriptionsByTopic", {"TopicArn": "arn:aws:sns:ap-southeast-1:000000000000:other-alarms"}),
        Called("sqs", "GetQueueUrl", {"QueueName": "cafe2-dead-letters"}),
        put("cafe", "ss.send"),
        put("cafe2", "ss.trouble"),
    ],
    ids=lambda called: f"{called.operation} {next(iter(called.call.values()))}"[:60],
)
def test_setup_may_not(called: Called) -> None:
    assert held(rights.setup(), "cafe", [called]).refused != []


@pytest.mark.parametrize("statement", rights.setup(), ids=lambda one: str(one["Sid"]))
def test_every_resource_is_of_a_kind_that_its_actions_take(statement: dict[str, Any]) -> None:
    for action in statement["Action"]:
        service, _, name = action.partition(":")
        told = REFERENCE[service]
        kinds = told["Actions"][name.lower()].get("Resources", [])
        formats = [text for kind in kinds for text in told["Resources"][kind.lower()]["ARNFormats"]]
        for resource in statement["Resource"]:
            if resource == "*":
                # A tenant is for those who send for others: the reference names it for the list of suppressed addresses, as an option.
                assert set(kinds) <= {"tenant"}, action
            else:
                assert any(re.fullmatch(as_pattern(one), resource) for one in formats), (action, resource)


def as_pattern(told: str) -> str:
    """``arn:${Partition}:sns:${Region}:${Account}:.*`` with our places in it."""
    for hole, value in (("${Partition}", "aws"), ("${Region}", r"(REGION|\*)"), ("${Account}", "ACCOUNT")):
        told = told.replace(hole, value)
    return told
