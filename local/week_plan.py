"""What a week's seed stands for: the rows, what their owner has in mind for each, and what happens when. Pure.

Every row begins with its number ("No. 17: …"), which no edit changes: by it a post is known again wherever it turns up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

IN_A_CROWD = 5
SLOT = timedelta(minutes=6)  # further apart than the sample's minimum gap: planned posts do not push one another
_NUMBER = re.compile(r"No\. (\d+): ")
_LONGEST_TEXT = 230  # Bluesky takes 300 with the number and a few edits


class Intent(StrEnum):
    """What the owner wants of a post from the start."""

    APPROVE = "approve"
    NEVER = "never approve"
    HOLD = "approve, then hold for good"


class Deed(StrEnum):
    """What the owner does. Deeds about one post name it."""

    EDIT = "edit the text"
    UNDO = "undo the edit"
    MOVE = "move it to another time"
    DELETE = "delete the row"
    COPY = "copy the row"
    TICK = "tick the box by hand"
    UNTICK = "take the tick away"
    HOLD = "hold it by its mail"
    RELEASE = "release it"
    NOW = "send it now"
    SORT = "sort the sheet"
    HOLD_ALL = "hold everything"
    RELEASE_ALL = "let everything go on"
    RETIME = "move it to another week"
    WINDOW = "change the posting window"
    BLACKOUT = "add a blackout day"
    GAP = "change the minimum gap"
    ZONE = "move the business to another time zone"


class Trouble(StrEnum):
    """What goes wrong."""

    AWS = "AWS answers with errors"
    GOOGLE = "Google answers with errors"
    NETWORK = "a network misbehaves"
    KILL = "a function is killed"
    HELD_KILL = "the sender is killed while the network has its request"
    OUTAGE = "something is down for a while"
    OUTAGE_ENDS = "it is up again"
    LOST = "an event is lost"
    DOUBLED = "an event comes twice"


@dataclass(frozen=True)
class Happening:
    """``chance`` (0 to 1, several) decides what is left open here, so that a seed is one week. ``detail`` says more of some kinds."""

    at: datetime
    what: Deed | Trouble
    number: int = 0
    chance: tuple[float, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Week:
    """``rows`` are as a person types them, in the sheet's order; row n has the number n + 1."""

    seed: int
    start: datetime
    end: datetime
    rows: tuple[Mapping[str, str], ...]
    intents: Mapping[int, Intent]
    happenings: tuple[Happening, ...]
    free_slots: tuple[datetime, ...] = field(repr=False, default=())


def number_in(text: str) -> int:
    """The number of the post that a text belongs to; 0 for none of ours."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else 0


def numbered(number: int, text: str) -> str:
    return f"No. {number}: {_NUMBER.sub('', text)}"


def plan_week(
    seed: int,
    start: datetime,
    zone: ZoneInfo,
    sample: Sequence[Mapping[str, str]],
    *,
    days: int,
    posts: int,
    crowded: Sequence[datetime] = (),
) -> Week:
    """``sample`` are the sample calendar's rows, whose words, images and links are used again. ``crowded`` hours have a few posts each."""
    random = Random(seed)
    end = start + timedelta(days=days)
    slots = _slots(start, end, zone)
    random.shuffle(slots)
    if posts * 2 > len(slots):
        raise ValueError(f"{posts} posts do not fit into {days} days; at most {len(slots) // 2}")
    first = [slot for hour in crowded for slot in _within(hour, slots)]
    slots = [*first, *(slot for slot in slots if slot not in set(first))]
    chosen, spare = sorted(slots[:posts]), slots[posts:]
    rows = tuple(_row(random, number, at, zone, sample) for number, at in enumerate(chosen, 1))
    intents = {number: _intent(random) for number in range(1, posts + 1)}
    happenings = [
        *(one for number, due in enumerate(chosen, 1) for one in _deeds(random, number, due, intents[number], start)),
        *_deeds_for_all(random, start, end, zone),
        *(one for number, due in enumerate(chosen, 1) for one in _troubles(random, number, due, start)),
    ]
    happenings = [one for one in happenings if one.at < end]
    return Week(seed, start, end, rows, intents, tuple(sorted(happenings, key=lambda one: one.at)), tuple(spare))


