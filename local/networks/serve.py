"""``python -m local networks``: a server for each network and the web behind the links in one process, each on its own port."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.networks.bluesky import Bluesky
from local.networks.control import Accounts, Control, parsed_accounts
from local.networks.facebook import Facebook
from local.networks.faults import Faults
from local.networks.instagram import Instagram
from local.networks.link_pages import LinkPages
from local.networks.linkedin import LinkedIn
from local.networks.mastodon import Mastodon
from local.networks.pages import Pages
from local.networks.server import BadAccountError, Server
from local.networks.store import Store
from local.networks.threads import Threads
from local.networks.web import Origin
from local.networks.x import X

SERVERS: tuple[type[Any], ...] = (Bluesky, Facebook, Instagram, LinkedIn, Mastodon, Threads, X)
"""One class for each network, made with the store: a ``local.networks.server.Server``."""


class Networks:
    """All origins, started and stopped together. ``ports`` by name, ``web`` for the pages behind links; a free one where none is told."""

    def __init__(self, folder: Path | None, ports: Mapping[str, int] | None = None) -> None:
        store, ports = Store(folder), ports or {}
        servers: list[Server] = [made(store) for made in SERVERS]
        self.accounts = Accounts(servers)
        self.origins: dict[str, Origin] = {}
        self._faults: dict[str, Faults] = {}
        pages = Pages(store, servers)
        for server in servers:
            routes = [*server.routes(), *pages.routes(server)]
            self._open(server.name, ports, routes, server, servers)
            server.origin = self.origins[server.name].origin
        links = LinkPages()
        self._open("web", ports, links.routes(), links, servers)

    def _open(self, name: str, ports: Mapping[str, int], routes: list[Any], server: Any, servers: list[Server]) -> None:
        faults = Faults()
        routes = [*routes, *Control(faults, self.accounts, servers, self._faults).routes()]
        self._faults[name] = faults
        self.origins[name] = Origin(ports.get(name, 0), routes, server.missing, faults)

    def __getitem__(self, name: str) -> str:
        """The address of a network's server, or of ``web``."""
        return self.origins[name].origin

    def start(self) -> None:
        for origin in self.origins.values():
            origin.start()

    def stop(self) -> None:
        for faults in self._faults.values():
            faults.stop()
        for origin in self.origins.values():
            origin.stop()


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    networks = Networks(options.state, dict(options.port))
    try:
        made = [networks.accounts.add(told) for told in parsed_accounts(options.accounts)]
    except BadAccountError as error:
        print(error, file=sys.stderr)
        return 2
    networks.start()
    print(json.dumps(_ready(networks, made)), flush=True)
    stopping.wait()
    networks.stop()
    return 0


def _ready(networks: Networks, made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The ready line. Accounts are named without their secrets: a log keeps this line."""
    return {
        "ready": True,
        "origins": {name: origin.origin for name, origin in networks.origins.items()},
        "accounts": [{name: account[name] for name in ("network", "handle", "account_id")} for account in made],
    }


def _port(told: str) -> tuple[str, int]:
    name, _, number = told.rpartition("=")
    return name, int(number)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local networks", description=__doc__)
    parser.add_argument(
        "--port",
        type=_port,
        action="append",
        default=[],
        help="NAME=NUMBER, as mastodon=8431 or web=8432, once for each; a free one for what is not named (0 alone names none)",
    )
    parser.add_argument("--state", type=Path, help="folder to keep posts and images in; without it they are forgotten")
    parser.add_argument(
        "--accounts", default="[]", help='JSON: [{"network": "bluesky", "handle": "cafe", "password": "…"}]'
    )
    return parser.parse_args(argv)
