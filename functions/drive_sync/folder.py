"""The owner's folder: what is in it, and what changed there since the last run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from drive_sync.edges import MirrorStore
from drive_sync.state import State
from drive_sync.steady import Steady
from mesh.google import File, Google, GoogleRefused, by_name
from mesh.posts import UNUSABLE

FULL_LOOK_EVERY = timedelta(hours=24)
IMAGE_LIMIT_BYTES = 40_000_000
_DOC = "application/vnd.google-apps.document"
_GOOGLE_TYPES = {
    _DOC: "a Google Doc",
    "application/vnd.google-apps.spreadsheet": "a Google Sheet",
    "application/vnd.google-apps.presentation": "a Google Slides file",
    "application/vnd.google-apps.folder": "a folder",
    "application/vnd.google-apps.shortcut": "a shortcut to a file elsewhere",
}


@dataclass
class Folder:
    """Files by id, which of them changed since the last finished run, and the token to go on from. ``full``: all of it was listed."""

    files: dict[str, File]
    changed: set[str] = field(default_factory=set)
    next_token: str = ""
    full: bool = False

    def named(self, name: str) -> File | None:
        """The file of that name the gate will find too, where several have it."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, File]:
        return by_name(self.files.values())

    def docs(self, name: str) -> list[File]:
        """Google Docs of that name, whatever its case, the one changed last first."""
        found = [file for file in self.files.values() if file.name.strip().lower() == name and file.mime == _DOC]
        return sorted(found, key=lambda file: (file.modified_at, file.id), reverse=True)

    def lookalikes(self, name: str) -> list[File]:
        """Files that somebody may take for the doc of that name: rules.docx, Rules.txt."""
        return [
            file
            for file in self.files.values()
            if file.mime != _DOC and file.name.lower().partition(".")[0].strip() == name
        ]

    def hash_of(self, name: str) -> str:
        """What stands for an image's bytes in a row: its MD5, "" where there is no such file, else why it is none for us."""
        file = self.named(name)
        if file is None:
            return ""
        if file.mime in _GOOGLE_TYPES:
            return f"{UNUSABLE}is {_GOOGLE_TYPES[file.mime]}, no picture; download it as a picture and put that into the folder"
        if not file.mime.startswith("image/") or not file.md5:
            return f"{UNUSABLE}is no picture ({file.mime or 'unknown'}); use a JPEG, PNG, WebP, GIF or HEIC"
        if file.size_bytes > IMAGE_LIMIT_BYTES:
            limit = IMAGE_LIMIT_BYTES // 1_000_000
            return (
                f"{UNUSABLE}has {file.size_bytes / 1e6:,.0f} MB; {limit} MB is the most that is taken: make it smaller"
            )
        return file.md5


class Drive:
    """One folder in Drive, and the list of it kept in S3. ``sheet_id``: the owner's sheet may lie elsewhere."""

    def __init__(self, google: Google, store: MirrorStore, steady: Steady, folder_id: str, sheet_id: str) -> None:
        self._google = google
        self._store = store
        self._steady = steady
        self._folder_id = folder_id
        self._sheet_id = sheet_id

    def look(self, state: State, now: datetime) -> Folder:
        """The changes since the last finished run, in one call; the whole folder at first, once a day, and where the token is lost."""
        due = state.full_at is None or datetime.fromisoformat(state.full_at) + FULL_LOOK_EVERY <= now
        if state.page_token is None or due:
            return self._full_look()
        token = state.page_token
        try:
            changes = self._steady(lambda: self._google.changes(token))
        except GoogleRefused as refused:
            if refused.status == 400:  # a token that Google no longer knows
                return self._full_look()
            raise
        if not changes.files:
            return Folder({}, next_token=changes.next_token)
        folder = Folder(self.known(), next_token=changes.next_token)
        for file in changes.files:
            self._note(folder, file)
        return folder

    def known(self) -> dict[str, File]:
        """As at the last finished run."""
        return {key: kept_file(value) for key, value in self._store.drive_files().get("files", {}).items()}

    def keep(self, folder: Folder) -> None:
        """The list as it is now, for the next run to compare with."""
        if folder.changed or folder.full:
            self._store.put_drive_files({"files": {key: asdict(file) for key, file in sorted(folder.files.items())}})

    def _note(self, folder: Folder, file: File) -> None:
        known = folder.files.get(file.id)
        here = self._folder_id in file.parents and not (file.trashed or file.removed)
        if file.id == self._sheet_id:
            folder.changed.add(file.id)
        elif here:
            folder.files[file.id] = file
            if known is None or (known.version, known.md5, known.name) != (file.version, file.md5, file.name):
                folder.changed.add(file.id)
        elif known is not None:
            del folder.files[file.id]
            folder.changed.add(file.id)

    def _full_look(self) -> Folder:
        token = self._steady(self._google.start_page_token)  # before the listing: what changes in between is seen again
        listed: Iterable[File] = self._steady(lambda: self._google.files(self._folder_id))
        files = {file.id: file for file in listed if not file.trashed and file.id != self._sheet_id}
        return Folder(files, changed={self._sheet_id, *files}, next_token=token, full=True)


def kept_file(value: Mapping[str, Any]) -> File:
    """From the store; what another version of this code kept there is left out."""
    names = {one.name for one in fields(File)}
    known = {name: given for name, given in value.items() if name in names}
    return File(**{**known, "parents": tuple(value.get("parents") or ())})
