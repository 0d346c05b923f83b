"""The console's routes. It keeps nothing itself: every answer comes from the stack's servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from local.console import approve
from local.console.addresses import StackAddresses
from local.console.bodies import fresh
from local.console.card_posts import CardPosts
from local.console.clock import Clock
from local.console.coming import Coming
from local.console.edits import Edits
from local.console.exports import Exports
from local.console.faults import Faults
from local.console.feeds import Feeds
from local.console.files import PageFiles
from local.console.glance import Glance
from local.console.mails import Mails
from local.console.mesh import Mesh
from local.console.nudge import Nudge
from local.console.own_calendar import OwnCalendar
from local.console.pictures import Pictures
from local.console.plan import Plan
from local.console.previews import Previews
from local.console.reading import Reading
from local.console.runs import Runs
from local.console.slack import Slack
from local.console.speed import Speed
from local.console.stack import ServerError, Stack
from local.console.state import Life, Question, Seen, changed_since
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


def create_app(
    stack: StackAddresses,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    quiet_seconds: float = QUIET_SECONDS,
) -> Starlette:
    """The console of one stack, as an ASGI app. ``transport`` replaces the network."""
    client = httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_SECONDS, trust_env=False)
    servers = Stack(stack, client)
    zone = ZoneInfo(stack.time_zone)
    feeds = Feeds(servers)
    slack = Slack(servers)
    runs = Runs(servers)
    mesh = Mesh(servers, runs)
    reading = Reading(servers, runs)
    plan = Plan(servers, reading)
    speed = Speed(servers)
    clock = Clock(servers, zone, speed)
    faults = Faults(servers, feeds)
    parts = {
        "feeds": feeds.shown,
        "channels": feeds.channels,
        "slack": slack.shown,
        "coming": Coming(servers, reading, plan, zone).shown,
        "glance": Glance(reading, zone).shown,
        "speed": speed.shown,
        "mesh": mesh.shown,
        "plan": plan.shown,
        "faults": faults.shown,
    }
    console = _Console(servers, quiet_seconds, parts)
    edits = Edits(servers, console.nudge)
    pictures = Pictures(servers, console.nudge)

    async def pages(request: Request) -> Response:
        return await approve.forward(request, client, stack.function_url, "/approve/")

    async def notes(request: Request) -> Response:
        return await approve.forward(request, client, stack.compose_url, "/compose/")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await speed.close()
        await reading.close()
        await runs.close()
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
        *Mails(servers).routes(),
        Route("/api/events", console.events),
        *feeds.routes(),
        *slack.routes(),
        *CardPosts(servers, zone).routes(),
        *mesh.routes(),
        *OwnCalendar(servers).routes(),
        *Exports(servers, plan).routes(),
        *clock.routes(),
        *speed.routes(),
        *faults.routes(),
        *Tour(servers).routes(),
        Route("/api/files/{name:path}", pictures.read),
        Route("/api/files/{name:path}", pictures.add, methods=["PUT"]),
        *Previews(servers).routes(),
        Route("/approve/{path:path}", pages, methods=["GET", "HEAD", "POST"]),
        Route("/compose/{path:path}", notes, methods=["GET", "HEAD", "POST"]),
        Route("/page/{path:path}", PageFiles(PAGE).answer),
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

    def __init__(self, stack: Stack, quiet_seconds: float, parts: Mapping[str, Question]) -> None:
        self._stack = stack
        self._parts = parts
        self._sync = f"{stack.addresses.prefix}-drive-sync"
        self._missed: str | None = None
        self._life = Life()
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
        state = await changed_since(self._stack, seen, self.nudge.state, self._parts, self._life)
        if self._missed and "trouble" in state:
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

    async def events(self, request: Request) -> Response:
        return fresh({"events": await self._stack.events(_after(request))})


def _after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    return int(text) if text.isascii() and text.isdecimal() else 0
