"""How a status cell says that a post is not out on a channel, and until when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SETTLED = frozenset({"late", "failed", "unknown"})  # its owner was asked, or told that nothing more is tried
_IN_THE_CELL = (
    ("late", r"ts? time has passed"),
    ("late", r"^Please mend: .*has passed; write a time to come"),
    ("failed", r"{channel}: not posted"),
    ("unknown", r"{channel}: nobody can tell"),
    ("trying", r"{channel}: (not known yet|will be tried again)"),
    ("waiting", r"([Hh]eld with everything else|everything is on hold|{channel} is paused)"),
    ("trying", r"not sent: "),
)
_TIME = r"(\w{{3}} \d\d \w{{3}}, \d\d:\d\d)"
_NAMED = (
    r"{channel}: (?:booked for|will be tried again at) " + _TIME,
    r"^Booked:.*\b{channel} for " + _TIME,
    r"^Booked for " + _TIME,
)


def told_by_cell(cell: str, channel: str) -> str:
    """ "" where it does not."""
    for kind, pattern in _IN_THE_CELL:
        if re.search(pattern.replace("{channel}", re.escape(channel)), cell):
            return kind
    return ""


def named_time(cell: str, channel: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the cell says that it goes out, or is tried again."""
    for pattern in _NAMED:
        found = re.search(pattern.format(channel=re.escape(channel)), cell)
        if found is not None:
            year = now.astimezone(zone).year
            wall = datetime.strptime(f"{year} {found[1].strip()}", "%Y %a %d %b, %H:%M").replace(tzinfo=zone)
            return wall.astimezone(UTC) + timedelta(minutes=1)
    return None
