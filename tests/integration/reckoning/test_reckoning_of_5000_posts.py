"""A month of 5,000 posts on three channels, its answers unpacked by boto3 itself: right, and in how many calls."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from mesh_world.wiring import NAMES

from mesh.ledger import Ledger, Runtime
from mesh.ledger.tables import Tables
from mesh.ledger.values import pack
from mesh.reckoning.figures import figures
from mesh.reckoning.reading import read
from mesh.span import month_before

POSTS, CHANNELS = 5_000, ("x-main", "instagram-main", "linkedin-main")
BEGINS = datetime(2026, 10, 1, tzinfo=UTC)
MONTH = month_before(datetime(2026, 11, 2, tzinfo=UTC), ZoneInfo("UTC"))
ROWS_OF_A_POST, ROW_BYTES, PAGE_BYTES = 12, 700, 1_000_000


def moment(number: int, seconds: int = 0) -> str:
    return (BEGINS + timedelta(seconds=number * 500 + seconds)).isoformat()


def decisions() -> Iterator[dict[str, Any]]:
    """What the condition lets through: the second and the fifth row of each post."""
    for number in range(POSTS):
        post = f"p_{number:08}"
        row = {"subject": post, "by_user": "ada@example.test", "before": {}, "after": {}}
        asked = {"asked": {"revision": f"r_{post}"}}
        ts = moment(number)
        yield {**row, "seq": f"{ts}#000002", "ts": ts, "action": "asked: new", "after": asked}
        ts = moment(number, 60)
        yield {**row, "seq": f"{ts}#000005", "ts": ts, "action": "approved", "how": "mail", "revision": f"r_{post}"}


def numbers() -> Iterator[dict[str, Any]]:
    for number in range(POSTS):
        post = f"p_{number:08}"
        for subject, rows in ((post, ROWS_OF_A_POST), *((f"{post}#{channel}", 3) for channel in CHANNELS)):
            for row in range(1, rows + 1):
                yield {"subject": subject, "seq": f"{moment(number, row)}#{row:06}"}


def tries() -> Iterator[dict[str, Any]]:
    for number in range(POSTS):
        for channel in CHANNELS:
            place, at = f"p_{number:08}#{channel}", moment(number, 112)
            url = f"https://network.example.test/{'y' * 40}"
            yield {"post_channel": place, "attempt": 1, "started_at": at, "sent_at": at, "posted_url": url}


class Wire:
    """DynamoDB as it answers on the wire, a megabyte of stored rows a page."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        pages = POSTS * (ROWS_OF_A_POST + 3 * len(CHANNELS)) * ROW_BYTES // PAGE_BYTES + 1
        self._pages = {
            "decisions": _cut(list(decisions()), pages),
            "numbers": _cut(list(numbers()), pages),
            "tries": _cut(list(tries()), 8),
        }

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        self.calls[operation] += 1
        asked = json.loads(request.body)
        answer = self._found(asked) if operation == "Query" else _batch(asked["RequestItems"])
        return AWSResponse(request.url, 200, {}, _Raw(json.dumps(answer).encode()))

    def _found(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["ExpressionAttributeValues"][":month"]["S"] != "2026-10":
            return {"Items": []}
        kind = "decisions" if "FilterExpression" in asked else "numbers"
        pages = self._pages["tries" if asked["TableName"] == NAMES.sends else kind]
        place = int(asked.get("ExclusiveStartKey", {"page": {"N": "-1"}})["page"]["N"]) + 1
        more = {"LastEvaluatedKey": {"page": {"N": str(place)}}} if place + 1 < len(pages) else {}
        return {"Items": [pack(item) for item in pages[place]], **more}


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _cut(items: list[dict[str, Any]], pages: int) -> list[list[dict[str, Any]]]:
    size = len(items) // pages + 1
    return [items[start : start + size] for start in range(0, len(items), size)]


def _batch(asked: dict[str, Any]) -> dict[str, Any]:
    ((table, wanted),) = asked.items()
    heads = [
        {"post_channel": key["post_channel"]["S"], "state": "sent", "detail": ""}
        for key in wanted["Keys"]
        if table == NAMES.sends
    ]
    return {"Responses": {table: [pack(head) for head in heads]}, "UnprocessedKeys": {}}


@pytest.mark.slow
def test_5000_posts_are_reckoned_in_some_three_hundred_calls() -> None:
    wire = Wire()
    client = boto3.client(
        "dynamodb", region_name="ap-southeast-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.meta.events.register("before-send.dynamodb", wire)
    tables = Tables(client)

    told = figures(read(Ledger(tables, NAMES), Runtime(tables, NAMES), MONTH, MONTH.ends))

    assert (told.posts, told.posted, told.approvals, told.approval_seconds) == (5_000, 15_000, 5_000, 60)
    assert told.incomplete == ()
    assert (wire.calls["Query"], wire.calls["BatchGetItem"]) == (156, 151)
