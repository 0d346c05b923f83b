"""What a draft is made from, read from the mirror and the uploads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from draft_helper import failing
from draft_helper.failing import CannotDraft
from draft_helper.material import File, Material
from draft_helper.shrinking import DOCUMENTS_AT_MOST, IMAGES_AT_MOST, LeftOut, as_shown, refuse_heavy
from draft_helper.wiring import Parts
from mesh.errors import Damaged
from mesh.ledger.proposals import Mark, Note, Upload
from mesh.objects import opened, read_object
from mesh.posts import Row
from mesh.posts_csv import lines, records, refuse_long
from mesh.rulebook import Rulebook, usable_rules
from mesh.side_by_side import in_threads
from mesh.voice import Voice, read_voice

_LOOKS_BACK = timedelta(days=90)
_MOST_ROWS = 2_000  # of the newest; more than that nobody compares with
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Gathered:
    """``marks`` say which files the model is not shown."""

    material: Material
    marks: tuple[Mark, ...] = ()


def gather(parts: Parts, note: Note, now: datetime, *, files: bool = True) -> Gathered:
    """CannotDraft where something is missing that only a human can bring; Doubt where it cannot be read now.

    ``files`` False: nobody is shown any, and of what was added no bytes are read.
    """
    rulebook, voice, rows = in_threads(
        [lambda: _rulebook(parts), lambda: _voice(parts), lambda: _rows(parts, now - _LOOKS_BACK)]
    )
    if not _goes_anywhere(note, rulebook):
        raise CannotDraft(failing.no_channel(note.channels))
    unread = tuple(File(upload, upload.mime, b"") for upload in note.uploads)
    shown, marks = _files(parts, note) if files else (unread, ())
    today = now.astimezone(parts.zone).date()
    return Gathered(Material(note, rulebook, voice, today, rows, shown), marks)


def _goes_anywhere(note: Note, rulebook: Rulebook) -> bool:
    """A note that names no channel is for all there are."""
    named = {name.strip().lower() for name in note.channels}
    return bool(named & set(rulebook.channels) if named else rulebook.channels)


def _rulebook(parts: Parts) -> Rulebook:
    found = read_object(parts.s3, parts.settings.rules_bucket, "rules.txt")
    if found is None:
        raise CannotDraft(failing.no_rules())
    try:
        return usable_rules(found.data.decode("utf-8", "replace"), default_zone=parts.settings.tz_name)
    except Damaged as error:
        raise CannotDraft(failing.unusable_rules()) from error


def _voice(parts: Parts) -> Voice:
    found = read_object(parts.s3, parts.settings.rules_bucket, "voice.txt")
    return read_voice(found.data.decode("utf-8", "replace"))[0] if found is not None else Voice()


def _rows(parts: Parts, since: datetime) -> tuple[Row, ...]:
    """Those of that day and later, by date; none before the sheet was first read."""
    with opened(parts.s3, parts.settings.posts_bucket, "posts.csv") as found:
        if found is None:
            return ()
        try:
            refuse_long(found.length_bytes)
            first = since.astimezone(parts.zone).date().isoformat()
            layout, rest = records(lines(found.stream), older=True)
            # Read to its end, whatever is kept: only there it shows whether the file is whole.
            found_rows = [one for one in rest if _ISO_DAY.fullmatch(one[layout.date]) and one[layout.date] >= first]
            found_rows.sort(key=lambda one: one[layout.date])
            return tuple(layout.row(one) for one in found_rows[-_MOST_ROWS:])
        except Damaged as error:
            raise CannotDraft(failing.unreadable_sheet(str(error))) from error


def _files(parts: Parts, note: Note) -> tuple[tuple[File, ...], tuple[Mark, ...]]:
    """One after the other, since each may take a third of the memory while it is made smaller."""
    files: list[File] = []
    marks: list[Mark] = []
    for upload, sentence in _bounded(note):
        try:
            if sentence:
                raise LeftOut(sentence)  # noqa: TRY301 - told like every other file that is left out
            files.append(as_shown(upload, _content(parts, upload)))
        except LeftOut as error:
            marks.append(Mark(code="file-left-out", message=str(error), quote=upload.name))
    return tuple(files), tuple(marks)


def _bounded(note: Note) -> Iterator[tuple[Upload, str]]:
    """Each upload, with why it is one too many."""
    most = {"pdf": DOCUMENTS_AT_MOST, "image": IMAGES_AT_MOST}
    seen = dict.fromkeys(most, 0)
    for upload in note.uploads:
        kind = "pdf" if upload.kind == "pdf" else "image"
        seen[kind] += 1
        plenty = f"The model was not shown “{upload.name}”: it looks at {most[kind]} {'PDFs' if kind == 'pdf' else 'pictures'} at most."
        yield upload, plenty if seen[kind] > most[kind] else ""


def _content(parts: Parts, upload: Upload) -> bytes:
    with opened(parts.s3, parts.settings.posts_bucket, f"uploads/{upload.upload_id}") as found:
        if found is None:
            raise CannotDraft(failing.lost_upload(upload.name))
        refuse_heavy(upload, found.length_bytes)
        content = found.stream.read()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != upload.md5:
        raise LeftOut(
            f"The model was not shown “{upload.name}”: it is no longer the file that was looked at when it came."
        )
    return content
