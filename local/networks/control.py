"""The servers' other side, for the console and for tests: accounts, faults, held requests. Under ``/_local/``, never
spoilt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.networks.faults import BadFaultError, Faults
from local.networks.server import BadAccountError, Server
from local.networks.web import Answer, Request, Route, as_json, route
from local.orders import told

LONGEST_POLL_SECONDS = 60.0


class Accounts:
    """Makes accounts on every server and tells what a channel's secret must hold."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = {server.name: server for server in servers}

    def add(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``{network, handle, active, …}`` -> ``{network, handle, account_id, host, credentials}``; the rest is the server's own.

        BadAccountError for nonsense.
        """
        server = self._servers.get(str(told.get("network")))
        handle = str(told.get("handle", "")).strip().removeprefix("@").lower()
        if not handle or server is None:
            raise BadAccountError(f"an account needs a network, one of {', '.join(self._servers)}, and a handle")
        made = server.add_account({**told, "handle": handle, "active": bool(told.get("active", True))})
        return {"network": server.name, **made, "host": server.origin}


class Control:
    """``/_local/`` of one origin: faults are its own, accounts, behaviour and the book of ``everywhere``'s orders every origin's."""

    def __init__(
        self, faults: Faults, accounts: Accounts, servers: Sequence[Server], everywhere: Mapping[str, Faults]
    ) -> None:
        self._faults, self._accounts, self._servers, self._everywhere = faults, accounts, servers, everywhere

    def routes(self) -> list[Route]:
        return [
            route("POST", "/_local/accounts", self._account),
            route("POST", "/_local/faults", self._order),
            route("GET", "/_local/faults", lambda request: as_json(self._faults.listed())),
            route("DELETE", "/_local/faults", self._clear),
            route("GET", "/_local/everywhere", self._orders),
            route("POST", "/_local/everywhere", self._order_at),
            route("DELETE", "/_local/everywhere/(?P<the_id>[0-9a-f]+)", self._take_back),
            route("POST", "/_local/release", lambda request: as_json({"released": self._faults.release()})),
            route("GET", "/_local/holding", self._holding),
            route("POST", "/_local/behaviour", self._behaviour),
            route("GET", "/_local/app", self._app),
            route("GET", "/_local/health", lambda request: as_json({"ready": True})),
        ]

    def _app(self, request: Request) -> Answer:
        """What ``make connect`` is to be told of the app registered at this origin's network."""
        found = [server.app for server in self._servers if server.origin == request.origin]
        return as_json(found[0] if found else {})

    def _account(self, request: Request) -> Answer:
        try:
            return as_json(self._accounts.add(request.fields))
        except BadAccountError as error:
            return as_json({"error": str(error)}, 400)

    def _order(self, request: Request) -> Answer:
        try:
            return as_json(self._faults.order(request.fields).shown(), 201)
        except BadFaultError as error:
            return as_json({"error": str(error)}, 400)

    def _orders(self, request: Request) -> Answer:
        return as_json(
            {"orders": [one for name, faults in self._everywhere.items() for one in told(faults.book.every(), name)]}
        )

    def _order_at(self, request: Request) -> Answer:
        """As ``POST /_local/faults`` of the origin that is named: ``{"where": "x", …}``."""
        order = dict(request.fields)
        faults = self._everywhere.get(str(order.pop("where", "")))
        if faults is None:
            return as_json({"error": f"where is one of {', '.join(self._everywhere)}"}, 400)
        try:
            return as_json(faults.order(order).shown(), 201)
        except BadFaultError as error:
            return as_json({"error": str(error)}, 400)

    def _take_back(self, request: Request, the_id: str) -> Answer:
        found = [faults.remove(the_id) for faults in self._everywhere.values()]
        return as_json({"removed": any(found)})

    def _clear(self, request: Request) -> Answer:
        self._faults.clear()
        return as_json([])

    def _holding(self, request: Request) -> Answer:
        """Waits until a request is held, at most ``timeout_seconds``; an empty list when none is."""
        try:
            timeout_seconds = float(request.asked("timeout_seconds", "0"))
        except ValueError:
            timeout_seconds = 0.0
        return as_json(self._faults.holding(max(0.0, min(LONGEST_POLL_SECONDS, timeout_seconds))))

    def _behaviour(self, request: Request) -> Answer:
        """Changes what is named, on every server that knows it, until the next start: all of it as it is then, by network."""
        for server in self._servers:
            for name, before in server.behaviour.items():
                if name in request.fields:
                    server.behaviour[name] = type(before)(request.fields[name])
        return as_json({server.name: server.behaviour for server in self._servers})


def parsed_accounts(told: str) -> list[dict[str, Any]]:
    """The list given on the command line. BadAccountError for what is no JSON list of objects."""
    try:
        accounts = json.loads(told)
    except ValueError as error:
        raise BadAccountError(f"accounts are no JSON: {error}") from error
    if not isinstance(accounts, list) or not all(isinstance(account, dict) for account in accounts):
        raise BadAccountError("accounts must be a JSON list of objects")
    return accounts
