"""How decisions are carried out: what needs nothing of another side by side, and one post's failure stops no other's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from mesh.errors import MeshError
from mesh.events import Detail
from mesh.ledger import Act
from mesh.side_by_side import Together
from scheduler.reasons import Reason
from scheduler.steps import Clock

_BY = "scheduler"


class Unfinished(MeshError):
    """Some posts could not be carried out; the others were. The retry and the next sweep find them as they are."""

    def __init__(self, failed: dict[str, Exception]) -> None:
        kinds = sorted({type(error).__name__ for error in failed.values()})
        super().__init__(f"{len(failed)} posts are not finished ({', '.join(kinds)}): {', '.join(sorted(failed))}")
        self.failed = failed


@dataclass(frozen=True)
class Change:
    """A move that changed something, for the log: ids and the reason's code."""

    post_id: str
    move: str
    code: str
    channel: str = ""
    attempt: int = 0


class Carrier:
    """What every part of carrying out needs: who acts and when, what failed, what changed, and the events to be said at the end."""

    def __init__(self, together: Together, clock: Clock, trace_id: str) -> None:
        self._together = together
        self._clock = clock
        self.trace_id = trace_id
        self.events: list[Detail] = []
        self.changes: list[Change] = []
        self.failed: dict[str, Exception] = {}

    def acted(self, action: str, reason: Reason | None = None) -> Act:
        code, said = (reason.code.value, reason.said) if reason is not None else ("", "")
        return Act(action=action, by=_BY, at=self._clock.now, trace_id=self.trace_id, code=code, reason=said)

    def changed(self, post_id: str, move: str, reason: Reason, channel: str = "", attempt: int = 0) -> None:
        self.changes.append(Change(post_id, str(move), reason.code.value, channel, attempt))

    def together(self, calls: Iterable[tuple[str, Callable[[], None]]]) -> None:
        """Every call, each about the post that it names, whatever becomes of the others."""
        self._together([partial(self.apart, post_id, call) for post_id, call in calls])

    def apart(self, post_id: str, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - raised by ``finish``, after the others had their turn
            self.failed.setdefault(post_id, error)

    def finish(self) -> None:
        """Unfinished, where anything failed."""
        if self.failed:
            raise Unfinished(self.failed) from next(iter(self.failed.values()))
