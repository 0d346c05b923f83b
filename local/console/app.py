"""The console's routes. It keeps nothing itself: every answer comes from the stack's servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
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
from local.console.bodies import fresh, json_object
from local.console.edits import Edits
from local.console.exports import Exports
from local.console.feeds import Feeds
from local.console.mail import html_part, summary
from local.console.mesh import Mesh
from local.console.nudge import Nudge
from local.console.own_calendar import OwnCalendar
from local.console.pictures import Pictures
from local.console.plan import Plan
from local.console.previews import Previews
from local.console.stack import ServerError, Stack
from local.console.state import Question, Seen, changed_since
from local.console.tour import Tour

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
    servers = Stack(stack, client)
    feeds = Feeds(servers)
    mesh = Mesh(servers)
    plan = Plan(servers)
    tour = Tour(servers)
    parts = {"feeds": feeds.shown, "mesh": mesh.shown, "plan": plan.shown, "tour": tour.shown}
    console = _Console(servers, ZoneInfo(stack.time_zone), quiet_seconds, parts)
    edits = Edits(servers, console.nudge)
    pictures = Pictures(servers, console.nudge)

    async def pages(request: Request) -> Response:
        return await approve.forward(request, client, stack.function_url, "/approve/")

    async def notes(request: Request) -> Response:
        return await approve.forward(request, client, stack.compose_url, "/compose/")

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
        Route("/api/cells", edits.cells, methods=["POST"]),
        Route("/api/rows", edits.add_rows, methods=["POST"]),
        Route("/api/rows", edits.delete_rows, methods=["DELETE"]),
        Route("/api/sort", edits.sort, methods=["POST"]),
        Route("/api/mails", console.mails),
        Route("/api/mails/{seq:int}/html", console.mail_html),
        Route("/api/events", console.events),
        Route("/api/clock", console.clock, methods=["GET", "POST"]),
        *feeds.routes(),
        *mesh.routes(),
        *OwnCalendar(servers).routes(),
        *Exports(servers, plan).routes(),
        *tour.routes(),
        Route("/api/files/{name:path}", pictures.read),
        Route("/api/files/{name:path}", pictures.add, methods=["PUT"]),
        Route("/preview/{post_id}", previews.page),
        Route("/preview/{post_id}/{revision}/{sha256}", previews.image),
        Route("/approve/{path:path}", pages, methods=["GET", "HEAD", "POST"]),
        Route("/compose/{path:path}", notes, methods=["GET", "HEAD", "POST"]),
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

    def __init__(self, stack: Stack, zone: ZoneInfo, quiet_seconds: float, parts: Mapping[str, Question]) -> None:
        self._stack = stack
        self._parts = parts
        self._zone = zone
        self._sync = f"{stack.addresses.prefix}-drive-sync"
        self._routine = {f"{stack.addresses.prefix}-{name}" for name in moments.ROUTINE}
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
        state = await changed_since(self._stack, seen, self.nudge.state, self._parts)
        if self._missed:
            state["trouble"].append(self._missed)
        return fresh(state)

    async def about(self, _: Request) -> Response:
        addresses = self._stack.addresses
        return fresh(
            {
                "business": addresses.business,
                "time_zone": addresses.time_zone,
                "prefix": addresses.prefix,
                "slack": addresses.slack,
            }
        )

    async def grid(self, _: Request) -> Response:
        return fresh(await self._stack.grid())

    async def mails(self, request: Request) -> Response:
        return fresh({"mails": [summary(mail) for mail in await self._stack.mails(_after(request))]})

    async def mail_html(self, request: Request) -> Response:
        seq = int(request.path_params["seq"])
        for mail in await self._stack.mails(seq - 1):
            if mail["seq"] == seq:
                return HTMLResponse(html_part(mail), headers={"Content-Security-Policy": _MAIL_POLICY})
        raise HTTPException(404, "There is no such mail.")

    async def events(self, request: Request) -> Response:
        return fresh({"events": await self._stack.events(_after(request))})

    async def clock(self, request: Request) -> Response:
        """POST ``{"advance_seconds": n}``, ``{"to": iso}``, ``{"to": "next"}`` ``{"to": "tomorrow"}`` (09:00)."""
        if request.method == "GET":
            return fresh(await self._stack.clock())
        change = await json_object(request)
        if change.get("to") in ("next", "tomorrow"):
            change = {"to": (await self._moment(str(change["to"]))).isoformat()}
        return fresh(await self._stack.set_clock(change))

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


def _after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    return int(text) if text.isdigit() else 0
