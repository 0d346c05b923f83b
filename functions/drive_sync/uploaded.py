"""Pictures that were added to a note instead of the folder: a row names them ``upload:<id>``, and their bytes lie in S3 already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drive_sync.edges import MirrorStore
from drive_sync.folder import IMAGE_LIMIT_BYTES
from mesh.posts import UNUSABLE, Row
from mesh.uploads import is_upload, upload_id


class Uploaded:
    """What stands for the bytes of uploads, each asked for once a run at most.

    ``last`` are the mirrored rows: an upload's bytes are put once, so that what was found stands until the whole folder is looked at.
    """

    def __init__(self, store: MirrorStore, last: Iterable[Row]) -> None:
        self._store = store
        self._known = dict(_usable(last))

    def hash_of(self, name: str) -> str:
        """As ``Folder.hash_of``: its MD5, "" where nothing was uploaded under that name, else why it is no picture for us."""
        if name not in self._known:
            self._known[name] = self._look(upload_id(name))
        return self._known[name]

    def _look(self, the_id: str) -> str:
        found = self._store.upload(the_id) if the_id else None
        if found is None:
            return ""
        if not found.mime.startswith("image/"):
            return f"{UNUSABLE}is no picture ({found.mime or 'unknown'}); name a picture instead"
        if found.size_bytes > IMAGE_LIMIT_BYTES:
            return f"{UNUSABLE}has {found.size_bytes / 1e6:,.0f} MB; {IMAGE_LIMIT_BYTES // 1_000_000} MB is the most that is taken"
        return found.md5


def _usable(rows: Iterable[Row]) -> Mapping[str, str]:
    return {
        name: md5
        for row in rows
        for name, md5 in row.images.items()
        if is_upload(name) and md5 and not md5.startswith(UNUSABLE)
    }
