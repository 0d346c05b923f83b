"""The owner's spreadsheet and the folder it lies in, over gspread; every refusal as a sentence with its remedy."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from local import ROOT
from local.checks.key_kinds import other_kind
from mesh.errors import Misconfigured

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
DOCUMENT = "application/vnd.google-apps.document"
FOLDER = "application/vnd.google-apps.folder"
_SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive.readonly")
_SHEETS, _DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
_TIMEOUTS_SECONDS = (5, 60)
_PAUSES_SECONDS = (1.0, 3.0)
_BUSY = {429, 500, 502, 503, 504}
_OFFICE_FILES = ("officedocument.spreadsheetml", "ms-excel", "opendocument.spreadsheet")
_API_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_RATE = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}

Json = dict[str, Any]


class SheetError(Exception):
    """The command cannot go on. The message says what is in the way and how to mend it."""


@dataclass(frozen=True)
class Place:
    """Where the sheet lies. ``folder_id`` is "" where the folder is not shared along with it."""

    title: str
    folder_id: str
    may_edit: bool


def sheet_id(text: str) -> str:
    """The id out of a sheet's address, or the id itself. SheetError for what is neither."""
    text = text.strip().strip("<>\"'")
    if match := re.search(r"/(?:spreadsheets|file)/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,})", text):
        return match[1]
    if match := re.search(r"[?&]id=([A-Za-z0-9_-]{10,})", text):
        return match[1]
    if "/" in text or not re.fullmatch(r"[A-Za-z0-9_-]{10,}", text):
        raise SheetError(
            f"“{text[:60]}” is no sheet's address; copy it from the browser: https://docs.google.com/spreadsheets/d/…/edit"
        )
    return text


def read_key(path: Path) -> Json:
    """The service account's JSON key. SheetError where it is not one; its content is never said."""
    fix = "make one in the Google Cloud console (IAM, Service accounts, Keys, Add key, JSON)"
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SheetError(f"the key {path} is not there; give the path of the service account's JSON key") from None
    except OSError as error:
        raise SheetError(f"the key {path} cannot be read ({error.strerror}); check that you may read it") from None
    except (ValueError, RecursionError):
        raise SheetError(f"{path} is {_no_json(path)}; {fix}") from None
    if kind := other_kind(found):
        told = kind if kind == "no key" else f"{kind}, and no key"
        raise SheetError(f"{path} is {told} of a service account; {fix}")
    lacking = [name for name in ("client_email", "private_key", "token_uri") if not isinstance(found.get(name), str)]
    if lacking:
        raise SheetError(f"the key {path} lacks {', '.join(lacking)}; {fix}")
    document: Json = found
    return document


def _no_json(path: Path) -> str:
    with suppress(OSError):
        begins = path.read_bytes()[:64].lstrip()
        if begins.startswith(b"-----BEGIN"):
            return "a certificate or a bare key (PEM), and no JSON file"
        if begins.startswith(b"\x30\x82"):
            return "a P12 file, and no JSON file"
    return "no JSON file"


