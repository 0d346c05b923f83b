"""One run's work on the tab: read, given ids, flags and sentences, rows put in, and looked at again where a row moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from drive_sync.inserting import insert_wanted
from drive_sync.parts import Parts
from drive_sync.reading import known_items, read_tab
from drive_sync.rows import SeenRow, give_ids, plan_writes
from drive_sync.sentences import Halts, good_until, sentence
from drive_sync.steady import TRIES, Steady
from drive_sync.writing import Result, Writing
from mesh.errors import Conflict, Doubt
from mesh.events import Detail, Trouble
from mesh.ids import POST, random_id
from mesh.ledger import FlagState, State, Status
from mesh.posts import Row
from mesh.sheet import Table

_REFUSED_TOO_OFTEN = 3


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


class SheetWork:
    """One run's work on the tab. ``say`` takes the events that tell of it, after the data they speak of."""

    def __init__(self, parts: Parts, trace_id: str, steady: Steady, say: Callable[[Detail], None]) -> None:
        self._p = parts
        self._trace_id = trace_id
        self._steady = steady
        self._say = say
        self._writing = Writing(parts, trace_id, steady.remaining_seconds, say)

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
            table = read_tab(self._p, self._steady, before.header, self._trouble)
            rows = [SeenRow(row.number, row.row) for row in table.rows]
            identified = give_ids(rows, before.rows, _new_id, open_ones)
            statuses = known_items(
                self._p.ledger, rows, identified, statuses, open_ones, before.rows, every_row=every_row
            )
            sentences = self._sentences(statuses, zone, halts)
            writes = plan_writes(rows, identified, statuses, sentences, read_at, before.rows)
            writes = [write for write in writes if before.refused.get(write.key, 0) < _REFUSED_TOO_OFTEN]
            try:
                result = self._writing.write(table, writes, statuses)
                inserted = insert_wanted(self._p, self._trace_id, table, statuses)
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
        self._note_refusals(seen, before)
        shown = {key: status for key, status in statuses.items() if key not in result.missed | result.postponed}
        self._shown(seen.rows, shown, sentences)
        return seen

    def _sentences(self, statuses: Mapping[str, Status], zone: ZoneInfo, halts: Halts) -> dict[str, str]:
        heads = self._p.ledger.heads(statuses.values())
        now = self._p.clock()
        return {
            key: sentence(status, heads[key], zone, now, self._p.horizon, halts, self._p.approve_url)
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

    def _note_refusals(self, seen: Seen, before: Before) -> None:
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

    def _trouble(self, cause: str, message: str) -> None:
        self._say(Trouble(trace_id=self._trace_id, cause=cause, message=message))


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
    return random_id(POST)
