"""What the servers remember: accounts, posts, images. One JSON file and a folder of images, written at every change.

Each server has a section of its own. Whoever reads or changes one holds ``lock``; whoever changed something calls ``save`` before
answering.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
from pathlib import Path
from typing import Any


class Store:
    """``folder`` None keeps everything in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.lock = threading.RLock()
        self._folder = folder
        self._images: dict[str, bytes] = {}
        told = self._read()
        self.signing_key: str = told.pop("signing_key", "") or secrets.token_hex(32)
        self._sections: dict[str, dict[str, Any]] = told
        self.save()

    def section(self, name: str, **empty: Any) -> dict[str, Any]:
        """What one server remembers, as it was left; ``empty`` is what a new one begins with, part by part."""
        found = self._sections.setdefault(name, {})
        for part, value in empty.items():
            found.setdefault(part, value)
        return found

    def save(self) -> None:
        if self._folder is None:
            return
        with self.lock:
            told = {"signing_key": self.signing_key, **self._sections}
            _replace(self._folder / "networks.json", json.dumps(told, ensure_ascii=False).encode())

    def put_image(self, content: bytes) -> str:
        """Keeps an image; its SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        if self._folder is None:
            self._images[sha256] = content
        else:
            path = self._folder / "images" / sha256
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                _replace(path, content)
        return sha256

    def image(self, sha256: str) -> bytes:
        """KeyError for an image that was never put."""
        if self._folder is None:
            return self._images[sha256]
        try:
            return (self._folder / "images" / sha256).read_bytes()
        except FileNotFoundError as error:
            raise KeyError(sha256) from error

    def _read(self) -> dict[str, Any]:
        if self._folder is None:
            return {}
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            told: dict[str, Any] = json.loads((self._folder / "networks.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return told


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.{threading.get_ident()}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)  # noqa: PTH105 - the same as Path.replace, and says what it does


def image_mime(content: bytes) -> str:
    """The type by the first bytes; empty for what is no image known here."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if content[:6] in (b"GIF87a", b"GIF89a") else ""
