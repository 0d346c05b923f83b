"""What each request at an API is charged as, or why it is free. Pure. One that is in neither list ends the count: nothing is guessed."""

from __future__ import annotations

PRICED = {
    ("s3", "GetObject"): "s3.gets",
    ("s3", "HeadObject"): "s3.gets",
    ("s3", "PutObject"): "s3.puts",
    ("s3", "POST"): "s3.puts",
    ("s3", "ListObjects"): "s3.puts",
    ("secretsmanager", "GetSecretValue"): "secrets.calls",
    ("secretsmanager", "PutSecretValue"): "secrets.calls",
    ("secretsmanager", "DescribeSecret"): "secrets.calls",
    ("secretsmanager", "CreateSecret"): "secrets.calls",
    ("sqs", "SendMessage"): "sqs.requests",
    ("sqs", "ReceiveMessage"): "sqs.requests",
    ("sqs", "DeleteMessage"): "sqs.requests",
    ("sqs", "GetQueueAttributes"): "sqs.requests",
}
BY_THEIR_EFFECT = {
    ("dynamodb", "GetItem"): "units of the item",
    ("dynamodb", "BatchGetItem"): "units of each item",
    ("dynamodb", "TransactGetItems"): "units of each item, twice",
    ("dynamodb", "Query"): "units of the page",
    ("dynamodb", "Scan"): "units of the page",
    ("dynamodb", "PutItem"): "units of the item and its index entries",
    ("dynamodb", "UpdateItem"): "units of the item and its index entries",
    ("dynamodb", "DeleteItem"): "units of the item and its index entries",
    ("dynamodb", "BatchWriteItem"): "units of each item",
    ("dynamodb", "TransactWriteItems"): "units of each item, twice",
    ("events", "PutEvents"): "each event by its size",
    ("ses", "SendEmail"): "each mail and its bytes",
    ("bedrock", "Converse"): "tokens, as the drafts count them",
}
FREE = {
    ("s3", "DeleteObject"): "deleting is free",
    ("scheduler", "CreateSchedule"): "only invocations are charged",
    ("scheduler", "UpdateSchedule"): "only invocations are charged",
    ("scheduler", "GetSchedule"): "only invocations are charged",
    ("scheduler", "DeleteSchedule"): "only invocations are charged",
    ("scheduler", "ListSchedules"): "only invocations are charged",
    ("ssm", "GetParameter"): "standard parameters are free",
    ("ssm", "GetParameters"): "standard parameters are free",
    ("ssm", "GetParametersByPath"): "standard parameters are free",
    ("sts", "GetCallerIdentity"): "always free",
}


class UnknownCallError(Exception):
    """A call that no price and no reason is known for."""


def charged_as(service: str, action: str) -> str | None:
    """The key of a price for each request; None where it is charged by its effect, or free."""
    call = (service, action)
    if call in PRICED:
        return PRICED[call]
    if call in BY_THEIR_EFFECT or call in FREE:
        return None
    raise UnknownCallError(
        f"{service} {action} is called, and nothing says what it costs: list it in local/cost/operations.py, with its price or its reason"
    )
