"""``/api/clock``: the stack's clock, told and turned forward."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console import moments
from local.console.bodies import fresh, json_object
from local.console.speed import Speed
from local.console.stack import Stack
from mesh.schedule_time import say

_FURTHEST = timedelta(days=366)


class Clock:
    def __init__(self, stack: Stack, zone: ZoneInfo, speed: Speed) -> None:
        self._stack = stack
        self._zone = zone
        self._speed = speed
        self._routine = {f"{stack.addresses.prefix}-{name}" for name in moments.ROUTINE}

    def routes(self) -> list[Route]:
        return [Route("/api/clock", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """POST ``{"advance_seconds": n}``, ``{"to": iso}``, ``{"to": "next"}`` or ``"tomorrow"`` (09:00); in the owner's zone
        ``{"weekday": 0 for Monday, "time": "09:00"}``, the next one that comes, and ``{"date": "2027-03-28", "time": "09:00"}``.
        """
        if request.method == "GET":
            return fresh(await self._stack.clock())
        change = await json_object(request)
        async with self._speed.by_hand():
            if change.get("to") in ("next", "tomorrow") or "time" in change:
                change = {"to": (await self._moment(change)).isoformat()}
            return fresh(await self._stack.set_clock(change))

    async def _moment(self, change: Mapping[str, Any]) -> datetime:
        clock = await self._stack.clock()
        now = datetime.fromisoformat(clock["now"]).astimezone(UTC)
        if "time" in change:
            return self._named(now, change)
        if change["to"] == "tomorrow":
            return moments.tomorrow_at_nine(now, self._zone)
        grid = await self._stack.grid()
        rows = [dict(zip(grid["header"], cells, strict=False)) for cells in grid["rows"]]
        moment = moments.next_thing(now, rows, self._zone, clock.get("next"), self._routine)
        if moment is None:
            raise HTTPException(409, "Nothing is planned after this moment. Add a row, or go to tomorrow.")
        return moment

    def _named(self, now: datetime, change: Mapping[str, Any]) -> datetime:
        try:
            if "weekday" in change:
                return moments.next_weekday(now, int(change["weekday"]), str(change["time"]), self._zone)
            moment = moments.day_at(str(change.get("date", "")), str(change["time"]), self._zone)
        except (ValueError, TypeError, OverflowError):
            raise HTTPException(400, "Write a day and a time, like 28 March 2027 and 09:00.") from None
        if moment <= now:
            raise HTTPException(409, f"{say(moment, self._zone, now=now)} lies behind. The clock only goes forward.")
        if moment - now > _FURTHEST:
            raise HTTPException(409, "That is more than a year ahead. Go there in shorter ways.")
        return moment
