"""One call to AWS that fails: whichever, and in each way that a call can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

KINDS = ("throttled", "conflict", "lost", "late")


def fault(operation: str, kind: str) -> Exception:
    if kind in {"lost", "late"}:
        return ReadTimeoutError(endpoint_url="https://aws.example.test")
    conflicts = kind == "conflict" and operation == "TransactWriteItems"
    code = "TransactionCanceledException" if conflicts else "ThrottlingException"
    return ClientError({"Error": {"Code": code, "Message": "not now"}}, operation)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, at: int, kind: str) -> Iterator[list[str]]:
    """The call of that number (from 0) fails; ``late``: after it took effect. The list has every call's name."""
    original, calls = botocore.client.BaseClient._make_api_call, list[str]()

    def broken(client: Any, operation: str, request: dict[str, Any]) -> Any:
        calls.append(operation)
        if len(calls) - 1 != at:
            return original(client, operation, request)
        if kind == "late":
            original(client, operation, request)
        raise fault(operation, kind)

    with monkeypatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", broken)
        yield calls
