"""Google's read side: the live sheet, and what changed in Drive. httpx, one request per call or page, no retries.

Where the APIs are, and the traps, were measured against google-auth 2.62 and Google's discovery documents.

    MeshError
    ├── Doubt
    │   ├── Throttled      429, and 403 with a rate limit's reason
    │   └── Unreachable    no connection, a timeout, 5xx, an answer that is not what was asked for, 401
    ├── Misconfigured      the service account's key is unreadable or no longer accepted
    └── GoogleRefused      a 4xx that stays; ``status`` and ``reason`` are Google's
        └── NotShared      403 and 404
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx

from mesh.cells import Cell
from mesh.errors import MeshError, Throttled, Unreachable
from mesh.google_sign_in import SignIn

SHEETS_READ = "https://www.googleapis.com/auth/spreadsheets.readonly"
SHEETS = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_READ = "https://www.googleapis.com/auth/drive.readonly"

_SHEETS_ORIGIN = "https://sheets.googleapis.com"
_DRIVE_ORIGIN = "https://www.googleapis.com"
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_JSON_LIMIT_BYTES = 60_000_000  # 10,000 rows of 12 columns are about 5 MB
_TEXT_LIMIT_BYTES = 2_000_000
_LONGEST_SECONDS = 25.0  # of one answer: 40 MB come in that time over anything a data centre has
_PAGE_SIZE = 1000
_PAGES = 200
_FILE_FIELDS = "id,name,mimeType,version,modifiedTime,md5Checksum,size,parents,trashed"
_ALL_DRIVES = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}  # the folder may lie in a shared drive
_RATE_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"}


class GoogleRefused(MeshError):
    """Google said no, and will say so again."""

    def __init__(self, sentence: str, status: int, reason: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason


class NotShared(GoogleRefused):
    """The sheet, doc or folder is not there for the service account."""


class TooBig(MeshError):
    """A file has more bytes than its caller takes."""


@dataclass(frozen=True)
class File:
    """A file in Drive. ``md5`` is "" for what has no bytes (docs, sheets); ``modified_at`` is Google's text (RFC 3339).

    Of a ``removed`` file nothing but the id is known.
    """

    id: str
    name: str = ""
    mime: str = ""
    version: int = 0
    md5: str = ""
    size_bytes: int = 0
    trashed: bool = False
    removed: bool = False
    parents: tuple[str, ...] = ()
    modified_at: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab of a spreadsheet: Google's own number for it, its name, and how many rows its grid has."""

    id: int
    title: str
    row_count: int


@dataclass(frozen=True)
class Changes:
    """What changed since a token, each file at its last change, and the token to go on from."""

    files: tuple[File, ...]
    next_token: str


