"""One file per network: limits and measuring, publish, find, probe.

``network("bluesky")`` gives the adapter; adding a network is one module with a ``NETWORK`` and one line in
``_MODULES``.
"""

from importlib import import_module

from networks.model import Network

_MODULES = {
    "bluesky": "networks.bluesky",
    "mastodon": "networks.mastodon",
}

NAMES: frozenset[str] = frozenset(_MODULES)


def network(name: str) -> Network:
    """The adapter for a network's name. KeyError for a name not in ``NAMES``."""
    adapter: Network = import_module(_MODULES[name]).NETWORK
    return adapter


__all__ = ["NAMES", "Network", "network"]
