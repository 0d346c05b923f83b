"""The rules doc as the owner of a week has it in mind: what is in force, what was, and how it is typed; none of the stack's own code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from local.week_plan import Deed

SEEN_WITHIN = timedelta(minutes=15)  # an edit of the doc: its poll, then every post is looked at again


@dataclass(frozen=True)
class Rules:
    """``window``: the closing minute itself is outside. ``gap`` nought: none is asked for."""

    zone: ZoneInfo
    since: datetime
    window: tuple[time, time] = (time(7), time(21))
    blackout: frozenset[date] = frozenset()
    gap: timedelta = timedelta(minutes=5)

    def allows(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.zone)
        return wall.date() not in self.blackout and self.window[0] <= wall.time() < self.window[1]

    def next_allowed(self, moment: datetime) -> datetime:
        """The moment itself, or the next opening. No window of a week's begins or ends in a clock change."""
        while not self.allows(moment):
            wall = moment.astimezone(self.zone)
            before = wall.date() not in self.blackout and wall.time() < self.window[0]
            day = wall.date() if before else wall.date() + timedelta(days=1)
            moment = datetime.combine(day, self.window[0], self.zone).astimezone(UTC)
        return moment

    def typed_into(self, doc: str) -> str:
        """The doc with these lines; everything else stays."""
        opening, closing = self.window
        minutes = int(self.gap.total_seconds() // 60)
        lines = {
            "Time zone": self.zone.key,
            "Posting window": f"{opening:%H:%M}-{closing:%H:%M}",
            "Blackout days": ", ".join(day.isoformat() for day in sorted(self.blackout)),
            "Minimum gap": f"{minutes} minutes" if minutes else "none",
        }
        for name, value in lines.items():
            doc = re.sub(rf"^{name}:.*$", f"{name}: {value}", doc, flags=re.MULTILINE)
        return doc


class Doc:
    """All rules that ever were in force; the newest last."""

    def __init__(self, first: Rules) -> None:
        self._all = [first]

    @property
    def now(self) -> Rules:
        return self._all[-1]

    @property
    def edits(self) -> int:
        return len(self._all) - 1

    def edit(self, **changes: object) -> Rules:
        self._all.append(replace(self.now, **changes))  # type: ignore[arg-type]
        return self.now

    def around(self, moment: datetime) -> Sequence[Rules]:
        """Those that may have been in force at a moment: an edit is seen a little later than it is typed."""
        ends = [*(rules.since for rules in self._all[1:]), None]
        return [
            rules
            for rules, end in zip(self._all, ends, strict=True)
            if rules.since <= moment and (end is None or moment < end + SEEN_WITHIN)
        ] or [self._all[0]]


def edit_of(what: Deed, told: str, rules: Rules) -> dict[str, object]:
    """What a deed changes. ``told``: the minutes of the gap, the window, the blackout day, the zone."""
    match what:
        case Deed.GAP:
            return {"gap": timedelta(minutes=int(told))}
        case Deed.WINDOW:
            opening, closing = told.split("-")
            return {"window": (time.fromisoformat(opening), time.fromisoformat(closing))}
        case Deed.BLACKOUT:
            return {"blackout": rules.blackout | {date.fromisoformat(told)}}
        case Deed.ZONE:
            return {"zone": ZoneInfo(told)}
        case _:
            raise ValueError(f"to {what} is no edit of the rules")


def rules_in(doc: str, zone: ZoneInfo, since: datetime) -> Rules:
    """The sample's rules: the blackout days are the doc's, the rest is as in ``Rules``."""
    found = re.search(r"^Blackout days: (.*)$", doc, re.MULTILINE)
    days = re.findall(r"\d{4}-\d{2}-\d{2}", found[1]) if found else []
    return Rules(zone, since, blackout=frozenset(map(date.fromisoformat, days)))
