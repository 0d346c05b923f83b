"""``/api/faults``: what is switched on at the stack's servers, by this page or by anybody, and what came of it.

The servers keep the orders; here is only read back what they say, so that a fault left on by an earlier page is seen too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh, json_object
from local.console.feeds import Feeds
from local.console.mesh_switches import mesh_groups
from local.console.network_switches import network_groups
from local.console.service_switches import UNSHARED, service_groups
from local.console.stack import Stack
from local.console.switches import Switch, order_body, switch_of
from local.console.tally import tally
from mesh.ledger.items import HeadState, read_head

_SHARED = "writer"
_PAUSE = timedelta(minutes=10)
_WHERE = {"sheets": "Google", "slack": "Slack", "bedrock": "Drafts", "returns": "Mail"}


@dataclass(frozen=True)
class _Listed:
    """One order as its server tells it."""

    server: str
    order: Mapping[str, Any]

    @property
    def is_on(self) -> bool:
        return bool(self.order["left"] != 0)

    @property
    def since(self) -> str:
        return str(self.order["since"])

    @property
    def switch(self) -> str:
        return switch_of(self.order["name"])[0]


class Faults:
    def __init__(self, stack: Stack, feeds: Feeds) -> None:
        self._stack = stack
        self._feeds = feeds
        self._groups = [*network_groups(), *service_groups(), *mesh_groups()]
        self._switches: dict[str, Switch] = {one.id: one for group in self._groups for one in group.switches}
        self._labels = {group.id: group.label for group in self._groups}
        self._unshared_since = ""
        self._event = 0
        self._tallied: tuple[Any, dict[str, Any] | None] = (None, None)

    def routes(self) -> list[Route]:
        return [Route("/api/faults", self.answer), Route("/api/faults", self.turn, methods=["POST"])]

    async def answer(self, _: Request) -> Response:
        groups = [
            {"id": group.id, "label": group.label, "switches": [one.shown() for one in group.switches]}
            for group in self._groups
        ]
        return fresh({"groups": groups, **await self.shown()})

    async def turn(self, request: Request) -> Response:
        """``{"on": true, "switch", "count", "choice"}``; ``{"on": false}`` with a ``switch`` or an ``order``'s id; else all."""
        told = await json_object(request, "on")
        if told["on"]:
            await self._on(self._known(told), told)
        else:
            await self._off(told)
        return fresh(await self.shown())

    async def shown(self) -> dict[str, Any]:
        """``switches`` by id where one was used, ``elsewhere`` what others ordered, ``since`` what came of it, if anything was on."""
        listed, shared = await self._listed()
        switches = _by_switch(one for one in listed if one.switch in self._switches)
        if not shared:
            switches[UNSHARED] = {"on": True, "left": None, "taken": 0, "since": self._unshared_since, "choice": ""}
        for the_id, told in switches.items():
            told["says"] = self._says(the_id, told["choice"])
        elsewhere = [
            {**one.order, "where": self._place(one)} for one in listed if one.is_on and one.switch not in self._switches
        ]
        return {"switches": switches, "elsewhere": elsewhere, "since": await self._since(listed, switches)}

    def _known(self, told: Mapping[str, Any]) -> Switch:
        switch = self._switches.get(str(told.get("switch")))
        if switch is None:
            raise HTTPException(404, "There is no such switch.")
        if told.get("count") not in switch.counts:
            raise HTTPException(400, "This switch cannot be had so often.")
        if switch.choices and told.get("choice") not in [choice.value for choice in switch.choices]:
            raise HTTPException(400, f"{switch.asks}? Choose one of the list.")
        return switch

    async def _on(self, switch: Switch, told: Mapping[str, Any]) -> None:
        """What it had on before goes first: one switch is one order."""
        if any(not getattr(self._stack.addresses, order.server) for order in switch.orders):
            raise HTTPException(409, "This stack has no such server: drafts come from the real one.")
        await self._off({"switch": switch.id})
        if switch.id == UNSHARED:
            self._unshared_since = str((await self._stack.clock())["now"])
            await self._stack.share(None)
            return
        choice = str(told.get("choice", "")) if switch.choices else ""
        for order in switch.orders:
            words = {"prefix": self._stack.addresses.prefix, "choice": choice}
            await self._stack.order(
                order.server, order.path, order_body(order, int(told["count"]), switch.name(choice), **words)
            )

    async def _off(self, told: Mapping[str, Any]) -> None:
        listed, shared = await self._listed()
        wanted = [one for one in listed if one.is_on and _is_meant(one, told)]
        await asyncio.gather(*(self._stack.take_back(one.server, str(one.order["id"])) for one in wanted))
        if not shared and told.get("switch", UNSHARED) == UNSHARED and "order" not in told:
            await self._stack.share(_SHARED)

    async def _listed(self) -> tuple[list[_Listed], bool]:
        """All orders of all servers, first to last, and whether the sheet is shared."""
        addresses = self._stack.addresses
        servers = [name for name in ("networks", "aws", "sheets", "slack", "bedrock") if getattr(addresses, name)]
        answers = dict(zip(servers, await asyncio.gather(*map(self._stack.orders, servers)), strict=True))
        listed = [_Listed(server, order) for server, answer in answers.items() for order in answer["orders"]]
        return sorted(listed, key=lambda one: one.since), answers["sheets"].get("role", _SHARED) is not None

    async def _since(self, listed: list[_Listed], switches: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
        """Counted from the first of those that are on, else of those that were last. Worked out anew when something happened."""
        sinces = [one.since for one in listed if one.is_on]
        if UNSHARED in switches:
            sinces.append(self._unshared_since)
        first = min(filter(None, sinces or _together([one.since for one in listed])), default="")
        if not first:
            return None
        events = await self._stack.events(self._event)
        self._event = max([self._event, *(event["seq"] for event in events)])
        feed = await self._feeds.shown()
        orders = [(one.order["id"], one.order["left"], one.order["taken"]) for one in listed]
        state = (first, self._event, self._feeds.changes, UNSHARED in switches, orders)
        if self._tallied[0] != state:
            # Read after the feed, and not shared with the other parts: to an older reading what was posted meanwhile would look doubled.
            heads, clock = await asyncio.gather(self._stack.heads(), self._stack.clock())
            whole = [head for head in heads if read_head(head).state is not HeadState.BROKEN]
            found = tally(whole, feed, datetime.fromisoformat(first), datetime.fromisoformat(clock["now"]))
            of = [one for one in listed if one.since >= first]
            names = dict.fromkeys(self._label(one) for one in of)
            if UNSHARED in switches:
                names[self._named(self._switches[UNSHARED])] = None
            taken = (
                sum(int(one.order["taken"]) for one in of) if of else None
            )  # nobody counts what the unshared sheet met
            self._tallied = (state, {"at": first, "of": list(names), "taken": taken, **found.shown()})
        return self._tallied[1]

    def _says(self, the_id: str, choice: str) -> str:
        labels = {one.value: one.label for one in self._switches[the_id].choices}
        return self._switches[the_id].says.replace("{choice}", labels.get(choice, choice))

    def _label(self, one: _Listed) -> str:
        switch = self._switches.get(one.switch)
        return self._named(switch) if switch else str(one.order["what"])

    def _named(self, switch: Switch) -> str:
        return f"{self._labels[switch.group]}: {switch.label.lower()}"

    def _place(self, one: _Listed) -> str:
        where = str(one.order["where"])
        return _WHERE.get(where) or self._labels.get(where, "AWS")


def _together(sinces: list[str]) -> list[str]:
    """Of moments in their order (ISO) the last, and those before it with no long pause between them."""
    last = sinces[-1:]
    for since in reversed(sinces[:-1]):
        if datetime.fromisoformat(last[0]) - datetime.fromisoformat(since) > _PAUSE:
            break
        last.insert(0, since)
    return last


def _is_meant(one: _Listed, told: Mapping[str, Any]) -> bool:
    if "order" in told:
        return bool(one.order["id"] == told["order"])
    return "switch" not in told or one.switch == told["switch"]


def _by_switch(listed: Iterable[_Listed]) -> dict[str, dict[str, Any]]:
    """Each switch by the order that is on, else by its last."""
    found: dict[str, dict[str, Any]] = {}
    for one in listed:
        if one.switch in found and found[one.switch]["on"] and not one.is_on:
            continue
        told = {name: one.order[name] for name in ("left", "taken", "since")}
        found[one.switch] = {"on": one.is_on, **told, "choice": switch_of(one.order["name"])[1]}
    return found
