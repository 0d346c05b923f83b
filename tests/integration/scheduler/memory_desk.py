"""The scheduler's desk over tables, buckets and schedules in memory (tests/explore/memory): hundreds of posts in a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from memory.clients import MemoryBus, MemoryObjects, MemorySchedules
from memory.tables import MemoryTables
from mesh_world.wiring import ENVIRONMENT, GROUP, NAMES, POSTS, RULES
from mesh_world.world import schemas
from scheduler_desk import NOW, SchedulerDesk

import mesh.clock
import scheduler.handler
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.events import Detail, parse
from mesh.ledger import Ledger, Runtime
from mesh.side_by_side import one_by_one
from scheduler.edges import Calendar
from scheduler.handler import Wiring
from scheduler.settings import SchedulerSettings


class MemoryMesh:
    """As much of the mesh as the desk asks for. Nothing here fires a schedule."""

    def __init__(self) -> None:
        self.now = NOW
        self.tables = MemoryTables(schemas())
        self.s3 = MemoryObjects((POSTS, RULES))
        self.schedules = MemorySchedules([GROUP], lambda: self.now)
        self.events_client = MemoryBus()
        self.names = NAMES
        self.posts_bucket = POSTS
        self.ledger = Ledger(self.tables, NAMES)  # type: ignore[arg-type]
        self.runtime = Runtime(self.tables, NAMES)  # type: ignore[arg-type]

    @property
    def entries(self) -> list[dict[str, Any]]:
        return self.events_client.entries

    def events_of(self, model: type[Detail]) -> list[Any]:
        parsed = [
            parse({"detail-type": one["DetailType"], "detail": json.loads(one["Detail"])}) for one in self.entries
        ]
        return [event for event in parsed if type(event) is model]

    def audit(self, subject: str) -> list[dict[str, Any]]:
        rows = [row for row in self.tables.items(NAMES.audit) if row["subject"] == subject]
        return sorted(rows, key=lambda row: str(row["seq"]))

    def turn_clock(self, moment: datetime) -> None:
        self.now = moment

    def put_rules(self, text: str) -> None:
        self.s3.put_object(Bucket=RULES, Key="rules.txt", Body=text.encode())

    def wiring(self) -> Wiring:
        booking = BookingSettings(
            group=GROUP,
            role_arn=ENVIRONMENT["BOOKING_ROLE_ARN"],
            bus_arn=ENVIRONMENT["BUS_ARN"],
            dead_letters_arn=ENVIRONMENT["DEAD_LETTERS_ARN"],
            source="ss",
        )
        return Wiring(
            SchedulerSettings.load({**ENVIRONMENT, "TZ_NAME": "UTC"}),
            self.ledger,
            self.runtime,
            Calendar(self.s3, POSTS, RULES),
            Bookings(self.schedules, booking),
            Bus(self.events_client, "ss"),
            one_by_one,
        )


class MemoryDesk(SchedulerDesk):
    def bookings(self) -> dict[str, dict[str, Any]]:
        return {name: dict(one) for (_, name), one in self.mesh.schedules._schedules.items()}  # type: ignore[attr-defined]


@contextmanager
def memory_desk() -> Iterator[SchedulerDesk]:
    mesh_in_memory = MemoryMesh()
    with (
        patch.object(scheduler.handler, "wire", mesh_in_memory.wiring),
        patch.object(mesh.clock, "now", lambda: mesh_in_memory.now),
    ):
        yield MemoryDesk(mesh_in_memory)  # type: ignore[arg-type]
