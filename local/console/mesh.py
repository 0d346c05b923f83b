"""The mesh's part of the page: the deployed template drawn, what runs now, and what is behind an event, a function, a store."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local import ROOT
from local.console.bodies import fresh
from local.console.mesh_asking import Asking
from local.console.mesh_code import made_by
from local.console.mesh_journal import cause_of, effects_of, trace_of, woken_by
from local.console.mesh_map import mesh_map
from local.console.runs import Runs
from local.console.stack import ServerError, Stack

_SHOWN = 20


class Mesh:
    def __init__(self, stack: Stack, runs: Runs) -> None:
        self._stack = stack
        self._runs = runs
        self._asking = Asking(stack.addresses)
        self._map: dict[str, Any] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/api/mesh", self.map),
            Route("/api/mesh/event/{seq:int}", self.event),
            Route("/api/mesh/function/{name}", self.function),
            Route("/api/mesh/{kind:str}/{name:str}", self.thing),
        ]

    async def shown(self) -> dict[str, Any]:
        """What ran, by function, and what runs at this moment."""
        await self._runs.follow()
        return {"runs": self._runs.counts, "running": await self._stack.running()}

    async def map(self, _: Request) -> Response:
        """The template is asked for each time: another one may have been deployed."""
        self._map = await asyncio.to_thread(self._drawn)
        return fresh({**self._map, "prefix": self._stack.addresses.prefix})

    def _drawn(self) -> dict[str, Any]:
        body, given = self._asking.template()
        return mesh_map(body, given, made_by(ROOT / "functions"))

    async def event(self, request: Request) -> Response:
        """One event with its cause, and by rule what it woke."""
        runs = await self._runs.follow()
        seq = request.path_params["seq"]
        events = await self._stack.events(0)
        found = next((one for one in events if one["seq"] == seq), None)
        if found is None:
            raise HTTPException(404, "This event is not known any more: the last 5,000 are kept.")
        trace_id = trace_of(found)
        self._map = self._map or await asyncio.to_thread(self._drawn)
        matching = [edge for edge in self._map["edges"] if edge["source"] == f"type/{found['detail_type']}"]
        names = [str(edge["target"]).partition("/")[2] for edge in matching]
        effects = effects_of(found, [f"{self._stack.addresses.prefix}-{name}" for name in names], runs)
        cause = cause_of(found, runs)
        before = woken_by(cause, events) if cause else None
        woken = [run for several in effects.values() for run in several]
        return fresh(
            {
                "event": found,
                "cause": {**cause.told(trace_id), "event": before["seq"] if before else None} if cause else None,
                "effects": [
                    {"woken": edge["target"], "rule": edge["words"], "runs": [run.told(trace_id) for run in several]}
                    for edge, several in zip(matching, effects.values(), strict=True)
                ],
                "then": [
                    {"seq": one["seq"], "time": one["time"], "detail_type": one["detail_type"], "by": run.function}
                    for one in _later(events, found)
                    if (run := cause_of(one, runs)) in woken
                ][:_SHOWN],
            }
        )

    async def function(self, request: Request) -> Response:
        """Its last invocations, newest first, and when its schedules wake it next."""
        name = f"{self._stack.addresses.prefix}-{request.path_params['name']}"
        runs = [run.told() for run in await self._runs.follow() if run.function == name]
        return fresh({"runs": runs[: -_SHOWN - 1 : -1], "schedules": await self._schedules(), "kept": len(runs)})

    async def thing(self, request: Request) -> Response:
        """A post's life and thread, one trace, a store's count, a schedule's next time, the machine's last executions."""
        kind, name = str(request.path_params["kind"]), str(request.path_params["name"])
        match kind:
            case "post" | "trace":
                now = str((await self._stack.clock())["now"])
                found = await asyncio.to_thread(self._asking.thread, name, now)
                if not found["steps"]:
                    raise HTTPException(404, f"Nothing is known of {name[:40]} yet.")
                return fresh(found)
            case "schedule" | "group":
                return fresh({"schedules": await self._schedules()})
            case "table" | "bucket" | "queue" | "machine":
                return fresh(await asyncio.to_thread(getattr(self._asking, kind), name))
        raise HTTPException(404, "There is no such thing in the mesh.")

    async def _schedules(self) -> list[dict[str, Any]]:
        """Every schedule with its next moment, by the names of the page; none from an AWS side that does not tell."""
        try:
            found = await self._stack.schedules()
        except ServerError:
            return []
        prefix = f"{self._stack.addresses.prefix}-"
        return [
            {**one, "name": str(one["name"]).removeprefix(prefix), "group": str(one["group"]).removeprefix(prefix)}
            for one in found
        ]


def _later(events: list[dict[str, Any]], event: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the same trace after it."""
    return [one for one in events if one["seq"] > event["seq"] and trace_of(one) == trace_of(event) != ""]
