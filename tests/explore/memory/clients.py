"""S3, EventBridge, Scheduler, Secrets Manager and SES in memory: the operations this project calls, with AWS's own errors."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError


def refused(operation: str, code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


Stored = tuple[bytes, str, dict[str, Any]]  # content, ETag, and what was said of it


class MemoryObjects:
    """S3: whole objects in buckets that keep every version. Same bytes, same version, so that worlds that are alike are equal."""

    def __init__(self, buckets: Iterable[str]) -> None:
        self._buckets: dict[str, dict[str, Stored]] = {bucket: {} for bucket in buckets}
        self._versions: dict[tuple[str, str, str], Stored] = {}
        self._print = 0

    def add_bucket(self, name: str) -> None:
        self._buckets.setdefault(name, {})

    def fingerprint(self) -> int:
        return self._print

    def copy(self) -> MemoryObjects:
        twin = MemoryObjects(())
        twin._buckets = {bucket: dict(objects) for bucket, objects in self._buckets.items()}
        twin._versions = dict(self._versions)
        twin._print = self._print
        return twin

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803 - AWS's names
        objects = self._bucket("GetObject", Bucket)
        if VersionId and (Bucket, Key, VersionId) not in self._versions:
            raise refused("GetObject", "NoSuchVersion")
        if Key not in objects:
            raise refused("GetObject", "NoSuchKey")
        data, etag, described = self._versions[Bucket, Key, VersionId] if VersionId else objects[Key]
        told = {"ETag": etag, "VersionId": etag, "ContentLength": len(data), "Metadata": {}, **described}
        return {"Body": io.BytesIO(data), **told}

    def generate_presigned_url(self, operation: str, *, Params: dict[str, str], ExpiresIn: int) -> str:  # noqa: N803
        """Made without a call, and nobody fetches it here."""
        return f"https://objects.memory.test/{Params['Bucket']}/{Params['Key']}?for={ExpiresIn}"

    def get_paginator(self, operation: str) -> _Listing:
        assert operation == "list_objects_v2"
        return _Listing(self._buckets)

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: Any,  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
        **described: Any,
    ) -> dict[str, Any]:
        """``described`` is ContentType and Metadata: given back as they are."""
        Body = Body if isinstance(Body, bytes) else Body.read()  # noqa: N806 - a file, as boto3 takes it too
        objects = self._bucket("PutObject", Bucket)
        if IfNoneMatch and Key in objects:
            raise refused("PutObject", "PreconditionFailed")
        etag = f'"{hashlib.md5(Body, usedforsecurity=False).hexdigest()}"'
        if Key in objects:
            self._print ^= hash((Bucket, Key, objects[Key][1]))
        objects[Key] = self._versions[Bucket, Key, etag] = (bytes(Body), etag, described)
        self._print ^= hash((Bucket, Key, etag))
        return {"ETag": etag, "VersionId": etag}

    def _bucket(self, operation: str, bucket: str) -> dict[str, Stored]:
        if bucket not in self._buckets:
            raise refused(operation, "NoSuchBucket")
        return self._buckets[bucket]


class _Listing:
    """One page of everything under a prefix."""

    def __init__(self, buckets: dict[str, dict[str, Stored]]) -> None:
        self._buckets = buckets

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Contents": [{"Key": key} for key in self._buckets[Bucket] if key.startswith(Prefix)]}]


class MemoryBus:
    """EventBridge: ``entries`` are what was put and not taken off yet; in what order says nothing."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []

    def fingerprint(self) -> int:
        return hash(tuple(sorted(repr(sorted(entry.items())) for entry in self.entries)))

    def copy(self) -> MemoryBus:
        twin = MemoryBus()
        twin.entries = list(self.entries)
        return twin

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        size_bytes = sum(len(value.encode()) for entry in Entries for value in entry.values())
        if not 0 < len(Entries) <= 10 or size_bytes >= 256 * 1024:
            raise refused("PutEvents", "ValidationException")
        self.entries += [dict(entry) for entry in Entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(number)} for number in range(len(Entries))]}


_NAME = re.compile(r"[0-9a-zA-Z-_.]{1,64}")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


