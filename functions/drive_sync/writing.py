"""The cells that a run writes: what must be noted before, what became of each write, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from drive_sync.columns import strayed
from drive_sync.decide import FlagStep, hold_for_untick, note_cleared, note_flag, note_hand
from drive_sync.parts import Parts
from drive_sync.rows import Landed, RowWrite, landed, undone
from drive_sync.writer import Written
from mesh.cells import Cell
from mesh.events import CalendarChanged, Cleared, Detail, Held, Trouble
from mesh.ledger import Act, State, Status
from mesh.posts import Row
from mesh.sheet import Table, read_table

BY = "drive-sync"
_CHUNK = 200  # rows written in one call: each comes back whole to be compared
_LEAST_SECONDS = 15.0  # what a run keeps for the mirror and the tables: less, and the writing goes on in the next
_NOTED_FIRST = frozenset({FlagStep.HOLD, FlagStep.HOLD_MISPLACED, FlagStep.HAND})


@dataclass
class Result:
    """What became of a round of writes: posts that were missed or put off, ids that stand now, and rows (key and number) that would not
    take it."""

    missed: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    written: int = 0


@dataclass(frozen=True)
class Writing:
    """``say`` takes the events that tell of it."""

    parts: Parts
    trace_id: str
    remaining_seconds: Callable[[], float]
    say: Callable[[Detail], None]

    def write(self, table: Table, writes: Sequence[RowWrite], statuses: Mapping[str, Status]) -> Result:
        """In chunks, each read back. What hit another row is cleared there, never written back."""
        result = Result()
        for write in writes:
            if write.step in _NOTED_FIRST:
                self._note(write)
            if not write.cells:
                self._after(write, statuses)
        cells = [write for write in writes if write.cells]
        for start in range(0, len(cells), _CHUNK):
            if start and self.remaining_seconds() < _LEAST_SECONDS:
                result.postponed |= {write.post_id for write in cells[start:]}
                break
            self._write_chunk(table, cells[start : start + _CHUNK], statuses, result)
        return result

    def _write_chunk(
        self, table: Table, chunk: Sequence[RowWrite], statuses: Mapping[str, Status], result: Result
    ) -> None:
        answer = self.parts.writer.write(table, chunk)
        result.written += len(chunk)
        if answer.header != table.header:
            self._take_back(table, chunk, answer)
            result.missed |= {write.post_id for write in chunk}
            return
        moved: list[RowWrite] = []
        for write, values in zip(chunk, answer.rows, strict=True):
            cells = dict(zip(table.header, values, strict=False))
            found = read_table([list(table.header), values]).rows
            outcome = landed(write, found[0].row if found else Row(), cells)
            if outcome is Landed.HIT:
                result.named |= {write.post_id} if write.gives_id else set()
                self._after(write, statuses)
                continue
            result.missed.add(write.post_id)
            result.refused[write.key] = write.number
            if outcome is Landed.MOVED:
                moved.append(undone(write))
        clearing = [write for write in moved if write.cells]
        if clearing:
            self.parts.writer.write(table, clearing)

    def _take_back(self, table: Table, chunk: Sequence[RowWrite], answer: Written) -> None:
        """A column was moved under the write: what was hit gets back what it held."""
        back: dict[int, Mapping[int, Cell]] = {}
        for write, values in zip(chunk, answer.rows, strict=True):
            cells = strayed(write, table, answer.header, values)
            if cells is None:
                message = (
                    f"A column was moved in the very moment in which row {write.number} was written. Please look at that row: "
                    "a cell of it may hold what belongs to another column. The sheet's version history has what stood there."
                )
                self._trouble(f"cell-hit#{write.key[:16]}#{self.parts.clock().isoformat()}", message)
            elif cells:
                back[write.number] = cells
        if back:
            self.parts.writer.put_back(table, back)

    def _note(self, write: RowWrite) -> None:
        """What the owner did by hand goes into the table before its trace leaves the sheet: else a crash in between would lose it."""
        now = self.parts.clock()
        change = self.parts.ledger.change_status
        if write.step is FlagStep.HAND:
            act = self._act("ticked by hand", now)
            if change(write.post_id, act, lambda before: note_hand(before, now)) is not None:
                self.say(CalendarChanged(trace_id=self.trace_id, post_ids=[write.post_id]))
            return
        act = Act(action="held by untick", by="the sheet's owner", at=now, trace_id=self.trace_id)
        misplaced = write.step is FlagStep.HOLD_MISPLACED
        if (
            change(write.post_id, act, lambda before: _held(hold_for_untick(before, now, misplaced=misplaced)))
            is not None
        ):
            self.say(Held(trace_id=self.trace_id, post_ids=[write.post_id]))

    def _after(self, write: RowWrite, statuses: Mapping[str, Status]) -> None:
        """The sheet is as it should be: say so in the table, then on the bus."""
        now = self.parts.clock()
        post_id, step = write.post_id, write.step
        change = self.parts.ledger.change_status
        if step in {FlagStep.WRITE, FlagStep.CONFIRM}:
            revision = statuses[post_id].current_revision or ""
            written = change(post_id, self._act("flag written", now), lambda before: note_flag(before, revision, now))
            if written is not None or step is FlagStep.CONFIRM:
                self.say(Cleared(trace_id=statuses[post_id].trace_id or self.trace_id, post_ids=[post_id]))
        elif step is FlagStep.CLEAR and post_id in statuses:
            change(post_id, self._act("flag cleared", now), lambda before: note_cleared(before, now))

    def _act(self, action: str, now: datetime) -> Act:
        return Act(action=action, by=BY, at=now, trace_id=self.trace_id)

    def _trouble(self, cause: str, message: str) -> None:
        self.say(Trouble(trace_id=self.trace_id, cause=cause, message=message))


def _held(status: Status | None) -> Status | None:
    return None if status is None else status.model_copy(update={"state": State.HELD, "queued_for": None})
