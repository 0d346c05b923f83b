"""What the gate compares outside the tables, and what will be uploaded: each read beside the others, for none needs another."""

from __future__ import annotations

from functools import partial

from mesh.errors import Misconfigured
from networks.model import Account, Pause, Rendition
from sender.gate import Asked, Gate, Live, Verdict, images_of, live_verdict
from sender.plainly import not_connected
from sender.ports import Ports
from sender.publish import Uploads


class _NotConnectedError(Exception):
    """The channel's own secret is missing or wrong. A Misconfigured of the others' is about the Drive secret, and is raised."""


def read_live(ports: Ports, asked: Asked, trace_id: str) -> tuple[Verdict, Live | None]:
    """The gate's verdict on the live row, the rules, the package and the channel's secret. PackageBroken as the package is.

    Where several cannot be read, the package tells first, then the channel's secret.
    """
    around = ports.surroundings
    try:
        manifest, account, table, rulebook = ports.together(
            [
                lambda: ports.packages.read(asked.post_id, asked.revision),
                lambda: _account(ports, asked.channel),
                around.table,
                around.rulebook,
            ]
        )
    except _NotConnectedError as error:
        return Verdict(Gate.WAITING, not_connected(asked.channel, error, trace_id), Pause.REAUTHORISE), None
    live = Live(table, rulebook, manifest, account)
    names = images_of(asked, live)
    hashes = around.image_hashes(names) if names else {}
    return live_verdict(asked, live, hashes), live


def _account(ports: Ports, channel: str) -> Account:
    try:
        return ports.surroundings.account(channel)
    except Misconfigured as error:
        raise _NotConnectedError(str(error)) from error


def uploads(ports: Ports, asked: Asked, rendition: Rendition) -> Uploads:
    """PackageBroken where any of them is."""
    mimes = {image.sha256: image.mime for image in rendition.uploads}
    named = sorted(mimes)
    content = ports.together([partial(ports.packages.image, asked.post_id, asked.revision, one) for one in named])
    return Uploads(ports.packages, asked.post_id, asked.revision, dict(zip(named, content, strict=True)), mimes)
