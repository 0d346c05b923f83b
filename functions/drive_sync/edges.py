"""What only drive-sync does: write cells through gspread, and keep the mirror in S3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from drive_sync.decide import RowWrite
from mesh.cells import Cell
from mesh.errors import Doubt, Throttled, Unreachable
from mesh.objects import read_object
from mesh.posts import Row
from mesh.posts_csv import read_csv, write_csv
from mesh.sheet import Table, column_letter

SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive.readonly")
_TIMEOUTS_SECONDS = (3, 10)


class SheetWriter:
    """The one way cells are written. Made on the first write: importing gspread costs more than a whole idle run."""

    def __init__(self, document: Mapping[str, Any], spreadsheet_id: str, tab: str) -> None:
        self._document = dict(document)
        self._spreadsheet_id = spreadsheet_id
        self._tab = tab
        self._client: Any = None

    def write(self, table: Table, writes: Sequence[RowWrite]) -> list[list[Cell]]:
        """Put whole rows, null for untouched cells, RAW, in one call; each row as it stands afterwards, in the writes' order.

        Throttled, Unreachable as everywhere; nothing is tried again here: the next run heals.
        """
        data = [
            {"range": self._range(table, write.number), "values": [[write.cells.get(name) for name in table.header]]}
            for write in writes
        ]
        body = {
            "valueInputOption": "RAW",
            "includeValuesInResponse": True,
            "responseValueRenderOption": "UNFORMATTED_VALUE",
            "responseDateTimeRenderOption": "SERIAL_NUMBER",
            "data": data,
        }
        answer = self._call(body)
        return [(part.get("updatedData", {}).get("values") or [[]])[0] for part in answer["responses"]]

    def _range(self, table: Table, number: int) -> str:
        return f"'{self._tab}'!A{number}:{column_letter(len(table.header) - 1)}{number}"

    def _call(self, body: dict[str, Any]) -> dict[str, Any]:
        from gspread.exceptions import APIError
        from requests.exceptions import RequestException

        try:
            answer: dict[str, Any] = self._http().values_batch_update(self._spreadsheet_id, body)
        except APIError as error:
            if error.response.status_code == 429:
                raise Throttled("the sheet: too many requests") from error
            raise Unreachable(f"the sheet: {error.response.status_code}") from error
        except RequestException as error:
            raise Unreachable(f"the sheet: {type(error).__name__}") from error
        return answer

    def _http(self) -> Any:
        if self._client is None:
            from drive_sync.gsheets import client

            self._client = client(self._document, SCOPES, _TIMEOUTS_SECONDS)
        return self._client.http_client


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
        """What was known of the folder at the last sync: ``files`` by id, and ``stored`` MD5s."""
        data = self._get(self._posts, "drive-files.json")
        return json.loads(data) if data else {}

    def put_drive_files(self, known: Mapping[str, Any]) -> bool:
        return self._put_changed(self._posts, "drive-files.json", json.dumps(known, sort_keys=True).encode())

    def put_image(self, md5: str, data: bytes) -> None:
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != md5:
            raise Doubt("an image changed while it was read")
        self._put(self._posts, f"images/{md5}", data)

    def text(self, name: str) -> str:
        return (self._get(self._rules, name) or b"").decode("utf-8", "replace")

    def put_text(self, name: str, text: str) -> bool:
        return self._put_changed(self._rules, name, text.encode("utf-8", "replace"))

    def _put_changed(self, bucket: str, key: str, data: bytes) -> bool:
        if self._get(bucket, key) == data:
            return False
        self._put(bucket, key, data)
        return True

    def _put(self, bucket: str, key: str, data: bytes) -> None:
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=data)
        except (ClientError, BotoCoreError) as error:
            raise Unreachable(f"S3 put {key}: {type(error).__name__}") from error

    def _get(self, bucket: str, key: str) -> bytes | None:
        found = read_object(self._s3, bucket, key)
        return None if found is None else found.data
