"""In draft-helper's place: does at each step what its batch's script says, and notes that it was asked.

The script is a list of answers by step, or by ``step#post_id``; the last one goes on. An answer is a result, or ``{"raise": name}`` for an
error of that name, or ``{"die": true}`` for a process that ends.
"""

import json
import os
from functools import cache
from typing import Any

import boto3


@cache
def _tables() -> Any:
    return boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    tables, table = _tables(), os.environ["TABLE"]
    key = "#".join(filter(None, (event["step"], event.get("post_id", ""))))
    batch_id = event["batch_id"]
    counted = tables.update_item(
        TableName=table,
        Key={"pk": {"S": f"{batch_id}/{key}"}},
        UpdateExpression="ADD times :one SET asked = :asked",
        ExpressionAttributeValues={":one": {"N": "1"}, ":asked": {"S": json.dumps(event)}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    item = tables.get_item(TableName=table, Key={"pk": {"S": batch_id}}, ConsistentRead=True).get("Item")
    script = json.loads(item["script"]["S"]) if item else {}
    answers = script.get(key) or script.get(event["step"]) or [{"state": "ready"}]
    answer: dict[str, Any] = answers[min(int(counted["times"]["N"]), len(answers)) - 1]
    if "raise" in answer:
        raise type(answer["raise"], (Exception,), {})("told to fail")
    if "die" in answer:
        os._exit(1)
    return answer
