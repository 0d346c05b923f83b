"""A restore that was cut off (docs/backup.md): what it has left in the working memory, and what that means."""

from __future__ import annotations

from datetime import datetime

from local.operator.row_words import clipped
from mesh.ledger import Runtime

UNDER_WAY = "restore#under-way"
"""From before the first item is thrown away until the last is put: {backup, folder}, the SHA-256 of its manifest and where it lies."""
STOPPED = "restore#stopped"
"""While the functions stand still: {functions}, how many of each may run at once otherwise; -1 for as many as there are."""


def said(runtime: Runtime, now: datetime) -> tuple[str, str] | None:
    """What is wrong, and what to do; None where no restore is under way or was cut off."""
    found = runtime.several([UNDER_WAY, STOPPED], now)
    if UNDER_WAY in found:
        folder = clipped(found[UNDER_WAY].get("folder") or "", 300)
        which = f" FROM={folder}" if folder else " with the same backup"
        do = f"Unless it is at it just now: make restore{which} goes on where it stopped."
        return "A restore was cut off half-way: the tables hold a part of the backup, and no function runs", do
    if STOPPED in found:
        do = "Unless it is at it just now: make restore goes on; answered with no, it lets the functions run again and changes nothing."
        return "A restore was cut off before it changed anything, and no function runs", do
    return None
