"""Puts the server together: token endpoint, both APIs and the owner's side, behind the gate."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from local.sheets import owner
from local.sheets.drive_api import DriveApi
from local.sheets.gate import Gate, Trouble
from local.sheets.sheets_api import SheetsApi
from local.sheets.tokens import GrantRefused, ServiceAccount, TokenOffice
from local.sheets.wire import GoogleError, error_response
from local.sheets.workspace import Workspace


def create_app(
    workspace: Workspace, account: ServiceAccount, *, may_create: bool = False, trouble: Trouble | None = None
) -> ASGIApp:
    """The ASGI application. `may_create` lets the service account own files, as gspread's own tests expect."""
    office, trouble = TokenOffice(account), trouble or Trouble()

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            return JSONResponse(office.grant(form))
        except GrantRefused as refusal:
            body = {"error": refusal.code, "error_description": refusal.description}
            return JSONResponse(body, status_code=400)

    app = Starlette(
        routes=[
            Route("/token", token, methods=["POST"]),
            *SheetsApi(workspace, office).routes(),
            *DriveApi(workspace, office, may_create=may_create).routes(),
            *owner.routes(workspace, trouble),
        ],
        exception_handlers={GoogleError: _refused, HTTPException: _no_such_call},
    )
    return Gate(app, trouble)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoogleError)
    return error_response(error, request.url.path)


async def _no_such_call(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: the local server has no such call."
    return error_response(GoogleError(error.status_code, message), request.url.path)
