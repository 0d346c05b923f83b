"""The owner's hands on the same sheet and folder: what a person does in the browser, for the console and tests.

JSON without sign-in, all under /owner; `owner_desk` says how rows and columns are named.
"""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.sheets.gate import Trouble
from local.sheets.owner_desk import Desk
from local.sheets.owner_files import OwnersFiles
from local.sheets.owner_layout import OwnersLayout
from local.sheets.owner_rows import OwnersRows
from local.sheets.owner_trouble import OwnersTrouble
from local.sheets.tokens import EMAIL
from local.sheets.wire import number
from local.sheets.workspace import Workspace

_MAX_WAIT_SECONDS = 60.0


def routes(workspace: Workspace, trouble: Trouble) -> list[Route]:
    """All of the owner's side."""
    desk = Desk(workspace)

    async def overview(request: Request) -> Response:
        """Which file plays which part."""
        return JSONResponse({**asdict(workspace.business()), "service_account_email": EMAIL})

    async def changes(request: Request) -> Response:
        """Waits for anything to change after a version; says what did: grid, rules, voice or files."""
        after = int(number(request.query_params.get("after"), "after", 0))
        timeout_seconds = number(request.query_params.get("timeout_seconds"), "timeout_seconds", 20.0)
        await workspace.wait_after(after, min(timeout_seconds, _MAX_WAIT_SECONDS))
        places = workspace.business()
        names = {places.spreadsheet_id: "grid", places.rules_id: "rules", places.voice_id: "voice"}
        changed = {names.get(file_id, "files") for _, file_id in workspace.changed_after(after)}
        return JSONResponse({"version": workspace.sequence, "changed": sorted(changed)})

    return [
        Route("/owner", overview),
        Route("/owner/changes", changes),
        *OwnersRows(desk).routes(),
        *OwnersLayout(desk).routes(),
        *OwnersFiles(workspace).routes(),
        *OwnersTrouble(workspace, trouble).routes(),
    ]
