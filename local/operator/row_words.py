"""An audit row's parts in words: who, how, when, which version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mesh.schedule_time import say

Row = Mapping[str, Any]
HOWS = {
    "mail": "from a mail",
    "device": "on a device that acts at once",
    "slack": "in Slack",
    "sheet": "in the sheet",
    "command": "by a command",
}
_LONGEST = 300  # characters of what a network or a mailbox said


@dataclass(frozen=True)
class Told:
    """A row with what is needed to tell it; ``versions`` says when each revision's preview was first made."""

    row: Row
    zone: ZoneInfo
    versions: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def channel(self) -> str:
        return str(self.row.get("subject", "")).partition("#")[2]

    @property
    def by(self) -> str:
        return str(self.row.get("by_user", "")) or "somebody"

    @property
    def how(self) -> str:
        """By which way the decision came in, as a clause; "" where the row does not say."""
        how = self.row.get("how") or next(
            (self.after(name).get("how") for name in ("approval", "held") if self.after(name).get("how")), ""
        )
        return f" {HOWS.get(str(how), f'by {how}')}" if how else ""

    def side(self, side: str) -> Mapping[str, Any]:
        found = self.row.get(side)
        return found if isinstance(found, Mapping) else {}

    def after(self, name: str) -> Mapping[str, Any]:
        found = self.side("after").get(name)
        return found if isinstance(found, Mapping) else {}

    def new(self, name: str) -> Any:
        return self.side("after").get(name)

    def old(self, name: str) -> Any:
        return self.side("before").get(name)

    def when(self, moment: object) -> str:
        try:
            return say(datetime.fromisoformat(str(moment)), self.zone, now=moment_of(self.row))
        except ValueError:
            return "an unknown time"

    def version(self, revision: object) -> str:
        """ "the version of 17:58", with the day where it is another; "" where there is none to name."""
        if not revision:
            return ""
        made = self.versions.get(str(revision))
        if made is None:
            return f"version {str(revision)[:8]}"
        there, here = made.astimezone(self.zone), moment_of(self.row).astimezone(self.zone)
        return (
            f"the version of {there:%H:%M}"
            if there.date() == here.date()
            else f"the version of {self.when(made.isoformat())}"
        )

    @property
    def why(self) -> str:
        """The scheduler's reason, in brackets; "" where the row has none."""
        reason = clipped(self.row.get("reason") or "")
        return f" ({reason})" if reason else ""

    def exactly(self) -> str:
        version = self.version(self.row.get("revision") or self.after("approval").get("revision"))
        return f" (exactly {version})" if version else ""


def harmless(line: str) -> str:
    """For a terminal: without what moves its cursor, changes its colours or the order of what is read."""
    return "".join(letter if letter.isprintable() else " " for letter in line)


def clipped(text: object, longest: int = _LONGEST) -> str:
    line = " ".join(harmless(str(text)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def moment_of(row: Row) -> datetime:
    """The row's; the beginning of time for one that has none, so that it is told first and not lost."""
    try:
        found = datetime.fromisoformat(str(row.get("ts", "")))
    except ValueError:
        return _NEVER
    return found if found.utcoffset() is not None else _NEVER


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
