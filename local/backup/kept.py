"""A backup as it lies in a folder: a manifest that names each file with its SHA-256, and is sealed itself.

``manifest.json``, ``manifest.sha256``, ``tables/<name>.jsonl`` (an item a line, as DynamoDB writes it) and ``files/<bucket>/<n>``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mesh.ledger.values import unpack

FORMAT = 1
TABLES = ("sends", "status", "runtime", "audit")
"""In the order in which they are read: a change that comes meanwhile is in the audit for certain, and perhaps in the item."""
BUCKETS: tuple[Literal["posts-source", "rules-source"], ...] = ("posts-source", "rules-source")
_MANIFEST, _SEAL = "manifest.json", "manifest.sha256"

Item = dict[str, Any]


class BackupError(Exception):
    """Why it cannot be taken or put back, in a sentence; ``fix`` is the next step."""

    def __init__(self, said: str, fix: str = "") -> None:
        super().__init__(f"{said}\n  next: {fix}" if fix else said)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_INSIDE = r"^(tables|files)/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+|\.jsonl)$"
"""Where a backup's own files lie: a manifest that somebody else wrote leads to no other of this computer's."""


class KeptTable(_Frozen):
    file: str = Field(pattern=_INSIDE)
    items: int
    sha256: str


class KeptFile(_Frozen):
    """``key`` is its own in the bucket."""

    file: str = Field(pattern=_INSIDE)
    key: str
    content_type: str = ""
    size_bytes: int
    sha256: str


class Manifest(_Frozen):
    """``taken_at``: whatever happened later is not in it for certain. ``packages`` are the keys of those that were made by then."""

    format: int = FORMAT
    prefix: str
    account: str
    taken_at: AwareDatetime
    tables: Mapping[str, KeptTable]
    packages: tuple[str, ...]
    buckets: Mapping[Literal["posts-source", "rules-source"], tuple[KeptFile, ...]] = Field(default_factory=dict)


def make_folder(into: Path, prefix: str, at: datetime) -> Path:
    """A new one, which only its owner may read: it holds what posts say."""
    folder = into / f"{prefix}-{at:%Y%m%dT%H%M%SZ}"
    try:
        into.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        (folder / "tables").mkdir()
    except FileExistsError:
        raise BackupError(f"{folder} is there already", "name another folder with INTO=…") from None
    except OSError as error:
        raise BackupError(f"{into} cannot be written ({error.strerror})", "name another folder with INTO=…") from None
    return folder


def seal(folder: Path, manifest: Manifest) -> None:
    """Last of all: a backup that was cut off has none."""
    text = manifest.model_dump_json(indent=1)
    (folder / _MANIFEST).write_text(text)
    (folder / _SEAL).write_text(hashlib.sha256(text.encode()).hexdigest())


def opened(folder: Path) -> Manifest:
    """Every file read and compared. BackupError for what is missing, changed, or of a newer version."""
    if not (folder / _MANIFEST).exists() or not (folder / _SEAL).exists():
        what = "is no backup" if not (folder / "tables").is_dir() else "was cut off while it was taken"
        raise BackupError(f"{folder} {what}: it has no seal", "take another one with make backup, or name an older one")
    text = (folder / _MANIFEST).read_text("utf-8", "replace")
    try:
        written = json.loads(text)
        newer = int(written["format"]) > FORMAT
    except (ValueError, KeyError, TypeError):
        raise _changed(folder, _MANIFEST) from None
    if newer:
        fix = "put it back with that version: git pull (or git checkout of its tag), then the same command again"
        raise BackupError(f"{folder} was taken by a newer version of this program (format {written['format']})", fix)
    if hashlib.sha256(text.encode()).hexdigest() != (folder / _SEAL).read_text().strip():
        raise _changed(folder, _MANIFEST)
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        raise _changed(folder, _MANIFEST) from None
    for kept in manifest.tables.values():
        _compare(folder, kept.file, kept.sha256)
    for files in manifest.buckets.values():
        for one in files:
            _compare(folder, one.file, one.sha256)
    return manifest


def items(folder: Path, kept: KeptTable) -> Iterator[Item]:
    """As DynamoDB writes them."""
    with (folder / kept.file).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def rows(folder: Path, kept: KeptTable) -> list[Item]:
    """The same, as plain values."""
    return [unpack(item) for item in items(folder, kept)]


def newest(into: Path, prefix: str) -> Path:
    """The last one there of a stack."""
    found = sorted(
        one for one in into.glob(f"{prefix}-*Z") if re.fullmatch(rf"{re.escape(prefix)}-\d{{8}}T\d{{6}}Z", one.name)
    )
    if not found:
        raise BackupError(
            f"there is no backup of {prefix} in {into}", "name its folder with FROM=…, or take one: make backup"
        )
    return found[-1]


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compare(folder: Path, file: str, sha256: str) -> None:
    path = folder / file
    if not path.is_file():
        raise BackupError(
            f"{folder} is not whole: {file} is missing", "copy it anew from where it is kept, or use an older one"
        )
    if digest(path) != sha256:
        raise _changed(folder, file)


def _changed(folder: Path, file: str) -> BackupError:
    said = f"{folder}: {file} is not as it was written (changed by hand, or cut off in copying)"
    return BackupError(said, "copy it anew from where it is kept, or use an older one; nothing was put back")
