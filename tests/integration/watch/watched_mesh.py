"""The mesh in memory with its log kept: what the real handlers write, and what AWS itself would write and count beside it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from mesh_world import base
from mesh_world.world import MeshWorld, in_memory

import mesh.figures
import mesh.log
from local.watch.evaluating import Ring, rings
from local.watch.model import Metric
from local.watch.points import Points
from local.watch.stack import Watch, read_watch
from mesh.approvals import Action

TEMPLATE = Path(__file__).resolve().parents[3] / "stacks" / "watch.yaml"
PARAMETERS = {"Prefix": "ss", "OperatorMail": "ops@example.test"}
ZONE = ZoneInfo("Europe/Berlin")
DEAD_LETTERS = Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", "ss-dead-letters"),))
_LINE, _PUT = mesh.log.line, mesh.figures.put  # before anything stands in for them


def watch() -> Watch:
    return read_watch(TEMPLATE, PARAMETERS)


@dataclass
class Record:
    """Everything that CloudWatch would be handed, in order: for whichever template reads it."""

    lines: list[tuple[str, datetime, str]] = field(default_factory=list)
    counted: list[tuple[Metric, datetime, float]] = field(default_factory=list)
    began: datetime | None = None
    ended: datetime | None = None

    def log(self, function: str, at: datetime, line: str) -> None:
        self.lines.append((f"/aws/lambda/ss-{function}", at, line))
        self._passed(at)

    def count(self, metric: Metric, at: datetime, value: float) -> None:
        self.counted.append((metric, at, value))
        self._passed(at)

    def _passed(self, at: datetime) -> None:
        self.began = min(self.began or at, at)
        self.ended = max(self.ended or at, at)

    def points(self, by: Watch) -> Points:
        points = Points(by.filters)
        for group, at, line in self.lines:
            points.log(group, at, line)
        for metric, at, value in self.counted:
            points.add(metric, at, value)
        return points

    def rung(self, by: Watch) -> list[Ring]:
        """From its beginning until some minutes after its end; what is judged before there are data is no news."""
        assert self.began is not None
        assert self.ended is not None
        return rings(by.alarms, self.points(by), self.began, self.ended + timedelta(minutes=10))

    def rang(self, by: Watch) -> set[str]:
        return {ring.alarm for ring in self.rung(by)}


class WatchedMesh(MeshWorld):
    """``still``: functions that nothing wakes. ``stuck``: those that run until Lambda ends them. ``schedules_gone``: by their tick."""

    record: Record
    still: frozenset[str]
    stuck: frozenset[str]
    schedules_gone: frozenset[str]

    def watched(self) -> WatchedMesh:
        self.record = Record()
        self.still = self.stuck = self.schedules_gone = frozenset()
        return self

    def _handle(self, function: str, event: dict[str, Any], name: str) -> Any:
        if function in self.still:
            return None
        if function in self.stuck:
            self.record.log(function, self.now, f"{self.now:%Y-%m-%dT%H:%M:%SZ} 7f Task timed out after 60.00 seconds")
            raise TimeoutError
        out = io.StringIO()
        try:
            with redirect_stdout(out):
                return super()._handle(function, event, name)
        except Exception as error:
            # As Lambda's own Python runtime logs what a handler raises, in one event.
            out.write(f"[ERROR] {type(error).__name__}: {error}\\nTraceback (most recent call last):\n")
            raise
        finally:
            for line in out.getvalue().splitlines():
                self.record.log(function, self.now, line)

    def _acknowledge(self, function: str, event: dict[str, Any]) -> None:
        if function not in self.still:
            super()._acknowledge(function, event)

    def _poll(self, minute: int) -> None:
        """Every five minutes; the daily tick and the daily probe at their time in the business's zone, as the template has them."""
        self._try("drive-sync", {"poll": True}, "poll")
        self._scheduled("sweep")
        for tick, at in (("daily", "07:00"), ("probe", "07:30")):
            if f"{self.now.astimezone(ZONE):%H:%M}" == at:
                self._scheduled(tick)
        self.record.count(DEAD_LETTERS, self.now, float(len(self.letters)))

    def _scheduled(self, tick: str) -> None:
        if tick not in self.schedules_gone:
            self._try("scheduler", {"tick": tick}, tick)


def watched(world: MeshWorld) -> WatchedMesh:
    """A copy of it that is watched from here on."""
    twin = world.copy()
    twin.__class__ = WatchedMesh
    assert isinstance(twin, WatchedMesh)
    twin.phase = "watched"
    return twin.watched()


@contextmanager
def logging_mesh() -> Iterator[None]:
    """Inside it handlers work in the world that invokes them, and their lines are real ones."""

    def line(log: Any, message: str, **facts: Any) -> None:
        log = log or mesh.log.logger("sender")
        out, handler = io.StringIO(), log.registered_handler
        before = handler.setStream(out)
        try:
            _LINE(log, message, **facts)
        finally:
            handler.setStream(before or out)
        print(out.getvalue(), end="")

    with in_memory(), patch.object(mesh.log, "line", line), patch.object(mesh.figures, "put", _PUT):
        yield


def idle(now: datetime | None = None) -> WatchedMesh:
    """A business without a post, an hour after it was set up."""
    twin = watched(_set_up(now))
    base.pump(twin, 15)
    return twin


@cache
def _set_up(now: datetime | None) -> MeshWorld:
    world = base.furnished()
    world.now = now or world.now
    base.pump(world, 60)
    return world


def busy(world: WatchedMesh, days: int, each_day: Callable[[WatchedMesh, int], None]) -> None:
    """So many days go by; whatever card comes is approved within the hour."""
    for hour in range(days * 24):
        if hour % 24 == 0:
            each_day(world, hour // 24)
        base.pump(world, 60)
        for post_id in base.post_ids(world):
            status = world.status(post_id)
            if (status.get("card") or {}).get("sent_at") and not status.get("approval"):
                base.press(world, base.signed(world, Action.REVIEW, post_id), f"owner-{post_id}")


def figures_line(service: str, **figures: float) -> str:
    """As a handler of that service writes it."""
    out = io.StringIO()
    with redirect_stdout(out):
        _PUT("ss", service, figures)
    return out.getvalue()
