"""Google Sheets API v4: the routes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.sheets import a1, batch, batch_structure, cells, masks, values, views
from local.sheets.drive_file import WRITING_ROLES, shared_role
from local.sheets.tokens import SHEETS_READ, SHEETS_WRITE, TokenOffice
from local.sheets.wire import GoogleError, Json, flag, invalid, json_body, one_of, only_known
from local.sheets.workbook import Workbook
from local.sheets.workspace import Workspace

_BATCH_FIELDS = {
    "requests",
    "includeSpreadsheetInResponse",
    "responseRanges",
    "responseIncludeGridData",
}
_VALUES_BATCH_FIELDS = {
    "valueInputOption",
    "data",
    "includeValuesInResponse",
    "responseValueRenderOption",
    "responseDateTimeRenderOption",
}

Answer = Coroutine[Any, Any, Json]


class SheetsApi:
    """One method per call; each returns the response's JSON."""

    def __init__(self, workspace: Workspace, office: TokenOffice):
        self._workspace = workspace
        self._office = office

    def routes(self) -> list[Route]:
        """The more particular paths first: Starlette takes the first that fits."""
        one = "/v4/spreadsheets/{spreadsheet_id}"
        table: list[tuple[str, str, frozenset[str], Callable[[Request], Answer]]] = [
            ("POST", "/v4/spreadsheets", SHEETS_WRITE, self.create),
            ("POST", one + ":batchUpdate", SHEETS_WRITE, self.batch_update),
            ("GET", one, SHEETS_READ, self.get),
            ("POST", one + "/sheets/{sheet_id:int}:copyTo", SHEETS_WRITE, self.copy_to),
            ("GET", one + "/values:batchGet", SHEETS_READ, self.values_batch_get),
            ("POST", one + "/values:batchUpdate", SHEETS_WRITE, self.values_batch_update),
            ("POST", one + "/values:batchClear", SHEETS_WRITE, self.values_batch_clear),
            ("POST", one + "/values/{range:path}:append", SHEETS_WRITE, self.values_append),
            ("POST", one + "/values/{range:path}:clear", SHEETS_WRITE, self.values_clear),
            ("GET", one + "/values/{range:path}", SHEETS_READ, self.values_get),
            ("PUT", one + "/values/{range:path}", SHEETS_WRITE, self.values_update),
        ]
        return [Route(path, self._guarded(scopes, call), methods=[method]) for method, path, scopes, call in table]

    def _guarded(
        self, scopes: frozenset[str], call: Callable[[Request], Answer]
    ) -> Callable[[Request], Coroutine[Any, Any, JSONResponse]]:
        async def endpoint(request: Request) -> JSONResponse:
            self._office.require(request.headers.get("authorization"), scopes)
            fields = request.query_params.get("fields")
            mask = masks.parse(fields) if fields else {}
            return JSONResponse(masks.project(await call(request), mask))

        return endpoint

    def _workbook(self, request: Request) -> Workbook:
        """The spreadsheet of the path, if the owner still shares it: to write, as Editor."""
        return self._shared(request.path_params["spreadsheet_id"], to_write=request.method != "GET")

    def _shared(self, spreadsheet_id: str, *, to_write: bool) -> Workbook:
        workbook = self._workspace.workbook(spreadsheet_id)
        role = shared_role(self._workspace.file(spreadsheet_id))
        if role is None or (to_write and role not in WRITING_ROLES):
            raise GoogleError(403, "The caller does not have permission")
        return workbook

    async def create(self, request: Request) -> Json:
        """A service account owns no Drive space, so Google refuses; so does this server."""
        raise GoogleError(403, "The caller does not have permission")

    async def get(self, request: Request) -> Json:
        """spreadsheets.get"""
        workbook = self._workbook(request)
        fields = request.query_params.get("fields")
        return views.spreadsheet(
            workbook,
            self._workspace.file(workbook.spreadsheet_id).name,
            request.query_params.getlist("ranges"),
            masks.parse(fields) if fields else None,
            grid_data=flag(request, "includeGridData"),
        )

    async def batch_update(self, request: Request) -> Json:
        """spreadsheets.batchUpdate"""
        body = only_known(await json_body(request), _BATCH_FIELDS)
        requests = body.get("requests")
        if not isinstance(requests, list) or not requests:
            raise invalid("Must specify at least one request.")
        changed, replies = batch.apply(self._workbook(request), requests)
        file = self._workspace.file(changed.spreadsheet_id)
        file.name = changed.properties.pop("title", None) or file.name
        self._workspace.keep_workbook(changed)
        answer: Json = {"spreadsheetId": changed.spreadsheet_id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            answer["updatedSpreadsheet"] = views.spreadsheet(
                changed,
                file.name,
                list(body.get("responseRanges") or []),
                None,
                grid_data=bool(body.get("responseIncludeGridData")),
            )
        return answer

    async def copy_to(self, request: Request) -> Json:
        """spreadsheets.sheets.copyTo"""
        body = only_known(await json_body(request), {"destinationSpreadsheetId"})
        source = self._workbook(request).sheet_by_id(int(request.path_params["sheet_id"]))
        target = self._shared(str(body.get("destinationSpreadsheetId")), to_write=True).copied()
        title, number = f"Copy of {source.title}", 2
        while target.sheet_by_title(title):
            title, number = f"Copy of {source.title} {number}", number + 1
        copied = batch_structure.copied_into(target, source, title)
        target.sheets.append(copied)
        self._workspace.keep_workbook(target)
        return views.sheet_properties(target, copied)

    async def values_get(self, request: Request) -> Json:
        """spreadsheets.values.get"""
        render, date_render = _render(request.query_params)
        major = request.query_params.get("majorDimension")
        return values.read(self._workbook(request), request.path_params["range"], major, render, date_render)

    async def values_batch_get(self, request: Request) -> Json:
        """spreadsheets.values.batchGet"""
        workbook = self._workbook(request)
        render, date_render = _render(request.query_params)
        major = request.query_params.get("majorDimension")
        found = [
            values.read(workbook, text, major, render, date_render) for text in request.query_params.getlist("ranges")
        ]
        return {"spreadsheetId": workbook.spreadsheet_id, "valueRanges": found}

    async def values_update(self, request: Request) -> Json:
        """spreadsheets.values.update"""
        query = request.query_params
        body = await json_body(request)
        changed = self._workbook(request).copied()
        updates = _written(
            changed,
            request.path_params["range"],
            body,
            _input_option(query.get("valueInputOption")),
            _response_render(query) if flag(request, "includeValuesInResponse") else None,
        )
        self._workspace.keep_workbook(changed)
        return updates

    async def values_batch_update(self, request: Request) -> Json:
        """spreadsheets.values.batchUpdate: all ranges, or none."""
        body = only_known(await json_body(request), _VALUES_BATCH_FIELDS)
        option = _input_option(body.get("valueInputOption"))
        render = _response_render(body) if body.get("includeValuesInResponse") else None
        changed = self._workbook(request).copied()
        responses = []
        for part in body.get("data") or []:
            if not isinstance(part, dict) or not part.get("range"):
                raise invalid("Invalid value at 'data': every part needs a range")
            responses.append(_written(changed, str(part["range"]), part, option, render))
        self._workspace.keep_workbook(changed)
        totals = {
            "totalUpdatedRows": "updatedRows",
            "totalUpdatedColumns": "updatedColumns",
            "totalUpdatedCells": "updatedCells",
        }
        answer: Json = {"spreadsheetId": changed.spreadsheet_id}
        for total, name in totals.items():
            answer[total] = sum(response.get(name, 0) for response in responses)
        touched = {a1.split_title(response["updatedRange"])[0] for response in responses}
        return answer | {"totalUpdatedSheets": len(touched), "responses": responses}

    async def values_append(self, request: Request) -> Json:
        """spreadsheets.values.append"""
        query = request.query_params
        body = await json_body(request)
        insert = one_of(query.get("insertDataOption"), ("OVERWRITE", "INSERT_ROWS"), "insert_data_option", "OVERWRITE")
        changed = self._workbook(request).copied()
        option = _input_option(query.get("valueInputOption"))
        answer = values.append(changed, request.path_params["range"], body, option, insert_rows=insert == "INSERT_ROWS")
        if flag(request, "includeValuesInResponse"):
            render, date_render = _response_render(query)
            written = answer["updates"]["updatedRange"]
            answer["updates"]["updatedData"] = values.read(changed, written, None, render, date_render)
        self._workspace.keep_workbook(changed)
        answer["updates"]["spreadsheetId"] = changed.spreadsheet_id
        return {"spreadsheetId": changed.spreadsheet_id, **answer}

    async def values_clear(self, request: Request) -> Json:
        """spreadsheets.values.clear"""
        only_known(await json_body(request), set())
        changed = self._workbook(request).copied()
        cleared = values.clear(changed, request.path_params["range"])
        self._workspace.keep_workbook(changed)
        return {"spreadsheetId": changed.spreadsheet_id, "clearedRange": cleared}

    async def values_batch_clear(self, request: Request) -> Json:
        """spreadsheets.values.batchClear. gspread sends the ranges in the query; Google takes them there too."""
        body = only_known(await json_body(request), {"ranges"})
        ranges = list(body.get("ranges") or request.query_params.getlist("ranges"))
        changed = self._workbook(request).copied()
        cleared = [values.clear(changed, text) for text in ranges]
        self._workspace.keep_workbook(changed)
        return {"spreadsheetId": changed.spreadsheet_id, "clearedRanges": cleared}


def _written(workbook: Workbook, text: str, body: Json, option: str, render: tuple[str, str] | None) -> Json:
    updates, sheet, area = values.write(workbook, text, body, option)
    if render is not None:
        major = body.get("majorDimension")
        updates["updatedData"] = values.read_area(workbook, sheet, area, major, *render)
    return {"spreadsheetId": workbook.spreadsheet_id, **updates}


def _input_option(value: Any) -> str:
    if value not in cells.INPUT_OPTIONS:
        raise invalid("'valueInputOption' is required but not specified" if not value else f"Invalid value: {value}")
    return str(value)


def _render(query: Any) -> tuple[str, str]:
    return (
        one_of(query.get("valueRenderOption"), cells.RENDER_OPTIONS, "value_render_option", "FORMATTED_VALUE"),
        one_of(
            query.get("dateTimeRenderOption"), cells.DATE_RENDER_OPTIONS, "date_time_render_option", "SERIAL_NUMBER"
        ),
    )


def _response_render(query: Any) -> tuple[str, str]:
    return (
        one_of(
            query.get("responseValueRenderOption"),
            cells.RENDER_OPTIONS,
            "response_value_render_option",
            "FORMATTED_VALUE",
        ),
        one_of(
            query.get("responseDateTimeRenderOption"),
            cells.DATE_RENDER_OPTIONS,
            "response_date_time_render_option",
            "SERIAL_NUMBER",
        ),
    )
