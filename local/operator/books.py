"""The tables of a stack, read as an operator does: page by page, changing nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import refusals
from mesh.batches import is_batch
from mesh.ledger.runtime import pause_key, standing_key, subject_of
from mesh.ledger.tables import TableNames
from mesh.ledger.values import pack, unpack
from mesh.ledger.verify import End

Row = dict[str, Any]
BOUNCED = "bounced#"  # and an address that takes no mail


class BooksError(Exception):
    """The tables cannot be read; the message says why and what to do."""


class Books:
    """``client`` is a DynamoDB client. BooksError for whatever the service refuses."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def ends(self) -> Iterator[tuple[str, End]]:
        """Each audited item's subject and what it says of its chain."""
        for item in self._scan("status", ProjectionExpression="post_id, audit, version"):
            yield str(item["post_id"]), End.of(item)
        heads = self._scan(
            "sends",
            ProjectionExpression="post_channel, audit, version",
            FilterExpression="attempt = :zero",
            ExpressionAttributeValues=pack({":zero": 0}),
        )
        for item in heads:
            yield str(item["post_channel"]), End.of(item)
        standing = self._scan(
            "runtime", ProjectionExpression="pk, audit, version", FilterExpression="attribute_exists(audit)"
        )
        for item in standing:
            yield subject_of(str(item["pk"])), End.of(item)

    def end(self, subject: str) -> End | None:
        """As it is at this moment; None where there is no item."""
        table, key = self._item_of(subject)
        answer = self._call("get_item", TableName=self._name(table), Key=pack(key), ConsistentRead=True)
        return End.of(unpack(answer["Item"])) if "Item" in answer else None

    def every_row(self) -> Iterator[Row]:
        """All audit rows. A subject's come one after another, or nearly so: who relies on it looks again with ``rows``."""
        yield from self._scan("audit")

    def rows(self, subject: str) -> list[Row]:
        """One subject's rows, read consistently, in order of their keys."""
        request = {
            "TableName": self._name("audit"),
            "KeyConditionExpression": "subject = :subject",
            "ExpressionAttributeValues": pack({":subject": subject}),
            "ConsistentRead": True,
        }
        return list(self._pages("query", request))

    def post(self, post_id: str) -> Row | None:
        answer = self._call(
            "get_item", TableName=self._name("status"), Key=pack({"post_id": post_id}), ConsistentRead=True
        )
        return unpack(answer["Item"]) if "Item" in answer else None

    def post_ids(self) -> Iterator[str]:
        for item in self._scan("status", ProjectionExpression="post_id"):
            yield str(item["post_id"])

    def states(self) -> dict[str, int]:
        """How many posts are in which state: all that ever were, drafts and batches apart."""
        counts: Counter[str] = Counter()
        for item in self._scan("status", ProjectionExpression="post_id, #s", ExpressionAttributeNames={"#s": "state"}):
            counts["batches" if is_batch(str(item["post_id"])) else str(item.get("state") or "unreadable")] += 1
        return dict(counts)

    def standing(self, now: datetime) -> Iterator[tuple[str, str]]:
        """The keys of the working memory under which a pause stands or an address is that takes no mail, and since when (ISO)."""
        found = self._scan(
            "runtime",
            ProjectionExpression="pk, since, #at, #ttl",
            FilterExpression="(begins_with(pk, :pause) AND attribute_exists(since)) OR begins_with(pk, :bounced)",
            ExpressionAttributeNames={"#at": "at", "#ttl": "ttl"},
            ExpressionAttributeValues=pack({":pause": pause_key(""), ":bounced": BOUNCED}),
        )
        for item in found:
            if item.get("ttl", math.inf) > now.timestamp():
                yield str(item["pk"]), str(item.get("since") or item.get("at") or "")

    def with_trace(self, trace_id: str) -> Iterator[Row]:
        """The audit rows of one trace, wherever they are: the whole trail is walked."""
        yield from self._scan(
            "audit", FilterExpression="trace_id = :trace", ExpressionAttributeValues=pack({":trace": trace_id})
        )

    def attempts(self, head: str) -> list[Row]:
        """The head (attempt 0) of a post on a channel, where there is one, and each of its tries."""
        request = {
            "TableName": self._name("sends"),
            "KeyConditionExpression": "post_channel = :key",
            "ExpressionAttributeValues": pack({":key": head}),
            "ConsistentRead": True,
        }
        return list(self._pages("query", request))

    def _item_of(self, subject: str) -> tuple[str, dict[str, Any]]:
        if (kept := standing_key(subject)) is not None:
            return "runtime", {"pk": kept}
        if "#" in subject:
            return "sends", {"post_channel": subject, "attempt": 0}
        return "status", {"post_id": subject}

    def _scan(self, table: str, **request: Any) -> Iterator[Row]:
        return self._pages("scan", {"TableName": self._name(table), **request})

    def _pages(self, operation: str, request: Mapping[str, Any]) -> Iterator[Row]:
        start: dict[str, Any] = {}
        while True:
            answer = self._call(operation, **request, **start)
            for item in answer["Items"]:
                yield unpack(item)
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _name(self, table: str) -> str:
        return f"{self._prefix}-{table}"

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            right = f"dynamodb:{''.join(part.title() for part in operation.split('_'))}"
            found = refusals.read(error, right)
            if found.kind is refusals.Kind.MISSING:
                raise BooksError(f"there is no table {request['TableName']} there; is the prefix right?") from error
            raise BooksError(f"the table {request['TableName']} cannot be read: {found.said}") from error
        except BotoCoreError as error:
            raise BooksError(f"the tables cannot be reached: {error}") from error
        return answer


def names_of(prefix: str) -> TableNames:
    return TableNames(*(f"{prefix}-{name}" for name in ("status", "sends", "audit", "runtime")))
