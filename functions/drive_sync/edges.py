"""The mirror that drive-sync keeps in S3: rows, images, the folder's list, the rules and voice docs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import Doubt, Unreachable
from mesh.objects import read_object
from mesh.posts import Row
from mesh.posts_csv import read_csv, write_csv

_IMAGES = "images/"
_CHUNK_BYTES = 1_000_000


class MirrorStore:
    """``posts.csv``, images and the list of known Drive files; ``rules.txt`` and ``voice.txt``. Puts only what changed."""

    def __init__(self, s3: Any, posts_bucket: str, rules_bucket: str) -> None:
        self._s3 = s3
        self._posts = posts_bucket
        self._rules = rules_bucket

    def last_rows(self) -> dict[str, Row]:
        data = self._get(self._posts, "posts.csv")
        return {row.post_id: row for row in read_csv(data)} if data else {}

    def put_rows(self, rows: Iterable[Row]) -> bool:
        return self._put_changed(self._posts, "posts.csv", write_csv(rows))

    def drive_files(self) -> dict[str, Any]:
        """What was known of the folder at the last sync: ``files`` by id."""
        data = self._get(self._posts, "drive-files.json")
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

    def text(self, name: str) -> str:
        return (self._get(self._rules, name) or b"").decode("utf-8", "replace")

    def put_text(self, name: str, text: str) -> bool:
        return self._put_changed(self._rules, name, text.encode("utf-8", "replace"))

    def _put_changed(self, bucket: str, key: str, data: bytes) -> bool:
        if self._get(bucket, key) == data:
            return False
        self._put(bucket, key, data)
        return True

    def _put(self, bucket: str, key: str, data: bytes | BinaryIO) -> None:
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=data)
        except (ClientError, BotoCoreError) as error:
            raise Unreachable(f"S3 put {key}: {type(error).__name__}") from error

    def _get(self, bucket: str, key: str) -> bytes | None:
        found = read_object(self._s3, bucket, key)
        return None if found is None else found.data