class Google:
    """``document`` is the service account's JSON; its optional ``api_endpoint`` is one origin that serves both APIs.

    An access token is kept in the instance until shortly before it ends.
    """

    def __init__(self, document: Mapping[str, Any], scopes: Sequence[str], http: httpx.Client) -> None:
        self._http = http
        endpoint = str(document.get("api_endpoint") or "").rstrip("/")
        self._sheets = endpoint or _SHEETS_ORIGIN
        self._drive = endpoint or _DRIVE_ORIGIN
        self._sign_in = SignIn(document, scopes, http, _TIMEOUT)

    def values(self, spreadsheet_id: str, a1_range: str) -> list[list[Cell]]:
        """Rows of unformatted cells, dates as serials; short rows where cells at the end are empty."""
        url = f"{self._sheets}/v4/spreadsheets/{quote(spreadsheet_id, safe='')}/values/{quote(a1_range, safe='')}"
        params = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
        rows = self._json(url, params, "the sheet").get("values") or []
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise Unreachable("the sheet: Google's answer holds no rows")
        return rows

    def tabs(self, spreadsheet_id: str) -> list[Tab]:
        """In their order."""
        url = f"{self._sheets}/v4/spreadsheets/{quote(spreadsheet_id, safe='')}"
        answer = self._json(url, {"fields": "sheets.properties(sheetId,title,gridProperties.rowCount)"}, "the sheet")
        found = (sheet.get("properties") or {} for sheet in answer.get("sheets") or [])
        return [
            Tab(
                int(one.get("sheetId") or 0),
                str(one.get("title", "")),
                int((one.get("gridProperties") or {}).get("rowCount") or 0),
            )
            for one in found
        ]

    def start_page_token(self) -> str:
        """Where the changes to come begin."""
        answer = self._json(f"{self._drive}/drive/v3/changes/startPageToken", {"supportsAllDrives": "true"}, "Drive")
        return _required(answer, "startPageToken")

    def changes(self, token: str) -> Changes:
        """All that changed since ``token``, all pages. GoogleRefused with status 400 for a token Google does not know."""
        files: list[File] = []
        fields = f"newStartPageToken,nextPageToken,changes(fileId,removed,file({_FILE_FIELDS}))"
        for _ in range(_PAGES):
            params = {"pageToken": token, "pageSize": str(_PAGE_SIZE), "fields": fields, **_ALL_DRIVES}
            answer = self._json(f"{self._drive}/drive/v3/changes", params, "Drive's changes")
            files += [_change(change) for change in answer.get("changes") or [] if change.get("fileId")]
            if not answer.get("nextPageToken"):
                return Changes(tuple(files), _required(answer, "newStartPageToken"))
            token = str(answer["nextPageToken"])
        raise Unreachable("Drive's changes have no end")

    def files(self, folder_id: str) -> list[File]:
        """Everything in the folder that is not in the bin, all pages."""
        return self._listed(f"{_literal(folder_id)} in parents and trashed = false")

    def named(self, folder_id: str, names: Iterable[str]) -> dict[str, File]:
        """These files of the folder by name; one not there is left out. Of several with one name see ``by_name``."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        either = " or ".join(f"name = {_literal(name)}" for name in wanted)
        found = by_name(self._listed(f"{_literal(folder_id)} in parents and trashed = false and ({either})"))
        return {name: found[name] for name in wanted if name in found}  # Drive compares names without case

    def export_text(self, file_id: str) -> str:
        """A doc as plain text, without the byte order mark and carriage returns Google puts in."""
        url = f"{self._drive}/drive/v3/files/{quote(file_id, safe='')}/export"
        data = self._get(url, {"mimeType": "text/plain"}, "the doc", _TEXT_LIMIT_BYTES)
        return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")

    def download(self, file_id: str, into: BinaryIO, limit_bytes: int) -> None:
        """A file's bytes, written as they come. TooBig as soon as more than ``limit_bytes`` arrive."""
        url = f"{self._drive}/drive/v3/files/{quote(file_id, safe='')}"
        params = {"alt": "media", "supportsAllDrives": "true"}
        for part in self._parts(url, params, "the file", limit_bytes):
            into.write(part)

    def _listed(self, query: str) -> list[File]:
        files: list[File] = []
        params = {"q": query, "pageSize": str(_PAGE_SIZE), "fields": f"nextPageToken,files({_FILE_FIELDS})"}
        for _ in range(_PAGES):
            answer = self._json(f"{self._drive}/drive/v3/files", {**params, **_ALL_DRIVES}, "the folder")
            files += [_file(entry) for entry in answer.get("files") or []]
            if not answer.get("nextPageToken"):
                return files
            params["pageToken"] = str(answer["nextPageToken"])
        raise Unreachable("the folder's list has no end")

    def _json(self, url: str, params: Mapping[str, str], what: str) -> dict[str, Any]:
        try:
            answer = json.loads(self._get(url, params, what, _JSON_LIMIT_BYTES))
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{what}: Google answered with something that is not JSON") from error
        except TooBig as error:
            raise Unreachable(f"{what}: Google's answer has no end") from error
        if not isinstance(answer, dict):
            raise Unreachable(f"{what}: Google answered with something else than an object")
        return answer

    def _get(self, url: str, params: Mapping[str, str], what: str, limit_bytes: int) -> bytes:
        return b"".join(self._parts(url, params, what, limit_bytes))

    def _parts(self, url: str, params: Mapping[str, str], what: str, limit_bytes: int) -> Iterator[bytes]:
        """What Google answers, piece by piece, within ``_LONGEST_SECONDS`` in all: a timeout alone lets one that drips go on for ever."""
        headers = {"authorization": f"Bearer {self._sign_in.token()}"}
        until = time.monotonic() + _LONGEST_SECONDS
        try:
            with self._http.stream(
                "GET", url, params=dict(params), headers=headers, timeout=_TIMEOUT, follow_redirects=False
            ) as answer:
                if answer.status_code == 200:
                    yield from _bounded(answer.iter_bytes(), limit_bytes, what, until)
                    return
                body = b"".join(_bounded(answer.iter_bytes(), _TEXT_LIMIT_BYTES, what, until))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            raise Unreachable(f"{what}: Google could not be reached ({type(error).__name__})") from error
        if answer.status_code == 401:
            self._sign_in.forget()
        raise _refusal(what, answer.status_code, body, answer.headers.get("retry-after", ""))


