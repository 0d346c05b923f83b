"""What the scheduler remembers from one tick or sweep to the next: one item in ``ss-runtime`` without an end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from mesh.errors import Damaged
from mesh.events import Trouble

# Once by each daily probe, also where one came late, and though it may be delivered twice.
PROBE_ALL_EVERY = timedelta(hours=20)
DAILY_WITHIN = timedelta(hours=25)  # a day may have 25 hours; later than that the daily tick did not run
TO_COME = timedelta(minutes=10)  # a moment remembered that is so far ahead was told by a wrong clock
PROBE = "probe"
DAILY = "daily"
TICKS = frozenset({DAILY, "sweep", PROBE})  # how the template's schedules call themselves; each does what a sweep does
_PATIENCE = timedelta(minutes=15)  # in which drive-sync writes anew what an earlier version wrote


@dataclass(frozen=True)
class Remembered:
    """``version``: by ``posts`` and ``rules``, the mirror whose rows were all looked at last, as in ``MIRRORED``.

    ``daily_at``, ``swept_at``, ``probed_at``: when the last daily tick, the last sweep and the last probe of every channel got through,
    ISO. ``ticked_at``: when the daily tick's own schedule last did its work, whatever a sweep made up for since; ``first_at``: the
    first tick or sweep of all. ``owes_daily``: the last daily tick could not read the calendar. ``first_day``: the first day, ISO, for
    which that mirror has a row that a daily tick would look at; "" where that is not known. ``unreadable``: of ``posts`` and ``rules``
    what could not be read:
    its ``version``, ``since`` when, whether its owner was ``told``; drive-sync writes it anew.
    """

    version: Mapping[str, str] = field(default_factory=dict)
    daily_at: str | None = None
    swept_at: str | None = None
    probed_at: str | None = None
    ticked_at: str | None = None
    first_at: str | None = None
    owes_daily: bool = False
    first_day: str = ""
    unreadable: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> Remembered:
        """From the table; what another version of this code kept there is left out."""
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in (item or {}).items() if name in names and value is not None})

    def item(self) -> dict[str, Any]:
        return asdict(self)

    def daily_due(self, now: datetime) -> bool:
        """The daily tick did not run, or did not get through."""
        if self.owes_daily or self.daily_at is None:
            return True
        return _past(self.daily_at, DAILY_WITHIN, now)

    def probe_due(self, kind: str, now: datetime) -> bool:
        """It is time for every channel's daily probe. A tick makes up for one that did not run."""
        return self.probed_at is None or _past(self.probed_at, PROBE_ALL_EVERY if kind == PROBE else DAILY_WITHIN, now)

    def probed(self, now: datetime) -> Remembered:
        return replace(self, probed_at=now.isoformat())

    def seen(self, versions: Mapping[str, str], first_day: str) -> Remembered:
        """Every row of these versions was looked at."""
        return replace(self, version=dict(versions), first_day=first_day)

    def ran(self, kind: str, now: datetime, *, daily: bool, read: bool) -> Remembered:
        """A run of this kind got through. ``daily``: as a daily tick, too; ``read``: the calendar could be read, or needed not."""
        update: dict[str, Any] = {}
        if kind in TICKS:
            update |= {"swept_at": now.isoformat(), "first_at": self.first_at or now.isoformat()}
        if daily and read:
            update |= {"daily_at": now.isoformat(), "owes_daily": False}
            update |= {"ticked_at": now.isoformat()} if kind == DAILY else {}
        elif daily:
            update["owes_daily"] = True
        return replace(self, **update)


def _past(last: str, within: timedelta, now: datetime) -> bool:
    at = datetime.fromisoformat(last)
    return at + within <= now or at > now + TO_COME


_WHAT = {
    "posts": (
        "The copy of your sheet that the scheduler works from cannot be read: {how}. It is made anew by itself within some minutes. "
        "Until then edits wait, and what is approved and booked goes out as planned. You need not do anything."
    ),
    "rules": (
        "The copy of your rules doc that the scheduler works from cannot be read: {how}. It is made anew by itself within some minutes. "
        "Until then the last rules count, and what is approved and booked goes out as planned. You need not do anything."
    ),
}


def note_damage(
    before: Remembered, damages: Mapping[str, tuple[str, Damaged]], now: datetime, trace_id: str
) -> tuple[dict[str, dict[str, Any]], list[Trouble]]:
    """What is unreadable now, and what its owner hears of it: once for as long as it lasts. ``damages`` have their version, by name.

    What an earlier version of this project wrote is written anew after an update, and is told only where that does not come about.
    """
    unreadable: dict[str, dict[str, Any]] = {}
    troubles = []
    for name, (version, damage) in damages.items():
        was = before.unreadable.get(name, {})
        since = str(was.get("since") or now.isoformat())
        told = bool(was.get("told"))
        if not told and (not damage.older or datetime.fromisoformat(since) + _PATIENCE <= now):
            cause = f"{name}-unreadable#{version or since}"
            troubles.append(Trouble(cause=cause, message=_WHAT[name].format(how=damage), trace_id=trace_id))
            told = True
        unreadable[name] = {"version": version, "since": since, "told": told}
    return unreadable, troubles
