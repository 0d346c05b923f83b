"""What the emulator counts is what was asked: held to the SDK's own count, and its DynamoDB units to what the answers say they consumed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from local_aws import LocalAws

from local.cost.capacity import Index, get_units, index_units, query_units, write_units
from local.cost.month import check_counts, difference

TABLE = "ss-status"


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    launched = LocalAws(tmp_path_factory.mktemp("counting") / "state", "--count")
    try:
        launched.deploy()
        yield launched
    finally:
        launched.stop()


def _of(figures: dict[str, Any], name: str) -> dict[tuple[str, ...], float]:
    return {tuple(row[:-1]): row[-1] for row in figures[name] if row[-1]}


def test_an_invocations_requests_are_those_the_sdk_sent(counting: LocalAws) -> None:
    counting.work({"id": "warm"})
    counting.settle()
    before, began = counting.get("counts"), time.time()
    payload = json.dumps({"asks": ["a", "b", "c"]}).encode()
    answer = counting.client("lambda").invoke(FunctionName="ss-worker", Payload=payload)
    sent = json.loads(answer["Payload"].read())["sent"]
    figures = difference(counting.get("counts"), before)
    waits = [
        (at, seconds) for name, at, seconds in counting.get("waits")["waits"] if name == "ss-worker" and at >= began
    ]

    assert sent == {"PutItem": 3, "GetItem": 3}
    calls = _of(figures, "calls")
    assert {action: count for (service, action, caller), count in calls.items() if caller == "ss-worker"} == sent
    assert figures["functions"]["ss-worker"]["calls"] == len(waits) == 6
    assert all(0 < seconds < 30 and at + seconds <= time.time() for at, seconds in waits)
    check_counts(figures)
    units = _of(figures, "units")
    assert units["ss-status", "", "ss-worker", "write"] == 3 * 2
    assert units["ss-status", "open", "ss-worker", "write"] == 3 * 2
    assert units["ss-status", "", "ss-worker", "read"] == 3
    own = figures["functions"]["ss-worker"]
    assert own["invocations"] == 1
    assert own["log_lines"] == 1
    assert 0 < own["cpu_seconds"] < 5
    assert 20 < figures["held"]["ss-worker"] < 500


def test_events_firings_and_metrics_are_counted_where_they_happen(counting: LocalAws) -> None:
    before = counting.get("counts")
    counting.work({"id": "one"}, {"id": "two", "pad": "x" * 70_000})
    counting.settle()
    counting.post("fire", schedule="ss-daily-tick")
    counting.settle()
    figures = difference(counting.get("counts"), before)
    assert (figures["plain"]["events"], figures["plain"]["event_chunks"], figures["plain"]["firings"]) == (2, 3, 1)
    assert _of(figures, "causes") == {("ss-worker", "event ss.work"): 2, ("ss-worker", "schedule ss-daily-tick"): 1}
    assert not figures["plain"].get("queued")


def test_units_are_those_that_the_answers_say(counting: LocalAws) -> None:
    """MiniStack's own figures were measured against AWS; they are asked for here and nowhere else."""
    tables = counting.client("dynamodb")
    told = {"ReturnConsumedCapacity": "INDEXES"}
    item = {"post_id": {"S": "p"}, "open": {"S": "y"}, "due_at": {"S": "1"}, "text": {"S": "é" * 1000}}
    plain = {name: value for name, value in item.items() if name not in {"open", "due_at"}}
    moved = {**item, "due_at": {"S": "2"}}
    index = Index("open", "open", "due_at")
    for old, new in ((None, item), (item, moved), (moved, plain), (plain, plain)):
        consumed = tables.put_item(TableName=TABLE, Item=new, **told)["ConsumedCapacity"]
        assert consumed["Table"]["CapacityUnits"] == write_units(old, new)
        entries = consumed.get("GlobalSecondaryIndexes", {}).get("open", {}).get("CapacityUnits", 0)
        assert entries == index_units(index, old, new)
    request = {"Put": {"TableName": TABLE, "Item": item}}
    (consumed,) = tables.transact_write_items(TransactItems=[request], **told)["ConsumedCapacity"]
    assert consumed["WriteCapacityUnits"] == write_units(plain, item, transaction=True)
    small = tables.get_item(TableName=TABLE, Key={"post_id": {"S": "none"}}, **told)["ConsumedCapacity"]
    assert small["CapacityUnits"] == get_units(None, consistent=False)


def test_a_page_is_counted_before_its_filter(counting: LocalAws) -> None:
    tables = counting.client("dynamodb")
    items = [
        {"post_id": {"S": f"p{n}"}, "open": {"S": "page"}, "due_at": {"S": str(n)}, "fill": {"S": "a" * 3000}}
        for n in range(6)
    ]
    for item in items:
        tables.put_item(TableName=TABLE, Item=item)
    before = counting.get("counts")
    found = tables.query(
        TableName=TABLE,
        IndexName="open",
        KeyConditionExpression="#open = :open",
        FilterExpression="due_at = :none",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":open": {"S": "page"}, ":none": {"S": "9"}},
    )
    assert found["Count"] == 0
    units = _of(difference(counting.get("counts"), before), "units")
    assert units == {(TABLE, "open", "", "read"): query_units(items, consistent=False)}
    assert query_units(items, consistent=False) == 2.5


def test_a_condition_that_fails_is_counted_as_what_is_there(counting: LocalAws) -> None:
    tables = counting.client("dynamodb")
    item = {"post_id": {"S": "taken"}, "fill": {"S": "a" * 3000}}
    tables.put_item(TableName=TABLE, Item=item)
    before = counting.get("counts")
    with pytest.raises(tables.exceptions.ConditionalCheckFailedException):
        tables.put_item(
            TableName=TABLE, Item={"post_id": {"S": "taken"}}, ConditionExpression="attribute_not_exists(post_id)"
        )
    units = _of(difference(counting.get("counts"), before), "units")
    assert units == {(TABLE, "", "", "write"): write_units(item, item)} == {(TABLE, "", "", "write"): 3.0}
