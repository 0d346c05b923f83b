"""The world as a week looks at it: thousands of times, so that what has not changed is not read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.stack import PREFIX
from local.story_world import World
from local.week_stack import WeekStack
from mesh.ledger.values import unpack

_LIVE = {":head": {"N": "0"}, ":sent": {"S": "sent"}, ":failed": {"S": "failed"}}


class WeekWorld(World):
    def __init__(self, stack: WeekStack) -> None:
        super().__init__(stack)
        self._feed: list[dict[str, Any]] = []
        self._feed_of = -1
        self._tables = stack.client("dynamodb")

    def feed(self) -> list[dict[str, Any]]:
        """The networks write their file before they answer: another one, and only then, is another feed."""
        written = (self.stack.folder / "networks" / "networks.json").stat().st_mtime_ns
        if written != self._feed_of:
            self._feed, self._feed_of = super().feed(), written
        return self._feed

    def booked(self) -> list[datetime]:
        """When the bookings fire, as the scheduler service has them: no table is read."""
        told = self.stack.get(f"{self.stack.aws}/_local/booked?group={PREFIX}-bookings")
        return [datetime.fromisoformat(at) for at in told["booked"]]

    def live_heads(self) -> list[dict[str, Any]]:
        """Heads that are neither sent nor failed."""
        pages = self._tables.get_paginator("scan").paginate(
            TableName=f"{PREFIX}-sends",
            FilterExpression="attempt = :head AND #state <> :sent AND #state <> :failed",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=_LIVE,
        )
        return [unpack(item) for page in pages for item in page["Items"]]
