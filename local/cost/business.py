"""The business whose month is counted, and what its owner does when. Pure.

A few posts a day, all with a picture, on Instagram, Facebook and X; a week is typed in some days before it begins; the mails are read three
times a day; some posts come from notes that are drafted; now and then a text is changed after its approval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

CHANNELS = ("instagram-main", "facebook-main", "x-main")
MONTH_DAYS = 30
_OPEN, _CLOSED = time(9), time(19)
_READING = (time(8, 30), time(12, 30), time(17, 30))
_NOTED, _EDITED = time(10, 40), time(11, 10)
_AHEAD_DAYS = 9  # a week's rows are there on the Saturday of the week before last
_LONGEST_TEXT = 230  # X takes 280, with room for what an edit adds
_POSTS_A_DRAFT, _POSTS_AN_EDIT = 60 / 8, 60 / 5


class Deed(StrEnum):
    ROWS = "types rows into the sheet"
    READ = "reads the mails and approves"
    NOTE = "has a post drafted"
    EDIT = "changes the text of the next post"


@dataclass(frozen=True)
class Happening:
    at: datetime
    what: Deed
    rows: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Month:
    """``posts`` are all that will be sent, the ``drafts`` among them."""

    start: datetime
    days: int
    posts: int
    drafts: int
    happenings: tuple[Happening, ...]

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)


def plan_month(
    start: datetime,
    zone: ZoneInfo,
    sample: Sequence[Mapping[str, str]],
    *,
    days: int = MONTH_DAYS,
    posts_a_month: int = 60,
) -> Month:
    """``start`` is a Monday's 08:00. A shorter run has its share of the posts. ``sample`` lends its words and pictures."""
    posts = max(1, round(posts_a_month * days / MONTH_DAYS))
    drafts = round(posts / _POSTS_A_DRAFT)
    first = start.astimezone(zone).date()
    dated = _rows(first, days, posts - drafts, zone, start, sample)
    happenings = [
        *_typed_in(dated, start),
        *(Happening(at, Deed.NOTE) for at in _spread(first, days, drafts, _NOTED, zone)),
        *(Happening(at, Deed.EDIT) for at in _spread(first, days, round(posts / _POSTS_AN_EDIT), _EDITED, zone)),
        *(Happening(_at(first + timedelta(day), clock, zone), Deed.READ) for day in range(days) for clock in _READING),
    ]
    return Month(start, days, posts, drafts, tuple(sorted(happenings, key=lambda one: one.at)))


def _rows(
    first: date, days: int, count: int, zone: ZoneInfo, start: datetime, sample: Sequence[Mapping[str, str]]
) -> list[tuple[datetime, Mapping[str, str]]]:
    """In the order of their times, as evenly over the opening hours as they go."""
    words = [row for row in sample if len(row["text"]) <= _LONGEST_TEXT and not row.get("link")]
    pictured = [row for row in sample if row.get("image")]
    rows: list[tuple[datetime, Mapping[str, str]]] = []
    hours = (_CLOSED.hour - _OPEN.hour) * 60
    for number in range(count):
        day, share = divmod((number + 0.5) * days / count, 1)
        at = _at(first + timedelta(int(day)), _OPEN, zone) + timedelta(minutes=5 * round(share * hours / 5))
        at = max(at, start + timedelta(hours=2))  # the very first one wants its card first
        local, like, picture = at.astimezone(zone), words[number % len(words)], pictured[number % len(pictured)]
        cells = {
            "date": f"{local:%Y-%m-%d}",
            "time": f"{local:%H:%M}",
            "text": f"{like['text']} ({number + 1})",
            "channels": ", ".join(CHANNELS),
            "image": picture["image"],
            "alt text": picture["alt text"],
        }
        rows.append((at, cells))
    return rows


def _typed_in(dated: Sequence[tuple[datetime, Mapping[str, str]]], start: datetime) -> list[Happening]:
    by_moment: dict[datetime, list[Mapping[str, str]]] = {}
    for at, cells in dated:
        week = start + timedelta(weeks=(at - start) // timedelta(weeks=1))
        by_moment.setdefault(max(start, week - timedelta(days=_AHEAD_DAYS)), []).append(cells)
    return [Happening(at, Deed.ROWS, tuple(rows)) for at, rows in by_moment.items()]


def _spread(first: date, days: int, count: int, clock: time, zone: ZoneInfo) -> list[datetime]:
    return [_at(first + timedelta(int((number + 0.5) * days / count)), clock, zone) for number in range(count)]


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
