"""The console's routes. It keeps nothing itself: every answer comes from the stack's servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from local.console import approve, moments
from local.console.addresses import StackAddresses
from local.console.mail import html_part, summary
from local.console.nudge import Nudge
from local.console.previews import Previews
from local.console.stack import ServerError, Stack
from local.console.state import Seen, changed_since, named

PAGE = Path(__file__).parent / "page"
QUIET_SECONDS = 1.5
# An approval page on a cold start, or a clock that jumps over a week, takes a while.
_TIMEOUT_SECONDS = 60.0

_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; style-src 'self'; "
    "script-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# The frame may be measured by the page and its links open beside it, but nothing in a mail runs.
_MAIL_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'"
)


def create_app(
    stack: StackAddresses,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    quiet_seconds: float = QUIET_SECONDS,
) -> Starlette:
    """The console of one stack, as an ASGI app; ``transport`` replaces the network."""
    client = httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_SECONDS, trust_env=False)
    previews = Previews(client, stack.aws, stack.prefix)
    console = _Console(Stack(stack, client), ZoneInfo(stack.time_zone), quiet_seconds)

    async def pages(request: Request) -> Response:
        return await approve.forward(request, client, stack.function_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await console.nudge.close()
        await client.aclose()

    routes = [
        Route("/", _page),
        Route("/api/state", console.state),
        Route("/api/about", console.about),
        Route("/api/grid", console.grid),
        Route("/api/cell", console.cell, methods=["POST"]),
        Route("/api/rows", console.rows, methods=["POST", "DELETE"]),
        Route("/api/mails", console.mails),
        Route("/api/mails/{seq:int}/html", console.mail_html),
        Route("/api/feeds", console.feeds),
        Route("/api/events", console.events),
        Route("/api/clock", console.clock, methods=["GET", "POST"]),
        Route("/api/files/{name:path}", console.file),
        Route("/preview/{post_id}", previews.page),
        Route("/preview/{post_id}/{revision}/{sha256}", previews.image),
        Route("/approve/{path:path}", pages, methods=["GET", "HEAD", "POST"]),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    # Another site's page that resolves to this computer comes with a host name of its own.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    handlers: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        ServerError: _trouble,
        HTTPException: _refusal,
    }
    return Starlette(routes=routes, middleware=[hosts], exception_handlers=handlers, lifespan=lifespan)


async def _page(_: Request) -> Response:
    return FileResponse(
        PAGE / "index.html", headers={"Content-Security-Policy": _PAGE_POLICY, "Referrer-Policy": "same-origin"}
    )


async def _trouble(_: Request, error: Exception) -> Response:
    assert isinstance(error, ServerError)
    return JSONResponse({"error": error.sentence}, error.status)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


class _Console:
    """The ``/api`` routes: thin questions to the stack."""

    def __init__(self, stack: Stack, zone: ZoneInfo, quiet_seconds: float) -> None:
        self._stack = stack
        self._zone = zone
        self._sync = f"{stack.addresses.prefix}-drive-sync"
        self._routine = {self._sync, f"{stack.addresses.prefix}-sweep"}
        self._missed: str | None = None
        self.nudge = Nudge(self._look, quiet_seconds)

    async def _look(self) -> None:
        """Has the sheet looked at; a trouble is kept for the page, as nobody waits for the answer."""
        try:
            await self._stack.fire(self._sync)
            self._missed = None
        except ServerError as error:
            self._missed = f"The edit is saved and will be found within five minutes; not sooner, as {error.sentence}."

    async def state(self, request: Request) -> Response:
        seen = Seen.parse(request.query_params.get("after", ""))
        state = await changed_since(self._stack, seen, self.nudge.state)
        if self._missed:
            state["trouble"].append(self._missed)
        return _fresh(state)

    async def about(self, _: Request) -> Response:
        addresses = self._stack.addresses
        return _fresh({"business": addresses.business, "time_zone": addresses.time_zone, "prefix": addresses.prefix})

    async def grid(self, _: Request) -> Response:
        return _fresh(await self._stack.grid())

    async def cell(self, request: Request) -> Response:
        """``{"row", "post_id", "was", "column", "value"}``: the row as ``_place`` finds it gets the value."""
        edit = await _object(request, "column", "value")
        row = await self._place(edit)
        answer = await self._stack.set_cell(row, str(edit["column"]), edit["value"])
        self.nudge.edited()
        return _fresh({"row": row, **answer})

    async def rows(self, request: Request) -> Response:
        """POST ``{"at": i or null, "rows": [{column: value}]}``; DELETE ``{"row", "post_id", "was"}``."""
        if request.method == "POST":
            edit = await _object(request, "rows")
            answer = await self._stack.insert_rows(edit.get("at"), edit["rows"])
        else:
            answer = await self._stack.delete_row(await self._place(await _object(request)))
        self.nudge.edited()
        return _fresh(answer)

    async def _place(self, edit: Mapping[str, Any]) -> int:
        """The row that is meant, counted from 0: people and drive-sync move rows while the page is being read.

        With an id the row is found by it; without one it must still show ``was`` ({column: value}). Else 409.
        """
        grid = await self._stack.grid()
        rows = [dict(zip(grid["header"], cells, strict=False)) for cells in grid["rows"]]
        row, post_id, was = edit.get("row"), edit.get("post_id") or "", edit.get("was") or {}
        if post_id:
            places = [n for n, cells in enumerate(rows) if cells.get("post_id") == post_id]
            if row in places or len(places) == 1:
                return int(row if row in places else places[0])
        elif isinstance(row, int) and 0 <= row < len(rows) and was.items() <= rows[row].items():
            return row
        raise HTTPException(409, "This row has moved or is gone. Look at the sheet again.")

    async def mails(self, request: Request) -> Response:
        return _fresh({"mails": [summary(mail) for mail in await self._stack.mails(_after(request))]})

    async def mail_html(self, request: Request) -> Response:
        seq = int(request.path_params["seq"])
        for mail in await self._stack.mails(seq - 1):
            if mail["seq"] == seq:
                return HTMLResponse(html_part(mail), headers={"Content-Security-Policy": _MAIL_POLICY})
        raise HTTPException(404, "There is no such mail.")

    async def feeds(self, _: Request) -> Response:
        return _fresh({"feeds": named(await self._stack.feeds(), await self._stack.rules())})

    async def events(self, request: Request) -> Response:
        return _fresh({"events": await self._stack.events(_after(request))})

    async def clock(self, request: Request) -> Response:
        """POST ``{"advance_seconds": n}``, ``{"to": iso}``, ``{"to": "next"}`` ``{"to": "tomorrow"}`` (09:00)."""
        if request.method == "GET":
            return _fresh(await self._stack.clock())
        change = await _object(request)
        if change.get("to") in ("next", "tomorrow"):
            change = {"to": (await self._moment(str(change["to"]))).isoformat()}
        return _fresh(await self._stack.set_clock(change))

    async def _moment(self, name: str) -> datetime:
        clock = await self._stack.clock()
        now = datetime.fromisoformat(clock["now"]).astimezone(UTC)
        if name == "tomorrow":
            return moments.tomorrow_at_nine(now, self._zone)
        grid = await self._stack.grid()
        rows = [dict(zip(grid["header"], cells, strict=False)) for cells in grid["rows"]]
        moment = moments.next_thing(now, rows, self._zone, clock.get("next"), self._routine)
        if moment is None:
            raise HTTPException(409, "Nothing is planned after this moment. Add a row, or go to tomorrow.")
        return moment

    async def file(self, request: Request) -> Response:
        content, media_type = await self._stack.file(request.path_params["name"])
        if not media_type.startswith("image/"):
            raise HTTPException(404, "Only pictures are shown here.")
        headers = {"Cache-Control": "max-age=30", "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=media_type, headers=headers)


def _fresh(content: Any) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    return int(text) if text.isdigit() else 0


async def _object(request: Request, *needed: str) -> dict[str, Any]:
    """The JSON object in the body. A page of another site can send neither this content type nor our origin."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "Only this page may change things here.")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "The body must be JSON (content type application/json).")
    try:
        body = await request.json()
    except ValueError:
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(body, dict) or not all(name in body for name in needed):
        raise HTTPException(400, f"The body must be an object with {', '.join(needed) or 'what to change'}.")
    return body
