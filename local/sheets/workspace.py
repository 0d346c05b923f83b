"""The owner's Drive: files, workbooks and the change feed. In memory; `keeping` puts it on disk.

All of it runs on one event loop and never waits in mid-change, so a call sees a sheet before or after an edit.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from local.clock import now
from local.sheets.feed import Feed
from local.sheets.tokens import EMAIL
from local.sheets.wire import GoogleError, Json
from local.sheets.workbook import Sheet, Workbook

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
DOCUMENT = "application/vnd.google-apps.document"
OWNER_EMAIL = "owner@example.com"
OWNER_PERMISSION_ID = "00000000000000000001"
ACCOUNT_PERMISSION_ID = "00000000000000000002"


@dataclass
class DriveFile:
    """One entry of the Drive. `content`: a binary's bytes, a document's UTF-8 text, None for sheets and folders."""

    file_id: str
    name: str
    mime_type: str
    parents: list[str]
    created_at: datetime
    modified_at: datetime
    version: int = 1
    trashed: bool = False
    content: bytes | None = None
    permissions: list[Json] = field(default_factory=list)

    @property
    def is_google_type(self) -> bool:
        return self.mime_type.startswith("application/vnd.google-apps.")


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

    def file(self, file_id: str) -> DriveFile:
        """GoogleError 404 as Drive words it."""
        if file_id not in self.files:
            raise GoogleError(404, f"File not found: {file_id}.", reason="notFound")
        return self.files[file_id]

    def add_file(
        self, name: str, mime_type: str, parents: list[str], content: bytes | None = None, file_id: str | None = None
    ) -> DriveFile:
        """A new file, shared with the service account as the folder is."""
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
            permissions=_first_permissions(),
        )
        self.files[added.file_id] = added
        self.touch(added.file_id)
        return added

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

    def shown(self, file: DriveFile) -> DriveFile:
        """The file as Drive shows it by now."""
        self.feed.settle(now())
        held = self.feed.held.get(file.file_id)
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


def new_id() -> str:
    """As long as Google's."""
    return "1" + secrets.token_urlsafe(32)


def file_resource(file: DriveFile) -> Json:
    """Drive's File message, with every field this server has. 64-bit numbers travel as strings."""
    resource: Json = {
        "kind": "drive#file",
        "id": file.file_id,
        "name": file.name,
        "mimeType": file.mime_type,
        "trashed": file.trashed,
        "parents": list(file.parents),
        "version": str(file.version),
        "createdTime": timestamp(file.created_at),
        "modifiedTime": timestamp(file.modified_at),
        "permissions": [dict(permission) for permission in file.permissions],
        "owners": [_owner()],
        "ownedByMe": False,
        "shared": True,
        "webViewLink": f"https://drive.google.com/file/d/{file.file_id}/view",
        "capabilities": {"canEdit": True, "canDownload": True},
    }
    if file.content is not None:
        resource["size"] = str(len(file.content))
    if file.content is not None and not file.is_google_type:
        resource |= {
            "md5Checksum": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
            "sha1Checksum": hashlib.sha1(file.content, usedforsecurity=False).hexdigest(),
            "sha256Checksum": hashlib.sha256(file.content).hexdigest(),
            "originalFilename": file.name,
            "fileExtension": file.name.rpartition(".")[2] if "." in file.name else "",
            "headRevisionId": f"{file.file_id[:8]}{file.version}",
        }
    return resource


def shared_role(file: DriveFile) -> str | None:
    """The best role that the service account has on a file, None if it is not shared with it."""
    roles = [
        permission["role"]
        for permission in file.permissions
        if permission["type"] == "anyone" or permission.get("emailAddress") == EMAIL
    ]
    return next((role for role in ("owner", "writer", "commenter", "reader") if role in roles), None)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def permission_resource(permission: dict[str, Any]) -> Json:
    """Drive's Permission message."""
    return {"kind": "drive#permission", **permission}


def _owner() -> Json:
    return {
        "kind": "drive#user",
        "displayName": "Owner",
        "me": False,
        "permissionId": OWNER_PERMISSION_ID,
        "emailAddress": OWNER_EMAIL,
    }


def _first_permissions() -> list[Json]:
    return [
        {"id": OWNER_PERMISSION_ID, "type": "user", "role": "owner", "emailAddress": OWNER_EMAIL},
        {"id": ACCOUNT_PERMISSION_ID, "type": "user", "role": "writer", "emailAddress": EMAIL},
    ]
