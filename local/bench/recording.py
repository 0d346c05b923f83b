"""Every AWS call and every HTTP request that was made meanwhile, and how many of them waited for one another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.client import BaseClient

from local.bench.figure import Figure

_REMOTE_SECONDS = 0.03  # each call is held for so long, or one would be over before another beside it has begun


@dataclass(frozen=True)
class Call:
    """One AWS call or HTTP request; ``began`` and ``ended`` in seconds of one clock."""

    name: str
    began: float
    ended: float


def rounds(what: str, calls: Sequence[Call], aim: float | None) -> Figure:
    """How many of the calls waited for one another, and which."""
    found = waves(calls)
    return Figure(f"sequential remote calls of {what}", len(found), "calls", aim=aim, detail=", ".join(found))


def waves(calls: Sequence[Call]) -> list[str]:
    """The longest chain of calls of which each began after the one before had ended; what ran side by side is joined by "+"."""
    found: list[list[Call]] = []
    for call in sorted(calls, key=lambda one: one.began):
        if not found or call.began >= min(one.ended for one in found[-1]):
            found.append([])
        found[-1].append(call)
    return [" + ".join(sorted(call.name for call in wave)) for wave in found]


@contextmanager
def recording() -> Iterator[list[Call]]:
    """Every AWS call and every HTTP request made meanwhile."""
    calls: list[Call] = []
    aws, http = BaseClient._make_api_call, httpx.Client.send

    def timed_call(name: str, call: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        time.sleep(_REMOTE_SECONDS)
        try:
            return call()
        finally:
            calls.append(Call(name, began, time.perf_counter()))

    def named_aws(client: Any, operation: str, request: Any) -> Any:
        name = f"{client.meta.service_model.service_name}.{operation} {_upon(request)}".rstrip()
        return timed_call(name, lambda: aws(client, operation, request))

    def named_http(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        name = f"{request.method} {'/'.join(request.url.path.split('/')[-2:])}"
        return timed_call(name, lambda: http(client, request, **options))  # type: ignore[no-any-return]

    BaseClient._make_api_call = named_aws
    httpx.Client.send = named_http  # type: ignore[method-assign,assignment]
    try:
        yield calls
    finally:
        BaseClient._make_api_call = aws
        httpx.Client.send = http  # type: ignore[method-assign]


def _upon(request: Mapping[str, Any]) -> str:
    """The tables of a request to DynamoDB, an object's own name, a secret's; "" where none is named."""
    parts = [part for item in request.get("TransactItems", ()) for part in item.values()]
    tables = {part["TableName"] for part in (request, *parts) if "TableName" in part} | {
        *request.get("RequestItems", ())
    }
    named = str(request.get("Key", "")).rpartition("/")[2] if "Bucket" in request else request.get("SecretId", "")
    return ",".join(sorted(tables)) or str(named)
