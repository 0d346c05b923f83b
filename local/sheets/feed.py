"""Drive's view of what changed: the feed behind changes.list, and the version and time that it shows of a file.

Google gathers some three minutes of a document's edits into one change. With `gather_seconds` above 0 this feed does
so too: the first edit opens a window, and at its end the file appears once, at its last edit. Until then Drive shows
the version and time from before, while the Sheets API sees every edit at once. An edit after the end opens the next
window, so the last state always comes through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Held:
    """A file whose edits are not in the feed yet, and what Drive still shows of it."""

    until: datetime
    version: int
    modified_at: datetime


class Feed:
    """Places count up from 1; each file stands at its last one."""

    def __init__(self) -> None:
        self.gather_seconds = 0.0
        self.sequence = 0
        self.positions: dict[str, int] = {}
        """File id -> its last place, also of removed files."""
        self.held: dict[str, Held] = {}

    def edited(self, file_id: str, now: datetime, version: int, modified_at: datetime) -> None:
        """An edit of a document; `version` and `modified_at` as they were before it."""
        self.settle(now)
        if self.gather_seconds <= 0:
            self.told(file_id)
        elif file_id not in self.held:
            self.held[file_id] = Held(now + timedelta(seconds=self.gather_seconds), version, modified_at)

    def told(self, file_id: str) -> None:
        """A change that shows at once: an upload, a rename, a share, a deletion. It brings along what was held."""
        self.held.pop(file_id, None)
        self.sequence += 1
        self.positions[file_id] = self.sequence

    def settle(self, now: datetime) -> list[str]:
        """Lets those through whose window has ended, in the order of their ends; which."""
        ended = sorted((held.until, file_id) for file_id, held in self.held.items() if held.until <= now)
        for _, file_id in ended:
            self.told(file_id)
        return [file_id for _, file_id in ended]

    def gather(self, seconds: float) -> None:
        """Another length from the next window on; 0 lets everything through now."""
        self.gather_seconds = seconds
        if seconds <= 0:
            for file_id in list(self.held):
                self.told(file_id)

    def after(self, place: int) -> list[tuple[int, str]]:
        """(place, file id), in order."""
        return sorted((at, file_id) for file_id, at in self.positions.items() if at > place)
