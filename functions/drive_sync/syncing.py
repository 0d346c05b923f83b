"""One look at Drive and the sheet: what changed is mirrored, flags and sentences are written, and it is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from drive_sync.docs import Docs
from drive_sync.folder import IMAGE_LIMIT_BYTES, Drive, Folder
from drive_sync.mirrored import Mirrored, damages
from drive_sync.mirroring import mirror
from drive_sync.parts import Parts
from drive_sync.rows import SeenRow
from drive_sync.sentences import Halts
from drive_sync.sheet_work import Before, SheetWork, has_something_to_say
from drive_sync.state import SAID_AFTER, STATE_KEY, State, got_through, since
from drive_sync.steady import Steady
from drive_sync.uploaded import Uploaded
from drive_sync.watching import watched
from mesh.errors import Doubt
from mesh.events import CalendarChanged, Detail, Trouble
from mesh.google import TooBig
from mesh.ledger import Status
from mesh.ledger.runtime import HOLD_EVERYTHING, MIRRORED, SCHEDULER_STATE, pause_key
from mesh.posts import UNUSABLE, Row
from mesh.posts_csv import TooLong
from mesh.uploads import is_upload, upload_id

_IMAGE_SECONDS = 15.0  # what one image may take, and what is kept for the mirror after it
_IN_MEMORY_BYTES = 4_000_000


@dataclass(frozen=True)
class _Look:
    """``before`` is the state as the last run left it. ``mends``: the damages, by name, for which all is read and written anew."""

    before: State
    state: State
    folder: Folder
    mends: Mapping[str, str]


class Sync:
    """One run. ``remaining_seconds`` bounds it; what is left over is taken up by the next."""

    def __init__(self, parts: Parts, trace_id: str, remaining_seconds: Callable[[], float]) -> None:
        self._p = parts
        self._trace_id = trace_id
        self._remaining_seconds = remaining_seconds
        self._steady = Steady(remaining_seconds, parts.sleep)
        self._drive = Drive(parts.google, parts.store, self._steady, parts.folder_id, parts.sheet_id)
        self._events: list[Detail] = []
        self._mirrored = Mirrored()
        self.calls: dict[str, int] = {"rows": 0, "writes": 0, "changed": 0}

    def run(self) -> dict[str, int]:
        """One call to Google when nothing changed."""
        now = self._p.clock()
        look, (open_ones, halts) = self._p.together([lambda: self._look(now), self._open])
        before, state, folder = look.before, look.state, look.folder
        state = replace(state, halts=_fingerprint(halts), failing_since=None, page_token=folder.next_token)
        over = state.halts != before.halts
        unshown = [status for status in open_ones.values() if over or has_something_to_say(status, now)]
        unsaid = not self._mirrored.posts
        if folder.changed or unshown or state.absent or state.unfinished or state.rules_missed or unsaid:
            try:
                state = self._work(state, folder, unshown, open_ones, halts)
            finally:
                self._p.bus.put(self._events)  # of what was done before something broke, too
            self._drive.keep(folder)
            if look.mends:
                self._say_mirrored(replace(self._mirrored, mended=look.mends))
        if folder.full:
            state = replace(state, full_at=now.isoformat())
        self._say_it_is_read_again(before)
        state = got_through(state, now)
        if state != before:  # last: until everything it covers is done, the next run sees the same changes again
            self._p.runtime.put(STATE_KEY, state.item())
        return self.calls

    def _look(self, now: datetime) -> _Look:
        """What the last run left, and what changed in Drive since."""
        kept = self._p.runtime.several([STATE_KEY, MIRRORED, SCHEDULER_STATE], now)
        before = State.of(kept.get(STATE_KEY))
        state = self._watch_the_scheduler(kept.get(SCHEDULER_STATE), before, now)
        self._mirrored = Mirrored.of(kept.get(MIRRORED))
        broken = damages(kept.get(SCHEDULER_STATE))
        mends = broken if broken != self._mirrored.mended else {}
        if mends:
            state = replace(state, full_at=None)  # all is read and written anew
        return _Look(before, state, self._drive.look(state, now), mends)

    def _open(self) -> tuple[dict[str, Status], Halts]:
        """The posts that are open, and what keeps them back."""
        found = {status.post_id: status for status in self._p.ledger.open_statuses()}
        return found, self._halts(found.values())

    def _work(
        self, state: State, folder: Folder, unshown: list[Status], open_ones: dict[str, Status], halts: Halts
    ) -> State:
        if not folder.files:  # nothing in Drive changed, but something is to be written
            folder.files.update(self._drive.known())
        docs = Docs(
            self._p.google,
            self._p.store,
            self._p.runtime,
            self._steady,
            self._p.tz_name,
            self._trace_id,
            self._events.append,
        )
        rulebook, state = docs.rules(folder, state, self._p.clock())
        docs.voice(folder, self._p.clock())
        rules = self._p.store.versions.get("rules.txt", "")
        self._say_mirrored(replace(self._mirrored, rules=rules))  # they stand, whatever becomes of the rows
        last = self._p.store.last_rows(self._mirrored.posts)
        work = SheetWork(self._p, self._trace_id, self._steady, self._events.append)
        before = Before(last, state.header, {} if folder.full else state.refused)
        seen = work.run(unshown, open_ones, before, rulebook.zone, halts, every_row=folder.full)
        self.calls["writes"] = seen.written
        absent, waiting = self._mirror(seen.rows, seen.unnamed, folder, last, state)
        return replace(
            state,
            absent=absent,
            unfinished=waiting or seen.unfinished,
            header=seen.header,
            refused=seen.refused,
        )

    def _watch_the_scheduler(self, scheduler: Mapping[str, Any] | None, state: State, now: datetime) -> State:
        """Before anything else: also where the sheet cannot be read, a scheduler that stands still is told."""
        after, cause, message = watched(scheduler, state, now, ZoneInfo(self._p.tz_name))
        if cause:
            self._p.bus.put([Trouble(trace_id=self._trace_id, cause=cause, message=message)])
        if state.silence_said and not after.silence_said:
            message = "It goes on as before. What was approved or changed meanwhile is taken up now; you need not do anything."
            self._p.bus.put([Trouble(trace_id=self._trace_id, cause=state.silence_said, message=message, ended=True)])
        if after.silence_seen != state.silence_seen or cause:  # at once: the rest of the run may fail
            self._p.runtime.put(STATE_KEY, after.item())
        return after

    def _say_it_is_read_again(self, state: State) -> None:
        if (
            state.failing_since is not None
            and since(state.failing_since, self._p.clock()) >= SAID_AFTER.total_seconds()
        ):
            message = "What was changed in it meanwhile is taken up now; you need not do anything."
            cause = f"sheet-unreachable#{state.failing_since}"
            self._p.bus.put([Trouble(trace_id=self._trace_id, cause=cause, message=message, ended=True)])

    def _halts(self, open_ones: Iterable[Status]) -> Halts:
        """Read only where a post is open that they could keep back."""
        channels = sorted({channel for status in open_ones for channel in status.channels})
        if not channels:
            return Halts()
        standing = self._p.ledger.standing([HOLD_EVERYTHING, *map(pause_key, channels)])
        paused = {channel: standing[pause_key(channel)] for channel in channels if pause_key(channel) in standing}
        return Halts(standing.get(HOLD_EVERYTHING), paused)

    # the mirror

    def _say_mirrored(self, mirrored: Mirrored) -> None:
        """After the objects, and before the events that tell of them: the scheduler's sweep finds by it what an event did not tell."""
        if mirrored != self._mirrored:
            self._p.runtime.put(MIRRORED, mirrored.item())
            self._mirrored = mirrored

    def _mirror(
        self, rows: list[SeenRow], unnamed: set[str], folder: Folder, last: dict[str, Row], state: State
    ) -> tuple[dict[str, str], bool]:
        """Which ids are missed since when, and whether images are still to come. ``unnamed`` rows stay as they were."""
        uploaded = Uploaded(self._p.store, () if folder.full else last.values())

        def hashes(row: Row) -> dict[str, str]:
            return {name: (uploaded if is_upload(name) else folder).hash_of(name) for name in row.image_names}

        with_images = [replace(entry, row=replace(entry.row, images=hashes(entry.row))) for entry in rows]
        lacking = self._store_images(with_images, folder, last)
        held_back = {entry.row.post_id for entry in with_images if not lacking.isdisjoint(entry.row.images.values())}
        seen = mirror(with_images, last, state.absent, frozenset(held_back | unnamed), self._p.clock())
        try:
            self._p.store.put_rows(seen.rows)
        except TooLong as error:
            message = (
                f"The sheet holds more than the scheduler can work with: {error}. Delete posts that are long over, or move them to "
                "another tab, and look for rows with very long texts. Until then edits wait, and what is approved and booked goes out."
            )
            self._events.append(Trouble(trace_id=self._trace_id, cause="sheet-too-long", message=message))
            return dict(state.absent), bool(held_back)
        self._say_mirrored(replace(self._mirrored, posts=self._p.store.versions["posts.csv"]))
        self._events.append(CalendarChanged(trace_id=self._trace_id, post_ids=list(seen.changed)))
        self.calls["rows"] = len(seen.rows)
        self.calls["changed"] = len(seen.changed)
        return dict(seen.absent), bool(held_back)

    def _store_images(self, rows: list[SeenRow], folder: Folder, last: dict[str, Row]) -> set[str]:
        """Bytes before the row that names them, the soonest first, as many as the time allows; the MD5s that are still to come.

        A mirrored row's images are there; what else is there the bucket says, so that a run that was killed has not worked in vain.
        """
        stored = {md5 for row in last.values() for md5 in row.images.values()}
        soonest = sorted(rows, key=lambda entry: (entry.row.date, entry.row.time))
        wanted = {
            md5: name
            for entry in soonest
            for name, md5 in entry.row.images.items()
            if md5 and not md5.startswith(UNUSABLE) and md5 not in stored
        }
        if not wanted:
            return set()
        there = self._p.store.images()
        lacking = {md5: name for md5, name in wanted.items() if md5 not in there}
        for md5, name in list(lacking.items()):
            if self._remaining_seconds() < 2 * _IMAGE_SECONDS:
                break
            if self._store_image(md5, name, folder):
                del lacking[md5]
        return set(lacking)

    def _store_image(self, md5: str, name: str, folder: Folder) -> bool:
        """False where the file is another one by now, or cannot be had: the others go on, and the next run sees it anew."""
        if is_upload(name):
            try:
                self._p.store.put_upload(md5, upload_id(name))
            except Doubt:
                return False
            return True
        file = folder.named(name)
        if file is None:
            return False
        with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as content:
            try:
                self._p.google.download(file.id, content, IMAGE_LIMIT_BYTES)  # type: ignore[arg-type]
                self._p.store.put_image(md5, content)  # type: ignore[arg-type]
            except (Doubt, TooBig):
                return False
        return True


def _fingerprint(halts: Halts) -> str:
    """Another one for other holds and pauses; "" for none."""
    if halts == Halts():
        return ""
    said: Any = [halts.everything, sorted(halts.paused.items())]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]
