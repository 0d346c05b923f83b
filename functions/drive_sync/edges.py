"""The mirror that drive-sync keeps in S3: rows, images, the folder's list, the rules and voice docs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Damaged, Doubt, Unreachable
from mesh.objects import described, md5_of, opened
from mesh.posts import Row
from mesh.posts_csv import LONGEST_BYTES, read_csv, refuse_long, write_csv
from mesh.uploads import upload_key

_IMAGES = "images/"
_CHUNK_BYTES = 1_000_000
LONGEST_TEXT_BYTES = 2_000_000  # Google exports no longer doc


@dataclass(frozen=True)
class UploadedFile:
    """``mime`` is what whoever put it said it was."""

    md5: str
    mime: str
    size_bytes: int


class MirrorStore:
    """``posts.csv``, images and the list of known Drive files; ``rules.txt`` and ``voice.txt``. Puts only what changed.

    ``versions``: which version of an object was read or put last, by its key.
    """

    def __init__(self, s3: Any, posts_bucket: str, rules_bucket: str) -> None:
        self._s3 = s3
        self._posts = posts_bucket
        self._rules = rules_bucket
        self.versions: dict[str, str] = {}

    def last_rows(self, written: str = "") -> dict[str, Row]:
        """As they were mirrored last. Where that is damaged, the ``written`` version: what we put there before somebody else did."""
        for version in ("", written) if written else ("",):
            try:
                data = self._get(self._posts, "posts.csv", LONGEST_BYTES, version)
                if data is not None:
                    return {row.post_id: row for row in read_csv(data)}
            except Damaged:
                continue
        return {}

    def put_rows(self, rows: Iterable[Row]) -> bool:
        """TooLong where nobody would read it: what was mirrored before stands."""
        return self._put_changed(self._posts, "posts.csv", write_csv(rows))

    def drive_files(self) -> dict[str, Any]:
        """What was known of the folder at the last sync: ``files`` by id."""
        data = self._get(self._posts, "drive-files.json", LONGEST_BYTES)
        return json.loads(data) if data else {}

    def put_drive_files(self, known: Mapping[str, Any]) -> bool:
        return self._put_changed(self._posts, "drive-files.json", json.dumps(known, sort_keys=True).encode())

    def images(self) -> set[str]:
        """The MD5s of all images whose bytes are here."""
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._posts, Prefix=_IMAGES)
            return {entry["Key"].removeprefix(_IMAGES) for page in pages for entry in page.get("Contents", ())}
        except (ClientError, BotoCoreError) as error:
            raise Unreachable(f"S3 list {_IMAGES}: {type(error).__name__}") from error

    def put_image(self, md5: str, content: BinaryIO) -> None:
        """Doubt where the bytes are not those of ``md5``: the file was replaced while it was read."""
        content.seek(0)
        found = hashlib.md5(usedforsecurity=False)
        while chunk := content.read(_CHUNK_BYTES):
            found.update(chunk)
        if found.hexdigest() != md5:
            raise Doubt("an image changed while it was read")
        content.seek(0)
        self._put(self._posts, f"{_IMAGES}{md5}", content)

    def upload(self, upload_id: str) -> UploadedFile | None:
        """None where there is none of that id."""
        key = upload_key(upload_id)
        found = described(self._s3, self._posts, key)
        md5 = md5_of(self._s3, self._posts, key, found) if found is not None else ""
        return UploadedFile(md5, found.mime, found.size_bytes) if found is not None and md5 else None

    def put_upload(self, md5: str, upload_id: str) -> None:
        """Among the images, as ``put_image``: the bytes that its MD5 was counted of, or Doubt."""
        key = upload_key(upload_id)
        found = described(self._s3, self._posts, key)
        if found is None or md5_of(self._s3, self._posts, key, found) != md5:
            raise Doubt("an upload changed while it was copied")
        source = {"Bucket": self._posts, "Key": key}
        try:
            self._s3.copy_object(
                Bucket=self._posts, Key=f"{_IMAGES}{md5}", CopySource=source, CopySourceIfMatch=found.etag
            )
        except (ClientError, BotoCoreError) as error:
            raise Unreachable(f"S3 copy {key}: {type(error).__name__}") from error

    def text(self, name: str) -> str:
        """ "" where there is none, and where it is longer than any doc of the owner's."""
        try:
            return (self._get(self._rules, name, LONGEST_TEXT_BYTES) or b"").decode("utf-8", "replace")
        except Damaged:
            return ""

    def put_text(self, name: str, text: str) -> bool:
        return self._put_changed(self._rules, name, text.encode("utf-8", "replace"))

    def _put_changed(self, bucket: str, key: str, data: bytes) -> bool:
        try:
            if self._get(bucket, key, len(data)) == data:
                return False
        except Damaged:
            pass  # it is longer, and so another one
        self._put(bucket, key, data)
        return True

    def _put(self, bucket: str, key: str, data: bytes | BinaryIO) -> None:
        try:
            answer = self._s3.put_object(Bucket=bucket, Key=key, Body=data)
        except (ClientError, BotoCoreError) as error:
            raise Unreachable(f"S3 put {key}: {type(error).__name__}") from error
        self.versions[key] = str(answer.get("VersionId") or answer["ETag"])

    def _get(self, bucket: str, key: str, longest_bytes: int, version: str = "") -> bytes | None:
        """Damaged, and not read, where it is longer."""
        with opened(self._s3, bucket, key, version) as found:
            if found is None:
                self.versions.pop(key, None)
                return None
            if not version:
                self.versions[key] = found.version
            refuse_long(found.length_bytes, longest_bytes)
            return found.stream.read()
