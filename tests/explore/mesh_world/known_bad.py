"""Protocols that others use and that do not hold: each is put into the real code, and the explorer has to find out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from exploring.engine import Bound

import drive_sync.writing
import sender.decide
import sender.gate
import sender.publish
import sender.send
from mesh.ledger import HeadState, Ledger
from mesh_world.scenarios import ONE_FAULT, TWO_AND_ONE
from networks.model import Presence, Result
from sender.decide import AfterLook, Next, Record, Step, Tried


@dataclass(frozen=True)
class KnownBad:
    """``scenarios`` are the races in which it shows, within ``bound``."""

    name: str
    changes: Callable[[], list[tuple[Any, str, Any]]]
    scenarios: tuple[str, ...]
    bound: Bound = ONE_FAULT


@contextmanager
def in_place(bad: KnownBad) -> Iterator[None]:
    with ExitStack() as stack:
        for target, name, value in bad.changes():
            stack.enter_context(patch.object(target, name, value))
        yield


def _no_claim() -> list[tuple[Any, str, Any]]:
    """The head is looked at, and nobody else is told."""

    def claim(ports: Any, event: Any, post: Any, *, prepares: bool) -> Tried:
        opened, attempt = sender.decide.claimed(post.head, event, ports.clock(), (), prepares=prepares)
        return Tried(opened, attempt, (), repeats_unknown=False)

    return [(sender.send, "_claim", claim)]


def _deleted_on_error() -> list[tuple[Any, str, Any]]:
    """What guards against a repetition is taken away when the function fails: the next delivery starts from nothing."""
    recorded = sender.decide.recorded

    def deleting(tried: Tried, outcome: Any, *rest: Any) -> Record:
        record = recorded(tried, outcome, *rest)
        if outcome.result is not Result.UNKNOWN:
            return record
        ready = record.head.model_copy(update={"state": HeadState.READY, "next_at": None})
        return replace(record, head=ready)

    return [(sender.decide, "recorded", deleting)]


def _retry_on_timeout() -> list[tuple[Any, str, Any]]:
    recorded = sender.decide.recorded

    def hopeful(tried: Tried, outcome: Any, *rest: Any) -> Record:
        if outcome.result is Result.UNKNOWN:
            outcome = replace(outcome, result=Result.RETRYABLE)
        return recorded(tried, outcome, *rest)

    return [(sender.decide, "recorded", hopeful)]


def _absent_means_retry() -> list[tuple[Any, str, Any]]:
    def after(finding: Any, *_: Any) -> AfterLook:
        return AfterLook.SENT if finding.presence is Presence.PRESENT else AfterLook.REPEAT

    return [(sender.decide, "after_look", after)]


def _flag_alone() -> list[tuple[Any, str, Any]]:
    """Ticked in the sheet is good enough."""

    def no_checks(self: Ledger, status: Any, channel: str) -> list[Any]:
        return []

    return [
        (sender.send, "approved_and_free", lambda *_: sender.gate.OPEN),
        (sender.gate, "unedited", lambda *_: sender.gate.OPEN),
        (Ledger, "claim_checks", no_checks),
    ]


def _restore_writes_true() -> list[tuple[Any, str, Any]]:
    """A misplaced write is undone by putting a tick there again."""

    def undone(write: Any) -> Any:
        cells = {name: True if name == "approved" else "" for name in write.cells}
        return replace(write, cells=cells, step=drive_sync.writing.FlagStep.NONE)

    return [(drive_sync.writing, "undone", undone)]


def _expired_lease_sends() -> list[tuple[Any, str, Any]]:
    next_step = sender.decide.next_step

    def again(event: Any, status: Any, head: Any, now: Any) -> Next:
        following = next_step(event, status, head, now)
        return Next(Step.SEND, "the lease is over") if following.step is Step.EXPIRE else following

    return [(sender.decide, "next_step", again)]


def _container_not_noted() -> list[tuple[Any, str, Any]]:
    """It is published before anybody could know of it again: after a crash there is another one."""
    return [(sender.publish._Notes, "keep", lambda *_: True)]


def _leaving_not_noted() -> list[tuple[Any, str, Any]]:
    """Found lost without a note it is taken for one that never left, and nobody noted it."""
    return [(sender.publish, "_noting", lambda confirm, notes: confirm)]


KNOWN_BAD: tuple[KnownBad, ...] = (
    KnownBad("no claim", _no_claim, ("two deliveries, a network without keys",)),
    KnownBad("an idempotency record deleted on error", _deleted_on_error, ("two deliveries, a network without keys",)),
    KnownBad("retry on timeout", _retry_on_timeout, ("two deliveries, a network without keys",)),
    KnownBad("absent means retry", _absent_means_retry, ("a sweep racing a slow send, a network without keys",)),
    KnownBad("the flag alone as gate", _flag_alone, ("send racing a hold", "send racing an edit")),
    KnownBad("restore writes TRUE", _restore_writes_true, ("sorted between read and write",), TWO_AND_ONE),
    KnownBad("a container that nobody noted", _container_not_noted, ("two deliveries over the wire of threads",)),
    KnownBad("a post that leaves unnoted", _leaving_not_noted, ("two deliveries of a picture over the wire of x",)),
    KnownBad("lease expiry sends again", _expired_lease_sends, ("a sweep racing a slow send, a network without keys",)),
)