def by_name(files: Iterable[File]) -> dict[str, File]:
    """Drive allows several files of one name in a folder: the one changed last counts, everywhere."""
    ordered = sorted(files, key=lambda file: (file.modified_at, file.id))
    return {file.name: file for file in ordered if not file.trashed and not file.removed}


def _bounded(parts: Iterator[bytes], limit_bytes: int, what: str, until: float) -> Iterator[bytes]:
    size_bytes = 0
    for part in parts:
        size_bytes += len(part)
        if size_bytes > limit_bytes:
            raise TooBig(f"{what} has more than {limit_bytes:,} bytes")
        if time.monotonic() > until:
            raise Unreachable(f"{what}: Google's answer took longer than {_LONGEST_SECONDS:g} seconds")
        yield part


def _refusal(what: str, status: int, body: bytes, retry_after: str) -> MeshError:
    message, reason = _told(body)
    if status == 429 or (status == 403 and reason in _RATE_REASONS):
        return Throttled(f"{what}: Google asks to slow down", seconds_to_wait(retry_after))
    if status == 403 and reason in {"accessNotConfigured", "SERVICE_DISABLED"}:
        return NotShared(f"{what} cannot be read: the API is not switched on in the Google project.", status, reason)
    if status in {403, 404}:
        sentence = f"{what} cannot be read: it is not there, or no longer shared with the scheduler's service account."
        return NotShared(sentence, status, reason)
    if 400 <= status < 500 and status not in {401, 408}:
        return GoogleRefused(f"{what}: Google refused ({status}): {message[:200]}", status, reason)
    return Unreachable(f"{what}: Google answered {status}")


def seconds_to_wait(retry_after: str) -> float | None:
    """A ``Retry-After`` header given in seconds (RFC 9110, 10.2.3); its other form, a date, would need the server's clock: None."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None


def _told(body: bytes) -> tuple[str, str]:
    """Google's message and the first reason it names; both "" where the body is none of Google's JSON."""
    try:
        error = json.loads(body)["error"]
        errors = error.get("errors") or error.get("details") or [{}]
        return str(error.get("message", "")), str(errors[0].get("reason") or error.get("status") or "")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, IndexError):
        return "", ""


def _change(change: Mapping[str, Any]) -> File:
    if change.get("removed") or not change.get("file"):
        return File(id=str(change["fileId"]), removed=True)
    return _file(change["file"])


def _file(entry: Mapping[str, Any]) -> File:
    return File(
        id=str(entry.get("id", "")),
        name=str(entry.get("name", "")),
        mime=str(entry.get("mimeType", "")),
        version=int(entry.get("version") or 0),
        md5=str(entry.get("md5Checksum") or ""),
        size_bytes=int(entry.get("size") or 0),
        trashed=bool(entry.get("trashed")),
        parents=tuple(entry.get("parents") or ()),
        modified_at=str(entry.get("modifiedTime", "")),
    )


def _literal(text: str) -> str:
    """A string in Drive's query language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _required(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not value:
        raise Unreachable(f"Drive's answer has no {name}")
    return str(value)
