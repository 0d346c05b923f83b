"""One file per network: limits, counting and composing; publish, find, probe.

``composer("x")`` gives what a network takes and will be told, ``network("x")`` also how to talk to it. Adding one is a module with a
``NETWORK`` and one line in ``_MODULES``: the suites of all networks take it from there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from networks.model import Composer, Network

_MODULES = {
    "x": "networks.x",
    "instagram": "networks.instagram",
    "facebook": "networks.facebook",
    "threads": "networks.threads",
    "linkedin": "networks.linkedin",
    "bluesky": "networks.bluesky",
    "mastodon": "networks.mastodon",
}

NAMES: tuple[str, ...] = tuple(_MODULES)


def composer(name: str) -> Composer:
    """What a network takes and how it counts. KeyError for a name not in ``NAMES``."""
    found: Composer = import_module(_MODULES[name]).NETWORK
    return found


def network(name: str) -> Network:
    """The whole adapter. KeyError for a name not in ``NAMES``."""
    adapter: Network = import_module(_MODULES[name]).NETWORK
    return adapter


__all__ = ["NAMES", "composer", "network"]
