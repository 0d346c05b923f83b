"""Puts events on the bus: ten at a time, lists split below 256 KB, raising when any was refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from mesh import log
from mesh.errors import BusError
from mesh.events import Detail

_ENTRIES_PER_CALL = 10  # PutEvents' limit
_CALL_LIMIT_BYTES = 256 * 1024  # PutEvents' limit for all entries of a call together, names included
_DETAIL_LIMIT_BYTES = 200_000


class Bus:
    """``source`` is the stack's prefix: another stack's rules never match it. ``told`` gets a line for each event."""

    def __init__(self, client: Any, source: str, told: Logger | None = None) -> None:
        self._client = client
        self.source = source
        self._told = told

    def put(self, details: Iterable[Detail]) -> int:
        """How many entries went out. BusError when any was refused: what is not handled is raised."""
        parts = [part for detail in details for part in _parts(detail)]
        if self._told is not None:  # before, so that it stands before what the event sets off
            for part in parts:
                log.line(self._told, "emits", move=part.detail_type, **log.about(part))
        failed = [code for call in _calls([self._entry(part) for part in parts]) for code in self._put(call)]
        if failed:
            raise BusError(len(failed), failed)
        return len(parts)

    def _put(self, entries: list[dict[str, str]]) -> list[str]:
        """One call; a code for each entry that was not taken."""
        try:
            answer = self._client.put_events(Entries=entries)
        except ClientError as error:
            return [error.response["Error"]["Code"]] * len(entries)
        except BotoCoreError as error:
            return [type(error).__name__] * len(entries)
        return [str(entry["ErrorCode"]) for entry in answer["Entries"] if entry.get("ErrorCode")]

    def _entry(self, detail: Detail) -> dict[str, str]:
        return {"Source": self.source, "DetailType": detail.detail_type, "Detail": detail.model_dump_json()}


def _calls(entries: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """The entries in their order, as many to a call as it takes."""
    call: list[dict[str, str]] = []
    size_bytes = 0
    for entry in entries:
        entry_bytes = sum(len(value.encode()) for value in entry.values())
        if call and (len(call) == _ENTRIES_PER_CALL or size_bytes + entry_bytes >= _CALL_LIMIT_BYTES):
            yield call
            call, size_bytes = [], 0
        call.append(entry)
        size_bytes += entry_bytes
    if call:
        yield call


def _parts(detail: Detail) -> Iterator[Detail]:
    """The detail whole, or in halves until each fits. What is no news gives nothing."""
    field = detail.splittable
    items = getattr(detail, field) if field else None
    if not detail.is_news:
        return
    if not items or len(items) == 1 or len(detail.model_dump_json().encode()) <= _DETAIL_LIMIT_BYTES:
        yield detail
        return
    middle = len(items) // 2
    yield from _parts(detail.model_copy(update={field: items[:middle]}))
    yield from _parts(detail.model_copy(update={field: items[middle:]}))
