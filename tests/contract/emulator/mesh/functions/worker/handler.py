"""Does what its event says, so that a test can make a function succeed, fail, dawdle or cause more work."""

import json
import os
import time
from typing import Any

import boto3
from shared.words import greeting


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    detail = event.get("detail", event)
    print(json.dumps({"greeting": greeting(), "detail": detail, "process": os.getpid()}))
    for words in detail.get("says", []):
        print(words, end="", flush=True)
    time.sleep(detail.get("seconds", 0))
    if detail.get("fail"):
        raise RuntimeError("told to fail")
    for number in range(detail.get("more", 0)):
        entry = {
            "Source": os.environ["PREFIX"],
            "DetailType": "ss.work",
            "Detail": json.dumps({"id": f"{detail['id']}.{number}"}),
        }
        boto3.client("events").put_events(Entries=[entry])
    if "id" in detail:
        item = {"post_id": {"S": detail["id"]}}
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
    if "asks" in detail:
        return {"sent": _asked(detail["asks"])}
    return {"done": detail.get("id")}


def _asked(keys: list[str]) -> dict[str, int]:
    """Puts and gets each of the keys; how many requests the SDK itself says it sent, by operation."""
    sent: dict[str, int] = {}

    def note(request: Any, event_name: str, **_: Any) -> None:
        operation = event_name.rsplit(".", 1)[-1]
        sent[operation] = sent.get(operation, 0) + 1

    client = boto3.client("dynamodb")
    client.meta.events.register("before-send.dynamodb", note)
    for key in keys:
        item = {"post_id": {"S": key}, "open": {"S": "y"}, "due_at": {"S": "2027"}, "fill": {"S": "a" * 1500}}
        client.put_item(TableName=os.environ["TABLE"], Item=item)
        client.get_item(TableName=os.environ["TABLE"], Key={"post_id": {"S": key}}, ConsistentRead=True)
    return sent
