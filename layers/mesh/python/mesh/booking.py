"""Bookings: one-off schedules that put ``ss.send`` or ``ss.retry`` on the bus at their minute, in UTC.

Deleting a schedule is tidiness, not safety: the sender refuses what is stale.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.clock import aware
from mesh.errors import MeshError, Throttled, Unreachable
from mesh.events import Send
from mesh.ledger.items import Booked


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
    def __init__(self, client: Any, settings: BookingSettings) -> None:
        self._client = client
        self._settings = settings

    def book(self, event: Send, at: datetime) -> Booked:
        """Create it, or move it where it exists already: the same call twice is one booking. ``at`` is a future whole minute."""
        moment = aware(at).replace(second=0, microsecond=0)
        name = booking_name(event)
        request = {
            "Name": name,
            "GroupName": self._settings.group,
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
        try:
            self._call("create_schedule", **request)
        except AlreadyBooked:
            self._call("update_schedule", **request)
        return Booked(name=name, at=moment.isoformat(), attempt=event.attempt)

    def cancel(self, name: str) -> None:
        """Gone already is cancelled too."""
        try:
            self._call("delete_schedule", Name=name, GroupName=self._settings.group)
        except NotBooked:
            return

    def _call(self, operation: str, **request: Any) -> None:
        try:
            getattr(self._client, operation)(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConflictException":
                raise AlreadyBooked(operation) from error
            if code == "ResourceNotFoundException":
                raise NotBooked(operation) from error
            if code in {"ThrottlingException", "InternalServerException"}:
                raise Throttled(f"{operation}: {code}") from error
            raise MeshError(f"{operation}: {code}: {error.response['Error'].get('Message', '')}") from error
        except BotoCoreError as error:
            raise Unreachable(f"{operation}: {type(error).__name__}") from error


class AlreadyBooked(MeshError):
    """A schedule of that name is there."""


class NotBooked(MeshError):
    """No schedule of that name is there."""
