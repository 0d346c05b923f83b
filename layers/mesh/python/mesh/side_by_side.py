"""Calls that need nothing of each other, made at the same time. The one place where a function starts threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

AT_ONCE = 8  # with the caller's own below the ten connections that a boto3 client keeps open


class Together(Protocol):
    """Makes every call, waits for all, and gives their results in order; then raises what the first that failed raised."""

    def __call__(self, calls: Sequence[Callable[[], Any]]) -> list[Any]: ...


def in_threads(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The first in the caller's own thread, the others ``AT_ONCE`` at a time: boto3's clients may be shared between threads."""
    if len(calls) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(max_workers=min(len(calls) - 1, AT_ONCE)) as pool:
        waiting = [pool.submit(call) for call in calls[1:]]
        first = calls[0]()
    return [first, *(one.result() for one in waiting)]


def one_by_one(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The same in the caller's thread, one after the other, all of them."""
    results: list[Any] = []
    trouble: Exception | None = None
    for call in calls:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - raised below, after the others had their turn
            trouble = trouble or error
    if trouble is not None:
        raise trouble
    return results
