"""``python -m local networks``: both servers and the web behind the links in one process, each on its own port."""

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
from local.networks.control import Accounts, BadAccountError, Control, parsed_accounts
from local.networks.faults import Faults
from local.networks.link_pages import LinkPages
from local.networks.mastodon import Mastodon
from local.networks.pages import Pages
from local.networks.store import Store
from local.networks.web import Origin, route


class Networks:
    """The three origins, started and stopped together. Port 0 takes a free one."""

    def __init__(self, folder: Path | None, port: int = 0, mastodon_port: int = 0, web_port: int = 0) -> None:
        store = Store(folder)
        bluesky, mastodon = Bluesky(store), Mastodon(store)
        self.accounts = Accounts(bluesky, mastodon)
        pages = Pages(store, mastodon)
        self._faults = (Faults(), Faults(), Faults())
        feed = route("GET", "/_local/feed", pages.feed)
        self.bluesky = Origin(
            port,
            [
                *bluesky.routes(),
                *pages.bluesky_routes(),
                feed,
                *Control(self._faults[0], self.accounts, mastodon).routes(),
            ],
            bluesky.missing,
            self._faults[0],
        )
        self.mastodon = Origin(
            mastodon_port,
            [
                *mastodon.routes(),
                *pages.mastodon_routes(),
                feed,
                *Control(self._faults[1], self.accounts, mastodon).routes(),
            ],
            mastodon.missing,
            self._faults[1],
        )
        links = LinkPages()
        self.web = Origin(
            web_port,
            [*links.routes(), *Control(self._faults[2], self.accounts, mastodon).routes()],
            links.missing,
            self._faults[2],
        )
        pages.bluesky_origin, pages.mastodon_origin = self.bluesky.origin, self.mastodon.origin
        self.accounts.hosts = {"bluesky": self.bluesky.origin, "mastodon": self.mastodon.origin}

    def start(self) -> None:
        self.bluesky.start()
        self.mastodon.start()
        self.web.start()

    def stop(self) -> None:
        for faults in self._faults:
            faults.stop()
        self.bluesky.stop()
        self.mastodon.stop()
        self.web.stop()


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    networks = Networks(options.state, options.port, options.mastodon_port, options.web_port)
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
        "port": networks.bluesky.server_port,
        "bluesky": networks.bluesky.origin,
        "mastodon": networks.mastodon.origin,
        "web": networks.web.origin,
        "accounts": [{name: account[name] for name in ("network", "handle", "account_id")} for account in made],
    }


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local networks", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the Bluesky-shaped server; 0 takes a free one")
    parser.add_argument(
        "--mastodon-port", type=int, default=0, help="of the Mastodon-shaped server; 0 takes a free one"
    )
    parser.add_argument("--web-port", type=int, default=0, help="of the pages behind links; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder to keep posts and images in; without it they are forgotten")
    parser.add_argument(
        "--accounts", default="[]", help='JSON: [{"network": "bluesky", "handle": "cafe", "password": "…"}]'
    )
    return parser.parse_args(argv)
