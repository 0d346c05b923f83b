"""Which rows of the mirror matter, told from their raw cells: most rows are neither parsed nor looked up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from mesh.posts_csv import Layout
from mesh.rulebook import Rulebook

LOOK_BACK = timedelta(days=3)  # what was due before and is still to be settled is open, and looked at for that
_ZONES = timedelta(days=1)  # in the owner's zone it may be tomorrow already
NEVER = "9999-12-31"

Record = list[str]


class Days(dict[str, bool]):
    """Does a row with this date cell come within reach of a tick? Worked out once for each text; what is no ISO day does."""

    def __init__(self, now: datetime, horizon: timedelta) -> None:
        super().__init__()
        self.first = (now - LOOK_BACK).date().isoformat()
        self.last = (now + horizon + _ZONES).date().isoformat()

    def __missing__(self, text: str) -> bool:
        found = self[text] = self.first <= text <= self.last or not is_day(text)
        return found

    @property
    def first_met(self) -> str:
        """The first day met that is not over, ISO; "" where there was one that is no day."""
        if any(near and not is_day(text) for text, near in self.items()):
            return ""
        return min((text for text in self if text >= self.first), default=NEVER)


def is_day(text: str) -> bool:
    """Written as the mirror writes a day that could be read."""
    if len(text) != len(NEVER) or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def pick(layout: Layout, records: Iterable[Record], wanted: Collection[str], days: Days | None) -> dict[str, Record]:
    """By post_id: the rows that are wanted, and with ``days`` those that come within reach."""
    post_id, day = layout.post_id, layout.date
    if days is None:
        return {record[post_id]: record for record in records if record[post_id] in wanted}
    found = {record[post_id]: record for record in records if days[record[day]] or record[post_id] in wanted}
    found.pop("", None)
    return found


# what another version of the mirror or of the rules makes another row


def prints(layout: Layout, other: Layout) -> Callable[[Record], int]:
    """Two records of these layouts that say the same have the same print.

    Where the layouts differ, cells go by their names, and a column that is new or gone makes no other row where its cell is empty.
    """
    if layout.names == other.names:
        return lambda record: hash(tuple(record))
    names = layout.names
    return lambda record: hash(frozenset((name, cell) for name, cell in zip(names, record, strict=True) if cell))


def other_rows(
    layout: Layout,
    before: dict[str, int] | None,
    print_of: Callable[[Record], int],
    concerned: Callable[[str], bool],
) -> Callable[[Record], bool]:
    """Is this row another one than at the last look? ``before`` has the prints by post_id (None: the rows are the same ones).

    A row that was met is taken out of ``before``: what is left in it at the end is gone. ``concerned`` is asked of its channels' cell.
    """
    post_id, channels = layout.post_id, layout.channels
    if before is None:
        return lambda record: concerned(record[channels])
    return lambda record: before.pop(record[post_id], None) != print_of(record) or concerned(record[channels])


def concerns(before: Rulebook | None, after: Rulebook) -> Callable[[str], bool]:
    """Does the change of the rules make another plan of a row with this cell of channels? ``before`` None: of every row."""
    if before is None or _for_every_row(before) != _for_every_row(after):
        return lambda cell: True
    names = {*before.channels, *after.channels}
    changed = [name for name in names if before.channels.get(name) != after.channels.get(name)]
    if not changed:
        return lambda cell: False
    return cache(lambda cell: any(name in cell.lower() for name in changed))


def _for_every_row(rulebook: Rulebook) -> Rulebook:
    """Without what a row's own plan is not made of: its channels are compared by name, the rest decides only when it goes."""
    plain = Rulebook(rulebook.time_zone)
    left_out = ("channels", "window", "blackout_days", "minimum_gap", "late", "limits", "templates", "grouping")
    return replace(rulebook, **{name: getattr(plain, name) for name in left_out})


def sift(
    layout: Layout,
    records: Iterable[Record],
    wanted: Collection[str],
    days: Days,
    is_other: Callable[[Record], bool],
    picked: dict[str, Record],
    *,
    every_near: bool,
) -> Iterator[Record]:
    """Gives the other rows that are out of reach, and puts into ``picked`` those within it, and the wanted ones.

    ``every_near``: within reach also those that are no others.
    """
    post_id, day = layout.post_id, layout.date
    for record in records:
        if not record[post_id]:
            continue
        near, other = days[record[day]], is_other(record)
        if record[post_id] in wanted or (near and (other or every_near)):
            picked[record[post_id]] = record
        elif other:
            yield record
