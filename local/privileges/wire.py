"""A call to AWS as it comes over HTTP, back into the service, the operation and the parameters that the SDK was given. Pure.

Only what ``asked`` needs of them. Objects are addressed by path, as the SDK does where the endpoint is an address of numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

Told = tuple[str, str, dict[str, Any]]

_SDK_NAMES = {"ses": "sesv2", "bedrock": "bedrock-runtime"}
_OBJECTS = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_WITH_BODY = {"dynamodb", "events", "secretsmanager", "scheduler", "ses", "bedrock"}


def needs_body(service: str) -> bool:
    return service in _WITH_BODY


def told(
    service: str,
    action: str,
    method: str,
    path: str,
    query: Mapping[str, Sequence[str]],
    headers: Mapping[str, str],
    body: bytes,
) -> Told:
    """``service`` and ``action`` as ``faults.read_call`` has them. ValueError for a body that is no JSON where one is looked into."""
    if service == "s3":
        return _s3(method, path, query, headers)
    call = dict(json.loads(body)) if body and service in _WITH_BODY else {}
    if service == "scheduler":
        call["Name"] = unquote(path.rpartition("/")[2])
        call.setdefault("GroupName", next(iter(query.get("groupName", ())), "default"))
    if service == "bedrock":
        call["modelId"] = unquote(path.split("/")[2])
    return _SDK_NAMES.get(service, service), action, call


def _s3(method: str, path: str, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> Told:
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    if not key:
        listing = {"HEAD": "HeadBucket", "GET": "ListObjectVersions" if "versions" in query else "ListObjectsV2"}
        return "s3", listing.get(method, f"{method} of a bucket"), {"Bucket": bucket}
    call: dict[str, Any] = {"Bucket": bucket, "Key": key}
    if query.get("versionId"):
        call["VersionId"] = query["versionId"][0]
    if "if-match" in headers:
        call["IfMatch"] = headers["if-match"]
    if "x-amz-copy-source" in headers:
        return "s3", "CopyObject", {**call, "CopySource": headers["x-amz-copy-source"]}
    return "s3", _OBJECTS.get(method, method), call
