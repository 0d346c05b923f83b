"""EventBridge Scheduler on the stack's clock.

Stock MiniStack sweeps every ten seconds in UTC and real time, loses event-bus targets, substitutes nothing, forgets
what has fired, and accepts any expression. Here a sweep of our own fires what is due, in order of time. When the clock
jumps, the missed ticks of a rate or cron are one firing; every one-off fires once. What has fired is kept on disk, so
that a restart repeats nothing and makes up for one-offs that fell due meanwhile.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge, lambda_svc, scheduler

from local.aws.activity import Activity
from local.aws.clock import ClockMoveError, StackClock
from local.aws.deliveries import Deliveries
from local.aws.expressions import InvalidExpressionError, Once, latest_until, next_after, parse
from local.aws.invoking import AsynchronousInvokes, trigger
from local.aws.rules import deliver_to_lambda

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 0.2

Key = tuple[str, str, str]
"""Account, region, ``group/name``: MiniStack's own."""


@dataclass
class _Mark:
    """Where one schedule stands. ``made_of`` tells a changed schedule from the one the mark was made for."""

    made_of: list[Any]
    anchor: datetime
    next: datetime | None


class Schedules:
    """``changed`` is called with the name of a service whose state a firing has changed, so that it is saved."""

    def __init__(
        self,
        clock: StackClock,
        activity: Activity,
        invokes: AsynchronousInvokes,
        deliveries: Deliveries,
        changed: Callable[[str], None],
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._activity = activity
        self._invokes = invokes
        self._deliveries = deliveries
        self._lock = threading.RLock()
        self._marks: dict[Key, _Mark] = {}
        self._has_fired = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule-sweep", daemon=True)

    def install(self) -> None:
        scheduler._now = lambda: self._clock.now().timestamp()
        scheduler.start_scheduler = lambda: None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def snapshot(self) -> dict[str, Any]:
        with self._lock:
            marks = [
                [list(key), mark.made_of, mark.anchor.isoformat(), mark.next.isoformat() if mark.next else None]
                for key, mark in self._marks.items()
            ]
            return {"has_fired": self._has_fired, "marks": marks}

    def restore(self, kept: dict[str, Any]) -> None:
        self._has_fired = kept["has_fired"]
        for key, made_of, anchor, upcoming in kept["marks"]:
            following = datetime.fromisoformat(upcoming) if upcoming else None
            self._marks[key[0], key[1], key[2]] = _Mark(made_of, datetime.fromisoformat(anchor), following)

    def move(self, change: Callable[[], None], starting: bool = False) -> list[str]:
        """Move the clock, then fire what fell due; the names of what fired. ClockMoveError when ``starting`` after a
        firing.
        """
        with self._lock:
            if starting and self._has_fired:
                raise ClockMoveError("the start can only be set before anything has fired")
            change()
            if starting:
                self._marks.clear()
            return self.sweep(anchor_anew=starting)

    def sweep(self, anchor_anew: bool = False) -> list[str]:
        """Fire everything due by now, in order of time."""
        with self._lock, self._activity.during("schedule sweep"):
            now = self._clock.now()
            self._refresh_marks(now, anchor_anew)
            due = []
            for key, mark in self._marks.items():
                if mark.next is not None and mark.next <= now:
                    expression = _expression(scheduler._schedules._data[key])
                    once = isinstance(expression, Once)
                    moment = mark.next if once else latest_until(expression, mark.next, now, mark.anchor)
                    due.append((moment, key))
            fired = []
            for moment, key in sorted(due):
                record = scheduler._schedules._data.get(key)
                if record is not None:
                    self._step_over(key, record, now)
                    self._fire(key, record, moment)
                    fired.append(record["Name"])
            return fired

    def fire_now(self, name: str) -> bool:
        """Fire one schedule's target at once, leaving its own times alone. False when there is none of that name."""
        for key, record in list(scheduler._schedules._data.items()):
            if record["Name"] == name:
                self._fire(key, record, self._clock.now())
                return True
        return False

    def upcoming(self) -> tuple[datetime, str] | None:
        with self._lock:
            self._refresh_marks(self._clock.now())
            times = [(mark.next, key[2].split("/", 1)[1]) for key, mark in self._marks.items() if mark.next]
            return min(times, default=None)

    def booked(self, group: str) -> list[datetime]:
        """When the one-off schedules of a group fire that have not fired yet, in order."""
        with self._lock:
            self._refresh_marks(self._clock.now())
            records = scheduler._schedules._data
            return sorted(
                mark.next
                for key, mark in self._marks.items()
                if mark.next and key[2].startswith(f"{group}/") and isinstance(_expression(records[key]), Once)
            )

    def ahead(self) -> list[dict[str, Any]]:
        """Every enabled schedule that still fires, the next one first: ``name group at once expression zone target``, its target's ARN.

        For an event bus also the ``detail_type``; ``input`` is what it says, where that is a JSON object, else None.
        """
        with self._lock:
            self._refresh_marks(self._clock.now())
            records = scheduler._schedules._data
            coming = sorted((mark.next, key) for key, mark in self._marks.items() if mark.next)
            return [_told(records[key], moment, key[2].split("/", 1)[0]) for moment, key in coming]

    def first_booked(self) -> datetime | None:
        """When the first one-off that has not fired yet is to, of any group."""
        with self._lock:
            self._refresh_marks(self._clock.now())
            records = scheduler._schedules._data
            booked = (mark.next for key, mark in self._marks.items() if isinstance(_expression(records[key]), Once))
            return min((moment for moment in booked if moment), default=None)

    def overdue(self) -> list[str]:
        upcoming = self.upcoming()
        return [f"schedule {upcoming[1]} is due"] if upcoming and upcoming[0] <= self._clock.now() else []

    def _run(self) -> None:
        while not self._stopped.wait(SWEEP_SECONDS):
            try:
                self.sweep()
            except Exception:
                logger.exception("a sweep over the schedules failed; the next one goes on")

    def _refresh_marks(self, now: datetime, anchor_anew: bool = False) -> None:
        present = dict(_enabled())
        for key in [key for key in self._marks if key not in present]:
            del self._marks[key]
        for key, record in present.items():
            start = _moment(record.get("StartDate"))
            created = now if anchor_anew else _moment(record["CreationDate"]) or now
            made_of = [record["ScheduleExpression"], record["ScheduleExpressionTimezone"], record.get("StartDate")]
            made_of.append(record["CreationDate"])
            mark = self._marks.get(key)
            if mark and mark.made_of == made_of:
                continue
            expression = _expression(record)
            if isinstance(expression, Once):
                self._marks[key] = _Mark(made_of, created, expression.moment)
                continue
            # A changed schedule counts from its change, a new one from its making: AWS does not make up for what lay
            # before.
            anchor = max(start or created, now if mark else created)
            self._marks[key] = _Mark(made_of, anchor, next_after(expression, anchor, anchor))

    def _step_over(self, key: Key, record: dict[str, Any], now: datetime) -> None:
        """Before the firing, so that no failure in it can fire twice."""
        self._has_fired = True
        mark = self._marks[key]
        expression = _expression(record)
        mark.next = None if isinstance(expression, Once) else next_after(expression, now, mark.anchor)
        end = _moment(record.get("EndDate"))
        if mark.next and end and mark.next > end:
            mark.next = None
        if mark.next is None and record.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules._data.pop(key, None)
            self._marks.pop(key, None)
            self._changed("scheduler")

    def _fire(self, key: Key, record: dict[str, Any], moment: datetime) -> None:
        with self._activity.during(f"firing {record['Name']}"):
            try:
                self._deliveries.hand_on(record["Name"], lambda: copy_context().run(self._deliver, key, record, moment))
            except Exception:
                # One target that cannot be reached must not keep the others from firing.
                logger.exception("schedule %s could not be delivered", record["Name"])

    def _deliver(self, key: Key, record: dict[str, Any], moment: datetime) -> None:
        set_request_account_id(key[0])
        set_request_region(key[1])
        cause = f"schedule {record['Name']}"
        trigger.set(cause)
        target = record["Target"]
        payload = _payload(record, moment, key)
        spec = parse_arn(target["Arn"])
        if spec.service == "lambda":
            deliver_to_lambda(self._invokes, target["Arn"], payload, target.get("DeadLetterConfig"), cause)
        elif spec.service == "events":
            parameters = target["EventBridgeParameters"]
            entry = {"Source": parameters["Source"], "DetailType": parameters["DetailType"], "Detail": payload}
            letters = (target.get("DeadLetterConfig") or {}).get("Arn")
            if letters and not reaches(target["Arn"]):
                eventbridge._dispatch_to_sqs(parse_arn(letters), payload)
            else:
                eventbridge._put_events({"Entries": [{**entry, "EventBusName": spec.resource.split("/", 1)[-1]}]})
        elif spec.service == "sqs":
            eventbridge._dispatch_to_sqs(spec, payload, target.get("SqsParameters") or {})
        elif spec.service == "states":
            eventbridge._dispatch_to_stepfunctions(target["Arn"], payload)


def reaches(target_arn: str) -> bool:
    """Whether there is what a schedule is to deliver to: this bus, or this function."""
    spec = parse_arn(target_arn)
    if spec.service == "events":
        return spec.resource.split("/", 1)[-1] in {"default", *eventbridge._event_buses}
    return bool(lambda_svc._get_func_record_for_ref(target_arn)[0])


def _enabled() -> Iterator[tuple[Key, dict[str, Any]]]:
    for key, record in list(scheduler._schedules._data.items()):
        if record.get("State") == "ENABLED":
            yield key, record


def _told(record: dict[str, Any], moment: datetime, group: str) -> dict[str, Any]:
    target = record["Target"]
    try:
        said = json.loads(target.get("Input") or "")
    except ValueError:
        said = None
    return {
        "name": record["Name"],
        "group": group,
        "at": moment.astimezone(UTC).isoformat(),
        "once": isinstance(_expression(record), Once),
        "expression": record["ScheduleExpression"],
        "zone": record["ScheduleExpressionTimezone"],
        "target": target["Arn"],
        "detail_type": (target.get("EventBridgeParameters") or {}).get("DetailType", ""),
        "input": said if isinstance(said, dict) else None,
    }


def _expression(record: dict[str, Any]) -> Any:
    try:
        return parse(record["ScheduleExpression"], record["ScheduleExpressionTimezone"])
    except InvalidExpressionError as error:
        # Only a state folder written by something else can hold one: creation refuses it.
        raise RuntimeError(f"schedule {record['Name']}: {error}") from error


def _moment(value: Any) -> datetime | None:
    """Dates come as epoch seconds from the SDK and as ISO text from CloudFormation."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _payload(record: dict[str, Any], moment: datetime, key: Key) -> str:
    """The target's Input with the context attributes filled in; without an Input, what AWS sends instead."""
    scheduled = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    execution = str(uuid.uuid4())
    text = record["Target"].get("Input")
    if text is None:
        event = {"version": "0", "id": execution, "detail-type": "Scheduled Event", "source": "aws.scheduler"}
        rest = {"account": key[0], "time": scheduled, "region": key[1], "resources": [record["Arn"]], "detail": "{}"}
        return json.dumps({**event, **rest})
    for name, value in {
        "scheduled-time": scheduled,
        "schedule-arn": record["Arn"],
        "execution-id": execution,
        "attempt-number": "1",
    }.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return str(text)
