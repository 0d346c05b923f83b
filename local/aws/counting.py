"""Every request, event, firing and step counted where it happens, for ``make cost``. Nothing else changes.

Units of DynamoDB are worked out from the items themselves, before and after each call, on the table's own thread: MiniStack tells some of
them, not those of a failed condition.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import dynamodb, eventbridge, stepfunctions

from local.aws import counted_workers
from local.aws.callers import caller_of
from local.aws.clock import StackClock
from local.aws.schedules import Schedules
from local.aws.tally import Tally
from local.cost.capacity import Index, get_units, index_units, query_units, write_units

caller: ContextVar[str] = ContextVar("caller", default="")
"""The function whose call is being answered."""

_EVENT_CHUNK_BYTES = 64 * 1024


def install(tally: Tally, endpoint_port: int, clock: StackClock) -> None:
    """Last of all mends, around them."""
    counted_workers.install(tally, endpoint_port, clock)
    _count_tables(tally)
    _count_events(tally)
    _count_firings(tally)
    _count_steps(tally)


def note_call(tally: Tally, service: str, action: str, method: str, path: str, user_agent: str) -> None:
    """One request at the door. S3 is told by what it costs: a request that lists is a GET of a bucket itself."""
    who = caller_of(user_agent)
    caller.set(who)
    if service == "s3" and method == "GET" and "/" not in path.strip("/"):
        action = "ListObjects"
    tally.call(service, action, who)


def note_answer(tally: Tally, service: str, size_bytes: int) -> None:
    """What goes out of AWS: a file that is fetched by its signed address, by somebody who is none of the functions."""
    if service == "s3" and not caller.get():
        tally.plain(fetched_bytes=size_bytes)


# events, firings, steps


def _count_events(tally: Tally) -> None:
    dispatch = eventbridge._dispatch_event
    to_queue = eventbridge._dispatch_to_sqs

    def counted(event: dict[str, Any], view: Any = None) -> None:
        if not event.get("_DispatchPath"):
            size = len(str(event.get("Detail", "")).encode()) + len(event["DetailType"]) + len(event["Source"]) + 14
            tally.plain(events=1, event_chunks=-(-size // _EVENT_CHUNK_BYTES))
        dispatch(event, view)

    def queued(*given: Any, **named: Any) -> Any:
        tally.plain(queued=1)
        return to_queue(*given, **named)

    eventbridge._dispatch_event = counted
    eventbridge._dispatch_to_sqs = queued


def _count_firings(tally: Tally) -> None:
    fire = Schedules._fire

    def fired(self: Schedules, key: Any, record: dict[str, Any], moment: Any) -> None:
        tally.plain(firings=1)
        fire(self, key, record, moment)

    Schedules._fire = fired  # type: ignore[method-assign]


def _count_steps(tally: Tally) -> None:
    """A transition is charged for each state entered, again for each retry."""
    add = stepfunctions._add_event

    def added(execution: Any, event_type: str, details: Any = None) -> Any:
        if event_type.endswith("StateEntered"):
            tally.plain(transitions=1)
        return add(execution, event_type, details)

    stepfunctions._add_event = added


# the tables


def _count_tables(tally: Tally) -> None:
    units = _Units(tally)
    for name, count in (
        ("_get_item", units.get),
        ("_batch_get_item", units.batch_get),
        ("_transact_get_items", units.transact_get),
        ("_query", units.query),
        ("_scan", units.query),
        ("_put_item", units.write),
        ("_update_item", units.write),
        ("_delete_item", units.write),
        ("_batch_write_item", units.batch_write),
        ("_transact_write_items", units.transact_write),
    ):
        setattr(dynamodb, name, _around(getattr(dynamodb, name), count))


Answer = tuple[int, dict[str, str], Any]
Handle = Callable[[dict[str, Any]], Answer]


def _around(inner: Handle, count: Callable[[dict[str, Any], Handle], Answer]) -> Handle:
    return lambda data: count(data, inner)


class _Units:
    """Each method answers the call, and counts what it took."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    # reading

    def get(self, data: dict[str, Any], inner: Handle) -> Answer:
        item = _stored(data["TableName"], data["Key"])
        self._read(data["TableName"], get_units(item, consistent=bool(data.get("ConsistentRead"))))
        return inner(data)

    def batch_get(self, data: dict[str, Any], inner: Handle) -> Answer:
        for table, wanted in data["RequestItems"].items():
            for key in wanted["Keys"]:
                consistent = bool(wanted.get("ConsistentRead"))
                self._read(table, get_units(_stored(table, key), consistent=consistent))
        return inner(data)

    def transact_get(self, data: dict[str, Any], inner: Handle) -> Answer:
        for one in data["TransactItems"]:
            wanted = one["Get"]
            item = _stored(wanted["TableName"], wanted["Key"])
            self._read(wanted["TableName"], get_units(item, consistent=True, transaction=True))
        return inner(data)

    def query(self, data: dict[str, Any], inner: Handle) -> Answer:
        """A filter or a projection is answered after everything was read: asked again without them."""
        answer = inner(data)
        narrowed = {"FilterExpression", "ProjectionExpression", "Select", "ExpressionAttributeNames"} & data.keys()
        told = answer
        if narrowed:
            names = _names_in(data.get("KeyConditionExpression", ""), data.get("ExpressionAttributeNames") or {})
            values = _names_in(data.get("KeyConditionExpression", ""), data.get("ExpressionAttributeValues") or {})
            plain = {key: value for key, value in data.items() if key not in narrowed | {"ExpressionAttributeValues"}}
            plain |= {"ExpressionAttributeNames": names} if names else {}
            plain |= {"ExpressionAttributeValues": values} if values else {}
            told = inner(plain)
        items = json.loads(told[2]).get("Items", []) if told[0] == 200 else []
        units = query_units(items, consistent=bool(data.get("ConsistentRead")))
        self._tally.units(data["TableName"], caller.get(), index=data.get("IndexName", ""), read=units)
        return answer

    def _read(self, table: str, units: float) -> None:
        self._tally.units(table, caller.get(), read=units)

    # writing

    def write(self, data: dict[str, Any], inner: Handle) -> Answer:
        table = data["TableName"]
        key = data.get("Key") or _key_of(table, data["Item"])
        return self._written([(table, key)], data, inner, transaction=False)

    def batch_write(self, data: dict[str, Any], inner: Handle) -> Answer:
        places = []
        for table, requests in data["RequestItems"].items():
            for request in requests:
                put = request.get("PutRequest")
                places.append((table, _key_of(table, put["Item"]) if put else request["DeleteRequest"]["Key"]))
        return self._written(places, data, inner, transaction=False)

    def transact_write(self, data: dict[str, Any], inner: Handle) -> Answer:
        """A cancelled one costs what its items are; a token seen before costs no second write, and MiniStack carries none out."""
        places = []
        for one in data["TransactItems"]:
            ((_, wanted),) = one.items()
            table = wanted["TableName"]
            places.append((table, wanted.get("Key") or _key_of(table, wanted["Item"])))
        return self._written(places, data, inner, transaction=True)

    def _written(
        self, places: list[tuple[str, dict[str, Any]]], data: dict[str, Any], inner: Handle, *, transaction: bool
    ) -> Answer:
        before = [_stored(*place) for place in places]
        answer = inner(data)
        for (table, key), old in zip(places, before, strict=True):
            new = _stored(table, key)
            self._tally.units(table, caller.get(), write=write_units(old, new, transaction=transaction))
            for index in _indexes(table):
                self._tally.units(table, caller.get(), index=index.name, write=index_units(index, old, new))
        return answer


