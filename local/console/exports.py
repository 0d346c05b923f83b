"""What can be taken along: the sheet as a workbook or a text file, the planned posts for a calendar program."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.calendars.ics import Entry, ics_bytes
from local.calendars.model import CalendarError
from local.calendars.writing import Table, csv_bytes, table_of, xlsx_bytes
from local.console.own_calendar import sentence
from local.console.plan import Plan
from local.console.stack import Stack
from mesh.cards.model import first_words
from mesh.posts import Row, read_row
from mesh.rulebook import parse_rules
from mesh.schedule_time import say_with_zone

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_WORDS = {
    "out": "It is out.",
    "failed": "It failed and needs somebody.",
    "held": "It is on hold: nothing goes out until it is released.",
    "mend": "Its row has something to mend.",
    "later": "Its row will be to mend before it can go.",
    "approved": "It is approved.",
    "waits": "It waits for an approval.",
    "draft": "It is planned.",
}


class Exports:
    """GET routes that answer a file to save."""

    def __init__(self, stack: Stack, plan: Plan) -> None:
        self._stack = stack
        self._plan = plan

    def routes(self) -> list[Route]:
        return [
            Route("/api/export/posts.xlsx", self.workbook),
            Route("/api/export/posts.csv", self.text),
            Route("/api/export/plan.ics", self.calendar),
        ]

    async def workbook(self, _: Request) -> Response:
        try:
            content = await asyncio.to_thread(xlsx_bytes, await self._table())
        except CalendarError as error:
            raise HTTPException(409, sentence(str(error))) from None
        return _file(content, "posts.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")

    async def text(self, _: Request) -> Response:
        return _file(csv_bytes(await self._table()), "posts.csv", "text/csv; charset=utf-8")

    async def calendar(self, request: Request) -> Response:
        """Every post with a time, or with ``?month=2027-03`` those that go in that month of the owner's zone."""
        month = request.query_params.get("month", "")
        if month and not _MONTH.fullmatch(month):
            raise HTTPException(400, "The month must be written like 2027-03.")
        plan, grid, rules, clock = await asyncio.gather(
            self._plan.whole(), self._stack.grid(), self._stack.rules(), self._stack.clock()
        )
        zone = parse_rules(rules, default_zone=self._stack.addresses.time_zone)[0].zone
        rows = {row.post_id: row for row in _rows(grid)}
        entries = _entries(plan["posts"], rows, zone, month)
        now = datetime.fromisoformat(clock["now"]).astimezone(UTC)
        content = ics_bytes(entries, name=self._stack.addresses.business, now=now)
        return _file(content, f"plan-{month}.ics" if month else "plan.ics", "text/calendar; charset=utf-8")

    async def _table(self) -> Table:
        grid = await self._stack.grid()
        return table_of([grid["header"], *grid["rows"]])


def _rows(grid: Mapping[str, Any]) -> Iterator[Row]:
    for cells in grid["rows"]:
        yield read_row(dict(zip(grid["header"], cells, strict=False)))


def _entries(posts: list[Mapping[str, Any]], rows: Mapping[str, Row], zone: ZoneInfo, month: str) -> Iterator[Entry]:
    for post in posts:
        gone = post["post_id"] not in rows and post["state"] != "out"
        if gone or not post["goes_at"]:
            continue
        at = datetime.fromisoformat(post["goes_at"])
        if month and date.strftime(at.astimezone(zone), "%Y-%m") != month:
            continue
        text = rows[post["post_id"]].text if post["post_id"] in rows else ""
        yield Entry(
            uid=post["post_id"],
            at=at,
            title=first_words(text) or "A post",
            text="\n".join([text, "", *_lines(post, zone), _WORDS[post["state"]]]).strip(),
            sure=post["state"] in {"approved", "out"},
        )


def _lines(post: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Where it goes when, and why then."""
    for channel in post["channels"]:
        moment = datetime.fromisoformat(channel["at"]) if channel["at"] else None
        when = say_with_zone(moment, zone) if moment is not None else "no time is left to it"
        yield f"{channel['name']}: {when}" + (f" ({channel['why']})" if channel["why"] else "")


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
