"""One look at Drive and the sheet: what changed is mirrored, flags and statuses are written, and it is said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from drive_sync.decide import (
    FlagStep,
    RowWrite,
    SeenRow,
    give_ids,
    hold_for_untick,
    mirror,
    note_cleared,
    note_flag,
    note_hand,
    plan_writes,
)
from drive_sync.edges import MirrorStore, SheetWriter
from drive_sync.sentences import sentence
from mesh.bus import Bus
from mesh.errors import Conflict
from mesh.events import CalendarChanged, Cleared, Detail, Held, RulesChanged, Trouble
from mesh.google import Changes, File, Google, by_name
from mesh.ledger import Act, FlagState, Ledger, Runtime, State, Status
from mesh.posts import Row
from mesh.rulebook import parse_rules
from mesh.sheet import Table, read_table

STATE_KEY = "drive#state"
FULL_LOOK_EVERY = timedelta(hours=24)
IMAGE_LIMIT_BYTES = 20_000_000
UNUSABLE = "unusable"  # stands for the hash of a file that is no image we take
_DOC = "application/vnd.google-apps.document"
_BY = "drive-sync"
_ROUNDS = 3  # write, look, mend: a sheet that is sorted under every one of three writes is left for the next run


_NOTED_FIRST = frozenset({FlagStep.HOLD, FlagStep.HOLD_MISPLACED, FlagStep.HAND})


class Time(Protocol):
    def __call__(self) -> datetime: ...


@dataclass(frozen=True)
class Parts:
    """What a sync works with."""

    google: Google
    writer: SheetWriter
    store: MirrorStore
    ledger: Ledger
    runtime: Runtime
    bus: Bus
    sheet_id: str
    folder_id: str
    tab: str
    tz_name: str
    horizon: timedelta
    clock: Time


@dataclass
class Folder:
    """The folder as known: files by id, the MD5s whose bytes lie in S3, and what changed since the last sync."""

    files: dict[str, File]
    stored: set[str]
    changed: set[str] = field(default_factory=set)
    next_token: str = ""

    def named(self, name: str) -> File | None:
        """The file of that name the gate will find too, where several have it."""
        return by_name(file for file in self.files.values() if not file.mime.startswith(_DOC)).get(name)

    def doc(self, name: str) -> File | None:
        return next((file for file in self.files.values() if file.name.lower() == name and file.mime == _DOC), None)


class Sync:
    """``remaining_seconds`` bounds the image work of one run; what is left is taken up by the next."""

    def __init__(self, parts: Parts, trace_id: str, remaining_seconds: Any) -> None:
        self._p = parts
        self._trace_id = trace_id
        self._remaining_seconds = remaining_seconds
        self._events: list[Detail] = []
        self.calls: dict[str, int] = {"rows": 0, "writes": 0, "changed": 0}

    def run(self) -> dict[str, int]:
        """One call to Google when nothing changed."""
        state = self._p.runtime.get(STATE_KEY, self._p.clock()) or {}
        folder = self._look(state)
        unshown = [status for status in self._p.ledger.open_statuses() if _has_something_to_say(status)]
        if not (folder.changed or unshown or state.get("absent") or state.get("unfinished")):
            self._keep(state, folder, absent={}, unfinished=False)
            return self.calls
        zone = self._rules(folder)
        absent, unfinished = self._sheet(folder, unshown, state, zone)
        self._p.bus.put(self._events)
        self._keep(state, folder, absent=absent, unfinished=unfinished)
        return self.calls

    # Drive

    def _look(self, state: Mapping[str, Any]) -> Folder:
        """The changes since the last finished sync; the whole folder on the first run and once a day."""
        now = self._p.clock()
        full_at = state.get("full_at")
        token = state.get("page_token")
        if token is None or full_at is None or datetime.fromisoformat(full_at) + FULL_LOOK_EVERY <= now:
            return self._full_look()
        changes: Changes = self._p.google.changes(token)
        if not changes.files:
            return Folder({}, set(), next_token=changes.next_token)
        known = self._p.store.drive_files()
        folder = Folder(
            {key: File(**value) for key, value in known.get("files", {}).items()}, set(known.get("stored", ()))
        )
        folder.next_token = changes.next_token
        for file in changes.files:
            self._note_change(folder, file)
        return folder

    def _note_change(self, folder: Folder, file: File) -> None:
        known = folder.files.get(file.id)
        here = self._p.folder_id in file.parents and not (file.trashed or file.removed)
        if file.id == self._p.sheet_id:
            folder.changed.add(file.id)
        elif here:
            folder.files[file.id] = file
            if known is None or (known.version, known.md5, known.name) != (file.version, file.md5, file.name):
                folder.changed.add(file.id)
        elif known is not None:
            del folder.files[file.id]
            folder.changed.add(file.id)

    def _full_look(self) -> Folder:
        token = self._p.google.start_page_token()  # before the listing: what changes in between is seen again
        files = {file.id: file for file in self._p.google.files(self._p.folder_id) if not file.trashed}
        known = self._p.store.drive_files()
        return Folder(files, set(known.get("stored", ())), changed={self._p.sheet_id, *files}, next_token=token)

    def _keep(self, state: Mapping[str, Any], folder: Folder, *, absent: Mapping[str, str], unfinished: bool) -> None:
        """The token last: until everything it covers is done, the next run sees the same changes again."""
        if folder.files or folder.changed:
            files = {key: asdict(file) for key, file in sorted(folder.files.items())}
            self._p.store.put_drive_files({"files": files, "stored": sorted(folder.stored)})
        full = folder.changed >= {self._p.sheet_id} and state.get("page_token") is None
        now = self._p.clock().isoformat()
        last_full = state.get("full_at")
        due = last_full is None or datetime.fromisoformat(last_full) + FULL_LOOK_EVERY <= self._p.clock()
        wanted = {
            "page_token": folder.next_token,
            "full_at": now if full or due else last_full,
            "absent": dict(absent),
            "unfinished": unfinished,
        }
        if any(state.get(name) != value for name, value in wanted.items()):
            self._p.runtime.put(STATE_KEY, wanted)

    # rules and voice

    def _rules(self, folder: Folder) -> ZoneInfo:
        for name, key in (("rules", "rules.txt"), ("voice", "voice.txt")):
            doc = folder.doc(name)
            if doc is None or doc.id not in folder.changed:
                continue
            text = self._p.google.export_text(doc.id)
            if self._p.store.put_text(key, text) and name == "rules":
                self._events.append(RulesChanged(trace_id=self._trace_id))
                self._say_rule_problems(text)
        rulebook, _ = parse_rules(self._p.store.text("rules.txt"), default_zone=self._p.tz_name)
        return rulebook.zone

    def _say_rule_problems(self, text: str) -> None:
        problems = parse_rules(text, default_zone=self._p.tz_name)[1]
        if problems:
            said = "; ".join(f"line {problem.line}: {problem.message}" for problem in problems[:10])
            self._events.append(Trouble(trace_id=self._trace_id, cause="rules-doc", message=f"The rules doc: {said}"))

    # the sheet

    def _sheet(
        self, folder: Folder, unshown: list[Status], state: Mapping[str, Any], zone: ZoneInfo
    ) -> tuple[dict[str, str], bool]:
        """Mirror the rows and write what they lack; which ids are missed since when, and whether images are still to come."""
        if not folder.files:  # nothing in Drive changed, but something is to be written
            known = self._p.store.drive_files()
            folder.files.update({key: File(**value) for key, value in known.get("files", {}).items()})
            folder.stored.update(known.get("stored", ()))
        last = self._p.store.last_rows()
        statuses = {status.post_id: status for status in unshown}
        identified: list[SeenRow] = []
        missed: set[str] = set()
        for _ in range(_ROUNDS):
            read_at = self._p.clock()
            table = read_table(self._p.google.values(self._p.sheet_id, f"'{self._p.tab}'"))
            seen = [SeenRow(row.number, row.row) for row in table.rows]
            identified = give_ids(seen, last, _new_id)
            statuses = self._known(identified, statuses)
            sentences = self._sentences(statuses, zone)
            writes = plan_writes(seen, identified, statuses, sentences, read_at)
            missed = self._write(table, writes, statuses)
            if not missed:
                break
        self._shown(identified, {key: status for key, status in statuses.items() if key not in missed}, sentences)
        return self._mirror(identified, folder, last, state)

    def _known(self, identified: list[SeenRow], unshown: Mapping[str, Status]) -> dict[str, Status]:
        """The items of every row that has something to say or to compare: unshown ones, and rows with a tick, a stamp or no status.

        The status of a row is empty when a write meant for another one hit it and was cleared there.
        """
        wanted = {
            entry.row.post_id
            for entry in identified
            if entry.row.post_id and (entry.row.stamp or entry.row.approved or not entry.row.status)
        }
        return self._p.ledger.statuses({*unshown, *wanted})

    def _sentences(self, statuses: Mapping[str, Status], zone: ZoneInfo) -> dict[str, str]:
        heads = self._p.ledger.heads(statuses.values())
        now = self._p.clock()
        return {
            key: sentence(status, heads[key], zone, now, self._p.horizon)
            for key, status in statuses.items()
            if status.gone_at is None
        }

    def _write(self, table: Table, writes: list[RowWrite], statuses: Mapping[str, Status]) -> set[str]:
        """The posts whose write did not hit their row. What hit another row is cleared there, never written back."""
        for write in writes:
            if write.step in _NOTED_FIRST:
                self._note(write)
        cells = [write for write in writes if write.cells]
        self.calls["writes"] += len(cells)
        answers = self._p.writer.write(table, cells) if cells else []
        misplaced: list[RowWrite] = []
        hit = {id(write) for write in writes if not write.cells}
        for write, values in zip(cells, answers, strict=True):
            found = read_table([list(table.header), values]).rows
            row = found[0].row if found else Row()
            right = row.content == write.content if write.gives_id else row.post_id == write.post_id
            if right:
                hit.add(id(write))
            else:
                misplaced.append(_undone(write))
        undone = [write for write in misplaced if write.cells]
        if undone:
            self._p.writer.write(table, undone)
        for write in writes:
            if id(write) in hit:
                self._after(write, statuses)
        return {write.post_id for write in misplaced}

    def _note(self, write: RowWrite) -> None:
        """What the owner did by hand goes into the table before its trace leaves the sheet: else a crash in between would lose it."""
        now = self._p.clock()
        change = self._p.ledger.change_status
        if write.step is FlagStep.HAND:
            act = self._act("ticked by hand", now)
            if change(write.post_id, act, lambda before: note_hand(before, now)) is not None:
                self._events.append(CalendarChanged(trace_id=self._trace_id, post_ids=[write.post_id]))
            return
        act = Act(action="held by untick", by="the sheet's owner", at=now, trace_id=self._trace_id)
        misplaced = write.step is FlagStep.HOLD_MISPLACED
        if (
            change(write.post_id, act, lambda before: _held(hold_for_untick(before, now, misplaced=misplaced)))
            is not None
        ):
            self._events.append(Held(trace_id=self._trace_id, post_ids=[write.post_id]))

    def _after(self, write: RowWrite, statuses: Mapping[str, Status]) -> None:
        """The sheet is as it should be: say so in the table, then on the bus."""
        now = self._p.clock()
        post_id, step = write.post_id, write.step
        change = self._p.ledger.change_status
        if step in {FlagStep.WRITE, FlagStep.CONFIRM}:
            revision = statuses[post_id].current_revision or ""
            written = change(post_id, self._act("flag written", now), lambda before: note_flag(before, revision, now))
            if written is not None or step is FlagStep.CONFIRM:
                self._events.append(Cleared(trace_id=self._trace_of(statuses, post_id), post_ids=[post_id]))
        elif step is FlagStep.CLEAR and post_id in statuses:
            change(post_id, self._act("flag cleared", now), lambda before: note_cleared(before, now))

    def _trace_of(self, statuses: Mapping[str, Status], post_id: str) -> str:
        return statuses[post_id].trace_id or self._trace_id

    def _act(self, action: str, now: datetime) -> Act:
        return Act(action=action, by=_BY, at=now, trace_id=self._trace_id)

    def _shown(self, identified: list[SeenRow], statuses: Mapping[str, Status], sentences: Mapping[str, str]) -> None:
        """Which version's sentence stands in the sheet now; a post with nothing more to come leaves the open index."""
        there = {entry.row.post_id for entry in identified}
        now = self._p.clock()
        for post_id, status in statuses.items():
            if status.gone_at is None and post_id not in there:
                continue
            if status.shown is not None and status.shown.version == status.version:
                continue
            far = (
                status.due_at is not None
                and datetime.fromisoformat(status.due_at) > now + self._p.horizon
                and not status.approved
            )
            done = status.state in {State.SENT, State.GONE} or status.gone_at is not None
            try:
                self._p.ledger.show(status, sentences.get(post_id, ""), close=done or (far and not status.problems))
            except Conflict:
                continue  # it moved on meanwhile: the next run shows the newer version

    # the mirror

    def _mirror(
        self, identified: list[SeenRow], folder: Folder, last: dict[str, Row], state: Mapping[str, Any]
    ) -> tuple[dict[str, str], bool]:
        self._store_images(identified, folder)
        held_back: set[str] = set()
        with_images = []
        for entry in identified:
            images = {}
            for name in entry.row.image_names:
                file = folder.named(name)
                images[name] = _hash_of(file)
                if file is not None and images[name] not in {"", UNUSABLE} and images[name] not in folder.stored:
                    held_back.add(entry.row.post_id)
            with_images.append(replace(entry, row=replace(entry.row, images=images)))
        seen = mirror(with_images, last, state.get("absent") or {}, frozenset(held_back), self._p.clock())
        self._p.store.put_rows(seen.rows)
        self._events.append(CalendarChanged(trace_id=self._trace_id, post_ids=list(seen.changed)))
        self.calls["rows"] = len(seen.rows)
        self.calls["changed"] = len(seen.changed)
        return dict(seen.absent), bool(held_back)

    def _store_images(self, identified: list[SeenRow], folder: Folder) -> None:
        """Bytes before the row that names them; as many as the time allows."""
        for name in dict.fromkeys(name for entry in identified for name in entry.row.image_names):
            file = folder.named(name)
            md5 = _hash_of(file)
            if file is None or md5 in {"", UNUSABLE} or md5 in folder.stored:
                continue
            if self._remaining_seconds() < 15:
                return
            self._p.store.put_image(md5, self._p.google.download(file.id, IMAGE_LIMIT_BYTES))
            folder.stored.add(md5)


def _has_something_to_say(status: Status) -> bool:
    """Its sentence in the sheet is of an older version, or its flag is still to be written."""
    pending = status.flag is not None and status.flag.state is FlagState.PENDING
    return (
        (pending and status.approved and status.held is None)
        or status.shown is None
        or status.shown.version != status.version
    )


def _hash_of(file: File | None) -> str:
    if file is None:
        return ""
    if not file.mime.startswith("image/") or not file.md5 or file.size_bytes > IMAGE_LIMIT_BYTES:
        return UNUSABLE
    return file.md5


def _undone(write: RowWrite) -> RowWrite:
    """What was written into another row is cleared there and derived again by the next look.

    Tick and stamp stay for that look: the stamp names the post it was meant for, so that an owner's untick in between can be told.
    """
    cells = {name: "" for name in write.cells if name not in {"approved", "approved for"}}
    return replace(write, cells=cells, step=FlagStep.NONE)


def _held(status: Status | None) -> Status | None:
    return None if status is None else status.model_copy(update={"state": State.HELD, "queued_for": None})


def _new_id() -> str:
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"  # none that are mistaken for another when read aloud
    return "p_" + "".join(secrets.choice(alphabet) for _ in range(10))
