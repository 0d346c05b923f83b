"""From the claim to the record: publish once, and write down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mesh.errors import Conflict, Doubt
from mesh.events import Send
from mesh.ledger import Head
from networks.model import Account, Confirm, Network, Outcome, Rendition, Result
from sender import decide
from sender.decide import Record, Tried
from sender.ports import Ports

_TRIES = 40  # some fifty seconds: the lease ends first


@dataclass(frozen=True)
class Claimed:
    """An attempt under its lease, with everything a publish needs in memory. ``blobs`` are image bytes by SHA-256, checked.

    ``confirm`` reads the gate once more, for networks where preparing takes its time.
    """

    tried: Tried
    account: Account
    rendition: Rendition
    blobs: Mapping[str, bytes]
    confirm: Confirm


def publish_and_record(
    ports: Ports, event: Send, claimed: Claimed, remaining_seconds: Callable[[], float]
) -> tuple[Outcome, Record]:
    """Doubt when the outcome could not be written before the lease ended: then the head is looked after as unknown."""
    adapter = ports.network(claimed.account.network)
    outcome = _publish(ports, event, adapter, claimed, remaining_seconds)
    record = _record(ports, event, claimed.tried, outcome, adapter)
    if outcome.pause:
        ports.channels.pause(event.channel, outcome.pause, outcome.detail, event.trace_id)
    ports.follow(event, record)
    return outcome, record


def _publish(
    ports: Ports, event: Send, adapter: Network, claimed: Claimed, remaining_seconds: Callable[[], float]
) -> Outcome:
    """Once; and once more with a fresh token where the network refused the old one, so that nothing can have happened."""
    outcome = _ask(ports, adapter, claimed, claimed.account)
    refused = outcome.expired and outcome.result is Result.RETRYABLE
    if not refused or not decide.enough_time(adapter.declared, remaining_seconds()):
        return outcome
    try:
        fresh = ports.channels.refreshed(event.channel, adapter, claimed.account)
    except Exception as error:  # noqa: BLE001 - nothing was posted, and that has to be written down
        return replace(outcome, detail=f"{outcome.detail} It could not be renewed ({type(error).__name__}).")
    return _ask(ports, adapter, claimed, fresh) if fresh else outcome


def _ask(ports: Ports, adapter: Network, claimed: Claimed, account: Account) -> Outcome:
    key = decide.attempt_key(claimed.tried.head, claimed.tried.attempt.key_at)

    def blobs(sha256: str) -> bytes:
        return claimed.blobs[sha256]

    try:
        return adapter.publish(ports.http, account, claimed.rendition, key, blobs, ports.clock(), claimed.confirm)
    except Exception as error:  # noqa: BLE001 - whatever broke, a request may have left
        return Outcome(Result.UNKNOWN, detail=f"The sender stumbled while publishing ({type(error).__name__}).")


def _record(ports: Ports, event: Send, tried: Tried, outcome: Outcome, adapter: Network) -> Record:
    """Tried until it is written or the lease has ended."""
    spread, lease = ports.spread(), decide.moment(tried.head, tried.head.lease_until, "lease")
    before: Head | None = tried.head
    for number in range(_TRIES):
        record = decide.recorded(tried, outcome, adapter.declared, ports.clock(), spread)
        try:
            if before is None:
                before = ports.ledger.head(event.post_id, event.channel)
                written = decide.written(before, tried, record)
                if written or not decide.recordable(before, tried, outcome):
                    break
            assert before is not None
            act = ports.act(event, record.action)
            return replace(record, head=ports.ledger.change_head(before, record.head, act, attempt=record.attempt))
        except (Conflict, Doubt):
            before = None  # it may have been written, or taken for lost by another
            if ports.clock() >= lease:
                break
            ports.wait(min(number, 7))
    if before is not None and decide.written(before, tried, record):
        return replace(record, head=before)  # only the answer had been lost
    raise Doubt("what became of the attempt could not be written down; it will be looked for")
