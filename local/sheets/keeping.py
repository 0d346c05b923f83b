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
from typing import Any

from local.sheets.cells import Cell
from local.sheets.tokens import ServiceAccount
from local.sheets.wire import Json
from local.sheets.workbook import Row, Sheet, Workbook
from local.sheets.workspace import DriveFile, Places, Workspace

_FORMAT_VERSION = 1
_CELL_EXTRAS = ("formula", "format", "validation", "note")


class Keeper:
    """One folder; only one server may have it at a time."""

    def __init__(self, folder: Path):
        self._folder = folder
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
            (self._folder / "contents" / file_id).unlink(missing_ok=True)
            (self._folder / "workbooks" / f"{file_id}.json").unlink(missing_ok=True)

    def _save_file(self, workspace: Workspace, file_id: str) -> None:
        file = workspace.files.get(file_id)
        if file is not None and file.content is not None:
            _write(self._folder / "contents" / file_id, file.content)
        if file_id in workspace.workbooks:
            body = json.dumps(workbook_to_json(workspace.workbooks[file_id]), ensure_ascii=False)
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


def workbook_to_json(workbook: Workbook) -> Json:
    """Cells as [row, column, value] or [row, column, value, extras]; equal extras are written once."""
    looks: dict[str, int] = {}
    sheets = []
    for sheet in workbook.sheets:
        kept = {name: value for name, value in vars(sheet).items() if name != "rows"}
        kept["row_count"] = sheet.row_count
        kept["cells"] = [
            [row, column, *_cell_to_json(cell, looks)]
            for row, line in enumerate(sheet.rows)
            for column, cell in line.items()
        ]
        sheets.append(kept)
    own = {name: value for name, value in vars(workbook).items() if name != "sheets"}
    return {"format": _FORMAT_VERSION, **own, "sheets": sheets, "looks": [json.loads(look) for look in looks]}


def workbook_from_json(kept: Json) -> Workbook:
    """The opposite of workbook_to_json."""
    kept = dict(kept)
    kept.pop("format")
    looks = kept.pop("looks")
    sheets = []
    for entry in kept.pop("sheets"):
        rows: list[Row] = [{} for _ in range(entry.pop("row_count"))]
        for row, column, value, *look in entry.pop("cells"):
            rows[row][column] = Cell(value, **(looks[look[0]] if look else {}))
        for name in ("row_properties", "column_properties"):
            entry[name] = {int(index): value for index, value in entry[name].items()}
        sheets.append(Sheet(rows=rows, **entry))
    return Workbook(sheets=sheets, **kept)


def _cell_to_json(cell: Cell, looks: dict[str, int]) -> list[Any]:
    extras = {name: getattr(cell, name) for name in _CELL_EXTRAS if getattr(cell, name) is not None}
    if not extras:
        return [cell.value]
    return [cell.value, looks.setdefault(json.dumps(extras, sort_keys=True), len(looks))]


def _overview(workspace: Workspace) -> Json:
    files = []
    for file in workspace.files.values():
        entry = {name: value for name, value in vars(file).items() if name != "content"}
        entry["created_at"] = file.created_at.isoformat()
        entry["modified_at"] = file.modified_at.isoformat()
        files.append(entry | {"has_content": file.content is not None})
    return {
        "format": _FORMAT_VERSION,
        "sequence": workspace.sequence,
        "positions": workspace.positions,
        "removed": {file_id: at.isoformat() for file_id, at in workspace.removed.items()},
        "places": asdict(workspace.business()),
        "files": files,
    }


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    temporary = path.with_name(path.name + ".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(content)
    temporary.replace(path)
