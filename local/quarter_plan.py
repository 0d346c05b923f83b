"""What a quarter's seed stands for: a week's deeds and faults thinned out over many weeks, and what only a long time has. Pure.

That is: outages of an hour and of a day over posts that are due, throttling for a while, events lost and doubled, posts re-timed by
weeks, and a business that changes its rules and, in the middle of it all, its time zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from local.week_plan import Deed, Happening, Trouble, Week, moment_of, plan_week

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("America/New_York", "Asia/Kolkata", "Europe/Lisbon", "America/St_Johns")
EVENTS = [
    "calendar.changed",
    "package.wanted",
    "package.ready",
    "review.requested",
    "approved",
    "cleared",
    "held",
    "released",
    "voided",
    "send",
    "retry",
    "attempt.failed",
    "sent",
    "failed",
    "trouble",
    "rules.changed",
]

_KEPT = {  # of a week's happenings; the rest of its kinds are all kept
    Deed.SORT: 0.15,
    Trouble.AWS: 0.3,
    Trouble.GOOGLE: 0.4,
    Trouble.NETWORK: 0.3,
    Trouble.KILL: 0.2,
    Trouble.HELD_KILL: 0.2,
}
_HOLDS_ALL_KEPT = 0.1
_RETIMED = 0.08
_AT_NIGHT = time(2, 30)
_GAPS_MINUTES = (20, 5, 0, 10, 5)
_WINDOWS = ((time(9), time(18)), (time(7), time(21)))


@dataclass(frozen=True)
class Down:
    """An outage to come. ``kind`` is one of ``quarter_outages.KINDS``."""

    kind: str
    since: datetime
    lasts: timedelta

    @property
    def until(self) -> datetime:
        return self.since + self.lasts

    def says(self) -> str:
        """ "google, 60" """
        return f"{self.kind}, {int(self.lasts.total_seconds() // 60)}"


def plan_quarter(
    seed: int,
    start: datetime,
    zone: ZoneInfo,
    sample: Sequence[Mapping[str, str]],
    *,
    days: int,
    posts: int,
    outages: Sequence[tuple[str, timedelta]],
) -> Week:
    """``outages`` are kinds and lengths, spread over the days in a drawn order. A quarter without room for them is a ValueError."""
    random = Random(f"quarter {seed}")
    downs = _downs(random, start, days, zone, outages)
    crowded = [down.since + timedelta(minutes=10) for down in downs]
    base = plan_week(seed, start, zone, sample, days=days, posts=posts, crowded=crowded)
    dues = [moment_of(row, zone) for row in base.rows]
    happenings = [
        *_thinned(random, base.happenings, zone),
        *_retimed(random, dues, start),
        *_edits_of_the_rules(random, start, days, zone),
        *_the_move(random, start, days, zone, downs),
        *_spoilt_events(random, dues, start),
        *_for(downs),
    ]
    happenings = [one for one in happenings if start + timedelta(minutes=20) < one.at < base.end]
    return replace(base, happenings=tuple(sorted(happenings, key=lambda one: one.at)))


def _downs(
    random: Random, start: datetime, days: int, zone: ZoneInfo, outages: Sequence[tuple[str, timedelta]]
) -> list[Down]:
    """One after the other, each in its own share of the days, in the busy hours of one of them."""
    drawn = list(outages)
    random.shuffle(drawn)
    share = (days - 1) / max(1, len(drawn))
    if drawn and share < 1:
        raise ValueError(f"{len(drawn)} outages do not fit into {days} days; write fewer, or more days")
    found = []
    for number, (kind, lasts) in enumerate(drawn):
        free_days = max(1, int(share) - (1 if lasts >= DAY else 0))
        day = (start + timedelta(days=int(number * share) + random.randrange(free_days))).astimezone(zone).date()
        if number == 0 and day == start.astimezone(zone).date():
            day += DAY  # the first cards want answering first
        at = datetime.combine(day, time(random.randint(9, 17), random.choice([0, 7, 22, 41])), zone)
        found.append(Down(kind, at.astimezone(UTC), lasts))
    return found


def _for(downs: Sequence[Down]) -> list[Happening]:
    begin = [Happening(down.since, Trouble.OUTAGE, detail=down.says()) for down in downs]
    return [*begin, *(Happening(down.until, Trouble.OUTAGE_ENDS, detail=down.says()) for down in downs)]


def _thinned(random: Random, happenings: Sequence[Happening], zone: ZoneInfo) -> list[Happening]:
    """Holds on everything stay or go with their release."""
    kept_days: dict[date, bool] = {}
    found = []
    for one in happenings:
        if one.what in {Deed.HOLD_ALL, Deed.RELEASE_ALL}:
            day = one.at.astimezone(zone).date()
            if kept_days.setdefault(day, random.random() < _HOLDS_ALL_KEPT):
                found.append(one)
        elif random.random() < _KEPT.get(one.what, 1.0):
            found.append(one)
    return found


def _retimed(random: Random, dues: Sequence[datetime], start: datetime) -> list[Happening]:
    found = []
    for number, due in enumerate(dues, 1):
        if random.random() < _RETIMED:
            earliest = start + timedelta(hours=1)
            at = earliest + (max(due, earliest) - earliest) * random.random()
            found.append(Happening(at, Deed.RETIME, number, (random.random(), random.random())))
    return found


def _edits_of_the_rules(random: Random, start: datetime, days: int, zone: ZoneInfo) -> list[Happening]:
    found = []
    kinds = [Deed.GAP, Deed.WINDOW, Deed.BLACKOUT, Deed.GAP, Deed.WINDOW, Deed.GAP, Deed.BLACKOUT, Deed.GAP, Deed.GAP]
    first_day = start.astimezone(zone).date()
    for number, kind in enumerate(kinds if days >= len(kinds) else [Deed.GAP]):
        day = first_day + timedelta(days=(number * days) // len(kinds) + random.randint(0, max(0, days // 20)) + 1)
        at = datetime.combine(day, time(random.randint(8, 20), random.randint(0, 59)), zone).astimezone(UTC)
        found.append(Happening(at, kind, chance=(random.random(),), detail=_told(kind, kinds[:number], day, random)))
    return found


def _the_move(random: Random, start: datetime, days: int, zone: ZoneInfo, downs: Sequence[Down]) -> list[Happening]:
    """To another zone: in the first calm night of the second half, when nothing is due in any of ``ZONES``."""
    first_day = start.astimezone(zone).date()
    nights = [datetime.combine(first_day + timedelta(days=n), _AT_NIGHT, zone).astimezone(UTC) for n in range(days)]
    calm = [at for at in nights[days // 2 :] if not any(down.since - HOUR < at < down.until + HOUR for down in downs)]
    return [Happening(calm[0], Deed.ZONE, detail=random.choice(ZONES))] if days >= 14 and calm else []


def _told(kind: Deed, before: Sequence[Deed], day: date, random: Random) -> str:
    """The new value: the minutes, the window, the day."""
    if kind is Deed.GAP:
        return str(_GAPS_MINUTES[before.count(kind) % len(_GAPS_MINUTES)])
    if kind is Deed.WINDOW:
        opening, closing = _WINDOWS[before.count(kind) % len(_WINDOWS)]
        return f"{opening:%H:%M}-{closing:%H:%M}"
    return (day + timedelta(days=random.randint(2, 16))).isoformat()


def _spoilt_events(random: Random, dues: Sequence[datetime], start: datetime) -> list[Happening]:
    """For about every fourth post an event is lost or comes twice, shortly before it or at any time."""
    found = []
    for number, due in enumerate(dues, 1):
        if random.random() < 0.25:
            shortly = random.random() < 0.6
            back = timedelta(seconds=random.choice([1, 60, 400])) if shortly else (due - start) * random.random()
            what = Trouble.LOST if random.random() < 0.7 else Trouble.DOUBLED
            found.append(Happening(due - back, what, number, (random.random(), random.random())))
    return found
