"""Reads S3 objects, whole or as a stream; S3's errors are translated here."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Doubt, Unreachable
from mesh.uploads import md5_in

_CHUNK_BYTES = 1 << 20
_ABSENT = {"NoSuchKey", "404"}
# A version that has expired, that was never one, or that nobody may read: of no use to anyone.
_NO_VERSION = {"NoSuchVersion", "InvalidArgument", "AccessDenied", "403"}


@dataclass(frozen=True)
class StoredObject:
    """``etag`` is another one for other bytes."""

    data: bytes
    etag: str


@dataclass(frozen=True)
class OpenObject:
    """Not read yet. ``version`` is the one that was opened, its ETag where the bucket keeps no versions; ``mime`` is what it was put as."""

    stream: io.BufferedReader
    version: str
    length_bytes: int
    mime: str = ""


def read_object(client: Any, bucket: str, key: str) -> StoredObject | None:
    """None where there is no such object; Doubt when it cannot be read now."""
    with translated(key):
        answer = _get(client, Bucket=bucket, Key=key)
        return None if answer is None else StoredObject(answer["Body"].read(), str(answer["ETag"]))


@contextmanager
def opened(client: Any, bucket: str, key: str, version: str = "") -> Iterator[OpenObject | None]:
    """For as long as it is read. None where there is no such object, or that version of it is gone; Doubt as above."""
    with translated(key):
        answer = _get(client, Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))
        if answer is None:
            yield None
            return
        found = str(answer.get("VersionId") or answer["ETag"])
        try:
            stream = io.BufferedReader(answer["Body"], _CHUNK_BYTES)
            yield OpenObject(stream, found, int(answer["ContentLength"]), str(answer.get("ContentType", "")))
        finally:
            answer["Body"].close()


@dataclass(frozen=True)
class Described:
    """What is known of an object without reading it. ``mime`` is what whoever put it said it was."""

    etag: str
    mime: str
    size_bytes: int


def described(client: Any, bucket: str, key: str) -> Described | None:
    """None where there is no such object; Doubt when nobody can tell now."""
    with translated(key):
        try:
            answer = client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
    return Described(str(answer["ETag"]), str(answer.get("ContentType") or ""), int(answer["ContentLength"]))


def md5_of(client: Any, bucket: str, key: str, found: Described) -> str:
    """By its ETag where that is one; else it is read, a piece at a time. "" where it is gone meanwhile."""
    if md5 := md5_in(found.etag):
        return md5
    counted = hashlib.md5(usedforsecurity=False)
    with opened(client, bucket, key) as there:
        if there is None:
            return ""
        while chunk := there.stream.read(_CHUNK_BYTES):
            counted.update(chunk)
    return counted.hexdigest()


@contextmanager
def translated(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise Doubt(f"S3 {key}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise Unreachable(f"S3 {key}: {type(error).__name__}") from error


def _get(client: Any, **request: Any) -> Any:
    try:
        return client.get_object(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _ABSENT or ("VersionId" in request and code in _NO_VERSION):
            return None
        raise
