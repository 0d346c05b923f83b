"""The page's edits, put where they belong: people and drive-sync move rows while the page is being read.

One at a time, and only while the sheet is as it was looked at: where drive-sync or anybody else wrote between the look for a row and the
edit of it, the row is looked for again.

A row is meant by its ``post_id``; one that has none yet by ``was``, all that it showed ({column: value}). Wherever that
is now is where the edit goes; where it is nowhere, nothing is changed at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from local.console.bodies import fresh, json_list, json_object
from local.console.nudge import Nudge
from local.console.stack import ServerError, Stack

_GONE = "This row has moved or is gone. Look at the sheet again."
_BUSY = "Somebody else is writing in the sheet all the time. Try it again."
_LOOKS = 8


class Edits:
    """``/api/cells``, ``/api/rows`` and ``/api/sort``. Each answer says what the sheet shows now, as it may read what
    was typed in its own way (``1.4.2027`` becomes a date); ``None`` where somebody else wrote in between.
    """

    def __init__(self, stack: Stack, nudge: Nudge) -> None:
        self._stack = stack
        self._nudge = nudge
        self._one_at_a_time = asyncio.Lock()

    async def cells(self, request: Request) -> Response:
        """``{"edits": [{"row", "post_id", "was", "column", "value"}, …], "strict"}``, all or nothing.

        With ``strict`` (an undo) a cell that no longer shows ``was[column]`` is left alone, and its number in the list
        is among ``kept``; without it a row that is gone refuses all (409). Of each cell the answer has what it showed
        ``before`` and what it is ``shown`` as now: whoever wrote last is to know what was there.
        """
        edits, body = await json_list(request, "edits")
        if not all(isinstance(edit.get("column"), str) and "value" in edit for edit in edits):
            raise HTTPException(400, "Each edit must name a column and a value.")
        strict = bool(body.get("strict"))

        async def typed(grid: Grid) -> Response:
            places = [grid.row_of(edit) for edit in edits]
            if strict:
                places = [_if_unchanged(grid, place, edit) for place, edit in zip(places, edits, strict=True)]
            elif None in places:
                raise HTTPException(409, _GONE)
            placed = [(n, place) for n, place in enumerate(places) if place is not None]
            shown: list[Any] = [None] * len(edits)
            version = grid.version
            if placed:
                cells = [
                    {"row": place, "column": edits[n]["column"], "value": edits[n]["value"]} for n, place in placed
                ]
                version = (await self._stack.set_cells(cells, grid.version))["version"]
                self._nudge.edited()
                after = Grid(await self._stack.grid())
                for n, place in placed if after.version == version else ():
                    shown[n] = after.cells(place).get(edits[n]["column"], "")
            kept = [n for n, place in enumerate(places) if place is None]
            before = [
                None if place is None else grid.cells(place).get(edits[n]["column"], "")
                for n, place in enumerate(places)
            ]
            return fresh({"version": version, "rows": places, "before": before, "shown": shown, "kept": kept})

        return await self._as_looked_at(typed)

    async def add_rows(self, request: Request) -> Response:
        """``{"at": i or null, "rows": [{column: value}, …]}``: before row ``i``, or at the end."""
        rows, body = await json_list(request, "rows")
        async with self._one_at_a_time:
            answer = await self._stack.insert_rows(body.get("at"), rows)
            self._nudge.edited()
            after = Grid(await self._stack.grid())
        first = answer.get("row")
        known = isinstance(first, int) and after.version == answer["version"]
        shown = [after.cells(int(first or 0) + n) if known else None for n in range(len(rows))]
        return fresh({**answer, "shown": shown})

    async def delete_rows(self, request: Request) -> Response:
        """``{"rows": [{"row", "post_id", "was"}, …], "strict"}``, all or nothing.

        With ``strict`` a row that no longer shows all of ``was`` stays, and its number in the list is among ``kept``.
        """
        rows, body = await json_list(request, "rows")

        async def deleted(grid: Grid) -> Response:
            places = [grid.row_of(row) for row in rows]
            if body.get("strict"):
                places = [
                    place if place is not None and grid.shows(place, row.get("was")) else None
                    for place, row in zip(places, rows, strict=True)
                ]
            elif None in places:
                raise HTTPException(409, _GONE)
            found = sorted({place for place in places if place is not None})
            version = grid.version
            if found:
                version = (await self._stack.delete_rows(found, grid.version))["version"]
                self._nudge.edited()
            return fresh({"version": version, "kept": [n for n, place in enumerate(places) if place is None]})

        return await self._as_looked_at(deleted)

    async def _as_looked_at(self, act: Callable[[Grid], Awaitable[Response]]) -> Response:
        """``act`` on the grid of now, and anew on the next one where somebody wrote between the look and the act."""
        async with self._one_at_a_time:
            for _ in range(_LOOKS):
                try:
                    return await act(Grid(await self._stack.grid()))
                except ServerError as error:
                    if error.status != 409:
                        raise
        raise HTTPException(503, _BUSY)

    async def sort(self, request: Request) -> Response:
        """``{"column", "then", "descending"}``: moves the sheet's own rows, as Google's "Sort sheet" does.

        Rows that are equal in ``column`` are sorted by ``then``, where it is given: a sort leaves them in the order they had.
        """
        wanted = await json_object(request, "column")
        descending = bool(wanted.get("descending"))
        async with self._one_at_a_time:
            if wanted.get("then"):
                await self._stack.sort(str(wanted["then"]), descending=descending)
            answer = await self._stack.sort(str(wanted["column"]), descending=descending)
        self._nudge.edited()
        return fresh(answer)


class Grid:
    """The sheet as its server showed it, to find rows in; they are counted from 0 under the header."""

    def __init__(self, grid: Mapping[str, Any]) -> None:
        self.version: int = grid["version"]
        self._rows = [dict(zip(grid["header"], cells, strict=False)) for cells in grid["rows"]]
        self._by_id: dict[str, list[int]] = {}
        for place, cells in enumerate(self._rows):
            self._by_id.setdefault(str(cells.get("post_id") or ""), []).append(place)

    def cells(self, row: int) -> dict[str, Any]:
        """By column; empty past the end."""
        return self._rows[row] if 0 <= row < len(self._rows) else {}

    def shows(self, row: int, was: Any) -> bool:
        """Every cell that ``was`` names, and it names some."""
        return isinstance(was, Mapping) and bool(was) and was.items() <= self.cells(row).items()

    def row_of(self, edit: Mapping[str, Any]) -> int | None:
        """Where the row is that an edit means; None if it is gone or cannot be told from another."""
        row, post_id, was = edit.get("row"), str(edit.get("post_id") or ""), edit.get("was")
        by_look = [] if post_id else [place for place in range(len(self._rows)) if self.shows(place, was)]
        places = self._by_id.get(post_id, []) if post_id else by_look
        if row in places:
            return int(row)
        return places[0] if len(places) == 1 else None


def _if_unchanged(grid: Grid, place: int | None, edit: Mapping[str, Any]) -> int | None:
    column = edit["column"]
    was = edit.get("was") or {}
    if place is None or column not in was or grid.cells(place).get(column, "") != was[column]:
        return None
    return place