class MemorySchedules:
    """EventBridge Scheduler: one-off schedules in UTC."""

    def __init__(self, groups: Iterable[str], clock: Callable[[], datetime]) -> None:
        self._groups = set(groups)
        self._clock = clock
        self._schedules: dict[tuple[str, str], dict[str, Any]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}

    def fingerprint(self) -> int:
        return hash(
            tuple(sorted((key, repr(sorted(value.items(), key=str))) for key, value in self._schedules.items()))
        )

    def copy(self, clock: Callable[[], datetime]) -> MemorySchedules:
        twin = MemorySchedules(self._groups, clock)
        twin._schedules = dict(self._schedules)
        twin._tokens = dict(self._tokens)
        return twin

    def create_schedule(self, *, ClientToken: str = "", **request: Any) -> dict[str, Any]:  # noqa: N803
        key = self._checked("CreateSchedule", request)
        if ClientToken and ClientToken in self._tokens:
            if self._tokens[ClientToken] == request:
                return {"ScheduleArn": f"arn:aws:scheduler:::schedule/{key[0]}/{key[1]}"}
            raise refused("CreateSchedule", "ConflictException")
        if key in self._schedules:
            raise refused("CreateSchedule", "ConflictException")
        if ClientToken:
            self._tokens[ClientToken] = dict(request)
        self._schedules[key] = dict(request)
        return {"ScheduleArn": f"arn:aws:scheduler:::schedule/{key[0]}/{key[1]}"}

    def update_schedule(self, **request: Any) -> dict[str, Any]:
        key = self._checked("UpdateSchedule", request)
        if key not in self._schedules:
            raise refused("UpdateSchedule", "ResourceNotFoundException")
        self._schedules[key] = dict(request)
        return {"ScheduleArn": f"arn:aws:scheduler:::schedule/{key[0]}/{key[1]}"}

    def delete_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:  # noqa: N803
        if (GroupName, Name) not in self._schedules:
            raise refused("DeleteSchedule", "ResourceNotFoundException")
        del self._schedules[GroupName, Name]
        return {}

    def get_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:  # noqa: N803
        if (GroupName, Name) not in self._schedules:
            raise refused("GetSchedule", "ResourceNotFoundException")
        return dict(self._schedules[GroupName, Name])

    def list_schedules(self, *, GroupName: str, MaxResults: int = 100, NextToken: str = "") -> dict[str, Any]:  # noqa: N803
        """In the order of the names; the token is the last one seen."""
        if not 1 <= MaxResults <= 100:
            raise refused("ListSchedules", "ValidationException")
        if GroupName not in self._groups:
            raise refused("ListSchedules", "ResourceNotFoundException")
        names = sorted(name for group, name in self._schedules if group == GroupName and name > NextToken)
        page: dict[str, Any] = {"Schedules": [{"GroupName": GroupName, "Name": name} for name in names[:MaxResults]]}
        return page | ({"NextToken": names[MaxResults - 1]} if len(names) > MaxResults else {})

    def due(self) -> list[dict[str, Any]]:
        """Takes off and gives back what is to fire by now, first to last."""
        now = self._clock()
        found = sorted(
            (at, key) for key, one in self._schedules.items() if (at := _moment(one["ScheduleExpression"])) <= now
        )
        return [self._schedules.pop(key) for _, key in found]

    def times(self) -> list[datetime]:
        return sorted(_moment(one["ScheduleExpression"]) for one in self._schedules.values())

    def _checked(self, operation: str, request: dict[str, Any]) -> tuple[str, str]:
        name, group = str(request["Name"]), str(request["GroupName"])
        if not _NAME.fullmatch(name) or not _AT.fullmatch(str(request["ScheduleExpression"])):
            raise refused(operation, "ValidationException")
        if group not in self._groups:
            raise refused(operation, "ResourceNotFoundException")
        if _moment(request["ScheduleExpression"]) <= self._clock():
            raise refused(operation, "ValidationException", "the time has passed")
        return group, name


def _moment(expression: str) -> datetime:
    found = _AT.fullmatch(expression)
    assert found is not None
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)


class MemorySecrets:
    """Secrets Manager: the current value of each, and the one before."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, ...]] = {}

    def fingerprint(self) -> int:
        return hash(tuple(sorted(self._values.items())))

    def copy(self) -> MemorySecrets:
        twin = MemorySecrets()
        twin._values = dict(self._values)
        return twin

    def create_secret(self, *, Name: str, SecretString: str) -> dict[str, Any]:  # noqa: N803
        if Name in self._values:
            raise refused("CreateSecret", "ResourceExistsException")
        self._values[Name] = (SecretString,)
        return {"Name": Name}

    def get_secret_value(self, *, SecretId: str, VersionStage: str = "AWSCURRENT") -> dict[str, Any]:  # noqa: N803
        values = self._values.get(SecretId, ())
        place = {"AWSCURRENT": -1, "AWSPREVIOUS": -2}.get(VersionStage)
        if place is None or len(values) < -place:
            raise refused("GetSecretValue", "ResourceNotFoundException")
        return {"Name": SecretId, "SecretString": values[place], "VersionStages": [VersionStage]}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:  # noqa: N803
        if SecretId not in self._values:
            raise refused("PutSecretValue", "ResourceNotFoundException")
        self._values[SecretId] = (*self._values[SecretId], SecretString)[-2:]
        return {"Name": SecretId, "VersionStages": ["AWSCURRENT"]}


class MemoryMail:
    """SES: ``sent`` are recipient and raw message. Addresses in ``refuses`` are not accepted."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.refuses: set[str] = set()

    def fingerprint(self) -> int:
        return hash(tuple(sorted(to for to, _ in self.sent)))

    def copy(self) -> MemoryMail:
        twin = MemoryMail()
        twin.sent = list(self.sent)
        twin.refuses = set(self.refuses)
        return twin

    def send_email(self, **request: Any) -> dict[str, Any]:
        (to,) = request["Destination"]["ToAddresses"]
        if to in self.refuses:
            raise refused("SendEmail", "MessageRejected")
        self.sent.append((to, request["Content"]["Raw"]["Data"]))
        return {"MessageId": str(len(self.sent))}
