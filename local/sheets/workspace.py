"""The owner's Drive: files, workbooks and the change feed. In memory; `keeping` puts it on disk.

All of it runs on one event loop and never waits in mid-change, so a call sees a sheet before or after an edit.
"""

from __future__ import annotations

import asyncio
import mimetypes
from dataclasses import dataclass, replace
from datetime import datetime

from local.clock import now
from local.sheets.drive_file import (
    OWNERS_PERMISSION,
    SPREADSHEET,
    WRITING_ROLES,
    DriveFile,
    account_permission,
    file_not_found,
    new_id,
    shared_role,
)
from local.sheets.feed import Feed
from local.sheets.tokens import EMAIL
from local.sheets.wire import GoogleError, Json
from local.sheets.workbook import Sheet, Workbook


@dataclass
class Places:
    """Which files play which part for the business."""

    spreadsheet_id: str
    folder_id: str
    rules_id: str
    voice_id: str
    tab: str = "Posts"


class Workspace:
    """Every change goes through `touch` or `edit`: version and time move, the feed hears of it, whoever waits is woken."""

    def __init__(self) -> None:
        self.files: dict[str, DriveFile] = {}
        self.workbooks: dict[str, Workbook] = {}
        self.positions: dict[str, int] = {}
        """File id -> the owner's count at its last change, also of removed files. The owner sees every edit at once."""
        self.removed: dict[str, datetime] = {}
        self.sequence = 0
        self.places: Places | None = None
        self.feed = Feed()
        self.dirty: set[str] = set()
        self.closing = False
        self._waiting: set[asyncio.Event] = set()

    # Files

    def shared_file(self, file_id: str, *, to_write: bool = False) -> DriveFile:
        """As the service account meets it. GoogleError 404 for what is not shared with it, 403 for what it may only read.

        Drive does not tell a stranger's file from none at all.
        """
        file = self.file(file_id)
        role = shared_role(file)
        if role is None:
            raise file_not_found(file_id)
        if to_write and role not in WRITING_ROLES:
            raise GoogleError(
                403,
                f"The user does not have sufficient permissions for file {file_id}.",
                reason="insufficientFilePermissions",
            )
        return file

    def share(self, role: str | None) -> None:
        """The owner lets the service account edit (writer), view (reader), or (None) takes the folder back."""
        folder_id = self.business().folder_id
        for file in [self.files[folder_id], *(file for file in self.files.values() if folder_id in file.parents)]:
            others = [permission for permission in file.permissions if permission.get("emailAddress") != EMAIL]
            file.permissions = others + ([account_permission(role)] if role else [])
            self.touch(file.file_id)

    def file(self, file_id: str) -> DriveFile:
        """GoogleError 404 as Drive words it."""
        if file_id not in self.files:
            raise file_not_found(file_id)
        return self.files[file_id]

    def add_file(
        self, name: str, mime_type: str, parents: list[str], content: bytes | None = None, file_id: str | None = None
    ) -> DriveFile:
        """A new file, shared as its folder is; without a folder, with the service account."""
        moment = now()
        added = DriveFile(
            file_id=file_id or new_id(),
            name=name,
            mime_type=mime_type,
            parents=parents,
            created_at=moment,
            modified_at=moment,
            version=0,
            content=content,
            permissions=self._inherited_permissions(parents),
        )
        self.files[added.file_id] = added
        self.touch(added.file_id)
        return added

    def _inherited_permissions(self, parents: list[str]) -> list[Json]:
        for parent in parents:
            if parent in self.files:
                return [dict(permission) for permission in self.files[parent].permissions]
        return [OWNERS_PERMISSION, account_permission("writer")]

    def add_workbook(self, name: str, parents: list[str], tab: str = "Sheet1") -> Workbook:
        """A new spreadsheet with one blank tab."""
        added = self.add_file(name, SPREADSHEET, parents)
        workbook = Workbook(added.file_id, [])
        workbook.sheets.append(workbook.new_sheet(tab))
        self.workbooks[added.file_id] = workbook
        return workbook

    def put_content(self, name: str, mime_type: str | None, parent: str, content: bytes) -> DriveFile:
        """Uploads by name: a file of that name in the folder keeps its id and gets a new version."""
        known = self.by_name(name, parent)
        kind = mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if known is None:
            return self.add_file(name, kind, [parent], content)
        known.content, known.mime_type = content, kind
        self.touch(known.file_id)
        return known

    def by_name(self, name: str, parent: str) -> DriveFile | None:
        """The file of that name in a folder; Drive allows several, this server's owner does not make them."""
        return next((file for file in self.children(parent) if file.name == name), None)

    def children(self, parent: str) -> list[DriveFile]:
        """The folder's files, oldest first, without those in the bin."""
        return [file for file in self.files.values() if parent in file.parents and not file.trashed]

    def remove(self, file_id: str) -> None:
        """Deletes for good; the feed tells of it once."""
        self.file(file_id)
        self._advance(file_id)
        self.feed.told(file_id)
        self.removed[file_id] = now()
        del self.files[file_id]
        self.workbooks.pop(file_id, None)
        self._wake()

    # Workbooks

    def workbook(self, spreadsheet_id: str) -> Workbook:
        """GoogleError 404 as Sheets words it."""
        if spreadsheet_id not in self.workbooks:
            raise GoogleError(404, "Requested entity was not found.")
        return self.workbooks[spreadsheet_id]

    def keep_workbook(self, workbook: Workbook) -> None:
        """Puts a changed workbook in the place of the old one."""
        self.workbooks[workbook.spreadsheet_id] = workbook
        self.edit(workbook.spreadsheet_id)

    def post_sheet(self) -> tuple[Workbook, Sheet]:
        """The business's own tab; the first one, should the owner have renamed it."""
        places = self.business()
        workbook = self.workbooks[places.spreadsheet_id]
        return workbook, workbook.sheet_by_title(places.tab) or workbook.sheets[0]

    def business(self) -> Places:
        """Which files play which part."""
        assert self.places is not None, "the workspace has not been furnished"
        return self.places

    # Changes

    def touch(self, file_id: str) -> None:
        """One more version, which Drive shows at once."""
        self._moved(file_id)
        self.feed.told(file_id)

    def edit(self, file_id: str) -> None:
        """One more version by typing in a document, which Drive shows as the feed says."""
        before = self.files[file_id]
        version, modified_at = before.version, before.modified_at
        self._moved(file_id)
        self.feed.edited(file_id, now(), version, modified_at)

    def feed_by_now(self) -> Feed:
        """The feed, with everything in it whose time has come."""
        self.dirty.update(self.feed.settle(now()))
        return self.feed

    def gather(self, seconds: float) -> None:
        """For how long Drive gathers edits; at 0 it shows at once what it held back."""
        self.dirty.update(self.feed.held)
        self.feed.gather(seconds)

    def shown(self, file: DriveFile) -> DriveFile:
        """The file as Drive shows it by now."""
        held = self.feed_by_now().held.get(file.file_id)
        return replace(file, version=held.version, modified_at=held.modified_at) if held else file

    def _moved(self, file_id: str) -> None:
        file = self.files[file_id]
        file.version += 1
        file.modified_at = now()
        self._advance(file_id)
        self._wake()

    def _advance(self, file_id: str) -> None:
        self.sequence += 1
        self.positions[file_id] = self.sequence
        self.dirty.add(file_id)

    def changed_after(self, sequence: int) -> list[tuple[int, str]]:
        """(the owner's count, file id), in order; each file once, at its last change."""
        return sorted((place, file_id) for file_id, place in self.positions.items() if place > sequence)

    async def wait_after(self, sequence: int, timeout_seconds: float) -> None:
        """Returns when something changed after that count, at the timeout, or when the server closes."""
        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            if self.sequence <= sequence and not self.closing:
                await asyncio.wait_for(woken.wait(), timeout_seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(woken)

    def close(self) -> None:
        """Lets every waiting call go."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        for woken in self._waiting:
            woken.set()
