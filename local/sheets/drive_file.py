"""One file of the Drive, whom it is shared with, and Drive's messages about both."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.sheets.tokens import EMAIL
from local.sheets.wire import GoogleError, Json

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
DOCUMENT = "application/vnd.google-apps.document"
OWNER_EMAIL = "owner@example.com"
OWNER_PERMISSION_ID = "00000000000000000001"
ACCOUNT_PERMISSION_ID = "00000000000000000002"
WRITING_ROLES = ("owner", "writer")


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
    _checksums: tuple[bytes, Json] | None = field(default=None, repr=False, compare=False)
    """Those of a content, so that a listing of 500 images does not read them all again."""

    def checksums(self) -> Json:
        """Of a binary's bytes, under Drive's names for them."""
        assert self.content is not None
        if self._checksums is None or self._checksums[0] is not self.content:
            made = {
                "md5Checksum": hashlib.md5(self.content, usedforsecurity=False).hexdigest(),
                "sha1Checksum": hashlib.sha1(self.content, usedforsecurity=False).hexdigest(),
                "sha256Checksum": hashlib.sha256(self.content).hexdigest(),
            }
            self._checksums = self.content, made
        return self._checksums[1]

    @property
    def is_google_type(self) -> bool:
        return self.mime_type.startswith("application/vnd.google-apps.")


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
        "capabilities": {"canEdit": shared_role(file) in ("owner", "writer"), "canDownload": True},
    }
    if file.content is not None:
        resource["size"] = str(len(file.content))
    if file.content is not None and not file.is_google_type:
        resource |= {
            **file.checksums(),
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


OWNERS_PERMISSION: Json = {
    "id": OWNER_PERMISSION_ID,
    "type": "user",
    "role": "owner",
    "emailAddress": OWNER_EMAIL,
}


def account_permission(role: str) -> Json:
    return {"id": ACCOUNT_PERMISSION_ID, "type": "user", "role": role, "emailAddress": EMAIL}


def file_not_found(file_id: str) -> GoogleError:
    return GoogleError(404, f"File not found: {file_id}.", reason="notFound")
