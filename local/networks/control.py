"""The servers' other side, for the console and for tests: accounts, faults, held requests. Under ``/_local/``, never
spoilt.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from local.networks.bluesky import Bluesky
from local.networks.faults import BadFaultError, Faults
from local.networks.mastodon import Mastodon
from local.networks.web import Answer, Request, Route, as_json, route

LONGEST_POLL_SECONDS = 60.0


class BadAccountError(ValueError):
    """An account that cannot be made; the message says why."""


class Accounts:
    """Makes accounts on both servers and tells what a channel's secret must hold."""

    def __init__(self, bluesky: Bluesky, mastodon: Mastodon) -> None:
        self._bluesky, self._mastodon = bluesky, mastodon
        self.hosts: dict[str, str] = {}

    def add(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``{network, handle, password or token, active}`` -> ``{network, handle, account_id, host, credentials}``.

        The same handle again changes its secret, or with ``active: false`` shuts the account. BadAccountError for
        nonsense.
        """
        network, handle = told.get("network"), str(told.get("handle", "")).strip().removeprefix("@").lower()
        active = bool(told.get("active", True))
        if not handle or network not in ("bluesky", "mastodon"):
            raise BadAccountError("an account needs a network, bluesky or mastodon, and a handle")
        if network == "bluesky":
            handle = handle if "." in handle else f"{handle}.test"
            password = str(told.get("password") or _new_password())
            account_id = self._bluesky.add_account(handle, password, active=active)
            credentials = {"identifier": handle, "app_password": password}
        else:
            token = str(told.get("token") or secrets.token_urlsafe(32))
            account_id = self._mastodon.add_account(handle, token, active=active)
            credentials = {"access_token": token}
        return {
            "network": network,
            "handle": handle,
            "account_id": account_id,
            "host": self.hosts.get(str(network), ""),
            "credentials": credentials,
        }


class Control:
    """``/_local/`` of one origin: faults are its own, accounts both origins'."""

    def __init__(self, faults: Faults, accounts: Accounts, mastodon: Mastodon) -> None:
        self._faults, self._accounts, self._mastodon = faults, accounts, mastodon

    def routes(self) -> list[Route]:
        return [
            route("POST", "/_local/accounts", self._account),
            route("POST", "/_local/faults", self._order),
            route("GET", "/_local/faults", lambda request: as_json(self._faults.listed())),
            route("DELETE", "/_local/faults", self._clear),
            route("POST", "/_local/release", lambda request: as_json({"released": self._faults.release()})),
            route("GET", "/_local/holding", self._holding),
            route("POST", "/_local/behaviour", self._behaviour),
            route("GET", "/_local/health", lambda request: as_json({"ready": True})),
        ]

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
        """``honours_idempotency`` and ``media_polls`` of the Mastodon-shaped server, until the next start."""
        fields = request.fields
        self._mastodon.honours_idempotency = bool(fields.get("honours_idempotency", self._mastodon.honours_idempotency))
        self._mastodon.media_polls = int(fields.get("media_polls", self._mastodon.media_polls))
        return as_json(
            {"honours_idempotency": self._mastodon.honours_idempotency, "media_polls": self._mastodon.media_polls}
        )


def parsed_accounts(told: str) -> list[dict[str, Any]]:
    """The list given on the command line. BadAccountError for what is no JSON list of objects."""
    try:
        accounts = json.loads(told)
    except ValueError as error:
        raise BadAccountError(f"accounts are no JSON: {error}") from error
    if not isinstance(accounts, list) or not all(isinstance(account, dict) for account in accounts):
        raise BadAccountError("accounts must be a JSON list of objects")
    return accounts


def _new_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
