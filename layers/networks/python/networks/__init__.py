"""One file per network: limits, counting and composing; publish, find, probe.

``composer("x")`` gives what a network takes and will be told, ``network("bluesky")`` also how to talk to it. Adding one is a module with a
``NETWORK``, one line in ``_MODULES``, and a test module that gives it to the suites in ``tests/unit/networks/every_network.py``.
"""

from importlib import import_module

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
PUBLISHING: frozenset[str] = frozenset({"bluesky", "facebook", "instagram", "mastodon", "threads"})
"""Where posts can be sent by now; the others are composed, checked and previewed."""


def composer(name: str) -> Composer:
    """What a network takes and how it counts. KeyError for a name not in ``NAMES``."""
    found: Composer = import_module(_MODULES[name]).NETWORK
    return found


def network(name: str) -> Network:
    """The whole adapter. KeyError for a name not in ``PUBLISHING``."""
    if name not in PUBLISHING:
        raise KeyError(name)
    adapter: Network = import_module(_MODULES[name]).NETWORK
    return adapter


__all__ = ["NAMES", "PUBLISHING", "Composer", "Network", "composer", "network"]