class Spreadsheet:
    """One spreadsheet. Reads are tried three times where Google is busy; a write is never tried again by itself."""

    def __init__(self, document: Json, spreadsheet_id: str, pause: Callable[[float], None] = time.sleep) -> None:
        self.email = str(document["client_email"])
        self.id = spreadsheet_id
        self.calls: list[str] = []
        self._pause = pause
        self._drive = str(document.get("api_endpoint") or _DRIVE).rstrip("/")
        try:
            self._http = _gspread(document)
        except Misconfigured:
            raise SheetError("the key's private part is damaged; download the key again, or make a new one") from None

    def close(self) -> None:
        self._http.session.close()

    # what there is

    def place(self) -> Place:
        """SheetError when it is no Google Sheet, or not shared with the service account."""
        fields = "id,name,mimeType,parents,trashed,capabilities(canEdit)"
        url = f"{self._drive}/drive/v3/files/{quote(self.id, safe='')}"
        found = self._get(url, {"fields": fields, "supportsAllDrives": "true"})
        name, mime = str(found.get("name", "")), str(found.get("mimeType", ""))
        if any(kind in mime for kind in _OFFICE_FILES):
            raise SheetError(
                f"“{name}” is an Excel file lying in Drive, not a Google Sheet; open it, choose File, Save as Google "
                "Sheets, and give the address of the new sheet"
            )
        if mime != SPREADSHEET:
            raise SheetError(f"“{name}” is no spreadsheet; give the address of a Google Sheet")
        if found.get("trashed"):
            raise SheetError(f"“{name}” lies in the bin; take it out of there first")
        parents = found.get("parents") or [""]
        return Place(name, str(parents[0]), bool((found.get("capabilities") or {}).get("canEdit", True)))

    def doc_text(self, folder_id: str, name: str) -> str | None:
        """The Google Doc of this name in the folder as plain text; of several, the one changed last. None where there is none."""
        query = f"'{folder_id}' in parents and trashed = false and mimeType = '{DOCUMENT}'"
        params = {
            "q": query,
            "fields": "files(id,name,modifiedTime)",
            "pageSize": "1000",
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        files = self._get(f"{self._drive}/drive/v3/files", params).get("files") or []
        named = [file for file in files if str(file.get("name", "")).strip().lower() == name.lower()]
        if not named:
            return None
        newest = max(named, key=lambda file: str(file.get("modifiedTime", "")))
        url = f"{self._drive}/drive/v3/files/{quote(str(newest['id']), safe='')}/export"
        content: bytes = self._try(lambda: self._call("get", url, params={"mimeType": "text/plain"}).content)
        return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")

    def folder_title(self, folder_id: str) -> str:
        """SheetError when it is no folder, or not shared with the service account."""
        url = f"{self._drive}/drive/v3/files/{quote(folder_id, safe='')}"
        found = self._get(url, {"fields": "id,name,mimeType,trashed", "supportsAllDrives": "true"})
        if found.get("mimeType") != FOLDER or found.get("trashed"):
            where = (
                "lies in the bin; take it out of there"
                if found.get("trashed")
                else "is no folder; give a folder's address"
            )
            raise SheetError(f"“{found.get('name', '')}” {where}")
        return str(found.get("name", ""))

    def read(self, fields: str, ranges: list[str] | None = None) -> Json:
        """spreadsheets.get under a field mask; cells only where the mask names them."""
        params: Json = {"fields": fields}
        if ranges:
            params["ranges"] = ranges
        return self._get(f"{_SHEETS}/v4/spreadsheets/{quote(self.id, safe='')}", params)

    def values(self, tab: str) -> list[list[Any]]:
        """All rows of a tab, unformatted, dates as serials."""
        params = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
        quoted = quote("'" + tab.replace("'", "''") + "'", safe="")
        found = self._get(f"{_SHEETS}/v4/spreadsheets/{quote(self.id, safe='')}/values/{quoted}", params)
        rows: list[list[Any]] = found.get("values") or []
        return rows

    # what is changed

    def update(self, requests: list[Json]) -> Json:
        """One batchUpdate: all of it takes effect, or nothing."""
        url = f"{_SHEETS}/v4/spreadsheets/{quote(self.id, safe='')}:batchUpdate"
        with self._in_words(writing=True):
            answer: Json = self._call("post", url, json={"requests": requests}).json()
        return answer

    def _get(self, url: str, params: Mapping[str, Any]) -> Json:
        answer: Json = self._try(lambda: self._call("get", url, params=params).json())
        return answer

    def _try(self, call: Callable[[], Any]) -> Any:
        from gspread.exceptions import APIError

        for pause_seconds in _PAUSES_SECONDS:
            try:
                with self._in_words(except_busy=True):
                    return call()
            except APIError:
                self._pause(pause_seconds)
        with self._in_words():
            return call()

    def _call(self, method: str, url: str, **more: Any) -> Any:
        self.calls.append(f"{method} {url.partition('?')[0]}")
        return self._http.request(method, url, **more)

    @contextmanager
    def _in_words(self, *, writing: bool = False, except_busy: bool = False) -> Iterator[None]:
        from google.auth.exceptions import RefreshError, TransportError
        from gspread.exceptions import APIError
        from requests.exceptions import RequestException

        try:
            yield
        except APIError as error:
            if except_busy and _is_busy(error):
                raise
            raise SheetError(self._refusal(error, writing=writing)) from error
        except RefreshError as error:
            raise SheetError(
                f"Google does not accept the key of {self.email}: it was deleted, or this computer's clock is wrong; "
                "make a new key, or set the clock"
            ) from error
        except (TransportError, RequestException) as error:
            raise SheetError(
                f"Google cannot be reached ({type(error).__name__}); check the connection and try again"
            ) from error

    def _refusal(self, error: Any, *, writing: bool) -> str:
        status, message, reasons = _told(error)
        share = f"open it, press Share, and add {self.email} as Editor"
        if _is_busy(error):
            again = " Nothing is done twice by running the command again." if writing else ""
            return f"Google is busy ({status}); wait a minute and try again.{again}"
        if reasons & _API_OFF:
            api = "Google Drive API" if "drive" in message.lower() else "Google Sheets API"
            return (
                f"the {api} is not switched on in the service account's project; open the Google Cloud console, "
                f"APIs & Services, Library, {api}, press Enable, and wait a few minutes"
            )
        if status == 403 and writing:
            return f"the sheet may be read but not changed: it is shared as Viewer or Commenter; {share}"
        if status in {403, 404}:
            return f"the sheet is not there, or not shared with the service account; {share}"
        if status == 400 and "not supported for this document" in message:
            return "this is no Google Sheet; open it, choose File, Save as Google Sheets, and give that address"
        return f"Google refused ({status}): {message[:200]}"


def _is_busy(error: Any) -> bool:
    status, _, reasons = _told(error)
    return status in _BUSY or (status == 403 and bool(reasons & _RATE))


def _told(error: Any) -> tuple[int, str, set[str]]:
    """Google's status, message and reasons, in either API's shape."""
    told = error.error if isinstance(error.error, Mapping) else {}
    parts = [*(told.get("errors") or []), *(told.get("details") or [])]
    reasons = {str(part.get("reason") or "") for part in parts if isinstance(part, Mapping)}
    return int(error.response.status_code), str(told.get("message", "")), reasons


def _gspread(document: Json) -> Any:
    """drive-sync's own way to gspread, so that there is one: its address, its timeouts, no thread of Google's."""
    functions = str(ROOT / "functions")
    if functions not in sys.path:
        sys.path.append(functions)
    from drive_sync import gsheets

    return gsheets.client(document, _SCOPES, _TIMEOUTS_SECONDS).http_client
