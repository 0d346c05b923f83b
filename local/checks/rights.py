"""The IAM policies that ``make doctor`` and ``make setup`` need, for somebody who is to have no more. Pure.

Which action takes which resource: the service authorization reference. Those that take none, or none that can be told, have "*".
"""

from __future__ import annotations

from typing import Any

_HERE = "REGION:ACCOUNT"
Statement = dict[str, Any]


def _allow(name: str, actions: list[str], *resources: str, **conditions: Any) -> Statement:
    more = {"Condition": conditions} if conditions else {}
    return {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": list(resources), **more}


def doctor() -> list[Statement]:
    """It only reads. ``make status`` needs no more, but for a look at the dead letters."""
    stacks = [
        f"arn:aws:cloudformation:{_HERE}:stack/social-scheduler-PREFIX{end}/*" for end in ("", "-channels", "-watch")
    ]
    table = f"arn:aws:dynamodb:{_HERE}:table/PREFIX-"
    indexes = ("status/index/open", "sends/index/month", "audit/index/month")
    return [
        _allow("Stacks", ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"], *stacks),
        _allow(
            "Tables",
            ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
            *(f"{table}{name}" for name in ("status", "sends", "audit", "runtime")),
        ),
        _allow("Indexes", ["dynamodb:Query"], *(f"{table}{name}" for name in indexes)),
        _allow("Schedules", ["scheduler:GetSchedule"], f"arn:aws:scheduler:{_HERE}:schedule/default/PREFIX-*"),
        _allow("Logs", ["logs:DescribeLogStreams"], f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/PREFIX-*"),
        _allow(
            "DeadLetters", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], f"arn:aws:sqs:{_HERE}:PREFIX-dead-letters"
        ),
        _allow("Alarms", ["cloudwatch:DescribeAlarms"], f"arn:aws:cloudwatch:{_HERE}:alarm:*"),
        _allow("WhoHearsOfThem", ["sns:ListSubscriptionsByTopic"], f"arn:aws:sns:{_HERE}:PREFIX-*"),
        _allow(
            "Secrets",
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            f"arn:aws:secretsmanager:{_HERE}:secret:PREFIX/*",
        ),
        _allow("NamesOfSecrets", ["secretsmanager:ListSecrets"], "*"),
        _allow("Mails", ["ses:GetAccount", "ses:GetSuppressedDestination"], "*"),
        _allow("Senders", ["ses:GetEmailIdentity"], f"arn:aws:ses:{_HERE}:identity/*"),
        _allow("Model", ["bedrock:GetFoundationModelAvailability"], "*"),
        _allow("Profile", ["bedrock:GetInferenceProfile"], f"arn:aws:bedrock:{_HERE}:inference-profile/*"),
    ]


def setup() -> list[Statement]:
    """The doctor's; and the two secrets that it stores, the test mail, and one question to the model."""
    secrets = [f"arn:aws:secretsmanager:{_HERE}:secret:PREFIX/{name}-*" for name in ("drive/sa", "slack")]
    source = {"events:source": "PREFIX", "events:detail-type": "ss.trouble"}
    models = (
        "arn:aws:bedrock:*::foundation-model/anthropic.*",
        "arn:aws:bedrock:*:ACCOUNT:inference-profile/*anthropic.*",
    )
    return [
        *doctor(),
        _allow("StoreSecrets", ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"], *secrets),
        _allow("TestMail", ["events:PutEvents"], f"arn:aws:events:{_HERE}:event-bus/default", StringEquals=source),
        _allow("AskTheModel", ["bedrock:InvokeModel"], *models),
    ]


POLICIES = {"doctor": doctor, "setup": setup}


def document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def actions(statements: list[Statement]) -> set[str]:
    return {action for one in statements for action in one["Action"]}
