"""Bookings: one-off schedules that put ``ss.send`` or ``ss.retry`` on the bus at their minute, in UTC.

Deleting a schedule is tidiness, not safety: the sender refuses what is stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from mesh import clock
from mesh.clock import aware
from mesh.errors import MeshError, Throttled, Unreachable
from mesh.events import Retry, Send
from mesh.ledger.items import Booked
from mesh.schedules import TRIES, AlreadyThere, Listed, NotThere, Refused, ScheduleGroup, wait_with_jitter

_NEAR = timedelta(minutes=2)  # a refused time this near has passed by the service's clock, which is the one that counts
_CREATE, _UPDATE = "create_schedule", "update_schedule"


@dataclass(frozen=True)
class BookingSettings:
    group: str
    role_arn: str
    bus_arn: str
    dead_letters_arn: str
    source: str


def booking_name(event: Send) -> str:
    """At most 64 of ``[0-9a-zA-Z-_.]``; says post and channel to a reader, and differs by revision and attempt."""
    identity = f"{event.post_id}#{event.channel}#{event.revision}#{event.attempt}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:20]
    readable = "".join(char if char.isalnum() or char in "-_" else "-" for char in f"{event.post_id}-{event.channel}")
    return f"{readable.encode('ascii', 'replace').decode().replace('?', '-')[:40]}-{event.attempt}-{digest}"[:64]


class Bookings:
    """``wait`` pauses between tries, and is given how many there were.

    Each call may be made twice with one effect. Its answer may be lost, another run may be at the same booking, and the service may ask
    for patience: it is made again, ``TRIES`` times in all, and then Throttled or Unreachable is raised.
    """

    def __init__(self, client: Any, settings: BookingSettings, wait: Callable[[int], None] = wait_with_jitter) -> None:
        self._group = ScheduleGroup(client, settings.group, wait)
        self._settings = settings

    def book(self, event: Send, at: datetime) -> Booked:
        """Create it, or move it where it exists already: the same call twice is one booking. ``at`` is a future whole minute.

        TimePassed where the service no longer takes it, for that minute is over: the caller sends now.

        A create that finds it there was made before (its answer was lost), or has to move it: it is updated to exactly this. An update
        that finds it gone came between: it has fired, and the event on its way is for this very attempt, so that one more finds it
        made; or somebody deleted it, and it is needed. In both it is created again: one booking too many is refused by the sender, one
        too few is a post that is late.
        """
        moment = aware(at).replace(second=0, microsecond=0)
        request = self._request(event, moment)
        operation = _CREATE
        for number in range(TRIES):
            try:
                self._group.call(operation, **request)
            except AlreadyThere:
                if operation == _UPDATE:  # the service is still at another change of it
                    self._group.patience(number, Throttled(f"{operation}: others keep changing it"))
                operation = _UPDATE
            except NotThere as gone:
                if operation == _CREATE:
                    raise MeshError(f"there is no group {self._settings.group} to book in") from gone
                operation = _CREATE
            except (Throttled, Unreachable) as trouble:
                self._group.patience(number, trouble)
            except Refused as refused:
                if moment - clock.now() < _NEAR:
                    raise TimePassed(f"{moment.isoformat()} has passed") from refused
                raise
            else:
                return Booked(name=request["Name"], at=moment.isoformat(), attempt=event.attempt)
        raise Throttled(f"booking {request['Name']}: it came and went {TRIES} times")

    def cancel(self, name: str) -> None:
        """Gone already is cancelled too."""
        self._group.delete(name)

    def listed(self) -> list[Listed]:
        """Every schedule of the group; a call for each hundred."""
        return self._group.listed()

    def event_of(self, name: str) -> Send | None:
        """What the schedule of that name will say; None where it is gone, or is not one of ours."""
        try:
            found = self._group.patiently("get_schedule", Name=name)
        except NotThere:
            return None
        target = found.get("Target") or {}
        said = target.get("EventBridgeParameters") or {}
        if said.get("Source") != self._settings.source:
            return None
        model = {one.detail_type: one for one in (Send, Retry)}.get(str(said.get("DetailType")))
        try:
            event = model.model_validate(json.loads(target.get("Input") or "")) if model is not None else None
        except (ValueError, ValidationError):
            return None
        return event if event is not None and booking_name(event) == name else None

    def _request(self, event: Send, moment: datetime) -> dict[str, Any]:
        return {
            "Name": booking_name(event),
            "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._settings.bus_arn,
                "RoleArn": self._settings.role_arn,
                "EventBridgeParameters": {"Source": self._settings.source, "DetailType": event.detail_type},
                "Input": json.dumps(event.model_dump(mode="json")),
                "RetryPolicy": {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 10},
                "DeadLetterConfig": {"Arn": self._settings.dead_letters_arn},
            },
        }


class TimePassed(MeshError):
    """The minute is over: what was to be booked is to be said now."""