def _slots(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """From two hours after the start on, 06:30 to 21:30 of each day: both ends lie outside the posting window."""
    found = []
    moment = (start + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    while moment < end - timedelta(hours=1):
        if time(6, 30) <= moment.astimezone(zone).time() <= time(21, 30):
            found.append(moment)
        moment += SLOT
    return found


def _within(hour: datetime, slots: Sequence[datetime]) -> list[datetime]:
    return [slot for slot in slots if hour <= slot < hour + timedelta(minutes=45)][:IN_A_CROWD]


def wall(moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The cells ``date`` and ``time``."""
    local = moment.astimezone(zone)
    return {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}


def moment_of(cells: Mapping[str, str], zone: ZoneInfo) -> datetime:
    """When a row is planned for. No week's row lies in a clock change."""
    day, clock = date.fromisoformat(cells["date"]), time.fromisoformat(cells["time"])
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _row(
    random: Random, number: int, at: datetime, zone: ZoneInfo, sample: Sequence[Mapping[str, str]]
) -> Mapping[str, str]:
    like = random.choice([row for row in sample if len(row["text"]) <= _LONGEST_TEXT])
    both = "bluesky-main, mastodon-main"
    channels = random.choices([both, "bluesky-main", "mastodon-main"], [70, 15, 15])[0]
    kept = {name: like[name] for name in ("image", "alt text", "link", "note") if like.get(name)}
    return {**wall(at, zone), "text": numbered(number, like["text"]), "channels": channels, **kept}


def _intent(random: Random) -> Intent:
    return random.choices([Intent.APPROVE, Intent.NEVER, Intent.HOLD], [82, 10, 8])[0]


def _before(random: Random, due: datetime, start: datetime) -> datetime:
    """Often shortly before a post is due, else at any time since the start; seldom a little after."""
    kind = random.random()
    if kind < 0.1:
        return due + timedelta(seconds=random.randint(1, 900))
    if kind < 0.55:
        return max(start + timedelta(minutes=30), due - timedelta(seconds=random.randint(60, 2400)))
    earliest = start + timedelta(minutes=30)
    return earliest + (max(due, earliest) - earliest) * random.random()


def _deeds(random: Random, number: int, due: datetime, intent: Intent, start: datetime) -> list[Happening]:
    found = []

    def add(at: datetime, what: Deed) -> None:
        found.append(Happening(at, what, number, tuple(random.random() for _ in range(4))))

    if intent is Intent.HOLD:
        add(_before(random, due, start), Deed.HOLD)
        return found
    if random.random() < 0.22:
        at = _before(random, due, start)
        add(at, Deed.EDIT)
        if random.random() < 0.45:
            add(at + timedelta(seconds=random.randint(20, 3000)), Deed.UNDO)
    for share, what in ((0.14, Deed.MOVE), (0.05, Deed.DELETE), (0.07, Deed.COPY), (0.08, Deed.TICK), (0.07, Deed.NOW)):
        if random.random() < share:
            add(_before(random, due, start), what)
    for share, what in ((0.09, Deed.UNTICK), (0.1, Deed.HOLD)):
        if random.random() < share:
            at = _before(random, due, start)
            add(at, what)
            if random.random() < 0.75:
                add(at + timedelta(seconds=random.randint(60, 5400)), Deed.RELEASE)
    return found


def _deeds_for_all(random: Random, start: datetime, end: datetime, zone: ZoneInfo) -> list[Happening]:
    found = []
    day = start
    while day < end:
        noon = datetime.combine(day.astimezone(zone).date(), time(8), zone).astimezone(UTC)
        for _ in range(random.randint(1, 2)):
            at = noon + timedelta(minutes=random.randint(0, 720))
            found.append(Happening(at, Deed.SORT, chance=(random.random(), random.random())))
        if random.random() < 0.4:
            at = noon + timedelta(minutes=random.randint(0, 660))
            found += [Happening(at, Deed.HOLD_ALL), Happening(at + timedelta(hours=1), Deed.RELEASE_ALL)]
        day += timedelta(days=1)
    return [one for one in found if one.at > start + timedelta(minutes=30)]


def _troubles(random: Random, number: int, due: datetime, start: datetime) -> list[Happening]:
    """For most posts something goes wrong around their time: just before it, or right at it."""
    found = []
    for share, what in (
        (0.3, Trouble.AWS),
        (0.14, Trouble.GOOGLE),
        (0.3, Trouble.NETWORK),
        (0.4, Trouble.KILL),
        (0.22, Trouble.HELD_KILL),
    ):
        if random.random() >= share:
            continue
        at = due
        if what in {Trouble.AWS, Trouble.GOOGLE, Trouble.NETWORK}:
            at = due - timedelta(seconds=random.choice([1, 30, 240, 900, 7200]))
        found.append(
            Happening(max(at, start + timedelta(minutes=20)), what, number, tuple(random.random() for _ in range(6)))
        )
    return found
