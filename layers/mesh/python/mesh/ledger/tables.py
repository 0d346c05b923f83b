"""DynamoDB as this project uses it: items as dicts, conditions, transactions, and its errors translated once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Conflict, MeshError, Throttled, Unreachable
from mesh.ledger.values import pack, unpack

_BATCH = 100  # BatchGetItem's limit

_CONFLICTS = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottledException",
    "InternalServerError",
    "ServiceUnavailable",
}


@dataclass(frozen=True)
class TableNames:
    status: str
    sends: str
    audit: str
    runtime: str


@dataclass(frozen=True)
class Write:
    """One part of a transaction. ``kind`` is Put, Update or ConditionCheck; expressions write attributes as ``#name``."""

    kind: str
    table: str
    body: Mapping[str, Any]  # the item of a Put, the key of the others
    condition: str = ""
    update: str = ""
    values: Mapping[str, Any] | None = None

    def wire(self) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": self.table}
        request["Item" if self.kind == "Put" else "Key"] = pack(self.body)
        if self.condition:
            request["ConditionExpression"] = self.condition
        if self.update:
            request["UpdateExpression"] = self.update
        if self.values:
            request["ExpressionAttributeValues"] = pack(self.values)
        return {self.kind: _named(request)}


class Tables:
    """``answered_at`` is what the service said the time was in its latest answer; None before there was one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.answered_at: datetime | None = None

    def get(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """A consistent read."""
        answer = self._call("get_item", TableName=table, Key=pack(key), ConsistentRead=True)
        return unpack(answer["Item"]) if "Item" in answer else None

    def batch(self, table: str, keys: Iterable[Mapping[str, Any]], *, read: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Consistent reads of many, in no order; Throttled when the service keeps leaving some out. ``read`` as of ``pages``."""
        wanted = [pack(key) for key in keys]
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), _BATCH):
            pending = wanted[start : start + _BATCH]
            for _ in range(5):
                request = _named({"Keys": pending, "ConsistentRead": True} | _projection(read))
                answer = self._call("batch_get_item", RequestItems={table: request})
                found += [unpack(item) for item in answer["Responses"].get(table, [])]
                pending = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
                if not pending:
                    break
            if pending:
                raise Throttled(f"{table}: {len(pending)} keys left unread")
        return found

    def gather(self, keys: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """Consistent reads of a few items of several tables in one call (100 in all); Throttled when some are left out.

        Each item is as it is at that moment; together they are no snapshot.
        """
        request = {
            table: {"Keys": [pack(key) for key in wanted], "ConsistentRead": True} for table, wanted in keys.items()
        }
        answer = self._call("batch_get_item", RequestItems=request)
        if answer.get("UnprocessedKeys"):
            raise Throttled(f"{', '.join(sorted(answer['UnprocessedKeys']))}: keys left unread")
        return {table: [unpack(item) for item in answer["Responses"].get(table, [])] for table in keys}

    def query(
        self,
        table: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str = "",
    ) -> list[dict[str, Any]]:
        """All pages. An index is read as it is: eventually consistent."""
        return [item for page in self.pages(table, condition, values, index=index) for item in page]

    def pages(
        self,
        table: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str = "",
        where: str = "",
        read: Sequence[str] = (),
    ) -> Iterator[list[dict[str, Any]]]:
        """One page after the other, each read when it is asked for. ``where`` is a condition on what is no key: what does not meet it is
        read and paid for, and not handed over. ``read`` names what is wanted of each item (``after.state``), nothing for all of it; no
        name may lie within another."""
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": pack(values),
        }
        if index:
            request["IndexName"] = index
        if where:
            request["FilterExpression"] = where
        request |= _projection(read)
        while True:
            answer = self._call("query", **request)
            yield [unpack(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def transact(self, writes: Sequence[Write]) -> None:
        """All or nothing. Conflict when any condition did not hold or somebody else was writing."""
        self._call("transact_write_items", TransactItems=[write.wire() for write in writes])

    def put(
        self,
        table: str,
        item: Mapping[str, Any],
        *,
        condition: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        request: dict[str, Any] = {"TableName": table, "Item": pack(item)}
        if condition:
            request["ConditionExpression"] = condition
        if values:
            request["ExpressionAttributeValues"] = pack(values)
        self._call("put_item", **request)

    def update(
        self,
        table: str,
        key: Mapping[str, Any],
        expression: str,
        values: Mapping[str, Any],
        *,
        condition: str = "",
    ) -> dict[str, Any]:
        """The item after the update."""
        request: dict[str, Any] = {
            "TableName": table,
            "Key": pack(key),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": pack(values),
            "ReturnValues": "ALL_NEW",
        }
        if condition:
            request["ConditionExpression"] = condition
        return unpack(self._call("update_item", **request)["Attributes"])

    def delete(
        self, table: str, key: Mapping[str, Any], *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        request: dict[str, Any] = {"TableName": table, "Key": pack(key)}
        if condition:
            request |= {"ConditionExpression": condition, "ExpressionAttributeValues": pack(values or {})}
        self._call("delete_item", **request)

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**_named(request))
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            raise Unreachable(f"DynamoDB {operation}: {type(error).__name__}") from error
        self.answered_at = _date(answer) or self.answered_at
        return answer


def _date(answer: Mapping[str, Any]) -> datetime | None:
    """The header ``Date`` of an answer (RFC 9110, 6.6.1), where it has one that can be read."""
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _projection(read: Sequence[str]) -> dict[str, str]:
    return {"ProjectionExpression": ", ".join(f"#{path.replace('.', '.#')}" for path in read)} if read else {}


def _named(request: dict[str, Any]) -> dict[str, Any]:
    """Fill in the names: so many words are reserved in expressions that every attribute is written as ``#name``."""
    expressions = " ".join(str(value) for key, value in request.items() if key.endswith("Expression"))
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", expressions)}
    return request | {"ExpressionAttributeNames": names} if names else request


def _translated(error: ClientError) -> MeshError:
    code = error.response["Error"]["Code"]
    if code in _CONFLICTS:
        return Conflict(f"{error.operation_name}: {code}")
    if code in _THROTTLES:
        return Throttled(f"{error.operation_name}: {code}")
    return MeshError(f"{error.operation_name}: {code}: {error.response['Error'].get('Message', '')}")
