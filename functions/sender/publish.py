"""From the claim to the record: publish once, note what must survive a crash, and write down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mesh.errors import Conflict, Doubt
from mesh.events import Send
from mesh.ledger import Head
from mesh.packages import Packages
from networks.model import Account, Confirm, Network, Outcome, Pause, Rendition, Result
from sender import decide
from sender.decide import Record, Tried
from sender.ports import Ports

_TRIES = 40  # some fifty seconds: the lease ends first
_NOTE_TRIES = 5
_LOOK = "Please look at the post there: change or delete it there if it is not to stay so."


@dataclass(frozen=True)
class Uploads:
    """The images of one rendition: their bytes in memory, checked, and the address of each. A ``networks.model.Blobs``."""

    packages: Packages
    post_id: str
    revision: str
    content: Mapping[str, bytes]
    mimes: Mapping[str, str]

    def __call__(self, sha256: str) -> bytes:
        return self.content[sha256]

    def address(self, sha256: str) -> str:
        return self.packages.address(self.post_id, self.revision, sha256, self.mimes[sha256])


@dataclass(frozen=True)
class Claimed:
    """An attempt under its lease, with everything a publish needs in memory.

    ``confirm`` reads the gate once more, for networks where preparing takes its time.
    """

    tried: Tried
    account: Account
    rendition: Rendition
    blobs: Uploads
    confirm: Confirm


class _Notes:
    """``networks.model.Notes``, kept in the attempt under its lease. ``tried`` is the attempt as it lies in the table by now."""

    def __init__(self, ports: Ports, event: Send, tried: Tried) -> None:
        self._ports, self._event = ports, event
        self.tried = tried

    @property
    def kept(self) -> Mapping[str, str]:
        return decide.kept([*self.tried.earlier, self.tried.attempt], self.tried.head.revision)

    def keep(self, name: str, value: str) -> bool:
        ledger, attempt = self._ports.ledger, self.tried.attempt
        noted = attempt.model_copy(update={"receipt": {**attempt.receipt, name: value}})
        for number in range(_NOTE_TRIES):
            act = self._ports.act(self._event, "noted")
            try:
                head = ledger.change_head(self.tried.head, self.tried.head, act, attempt=noted)
            except (Conflict, Doubt):
                self._ports.wait(number)
                continue
            self.tried = replace(self.tried, head=head, attempt=noted)
            return True
        return False


def publish_and_record(
    ports: Ports, event: Send, claimed: Claimed, remaining_seconds: Callable[[], float]
) -> tuple[Outcome, Record]:
    """Doubt when the outcome could not be written before the lease ended: then the head is looked after as unknown."""
    adapter = ports.network(claimed.account.network)
    notes = _Notes(ports, event, claimed.tried)
    outcome = _publish(ports, event, adapter, claimed, notes, remaining_seconds)
    record, read = ports.together(
        [
            lambda: _record(ports, event, notes.tried, outcome, adapter),
            lambda: ports.status_now(event.post_id),
        ]
    )
    if outcome.result is Result.UNKNOWN:
        ports.note_unknown()
    if outcome.pause:
        ports.channels.pause(event.channel, outcome.pause, outcome.detail, event.trace_id)
    elif outcome.result is Result.OK and outcome.detail:
        ports.trouble(event, f"otherwise#{record.head.post_channel}", f"{outcome.detail} {_LOOK}")
    ports.follow(event, record, read)
    return outcome, record


def _publish(
    ports: Ports,
    event: Send,
    adapter: Network,
    claimed: Claimed,
    notes: _Notes,
    remaining_seconds: Callable[[], float],
) -> Outcome:
    """Once; and once more with a fresh token where the network refused the old one, so that nothing can have happened."""
    outcome = _ask(ports, adapter, claimed, claimed.account, notes)
    refused = outcome.expired and outcome.result is Result.RETRYABLE
    if not refused or not decide.enough_time(adapter.declared, remaining_seconds()):
        return outcome
    try:
        fresh = ports.channels.refreshed(event.channel, adapter, claimed.account)
    except Exception as error:  # noqa: BLE001 - nothing was posted, and that has to be written down
        detail = f"{adapter.declared.label}'s sign-in has run out, and it could not be renewed just now."
        return replace(outcome, detail=detail, kind=type(error).__name__, pause=Pause.NONE)
    if (
        fresh is None
    ):  # there is none to be had: until a human or a probe mends it, every further try would end the same
        detail = (
            outcome.detail if outcome.pause else f"{outcome.detail} It could not be renewed: connect the channel again."
        )
        return replace(outcome, detail=detail, pause=outcome.pause or Pause.REAUTHORISE)
    return _ask(ports, adapter, claimed, fresh, notes)


def _ask(ports: Ports, adapter: Network, claimed: Claimed, account: Account, notes: _Notes) -> Outcome:
    key = decide.attempt_key(claimed.tried.head, claimed.tried.attempt.key_at)
    rendition, blobs = claimed.rendition, claimed.blobs
    confirm = _noting(claimed.confirm, notes) if claimed.tried.attempt.prepares else claimed.confirm
    try:
        return adapter.publish(ports.http, account, rendition, key, blobs, ports.clock(), confirm, notes)
    except Exception as error:  # noqa: BLE001 - whatever broke, a request may have left
        detail = "Something broke on the scheduler's side while it was being posted."
        return Outcome(Result.UNKNOWN, detail=detail, kind=type(error).__name__)


def _noting(confirm: Confirm, notes: _Notes) -> Confirm:
    """The gate once more, and a note that the post goes out now: what is found lost without one never left (docs/decisions/0024)."""

    def confirmed() -> str:
        why = confirm()
        if why or notes.keep(decide.CONFIRMED, "yes"):
            return why
        return "it could not be noted that it was about to go out"

    return confirmed


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
