"""template-sync over moto: the rules it follows, the group it keeps, and what it wants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from moto_mesh import REGION, MotoMesh

from mesh import clock
from mesh.events import DraftRequested, RowWanted, RulesChanged
from mesh.ledger import Status
from mesh.ledger.values import unpack
from template_sync.handler import handler

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
GROUP = "ss-templates"
TARGET = f"arn:aws:lambda:{REGION}:000000000000:function:ss-template-sync"
HEAD = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:abc, https://bsky.social
Recurring posts
"""
CAKE = """- Friday cake: every Friday 9:00
    channels: bluesky-main
    text: {weekday}'s cake: {rotate: plum, rye}
    image: cake.jpg
    alt text: A cake
"""
LUNCH = """- Lunch: every Tuesday 10:00
    channels: bluesky-main
"""
SOUP = """- Soup: first and third Monday of the month 11:00
    channels: bluesky-main
    text: Soup
"""


class TemplateDesk:
    def __init__(self, mesh: MotoMesh) -> None:
        self.mesh = mesh
        self.rules(CAKE)

    def rules(self, *posts: str, head: str = HEAD) -> None:
        self.mesh.put_rules(head + "".join(posts))

    def wake(self, **event: Any) -> dict[str, int]:
        """By its sweep, or by ``event``."""
        return handler(event or {"tick": "templates"}, None)

    def hear(self) -> dict[str, int]:
        """``ss.rules.changed``."""
        detail = json.loads(RulesChanged(trace_id="t_rules").model_dump_json())
        return handler({"source": "ss", "detail-type": "ss.rules.changed", "detail": detail}, None)

    def turn(self, **span: float) -> None:
        self.mesh.turn_clock(clock.now() + timedelta(**span))

    # what came of it

    def items(self) -> list[Status]:
        """By their day and time."""
        found = self.mesh.dynamodb.scan(TableName=self.mesh.names.status, ConsistentRead=True)["Items"]
        return sorted((Status.model_validate(unpack(item)) for item in found), key=self._when)

    @staticmethod
    def _when(status: Status) -> tuple[str, str]:
        about = status.wanted or (status.proposal.note if status.proposal else None)
        return (about.date, about.time) if about else ("", "")

    def rows(self) -> list[str]:
        return [" ".join(self._when(item)) for item in self.items() if item.wanted]

    def drafts(self) -> list[str]:
        return [" ".join(self._when(item)) for item in self.items() if item.proposal]

    def wanted(self) -> list[list[str]]:
        """The ids of each ``ss.row.wanted``."""
        return [event.post_ids for event in self.mesh.events_of(RowWanted)]

    def requested(self) -> list[list[str]]:
        return [event.post_ids for event in self.mesh.events_of(DraftRequested)]

    def schedules(self) -> dict[str, dict[str, Any]]:
        """The group's, by name, whole."""
        pages = self.mesh.schedules.get_paginator("list_schedules").paginate(GroupName=GROUP)
        names = [one["Name"] for page in pages for one in page["Schedules"]]
        found = {name: self.mesh.schedules.get_schedule(Name=name, GroupName=GROUP) for name in names}
        for one in found.values():
            del one["ResponseMetadata"]
        return found

    def expressions(self) -> list[tuple[str, str]]:
        return sorted(
            (one["ScheduleExpression"], one["ScheduleExpressionTimezone"]) for one in self.schedules().values()
        )
