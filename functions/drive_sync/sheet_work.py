"""The sheet itself: read, given ids, flags and sentences, rows put in, and mirrored."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from drive_sync.columns import strayed
from drive_sync.decide import FlagStep, hold_for_untick, note_cleared, note_flag, note_hand
from drive_sync.parts import Parts
from drive_sync.rows import (
    Landed,
    RowInsert,
    RowWrite,
    SeenRow,
    give_ids,
    landed,
    plan_writes,
    row_to_insert,
    undone,
)
from drive_sync.sentences import Halts, good_until, sentence
from drive_sync.steady import TRIES, Steady
from drive_sync.writer import Written, quoted
from mesh.cells import Cell
from mesh.errors import Conflict, Doubt, MeshError
from mesh.events import CalendarChanged, Cleared, Detail, Held, Trouble
from mesh.google import GoogleRefused, NotShared
from mesh.ledger import Act, FlagState, State, Status
from mesh.ledger.items import Wanted
from mesh.posts import Row
from mesh.sheet import SheetBroken, Table, read_table, renamed

_BY = "drive-sync"
_CHUNK = 200  # rows written in one call: each comes back whole to be compared
_LEAST_SECONDS = 15.0  # what a run keeps for the mirror and the tables: less, and the writing goes on in the next
_LANDS_WITHIN = timedelta(minutes=3)  # an insertion without an answer is there by then, or never
_REFUSED_TOO_OFTEN = 3
_NOTED_FIRST = frozenset({FlagStep.HOLD, FlagStep.HOLD_MISPLACED, FlagStep.HAND})


@dataclass(frozen=True)
class Before:
    """What the last run left: the mirrored rows, the header, and the rows that would not take what was written, with how often."""

    rows: Mapping[str, Row]
    header: tuple[str, ...]
    refused: Mapping[str, int]


@dataclass
class Seen:
    """What a run came to.

    ``rows`` are those whose id stands in the sheet, ``unnamed`` the ids that are still to be written; ``unfinished``: some writing is
    left for the next run.
    """

    rows: list[SeenRow]
    unnamed: set[str]
    header: tuple[str, ...]
    refused: dict[str, int]
    unfinished: bool = False
    written: int = 0


@dataclass
class Result:
    """What became of a round of writes: posts that were missed or put off, ids that stand now, and rows (key and number) that would not
    take it."""

    missed: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    written: int = 0


class SheetWork:
    """One run's work on the tab. ``say`` takes the events that tell of it, after the data they speak of."""

    def __init__(self, parts: Parts, trace_id: str, steady: Steady, say: Callable[[Detail], None]) -> None:
        self._p = parts
        self._trace_id = trace_id
        self._steady = steady
        self._say = say

    def run(
        self,
        unshown: Iterable[Status],
        open_ones: Mapping[str, Status],
        before: Before,
        zone: ZoneInfo,
        halts: Halts,
        *,
        every_row: bool,
    ) -> Seen:
        """Read, write, and look again where a row moved under a write; three times at most, the rest is the next run's."""
        statuses = {status.post_id: status for status in unshown}
        seen = Seen([], set(), before.header, {})
        for number in range(TRIES):
            read_at = self._p.clock()
            table = self._table(before.header)
            rows = [SeenRow(row.number, row.row) for row in table.rows]
            identified = give_ids(rows, before.rows, _new_id, open_ones)
            statuses = self._known(rows, identified, statuses, open_ones, before.rows, every_row=every_row)
            sentences = self._sentences(statuses, zone, halts)
            writes = plan_writes(rows, identified, statuses, sentences, read_at, before.rows)
            writes = [write for write in writes if before.refused.get(write.key, 0) < _REFUSED_TOO_OFTEN]
            try:
                result = self._write(table, writes, statuses)
                inserted = self._insert(table, statuses)
            except Doubt as doubt:
                # Whether it took effect nobody knows: the sheet is read again, and what is missing is written again.
                if not self._steady.may_try_again(doubt, number):
                    raise
                continue
            seen = self._seen(rows, identified, table, result)
            if not (result.missed or inserted) or result.postponed:
                break
        else:
            seen.unfinished = True
        self._note_refusals(seen, before, table)
        shown = {key: status for key, status in statuses.items() if key not in result.missed | result.postponed}
        self._shown(seen.rows, shown, sentences)
        return seen

    # reading

    def _table(self, header: tuple[str, ...]) -> Table:
        try:
            values = self._steady(lambda: self._p.google.values(self._p.sheet_id, quoted(self._p.tab)))
        except NotShared:
            raise
        except GoogleRefused as refused:
            raise self._no_tab(refused) from refused
        table = read_table(values)
        for was, is_now in renamed(header, table.header):
            raise SheetBroken(
                f"The column “{was}” is gone, and “{is_now}” stands in its place. If it was renamed, call it “{was}” again; "
                "if it is not wanted any more, empty it and leave its name."
            )
        if table.doubled:
            names = ", ".join(f"“{name}”" for name in table.doubled)
            message = (
                f"There are two columns called {names} in the sheet: the first one counts. Give the other another name."
            )
            self._trouble(f"sheet-doubled#{'#'.join(table.doubled)[:80]}", message)
        return table

    def _no_tab(self, refused: GoogleRefused) -> MeshError:
        titles = [tab.title for tab in self._p.google.tabs(self._p.sheet_id)]
        if self._p.tab in titles:
            return refused
        there = ", ".join(f"“{title}”" for title in titles[:10])
        return SheetBroken(
            f"The sheet has no tab called “{self._p.tab}” any more; there is {there}. Call the tab with the posts “{self._p.tab}” again."
        )

    def _known(
        self,
        rows: Sequence[SeenRow],
        identified: Sequence[SeenRow],
        unshown: Mapping[str, Status],
        open_ones: Mapping[str, Status],
        before: Mapping[str, Row],
        *,
        every_row: bool,
    ) -> dict[str, Status]:
        """The items of every row that has something to say or to compare.

        Those are the unshown ones, rows with no sentence, rows with a tick or stamp that is new or whose post is open, and rows
        that do not show what was last written there (a write meant for another row hit them); once a day every row is compared.
        """
        wanted = set(unshown)
        look = set()
        for was, entry in zip(rows, identified, strict=True):
            row, post_id = entry.row, entry.row.post_id
            if not post_id or row.blank:
                continue
            known, last = open_ones.get(post_id), before.get(post_id)
            ticked = (row.stamp or row.approved) and (
                known is not None or last is None or (last.approved, last.stamp) != (row.approved, row.stamp)
            )
            strange = known is not None and (
                (known.shown is not None and known.shown.text != was.row.status)
                or (known.cleared and not (row.approved and row.stamp))
            )
            if ticked or strange or not row.status:
                wanted.add(post_id)
            elif every_row:
                look.add(post_id)
        found = self._p.ledger.statuses({*wanted, *look})
        told = {entry.row.post_id: entry.row.status for entry in rows}
        return {
            post_id: status
            for post_id, status in found.items()
            if post_id in wanted or status.shown is None or status.shown.text != told.get(post_id)
        }

    def _sentences(self, statuses: Mapping[str, Status], zone: ZoneInfo, halts: Halts) -> dict[str, str]:
        heads = self._p.ledger.heads(statuses.values())
        now = self._p.clock()
        return {
            key: sentence(status, heads[key], zone, now, self._p.horizon, halts)
            for key, status in statuses.items()
            if status.gone_at is None and not status.awaited
        }

    def _seen(self, rows: Sequence[SeenRow], identified: Sequence[SeenRow], table: Table, result: Result) -> Seen:
        standing, unnamed = [], set()
        for was, entry in zip(rows, identified, strict=True):
            if was.row.post_id == entry.row.post_id or entry.row.post_id in result.named:
                standing.append(entry)
            else:
                unnamed.add(entry.row.post_id)
        return Seen(standing, unnamed, table.header, dict(result.refused), bool(result.postponed), result.written)

    # writing

    def _write(self, table: Table, writes: Sequence[RowWrite], statuses: Mapping[str, Status]) -> Result:
        """In chunks, each read back. What hit another row is cleared there, never written back."""
        result = Result()
        for write in writes:
            if write.step in _NOTED_FIRST:
                self._note(write)
            if not write.cells:
                self._after(write, statuses)
        cells = [write for write in writes if write.cells]
        for start in range(0, len(cells), _CHUNK):
            if start and self._steady.remaining_seconds() < _LEAST_SECONDS:
                result.postponed |= {write.post_id for write in cells[start:]}
                break
            self._write_chunk(table, cells[start : start + _CHUNK], statuses, result)
        return result

    def _write_chunk(
        self, table: Table, chunk: Sequence[RowWrite], statuses: Mapping[str, Status], result: Result
    ) -> None:
        answer = self._p.writer.write(table, chunk)
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
            self._p.writer.write(table, clearing)

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
                self._trouble(f"cell-hit#{write.key[:16]}#{self._p.clock().isoformat()}", message)
            elif cells:
                back[write.number] = cells
        if back:
            self._p.writer.put_back(table, back)

    def _note(self, write: RowWrite) -> None:
        """What the owner did by hand goes into the table before its trace leaves the sheet: else a crash in between would lose it."""
        now = self._p.clock()
        change = self._p.ledger.change_status
        if write.step is FlagStep.HAND:
            act = self._act("ticked by hand", now)
            if change(write.post_id, act, lambda before: note_hand(before, now)) is not None:
                self._say(CalendarChanged(trace_id=self._trace_id, post_ids=[write.post_id]))
            return
        act = Act(action="held by untick", by="the sheet's owner", at=now, trace_id=self._trace_id)
        misplaced = write.step is FlagStep.HOLD_MISPLACED
        if (
            change(write.post_id, act, lambda before: _held(hold_for_untick(before, now, misplaced=misplaced)))
            is not None
        ):
            self._say(Held(trace_id=self._trace_id, post_ids=[write.post_id]))

    def _after(self, write: RowWrite, statuses: Mapping[str, Status]) -> None:
        """The sheet is as it should be: say so in the table, then on the bus."""
        now = self._p.clock()
        post_id, step = write.post_id, write.step
        change = self._p.ledger.change_status
        if step in {FlagStep.WRITE, FlagStep.CONFIRM}:
            revision = statuses[post_id].current_revision or ""
            written = change(post_id, self._act("flag written", now), lambda before: note_flag(before, revision, now))
            if written is not None or step is FlagStep.CONFIRM:
                self._say(Cleared(trace_id=statuses[post_id].trace_id or self._trace_id, post_ids=[post_id]))
        elif step is FlagStep.CLEAR and post_id in statuses:
            change(post_id, self._act("flag cleared", now), lambda before: note_cleared(before, now))

    # rows that are wanted

    def _insert(self, table: Table, statuses: Mapping[str, Status]) -> bool:
        """Puts in the rows that drafts and recurring posts want; True where the sheet is to be read again for them.

        The try is noted before it is made: one without an answer is given time to land before another.
        """
        there = {row.row.post_id for row in table.rows}
        now = self._p.clock()
        rows: list[RowInsert] = []
        for post_id, status in statuses.items():
            wanted = status.wanted
            if wanted is None or not status.awaited:
                continue
            if post_id in there:
                self._note_wanted(post_id, "row inserted", now, inserted_at=now.isoformat())
                continue
            on_its_way = wanted.tried_at and datetime.fromisoformat(wanted.tried_at) + _LANDS_WITHIN > now
            if not on_its_way and self._note_wanted(post_id, "row being inserted", now, tried_at=now.isoformat()):
                rows.append(row_to_insert(post_id, wanted))
        if not rows:
            return False
        tab = next((one for one in self._p.google.tabs(self._p.sheet_id) if one.title == self._p.tab), None)
        if tab is None:
            return False
        self._p.writer.insert(tab, table, rows)
        return True

    def _note_wanted(self, post_id: str, action: str, now: datetime, **moments: str) -> bool:
        def change(before: Status | None) -> Status | None:
            if before is None or before.wanted is None or not before.awaited:
                return None
            wanted: Wanted = before.wanted.model_copy(update=moments)
            return before.model_copy(update={"wanted": wanted, "open": "1"})

        return self._p.ledger.change_status(post_id, self._act(action, now), change) is not None

    # afterwards

    def _note_refusals(self, seen: Seen, before: Before, table: Table) -> None:
        """A row that time and again does not take what is written is told, and left alone until the daily look."""
        counts = {}
        for key, number in seen.refused.items():
            counts[key] = before.refused.get(key, 0) + 1
            if counts[key] == _REFUSED_TOO_OFTEN:
                message = (
                    f"Row {number} of the sheet does not keep what is written into it. Are its cells merged, or does a formula fill "
                    "them? Undo that; until then the row shows no status and nothing of it goes out."
                )
                self._trouble(f"row-refuses#{key[:16]}", message)
        given_up = {key: count for key, count in before.refused.items() if count >= _REFUSED_TOO_OFTEN}
        seen.refused = {**given_up, **counts}

    def _shown(self, rows: Iterable[SeenRow], statuses: Mapping[str, Status], sentences: Mapping[str, str]) -> None:
        """Which version's sentence stands in the sheet now; a post with nothing more to come leaves the open index."""
        there = {entry.row.post_id for entry in rows}
        now = self._p.clock()
        for post_id, status in statuses.items():
            if status.awaited or (status.gone_at is None and post_id not in there):
                continue
            text = sentences.get(post_id, "")
            until = good_until(status, now, self._p.horizon)
            shown = status.shown
            current = shown is not None and (shown.version, shown.text) == (status.version, text)
            if current and shown is not None and shown.until == (until.isoformat() if until else None):
                continue
            far = (
                status.due_at is not None
                and datetime.fromisoformat(status.due_at) > now + self._p.horizon
                and not status.approved
            )
            done = status.state in {State.SENT, State.GONE} or status.gone_at is not None
            try:
                self._p.ledger.show(status, text, close=done or (far and not status.problems), until=until)
            except Conflict:
                continue  # it moved on meanwhile: the next run shows the newer version

    def _act(self, action: str, now: datetime) -> Act:
        return Act(action=action, by=_BY, at=now, trace_id=self._trace_id)

    def _trouble(self, cause: str, message: str) -> None:
        self._say(Trouble(trace_id=self._trace_id, cause=cause, message=message))


def _held(status: Status | None) -> Status | None:
    return None if status is None else status.model_copy(update={"state": State.HELD, "queued_for": None})


def has_something_to_say(status: Status, now: datetime) -> bool:
    """Its sentence in the sheet is of an older version or of a time that has passed, its flag is still to be written, or its row."""
    pending = status.flag is not None and status.flag.state is FlagState.PENDING
    shown = status.shown
    return (
        (pending and status.approved and status.held is None)
        or shown is None
        or shown.version != status.version
        or (shown.until is not None and datetime.fromisoformat(shown.until) <= now)
    )


def _new_id() -> str:
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"  # none that are mistaken for another when read aloud
    return "p_" + "".join(secrets.choice(alphabet) for _ in range(10))
