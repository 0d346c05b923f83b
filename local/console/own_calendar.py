"""A calendar of one's own, looked at before anything is done with it: ``/api/calendar/look``. The file stays on this computer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.calendars.dates import Order
from local.calendars.model import THE_MESH_WRITES, Calendar, CalendarError, Problem
from local.calendars.reading import read_given
from local.console.bodies import fresh, from_this_page
from local.console.judged import judge, told, with_images
from local.console.pictures import bounded, plain
from local.console.stack import Stack
from local.owner_sheet.rows import key_of
from mesh.lint import row_remarks
from mesh.posts import Plan, Row, plan_row, read_row
from mesh.rulebook import Rulebook, parse_rules

MOST_ROWS = 100_000
_COMPARED = 400  # rows: each is held against all others for texts that are nearly the same
_NOT_TAKEN = {"post_id", *THE_MESH_WRITES}


class OwnCalendar:
    """Reads and judges; the rows are added by the page, as if they were typed."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def routes(self) -> list[Route]:
        return [Route("/api/calendar/look", self.look, methods=["POST"])]

    async def look(self, request: Request) -> Response:
        """The body is the file; ``?name=`` its name, ``&dates=day-first`` or ``month-first`` what 03/04/2027 means, ``&channels=`` what
        goes into rows that name none. 413 over 40 MB; 422 with a sentence where nothing of it can be read.
        """
        from_this_page(request)
        asked = request.query_params
        name = plain(asked.get("name", ""))
        content = await bounded(request, name)
        grid, files, rules, clock = await asyncio.gather(
            self._stack.grid(), self._stack.files(), self._stack.rules(), self._stack.clock()
        )
        default_zone = self._stack.addresses.time_zone
        rulebook, _ = parse_rules(rules, default_zone=default_zone)
        hashes = {str(file["name"]): str(file["md5"]) for file in files}
        now = datetime.fromisoformat(clock["now"])
        order = Order(asked["dates"]) if asked.get("dates") in {one.value for one in Order} else None
        try:
            read = await asyncio.to_thread(
                _read, content, name, rulebook, now, hashes, order, asked.get("channels", "")
            )
        except CalendarError as error:
            raise HTTPException(422, sentence(str(error))) from None
        return fresh(await asyncio.to_thread(_looked_at, name, read, rulebook, hashes, grid))


def sentence(text: str) -> str:
    """What the commands say after a colon, as a sentence of its own; a file's name at its beginning stays as it is."""
    begin = text if "." in text.split(" ", 1)[0] else f"{text[:1].upper()}{text[1:]}"
    return begin + ("" if text.endswith((".", "!", "?")) else ".")


def _read(
    content: bytes,
    name: str,
    rulebook: Rulebook,
    now: datetime,
    hashes: Mapping[str, str],
    order: Order | None,
    channels: str,
) -> Calendar:
    zone: ZoneInfo = rulebook.zone
    calendar = read_given(
        content,
        name,
        zone=zone,
        now=now,
        channels=rulebook.channels,
        there=hashes,
        order=order,
        default_channels=channels,
    )
    if len(calendar.rows) > MOST_ROWS:
        raise CalendarError(
            f"{name} has {len(calendar.rows):,} rows, and {MOST_ROWS:,} are taken at most; give the rows to come alone"
        )
    return calendar


def _looked_at(
    name: str, calendar: Calendar, rulebook: Rulebook, hashes: Mapping[str, str], grid: Mapping[str, Any]
) -> dict[str, Any]:
    header = [str(title) for title in grid["header"]]
    columns = {title.strip().lower(): title for title in header if title.strip()}
    there = Counter(
        key_of(read_row(dict(zip(header, cells, strict=False)))) for cells in grid["rows"] if any(map(str, cells))
    )
    read = [_as_row(values, hashes) for values in calendar.rows]
    judged = _judged(calendar, read, rulebook)
    rows = []
    for number, values, row in zip(calendar.numbers, calendar.rows, read, strict=True):
        key = key_of(row)
        known = there[key] > 0
        there[key] -= known
        taken = {
            columns[title.lower()]: value
            for title, value in values.items()
            if title.lower() in columns and title not in _NOT_TAKEN
        }
        rows.append({"number": number, "values": taken, "there": known})
    return {
        "name": name,
        "rows": rows,
        "columns": [
            {"title": title, "column": columns.get(column.lower(), "") if column not in _NOT_TAKEN else ""}
            for column, title in calendar.titles.items()
        ],
        "dates": calendar.dates,
        "notes": [sentence(note) for note in calendar.notes],
        "problems": [*(_shown(one) for one in calendar.problems), *judged],
        "missing": sorted({name for row in read for name in row.image_names if name and name not in row.images}),
        "channels": sorted(rulebook.channels),
    }


def _as_row(values: Mapping[str, str], hashes: Mapping[str, str]) -> Row:
    row = read_row({**values, "post_id": ""})
    return replace(row, images=with_images(row, hashes))


def _judged(calendar: Calendar, rows: Sequence[Row], rulebook: Rulebook) -> list[dict[str, Any]]:
    """What the mesh would say of the rows, but for what the reader has said of them already."""
    said = {(problem.row, problem.column) for problem in calendar.problems}
    found = []
    for number, row in zip(calendar.numbers, rows, strict=True):
        found += [{"row": number, **told(one)} for one in judge(row, rulebook)]
    found = [one for one in found if (one["row"], one["column"]) not in said]
    return found + (_remarks(calendar.numbers, rows, rulebook) if len(rows) <= _COMPARED else [])


def _remarks(numbers: Sequence[int], rows: Sequence[Row], rulebook: Rulebook) -> list[dict[str, Any]]:
    """What keeps nothing back, of each row among the others of the file."""
    plans = [(number, plan_row(row, rulebook)) for number, row in zip(numbers, rows, strict=True)]
    read = [(number, plan) for number, plan in plans if isinstance(plan, Plan)]
    found = []
    for number, plan in read:
        others = [other for _, other in read if other is not plan]
        found += [{"row": number, **told(one, remark=True)} for one in row_remarks(plan, others, rulebook)]
    return found


def _shown(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column or "",
        "channel": "",
        "what": problem.what,
        "fix": problem.fix,
        "remark": False,
    }
