"""The owner's other hand: trouble that tests order, and the record of calls."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.orders import told
from local.sheets.drive_file import shared_role
from local.sheets.faults import parse_fault
from local.sheets.gate import Trouble
from local.sheets.quotas import parse_limits
from local.sheets.wire import invalid, json_body, number, only_known
from local.sheets.workspace import Workspace

_ROLES = ("writer", "commenter", "reader", None)


class OwnersTrouble:
    """One method per call."""

    def __init__(self, workspace: Workspace, trouble: Trouble):
        self._workspace = workspace
        self._trouble = trouble

    def routes(self) -> list[Route]:
        return [
            Route("/owner/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/owner/orders", self.orders),
            Route("/owner/orders/{the_id}", self.take_back, methods=["DELETE"]),
            Route("/owner/quotas", self.quotas, methods=["GET", "POST"]),
            Route("/owner/feed", self.feed, methods=["GET", "POST"]),
            Route("/owner/share", self.share, methods=["GET", "POST"]),
            Route("/owner/calls", self.calls),
        ]

    async def faults(self, request: Request) -> Response:
        """POST adds a fault, DELETE forgets all, GET shows what is left."""
        if request.method == "POST":
            self._trouble.faults.add(parse_fault(await json_body(request)))
        elif request.method == "DELETE":
            self._trouble.faults.clear()
        return JSONResponse({"faults": self._trouble.faults.pending()})

    async def orders(self, request: Request) -> Response:
        """Every fault with what is left of it and what it met, and the ``role`` that the sheet is shared with."""
        return JSONResponse({"orders": told(self._trouble.faults.book.every(), "sheets"), "role": self._role()})

    async def take_back(self, request: Request) -> Response:
        return JSONResponse({"removed": self._trouble.faults.book.take_back(request.path_params["the_id"])})

    async def quotas(self, request: Request) -> Response:
        """POST switches Sheets' quotas on (Google's numbers, or others) or off; GET shows what this minute has used."""
        if request.method == "POST":
            self._trouble.quotas.limits = parse_limits(await json_body(request))
        return JSONResponse(self._trouble.quotas.shown())

    async def feed(self, request: Request) -> Response:
        """POST says for how long Drive gathers edits; GET which files are being gathered, by their ids."""
        if request.method == "POST":
            body = only_known(await json_body(request), {"coalesce_seconds"})
            seconds = body.get("coalesce_seconds")
            if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= 86_400:
                raise invalid("coalesce_seconds must be a number of seconds from 0 (each edit at once) to 86400")
            self._workspace.gather(seconds)
        feed = self._workspace.feed_by_now()
        return JSONResponse({"coalesce_seconds": feed.gather_seconds, "gathering": sorted(feed.held)})

    async def share(self, request: Request) -> Response:
        """What the service account may do with the folder and all in it: writer, commenter, reader, or null for nothing."""
        if request.method == "POST":
            body = await json_body(request)
            if set(body) != {"role"} or body["role"] not in _ROLES:
                raise invalid('share: give {"role": "writer"}, "commenter", "reader", or null to take the access away')
            self._workspace.share(body["role"])
        return JSONResponse({"version": self._workspace.sequence, "role": self._role()})

    def _role(self) -> str | None:
        return shared_role(self._workspace.file(self._workspace.business().spreadsheet_id))

    async def calls(self, request: Request) -> Response:
        """The API calls with a number above `after`."""
        after = int(number(request.query_params.get("after"), "after", 0))
        return JSONResponse({"calls": self._trouble.book.after(after)})
