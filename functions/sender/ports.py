"""Everything that can change under the sender's hands, and the few things both of its halves say and write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx

from mesh import figures
from mesh.bus import Bus
from mesh.errors import MeshError
from mesh.events import Send, Trouble
from mesh.ledger import Act, Head, Ledger, Runtime, Status
from mesh.packages import Packages
from mesh.side_by_side import Together, in_threads
from networks.model import Network
from sender.channels import Channels
from sender.decide import Record
from sender.edges import Surroundings


@dataclass(frozen=True)
class Ports:
    """``http`` talks to the networks, ``network`` gives their adapters. ``spread`` gives 0 to 1, ``sleep`` takes seconds."""

    ledger: Ledger
    runtime: Runtime
    packages: Packages
    bus: Bus
    surroundings: Surroundings
    channels: Channels
    http: httpx.Client
    network: Callable[[str], Network]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    spread: Callable[[], float]
    together: Together = in_threads

    def act(self, event: Send, action: str) -> Act:
        return Act(action, by="sender", at=self.clock(), trace_id=event.trace_id)

    def write(self, event: Send, head: Head, record: Record) -> None:
        """A record that follows no publish: Conflict leads to the gate again."""
        self.ledger.change_head(head, record.head, self.act(event, record.action), attempt=record.attempt)
        self.follow(event, record)

    def status_now(self, post_id: str) -> Mapping[str, Status] | None:
        """The post by its id, for the ``follow`` of a record that is written meanwhile; None where it cannot be read now."""
        try:
            return self.ledger.statuses([post_id])
        except MeshError:
            return None

    def follow(self, event: Send, record: Record, read: Mapping[str, Status] | None = None) -> None:
        """Derived state, then the events; a hot post's state must not keep back the news. ``read`` as of ``Ledger.derive``."""
        try:
            self.ledger.derive(event.post_id, self.act(event, "derived"), read)
        finally:
            self.bus.put(record.events)

    def trouble(self, event: Send, cause: str, message: str) -> None:
        """Said at least once, and not with every look."""
        self.say(Trouble(cause=cause, message=message, post_ids=[event.post_id], trace_id=event.trace_id))

    def say(self, trouble: Trouble) -> None:
        """Once for each cause, as ``trouble``."""
        self.channels.say(trouble)

    def note_unknown(self) -> None:
        """For whoever operates it: a try ended of which nobody knows whether it went out."""
        figures.put(self.bus.source, "sender", {"UnknownOutcome": 1})

    def wait(self, number: int) -> None:
        """Between tries: some milliseconds, doubling, spread."""
        self.sleep((0.01 + 0.02 * self.spread()) * 2**number)
