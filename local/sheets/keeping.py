"""Keeping a workspace on disk, so that the next start goes on where the last one stopped.

```
DIR/service-account.json   the key file, with the token address of the last start
DIR/workspace.json         files, feed and parts; written last, so that it never names what is not there
DIR/workbooks/<id>.json    one per spreadsheet
DIR/contents/<id>          bytes of binaries and documents
```
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from local.sheets.drive_file import DriveFile
from local.sheets.feed import Feed, Held
from local.sheets.kept_workbook import WorkbookText, workbook_from_json
from local.sheets.tokens import ServiceAccount
from local.sheets.wire import Json
from local.sheets.workspace import Places, Workspace

_FORMAT_VERSION = 1


class Keeper:
    """One folder; only one server may have it at a time."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._texts: dict[str, WorkbookText] = {}
        for name in ("workbooks", "contents"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def account(self, token_uri: str) -> ServiceAccount:
        """The folder's service account, made at first; its key file is written anew, since the port may differ."""
        path, key_path = self._folder / "service-account.json", self._folder / "token-key"
        if path.exists() and key_path.exists():
            info = json.loads(path.read_text())
            account = ServiceAccount(info["private_key_id"], info["private_key"], key_path.read_text())
        else:
            account = ServiceAccount.generated(secrets.token_hex(20), secrets.token_urlsafe(32))
        _write(key_path, account.token_key.encode(), mode=0o600)
        _write(path, json.dumps(account.info(token_uri), indent=2).encode(), mode=0o600)
        return account

    def load(self) -> Workspace | None:
        """None where nothing was kept yet."""
        path = self._folder / "workspace.json"
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        workspace = Workspace()
        workspace.sequence = kept["sequence"]
        workspace.positions = kept["positions"]
        workspace.removed = {file_id: datetime.fromisoformat(at) for file_id, at in kept["removed"].items()}
        _load_feed(workspace, kept.get("feed"))
        workspace.places = Places(**kept["places"])
        for entry in kept["files"]:
            file = self._file(entry)
            workspace.files[file.file_id] = file
            workbook_path = self._folder / "workbooks" / f"{file.file_id}.json"
            if workbook_path.exists():
                workspace.workbooks[file.file_id] = workbook_from_json(json.loads(workbook_path.read_text()))
        return workspace

    def save(self, workspace: Workspace) -> None:
        """Writes what changed since the last time; each file is replaced whole or not at all."""
        changed = set(workspace.dirty)
        if not changed:
            return
        for file_id in changed:
            self._save_file(workspace, file_id)
        _write(self._folder / "workspace.json", json.dumps(_overview(workspace), ensure_ascii=False).encode())
        workspace.dirty.clear()
        for file_id in changed - set(workspace.files):
            self._texts.pop(file_id, None)
            (self._folder / "contents" / file_id).unlink(missing_ok=True)
            (self._folder / "workbooks" / f"{file_id}.json").unlink(missing_ok=True)

    def _save_file(self, workspace: Workspace, file_id: str) -> None:
        file = workspace.files.get(file_id)
        if file is not None and file.content is not None:
            _write(self._folder / "contents" / file_id, file.content)
        if file_id in workspace.workbooks:
            body = self._texts.setdefault(file_id, WorkbookText()).written(workspace.workbooks[file_id])
            _write(self._folder / "workbooks" / f"{file_id}.json", body.encode())

    def _file(self, entry: Json) -> DriveFile:
        content_path = self._folder / "contents" / entry["file_id"]
        has_content = entry.pop("has_content")
        return DriveFile(
            **{
                **entry,
                "created_at": datetime.fromisoformat(entry["created_at"]),
                "modified_at": datetime.fromisoformat(entry["modified_at"]),
                "content": content_path.read_bytes() if has_content else None,
            }
        )


def _load_feed(workspace: Workspace, kept: Json | None) -> None:
    feed = workspace.feed
    if kept is None:  # written before the feed was something of its own
        feed.sequence, feed.positions = workspace.sequence, dict(workspace.positions)
        return
    feed.sequence, feed.positions = kept["sequence"], kept["positions"]
    for file_id, (until, version, modified_at) in kept["held"].items():
        feed.held[file_id] = Held(datetime.fromisoformat(until), version, datetime.fromisoformat(modified_at))


def _feed(feed: Feed) -> Json:
    held = {
        file_id: (one.until.isoformat(), one.version, one.modified_at.isoformat()) for file_id, one in feed.held.items()
    }
    return {"sequence": feed.sequence, "positions": feed.positions, "held": held}


def _overview(workspace: Workspace) -> Json:
    files = []
    for file in workspace.files.values():
        entry = {name: value for name, value in vars(file).items() if name not in ("content", "_checksums")}
        entry["created_at"] = file.created_at.isoformat()
        entry["modified_at"] = file.modified_at.isoformat()
        files.append(entry | {"has_content": file.content is not None})
    return {
        "format": _FORMAT_VERSION,
        "sequence": workspace.sequence,
        "positions": workspace.positions,
        "feed": _feed(workspace.feed),
        "removed": {file_id: at.isoformat() for file_id, at in workspace.removed.items()},
        "places": asdict(workspace.business()),
        "files": files,
    }


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    temporary = path.with_name(path.name + ".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(content)
    temporary.replace(path)
