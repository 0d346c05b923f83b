"""Google Drive API v3: the routes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.sheets import cells, masks, queries
from local.sheets.drive_file import (
    DOCUMENT,
    SPREADSHEET,
    DriveFile,
    file_resource,
    new_id,
    permission_resource,
    shared_role,
    timestamp,
)
from local.sheets.tokens import DRIVE_METADATA, DRIVE_READ, DRIVE_WRITE, TokenOffice
from local.sheets.wire import GoogleError, Json, invalid, json_body, only_known
from local.sheets.workbook import Workbook
from local.sheets.workspace import Workspace

_FILE_DEFAULT = masks.parse("kind,id,name,mimeType")
_LIST_DEFAULT = masks.parse("kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)")
_CHANGES_DEFAULT = masks.parse(
    "kind,nextPageToken,newStartPageToken,changes(kind,type,changeType,time,removed,fileId,file(kind,id,name,mimeType))"
)
_PERMISSIONS_DEFAULT = masks.parse("kind,nextPageToken,permissions(kind,id,type,role)")
_PERMISSION_DEFAULT = masks.parse("kind,id,type,role")
_MAX_PAGE = 1000
_FILE_FIELDS = {"name", "mimeType", "parents", "trashed"}
_PERMISSION_FIELDS = {"type", "role", "emailAddress", "domain", "withLink", "allowFileDiscovery"}
_ROLES = ("owner", "writer", "commenter", "reader")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class DriveApi:
    """One method per call. `may_create` lets the service account own files, which Google no longer does."""

    def __init__(self, workspace: Workspace, office: TokenOffice, *, may_create: bool):
        self._workspace = workspace
        self._office = office
        self._may_create = may_create

    def routes(self) -> list[Route]:
        """The more particular paths first."""
        one = "/drive/v3/files/{file_id}"
        table: list[tuple[str, str, frozenset[str], Callable[[Request], Coroutine[Any, Any, Response]]]] = [
            ("GET", "/drive/v3/changes/startPageToken", DRIVE_METADATA, self.start_page_token),
            ("GET", "/drive/v3/changes", DRIVE_METADATA, self.changes),
            ("GET", "/drive/v3/files", DRIVE_METADATA, self.list_files),
            ("POST", "/drive/v3/files", DRIVE_WRITE, self.create),
            ("GET", one + "/export", DRIVE_READ, self.export),
            ("POST", one + "/copy", DRIVE_WRITE, self.copy),
            ("GET", one + "/comments", DRIVE_READ, self.comments),
            ("GET", one + "/permissions", DRIVE_READ, self.list_permissions),
            ("POST", one + "/permissions", DRIVE_WRITE, self.create_permission),
            ("DELETE", one + "/permissions/{permission_id}", DRIVE_WRITE, self.delete_permission),
            ("GET", one, DRIVE_METADATA, self.get),
            ("PATCH", one, DRIVE_WRITE, self.update),
            ("DELETE", one, DRIVE_WRITE, self.delete),
            ("PUT", "/upload/drive/v2/files/{file_id}", DRIVE_WRITE, self.import_csv),
        ]
        return [Route(path, self._guarded(scopes, call), methods=[method]) for method, path, scopes, call in table]

    def _guarded(
        self, scopes: frozenset[str], call: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def endpoint(request: Request) -> Response:
            self._office.require(request.headers.get("authorization"), scopes)
            return await call(request)

        return endpoint

    def _file(self, request: Request, *, to_write: bool = False) -> DriveFile:
        return self._workspace.shared_file(request.path_params["file_id"], to_write=to_write)

    def _resource(self, file: DriveFile) -> Json:
        return file_resource(self._workspace.shown(file))

    async def start_page_token(self, request: Request) -> Response:
        """changes.getStartPageToken: the token of the next change to come."""
        answer = {"kind": "drive#startPageToken", "startPageToken": str(self._workspace.feed_by_now().sequence + 1)}
        return _masked(request, answer, {})

    async def changes(self, request: Request) -> Response:
        """changes.list: each file once, at its last change; `newStartPageToken` on the last page only."""
        feed = self._workspace.feed_by_now()
        token = request.query_params.get("pageToken", "")
        if not token.isdigit() or not 1 <= int(token) <= feed.sequence + 1:
            raise invalid("Invalid Value", reason="invalid")
        size = _page_size(request)
        found = feed.after(int(token) - 1)
        answer: Json = {
            "kind": "drive#changeList",
            "changes": [self._change(file_id) for _, file_id in found[:size]],
        }
        if len(found) > size:
            answer["nextPageToken"] = str(found[size][0])
        else:
            answer["newStartPageToken"] = str(feed.sequence + 1)
        return _masked(request, answer, _CHANGES_DEFAULT)

    def _change(self, file_id: str) -> Json:
        change: Json = {"kind": "drive#change", "type": "file", "changeType": "file", "fileId": file_id}
        file = self._workspace.files.get(file_id)
        if file is None:
            return change | {"removed": True, "time": timestamp(self._workspace.removed[file_id])}
        shown = self._workspace.shown(file)
        if shared_role(file) is None:  # no access any more looks like a deletion from outside
            return change | {"removed": True, "time": timestamp(shown.modified_at)}
        return change | {"removed": False, "time": timestamp(shown.modified_at), "file": file_resource(shown)}

    async def list_files(self, request: Request) -> Response:
        """files.list: the newest first, or by `orderBy` name, createdTime or modifiedTime."""
        query = request.query_params.get("q")
        test = queries.parse(query) if query else lambda _: True
        files = [self._workspace.shown(file) for file in self._workspace.files.values() if shared_role(file)]
        found = _ordered([file for file in files if test(file)], request)
        token = request.query_params.get("pageToken") or "0"
        if not token.isdigit():
            raise invalid("Invalid Value", reason="invalid")
        start, size = int(token), _page_size(request)
        answer: Json = {
            "kind": "drive#fileList",
            "incompleteSearch": False,
            "files": [file_resource(file) for file in found[start : start + size]],
        }
        if len(found) > start + size:
            answer["nextPageToken"] = str(start + size)
        return _masked(request, answer, _LIST_DEFAULT)

    async def get(self, request: Request) -> Response:
        """files.get; `alt=media` gives the bytes of what has bytes."""
        file = self._file(request)
        if request.query_params.get("alt") != "media":
            return _masked(request, self._resource(file), _FILE_DEFAULT)
        self._office.require(request.headers.get("authorization"), DRIVE_READ)
        if file.is_google_type or file.content is None:
            raise GoogleError(
                403,
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
                reason="fileNotDownloadable",
            )
        return Response(file.content, media_type=file.mime_type)

    async def export(self, request: Request) -> Response:
        """files.export: documents as text with byte order mark and CRLF, as Google does; a first tab as CSV or TSV."""
        file = self._file(request)
        wanted = request.query_params.get("mimeType")
        if not wanted:
            raise GoogleError(400, "Required parameter: mimeType", reason="required")
        if file.mime_type == DOCUMENT and wanted == "text/plain":
            lines = (file.content or b"").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            return Response(_BYTE_ORDER_MARK + lines, media_type="text/plain")
        separators = {"text/csv": ",", "text/tab-separated-values": "\t"}
        if file.mime_type == SPREADSHEET and wanted in separators:
            text = _separated(self._workspace.workbook(file.file_id), separators[wanted])
            return Response(text.encode(), media_type=wanted)
        if not file.is_google_type:
            raise GoogleError(403, "Export only supports Docs Editors files.", reason="fileNotExportable")
        raise GoogleError(400, "The requested conversion is not supported.", reason="badRequest")

    async def create(self, request: Request) -> Response:
        """files.create. A service account has no storage of its own since 2025, so it may not."""
        body = only_known(await json_body(request), _FILE_FIELDS)
        self._refuse_creation()
        name = body.get("name") or "Untitled"
        parents = list(body.get("parents") or [])
        if body.get("mimeType") == SPREADSHEET:
            created = self._workspace.file(self._workspace.add_workbook(name, parents).spreadsheet_id)
        else:
            created = self._workspace.add_file(name, body.get("mimeType") or "application/octet-stream", parents, b"")
        return _masked(request, file_resource(created), _FILE_DEFAULT)

    async def copy(self, request: Request) -> Response:
        """files.copy"""
        body = only_known(await json_body(request), _FILE_FIELDS)
        source = self._file(request)
        self._refuse_creation()
        name = body.get("name") or f"Copy of {source.name}"
        parents = list(body.get("parents") or source.parents)
        copied = self._workspace.add_file(name, source.mime_type, parents, source.content, file_id=new_id())
        if source.file_id in self._workspace.workbooks:
            twin = self._workspace.workbooks[source.file_id].copied()
            twin.spreadsheet_id = copied.file_id
            self._workspace.keep_workbook(twin)
        return _masked(request, file_resource(copied), _FILE_DEFAULT)

    def _refuse_creation(self) -> None:
        if not self._may_create:
            raise GoogleError(
                403,
                "Service Accounts do not have storage quota. Leverage shared drives, or use OAuth delegation instead.",
                reason="storageQuotaExceeded",
            )

    async def update(self, request: Request) -> Response:
        """files.update of metadata: name, bin, parents (`addParents`, `removeParents`)."""
        body = only_known(await json_body(request), _FILE_FIELDS)
        file = self._file(request, to_write=True)
        file.name = str(body.get("name", file.name))
        file.trashed = bool(body.get("trashed", file.trashed))
        leaving = (request.query_params.get("removeParents") or "").split(",")
        coming = [parent for parent in (request.query_params.get("addParents") or "").split(",") if parent]
        file.parents = [parent for parent in file.parents if parent not in leaving] + coming
        self._workspace.touch(file.file_id)
        return _masked(request, self._resource(file), _FILE_DEFAULT)

    async def delete(self, request: Request) -> Response:
        """files.delete"""
        self._workspace.remove(self._file(request, to_write=True).file_id)
        return Response(status_code=204)

    async def comments(self, request: Request) -> Response:
        """comments.list: nobody comments here."""
        self._file(request)
        return _masked(request, {"kind": "drive#commentList", "comments": []}, {})

    async def list_permissions(self, request: Request) -> Response:
        """permissions.list, on one page."""
        permissions = [permission_resource(permission) for permission in self._file(request).permissions]
        return _masked(request, {"kind": "drive#permissionList", "permissions": permissions}, _PERMISSIONS_DEFAULT)

    async def create_permission(self, request: Request) -> Response:
        """permissions.create; nobody is mailed."""
        body = only_known(await json_body(request), _PERMISSION_FIELDS)
        file = self._file(request, to_write=True)
        if body.get("role") not in _ROLES or body.get("type") not in ("user", "group", "domain", "anyone"):
            raise invalid("The specified role or type is invalid.", reason="invalid")
        with_link = body.pop("withLink", None)
        if body["type"] == "anyone":
            body["allowFileDiscovery"] = not with_link
        permission = {
            "id": "anyoneWithLink" if body["type"] == "anyone" else str(len(file.permissions) + 1).zfill(20),
            **body,
        }
        file.permissions.append(permission)
        self._workspace.touch(file.file_id)
        return _masked(request, permission_resource(permission), _PERMISSION_DEFAULT)

    async def delete_permission(self, request: Request) -> Response:
        """permissions.delete"""
        file = self._file(request, to_write=True)
        wanted = request.path_params["permission_id"]
        kept = [permission for permission in file.permissions if permission["id"] != wanted]
        if len(kept) == len(file.permissions):
            raise GoogleError(404, f"Permission not found: {wanted}.", reason="notFound")
        file.permissions = kept
        self._workspace.touch(file.file_id)
        return Response(status_code=204)

    async def import_csv(self, request: Request) -> Response:
        """v2 media upload with conversion, as gspread imports CSV: the whole spreadsheet becomes that one tab."""
        file = self._file(request, to_write=True)
        text = (await request.body()).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        workbook = self._workspace.workbook(file.file_id).copied()
        first = workbook.sheets[0]
        width = max((len(line) for line in lines), default=1)
        del workbook.sheets[1:]
        first.rows, first.column_count = [{} for _ in range(max(len(lines), 1))], max(width, 1)
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                first.put(row, column, cells.user_entered(cells.EMPTY, value, workbook.locale))
        self._workspace.keep_workbook(workbook)
        return JSONResponse({"kind": "drive#file", "id": file.file_id, "title": file.name, "mimeType": file.mime_type})


def _masked(request: Request, answer: Json, default: masks.Mask) -> JSONResponse:
    fields = request.query_params.get("fields")
    return JSONResponse(masks.project(answer, masks.parse(fields) if fields else default))


def _page_size(request: Request) -> int:
    text = request.query_params.get("pageSize") or "100"
    if not text.isdigit() or not 1 <= int(text) <= _MAX_PAGE:
        raise invalid(f"Invalid value '{text}'. Values must be within the range: [1, 1000]", reason="invalidParameter")
    return int(text)


def _ordered(files: list[DriveFile], request: Request) -> list[DriveFile]:
    order = request.query_params.get("orderBy") or "modifiedTime desc"
    keys: dict[str, Callable[[DriveFile], Any]] = {
        "name": lambda file: file.name.casefold(),
        "createdTime": lambda file: file.created_at,
        "modifiedTime": lambda file: file.modified_at,
    }
    for part in reversed(order.split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in keys or direction not in ("", "desc"):
            raise invalid("Invalid Value", reason="invalid")
        files = sorted(files, key=keys[name], reverse=direction == "desc")
    return files


def _separated(workbook: Workbook, separator: str) -> str:
    sheet = workbook.sheets[0]
    last_row = sheet.last_filled_row()
    filled = [column for row in sheet.rows for column, cell in row.items() if not cell.is_blank]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    for row in range(last_row + 1):
        writer.writerow(
            cells.formatted(sheet.cell(row, column), workbook.locale) for column in range(max(filled, default=-1) + 1)
        )
    return stream.getvalue().removesuffix("\r\n")
