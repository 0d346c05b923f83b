"""Reads one S3 object whole; S3's errors are translated here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Doubt, Unreachable


@dataclass(frozen=True)
class StoredObject:
    """``etag`` is another one for other bytes."""

    data: bytes
    etag: str


def read_object(client: Any, bucket: str, key: str) -> StoredObject | None:
    """None where there is no such object; Doubt when it cannot be read now."""
    try:
        answer = client.get_object(Bucket=bucket, Key=key)
        return StoredObject(answer["Body"].read(), str(answer["ETag"]))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"NoSuchKey", "404"}:
            return None
        raise Doubt(f"S3 {key}: {code}") from error
    except BotoCoreError as error:
        raise Unreachable(f"S3 {key}: {type(error).__name__}") from error
