"""What a sync works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from drive_sync.edges import MirrorStore
from drive_sync.writer import SheetWriter
from mesh.bus import Bus
from mesh.google import Google
from mesh.ledger import Ledger, Runtime
from mesh.side_by_side import Together, in_threads


@dataclass(frozen=True)
class Parts:
    """``sleep`` waits between two tries of one run; ``clock`` is aware and UTC. ``approve_url`` is the base of the approval pages."""

    google: Google
    writer: SheetWriter
    store: MirrorStore
    ledger: Ledger
    runtime: Runtime
    bus: Bus
    sheet_id: str
    folder_id: str
    tab: str
    tz_name: str
    horizon: timedelta
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    approve_url: str = ""
    together: Together = in_threads