def _table(name: str) -> Any:
    return dynamodb._tables.get(dynamodb._normalize_table_name(name))


def _key_of(table: str, item: dict[str, Any]) -> dict[str, Any]:
    found = _table(table)
    return {name: item[name] for name in (found["pk_name"], found["sk_name"]) if name} if found else {}


def _stored(table: str, key: dict[str, Any]) -> dict[str, Any] | None:
    """A copy: MiniStack changes some of its items in place."""
    found = _table(table)
    if not found:
        return None
    hashed, ranged, error = dynamodb._resolve_table_key_values(found, key, allow_extra=False)
    item = None if error else found["items"].get(hashed, {}).get(ranged)
    return dict(item) if item else None


def _indexes(table: str) -> list[Index]:
    found = _table(table) or {}
    indexes = []
    for one in found.get("GlobalSecondaryIndexes") or []:
        if one["Projection"]["ProjectionType"] != "ALL":
            raise NotImplementedError(
                f"{one['IndexName']} does not project everything: count its entries by what it does"
            )
        keys = {key["KeyType"]: key["AttributeName"] for key in one["KeySchema"]}
        indexes.append(Index(one["IndexName"], keys["HASH"], keys.get("RANGE", "")))
    return indexes


def _names_in(expression: str, given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in expression}
