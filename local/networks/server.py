"""What a server shaped like one network is to the others here: accounts, posts as people see them, and what may be changed on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from local.networks.web import Answer, Request, Route


class BadAccountError(ValueError):
    """An account that cannot be made; the message says why."""


class Server(Protocol):
    """One network's server. ``origin`` is its own address, known once it listens."""

    name: ClassVar[str]
    page: ClassVar[str]  # the paths of its posts' public addresses, as a pattern
    origin: str
    behaviour: dict[str, Any]  # what ``/_local/behaviour`` may change, until the next start

    @property
    def app(self) -> dict[str, str]:
        """``client_id`` and ``client_secret`` of the one app that is registered here; empty where none need be."""
        ...

    def routes(self) -> list[Route]: ...

    def missing(self, request: Request) -> Answer:
        """What it answers to a path that it does not know."""
        ...

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Makes or changes an account: ``{handle, account_id, credentials}``, as a channel's secret holds them. BadAccountError.

        The same handle is the same account; what is told of its secrets replaces them, ``active: false`` shuts it.
        """
        ...

    def posts(self) -> list[dict[str, Any]]:
        """Everything public: network, account, account_id, id, url, text, images [url, alt], link, created_at (ISO); where it is kept also
        the account's ``name``, the link's ``card`` (title, description, image) and Bluesky's ``facets``. The store's lock is held.
        """
        ...
