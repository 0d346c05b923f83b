"""A group of EventBridge Scheduler: calls that may be lost, refused for haste or overtaken, made until they are through; its errors
translated once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.clock import aware
from mesh.errors import MeshError, Throttled, Unreachable

TRIES = 4  # of one call: so many answers may be lost, refused for haste, or overtaken by another run
_PAGE = 100  # ListSchedules' limit


@dataclass(frozen=True)
class Listed:
    """A schedule as the group's list tells it. ``made_at``: when it was made or moved last; None where the list does not say."""

    name: str
    made_at: datetime | None = None


def wait_with_jitter(number: int) -> None:
    """Between two tries: a tenth to a third of a second, doubling, spread."""
    time.sleep(random.uniform(0.1, 0.3) * 2**number)


class ScheduleGroup:
    """``wait`` pauses between tries, and is given how many there were. After ``TRIES`` of them Throttled or Unreachable is raised."""

    def __init__(self, client: Any, name: str, wait: Callable[[int], None] = wait_with_jitter) -> None:
        self._client = client
        self.name = name
        self._wait = wait

    def call(self, operation: str, **request: Any) -> Any:
        """Once. AlreadyThere, NotThere, Refused, Throttled, Unreachable; MeshError for any other refusal."""
        try:
            return getattr(self._client, operation)(GroupName=self.name, **request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConflictException":
                raise AlreadyThere(operation) from error
            if code == "ResourceNotFoundException":
                raise NotThere(operation) from error
            if code in {"ThrottlingException", "InternalServerException"}:
                raise Throttled(f"{operation}: {code}") from error
            message = f"{operation}: {code}: {error.response['Error'].get('Message', '')}"
            raise (Refused if code == "ValidationException" else MeshError)(message) from error
        except BotoCoreError as error:
            raise Unreachable(f"{operation}: {type(error).__name__}") from error

    def patiently(self, operation: str, **request: Any) -> Any:
        for number in range(TRIES):
            try:
                return self.call(operation, **request)
            except (Throttled, Unreachable) as trouble:
                self.patience(number, trouble)
        raise AssertionError("unreachable")

    def patience(self, number: int, trouble: MeshError) -> None:
        """Waits before the next try; raises ``trouble`` where this was the last."""
        if number == TRIES - 1:
            raise trouble
        self._wait(number)

    def delete(self, name: str) -> None:
        """Gone already is deleted too: it fired, or the answer of the call before was lost."""
        for number in range(TRIES):
            try:
                self.call("delete_schedule", Name=name)
            except NotThere:
                return
            except AlreadyThere:  # the service is still at another change of it
                self.patience(number, Throttled(f"delete_schedule: others keep changing {name}"))
            except (Throttled, Unreachable) as trouble:
                self.patience(number, trouble)
            else:
                return

    def listed(self) -> list[Listed]:
        """Every schedule of the group; a call for each hundred."""
        found: list[Listed] = []
        more: dict[str, str] = {}
        while True:
            answer = self.patiently("list_schedules", MaxResults=_PAGE, **more)
            for one in answer["Schedules"]:
                made_at = one.get("LastModificationDate") or one.get("CreationDate")
                found.append(Listed(str(one["Name"]), aware(made_at) if made_at else None))
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}


class AlreadyThere(MeshError):
    """A schedule of that name is there, or the service is still at another change of it."""


class NotThere(MeshError):
    """No schedule of that name is there."""


class Refused(MeshError):
    """The service does not take the request as it is."""
