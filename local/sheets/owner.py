"""The owner's hands on the same sheet and folder: what a person does in the browser, for the console and tests.

JSON without sign-in; rows are counted from 0 for the first row under the header, columns are named by their header.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.sheets import batch_cells, batch_structure, cells, furnishing, patterns, serials
from local.sheets.cells import Cell
from local.sheets.faults import CallBook, parse_fault
from local.sheets.tokens import EMAIL
from local.sheets.wire import GoogleError, invalid, json_body, only_known
from local.sheets.workbook import Sheet, Workbook
from local.sheets.workspace import DriveFile, Workspace, file_resource

_MAX_WAIT_SECONDS = 60.0


class OwnersSide:
    """One method per call."""

    def __init__(self, workspace: Workspace, book: CallBook):
        self._workspace = workspace
        self._book = book

    def routes(self) -> list[Route]:
        """All under /owner."""
        return [
            Route("/owner", self.overview),
            Route("/owner/grid", self.grid),
            Route("/owner/changes", self.changes),
            Route("/owner/reset", self.reset, methods=["POST"]),
            Route("/owner/cell", self.cell, methods=["POST"]),
            Route("/owner/rows", self.add_rows, methods=["POST"]),
            Route("/owner/rows/{row:int}", self.delete_row, methods=["DELETE"]),
            Route("/owner/sort", self.sort, methods=["POST"]),
            Route("/owner/copy-row", self.copy_row, methods=["POST"]),
            Route("/owner/files", self.list_files),
            Route("/owner/files/{name}", self.read_file),
            Route("/owner/files/{name}", self.put_file, methods=["PUT"]),
            Route("/owner/files/{name}", self.delete_file, methods=["DELETE"]),
            Route("/owner/rules", self.rules, methods=["GET", "PUT"]),
            Route("/owner/voice", self.voice, methods=["GET", "PUT"]),
            Route("/owner/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/owner/calls", self.calls),
        ]

    async def overview(self, request: Request) -> Response:
        """Which file plays which part."""
        return JSONResponse({**asdict(self._workspace.business()), "service_account_email": EMAIL})

    # The sheet

    async def grid(self, request: Request) -> Response:
        """The rows down to the last one with content, as texts; ticks as booleans, dates and times in ISO form."""
        workbook, sheet = self._workspace.post_sheet()
        header = _header(sheet)
        rows = [
            [_plain(sheet.cell(row, column), workbook.locale) for column in range(len(header))]
            for row in range(1, _end_of_content(sheet))
        ]
        return JSONResponse(
            {"version": self._workspace.sequence, "header": header, "rows": rows, "row_count": len(rows)}
        )

    async def changes(self, request: Request) -> Response:
        """Waits for anything to change after a version; says what did: grid, rules, voice or files."""
        after = int(_number(request.query_params.get("after"), "after", 0))
        timeout_seconds = _number(request.query_params.get("timeout_seconds"), "timeout_seconds", 20.0)
        await self._workspace.wait_after(after, min(timeout_seconds, _MAX_WAIT_SECONDS))
        places = self._workspace.business()
        names = {places.spreadsheet_id: "grid", places.rules_id: "rules", places.voice_id: "voice"}
        changed = {names.get(file_id, "files") for _, file_id in self._workspace.changed_after(after)}
        return JSONResponse({"version": self._workspace.sequence, "changed": sorted(changed)})

    async def reset(self, request: Request) -> Response:
        """Loads the tab afresh; `time_zone` and `locale` of the spreadsheet may be given along."""
        body = only_known(await json_body(request), {"header", "rows", "time_zone", "locale"})
        workbook, sheet = self._copied()
        workbook.locale = body.get("locale", workbook.locale)
        workbook.time_zone = body.get("time_zone", workbook.time_zone)
        header = body.get("header") or list(furnishing.HEADER)
        furnishing.load_rows(sheet, header, body.get("rows") or [], workbook.locale)
        return self._kept(workbook)

    async def cell(self, request: Request) -> Response:
        """Types a value into one cell; "" or null empties it."""
        body = await json_body(request)
        workbook, sheet = self._copied()
        row = _row(sheet, body.get("row"))
        self._type(workbook, sheet, row, _column(sheet, body.get("column")), body.get("value"))
        return self._kept(workbook)

    async def add_rows(self, request: Request) -> Response:
        """Inserts rows before row `at`, or types them into the first free rows at the end; answers where they are."""
        body = only_known(await json_body(request), {"at", "rows"})
        workbook, sheet = self._copied()
        lines = body.get("rows")
        if not isinstance(lines, list) or not lines or not all(isinstance(line, dict) for line in lines):
            raise invalid("rows must be a list of {column: value}")
        columns = [{_column(sheet, name): value for name, value in line.items()} for line in lines]
        if body.get("at") is None:
            first = _end_of_content(sheet)
            sheet.grow(first + len(lines), sheet.column_count)
        else:
            first = _row(sheet, body["at"])
            _insert(workbook, sheet, first, len(lines))
        looks = furnishing.blank_row(_header(sheet))
        for row, line in enumerate(columns, first):
            sheet.rows[row] = {**looks, **sheet.rows[row]}
            for column, value in line.items():
                self._type(workbook, sheet, row, column, value)
        return self._kept(workbook, row=first - 1)

    async def delete_row(self, request: Request) -> Response:
        """The rows below move up."""
        workbook, sheet = self._copied()
        row = _row(sheet, request.path_params["row"])
        span = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
        batch_structure.delete_dimension(workbook, {"range": span})
        return self._kept(workbook)

    async def sort(self, request: Request) -> Response:
        """Sorts all rows under the header by one column."""
        body = only_known(await json_body(request), {"column", "descending"})
        workbook, sheet = self._copied()
        spec = {
            "dimensionIndex": _column(sheet, body.get("column")),
            "sortOrder": "DESCENDING" if body.get("descending") else "ASCENDING",
        }
        end = max(_end_of_content(sheet), 2)
        area = {"sheetId": sheet.sheet_id, "startRowIndex": 1, "endRowIndex": end}
        batch_cells.sort_range(workbook, {"range": area, "sortSpecs": [spec]})
        return self._kept(workbook)

    async def copy_row(self, request: Request) -> Response:
        """Inserts a copy of row `row`, id and tick and all, so that it becomes row `to`."""
        body = only_known(await json_body(request), {"row", "to"})
        workbook, sheet = self._copied()
        source = dict(sheet.rows[_row(sheet, body.get("row"))])
        target = _row(sheet, body.get("to"))
        _insert(workbook, sheet, target, 1)
        sheet.rows[target] = source
        return self._kept(workbook, row=target - 1)

    def _copied(self) -> tuple[Workbook, Sheet]:
        workbook, sheet = self._workspace.post_sheet()
        twin = workbook.copied()
        return twin, twin.sheet_by_id(sheet.sheet_id)

    def _kept(self, workbook: Workbook, **more: Any) -> Response:
        self._workspace.keep_workbook(workbook)
        return JSONResponse({"version": self._workspace.sequence, **more})

    def _type(self, workbook: Workbook, sheet: Sheet, row: int, column: int, value: Any) -> None:
        old = sheet.cell(row, column)
        sheet.put(row, column, cells.user_entered(old, "" if value is None else value, workbook.locale))

    # The folder

    async def list_files(self, request: Request) -> Response:
        """What the folder shows."""
        shown = []
        for file in self._workspace.children(self._workspace.business().folder_id):
            resource = file_resource(file)
            shown.append(
                {
                    "id": file.file_id,
                    "name": file.name,
                    "mime": file.mime_type,
                    "md5": resource.get("md5Checksum"),
                    "size": len(file.content) if file.content is not None else None,
                    "version": file.version,
                }
            )
        return JSONResponse({"version": self._workspace.sequence, "files": shown})

    async def read_file(self, request: Request) -> Response:
        """The bytes of an image."""
        file = self._named(request)
        if file.content is None:
            raise invalid(f"{file.name} is no file with bytes")
        return Response(file.content, media_type=file.mime_type, headers={"X-Content-Type-Options": "nosniff"})

    async def put_file(self, request: Request) -> Response:
        """Uploads, or replaces by a new version under the same id."""
        folder = self._workspace.business().folder_id
        known = self._workspace.by_name(request.path_params["name"], folder)
        if known is not None and known.is_google_type:
            raise invalid(f"{known.name} is a document; it has its own place to write")
        mime_type = (request.headers.get("content-type") or "").partition(";")[0].strip()
        kind = mime_type if mime_type not in ("", "application/octet-stream") else None
        file = self._workspace.put_content(request.path_params["name"], kind, folder, await request.body())
        resource = file_resource(file)
        return JSONResponse(
            {"id": file.file_id, "name": file.name, "md5": resource["md5Checksum"], "version": file.version}
        )

    async def delete_file(self, request: Request) -> Response:
        """Deletes for good."""
        file = self._named(request)
        if file.is_google_type:
            raise invalid(f"{file.name} stays: the business needs it")
        self._workspace.remove(file.file_id)
        return JSONResponse({"version": self._workspace.sequence})

    def _named(self, request: Request) -> DriveFile:
        name = request.path_params["name"]
        file = self._workspace.by_name(name, self._workspace.business().folder_id)
        if file is None:
            raise GoogleError(404, f"no file {name} in the folder")
        return file

    async def rules(self, request: Request) -> Response:
        """The rules document as text."""
        return await self._document(request, self._workspace.business().rules_id)

    async def voice(self, request: Request) -> Response:
        """The voice document as text."""
        return await self._document(request, self._workspace.business().voice_id)

    async def _document(self, request: Request, file_id: str) -> Response:
        file = self._workspace.file(file_id)
        if request.method == "PUT":
            content = await request.body()
            try:
                content.decode()
            except UnicodeDecodeError as error:
                raise invalid(f"{file.name} must be UTF-8 text: {error}") from error
            file.content = content
            self._workspace.touch(file_id)
            return JSONResponse({"version": self._workspace.sequence})
        return Response(file.content or b"", media_type="text/plain; charset=utf-8")

    # Trouble and records

    async def faults(self, request: Request) -> Response:
        """POST adds a fault, DELETE forgets all, GET shows what is left."""
        if request.method == "POST":
            self._book.faults.append(parse_fault(await json_body(request)))
        elif request.method == "DELETE":
            self._book.faults.clear()
        return JSONResponse({"faults": self._book.pending()})

    async def calls(self, request: Request) -> Response:
        """The API calls with a number above `after`."""
        after = int(_number(request.query_params.get("after"), "after", 0))
        return JSONResponse({"calls": self._book.after(after)})


def _header(sheet: Sheet) -> list[str]:
    last = max((column for column, cell in sheet.rows[0].items() if not cell.is_blank), default=-1)
    return [str(sheet.cell(0, column).value or "") for column in range(last + 1)]


def _end_of_content(sheet: Sheet) -> int:
    """One past the last row with content; unticked boxes are no content."""
    for row in range(sheet.row_count - 1, 0, -1):
        if any(
            not cell.is_blank and not (cell.is_checkbox and cell.value is False) for cell in sheet.rows[row].values()
        ):
            return row + 1
    return 1


def _row(sheet: Sheet, number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < sheet.row_count - 1:
        raise invalid(f"there is no row {number!r}")
    return number + 1


def _column(sheet: Sheet, name: Any) -> int:
    header = _header(sheet)
    if name not in header:
        raise invalid(f"there is no column {name!r}; there are {', '.join(header)}")
    return header.index(name)


def _insert(workbook: Workbook, sheet: Sheet, row: int, count: int) -> None:
    span = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "startIndex": row, "endIndex": row + count}
    batch_structure.insert_dimension(workbook, {"range": span, "inheritFromBefore": row > 1})


def _plain(cell: Cell, locale: str) -> str | bool:
    if cell.is_checkbox and (cell.value is None or isinstance(cell.value, bool)):
        return bool(cell.value)
    kind = (cell.number_format or {}).get("type")
    if kind not in patterns.DATE_TYPES or not isinstance(cell.value, int | float) or isinstance(cell.value, bool):
        return cells.formatted(cell, locale)
    moment = serials.to_datetime(cell.value)
    day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"
    return {"DATE": day, "TIME": clock}.get(str(kind), f"{day} {clock}")


def _number(text: str | None, name: str, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError as error:
        raise invalid(f"{name} must be a number, not {text!r}") from error
