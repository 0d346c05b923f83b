"""Wall-clock times and moments: what the owner wrote, when it may go out, and how to say it. Pure; every moment is aware and UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from mesh.rulebook import Rulebook

_SERIAL_EPOCH = date(1899, 12, 30)  # Sheets' day 0 (developers.google.com/workspace/sheets/api/guides/formats)
_MINUTE = timedelta(minutes=1)
_SEARCH = timedelta(days=400)  # further ahead than any sensible run of blackout days
APART = timedelta(minutes=3)
"""Between two posts of one channel that were held back, where no longer gap is set: what an outage, a night or the holidays kept is not
poured out at once."""


@dataclass(frozen=True)
class Moment:
    """``note`` is "" or a sentence on a clock change."""

    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Effective:
    """When a post may go. ``late``: its time has passed by more than the late rule, so a human is asked; ``at`` is None then.

    ``at`` None and not late: the rules leave no minute to it at all, and nobody's click could help; the rules doc is to be mended.
    """

    at: datetime | None
    reason: str
    late: bool = False


def planned_moment(day: date, clock: time, zone: ZoneInfo) -> Moment:
    """A time in a gap moves forward by the gap; in a fold the first is meant.

    ValueError for a clock that names a zone of its own; OverflowError at the ends of the calendar (years 1 and 9999).
    """
    if clock.tzinfo is not None:
        raise ValueError(f"a wall-clock time has no zone of its own: {clock.isoformat()}")
    wall = datetime.combine(day, clock.replace(fold=0), zone)
    at = wall.astimezone(UTC)
    back = at.astimezone(zone)
    if back.date() != day:
        goes = f"{back:%A} {back.day} {back:%B}, {back:%H:%M}"
        return Moment(at, f"{clock:%H:%M} does not exist that day, the clocks go forward; it goes out on {goes}.")
    if back.replace(tzinfo=None) != wall.replace(tzinfo=None):
        return Moment(at, f"{clock:%H:%M} does not exist that day, the clocks go forward; it goes out at {back:%H:%M}.")
    if wall.replace(fold=1).astimezone(UTC) != at:
        return Moment(at, f"{clock:%H:%M} comes twice that day, the clocks go back; the first is meant.")
    return Moment(at)


def effective_time(
    planned: datetime,
    rulebook: Rulebook,
    *,
    now: datetime,
    taken: Sequence[datetime] = (),
    approved_at: datetime | None = None,
) -> Effective:
    """The next allowed whole minute at or after the planned one, kept apart from ``taken`` by the minimum gap.

    Not before the minute that ``now`` is in: that minute still counts as ahead, so that a post being sent at 20:59
    is not moved to the next day at 20:59:30 because its window ends. Later than that a post is late: it goes at the next
    allowed minute from now as long as that is within the late rule of its time; otherwise a human is asked. An ``approved_at`` newer
    than the planned time has answered that: from then on its moment is the time that counts. What is late, or
    planned for a closed hour or day, keeps ``APART`` from ``taken``, or the minimum gap where that is longer. ValueError for a naive time.
    """
    for moment in (planned, now, *taken, *([approved_at] if approved_at else [])):
        _refuse_naive(moment)
    clicked_late = approved_at is not None and approved_at > planned
    due = approved_at if clicked_late and approved_at is not None else planned
    start = whole_minute(due)
    allowed, causes = _allowed(start, rulebook, taken, late=clicked_late)
    if allowed is None:
        return Effective(None, _NEVER)
    if allowed >= minute_of(now):
        if clicked_late:
            return _behind_time(start, allowed, causes, rulebook)
        return Effective(allowed, _moved(start, allowed, causes, rulebook.zone) if causes else _INSIDE)
    if allowed + rulebook.late < now:
        return Effective(None, _PASSED, late=True)
    start = whole_minute(now)
    moved, causes = _allowed(start, rulebook, taken, late=True)
    if moved is None:
        return Effective(None, f"{_PASSED}; {_NEVER}", late=True)
    if moved > allowed + rulebook.late and causes:
        return Effective(None, f"{_PASSED}; {_moved(start, moved, causes, rulebook.zone)}", late=True)
    return _behind_time(start, moved, causes, rulebook)


def _behind_time(start: datetime, at: datetime, causes: Sequence[str], rulebook: Rulebook) -> Effective:
    return Effective(at, f"late; {_moved(start, at, causes, rulebook.zone)}" if causes else _AT_ONCE)


def next_free(start: datetime, rulebook: Rulebook, taken: Sequence[datetime]) -> datetime:
    """The first whole minute from ``start`` on that keeps the distance of late posts from ``taken``; no window and no day is looked at."""
    apart, moment = max(rulebook.minimum_gap, APART), whole_minute(start)
    while blocking := [other for other in taken if abs(moment - other) < apart]:
        moment = whole_minute(max(blocking) + apart)
    return moment


_INSIDE = "inside the posting window"
_AT_ONCE = "late, at the next allowed minute"
_PASSED = "its time has passed"
_NEVER = (
    f"in the {_SEARCH.days} days after its time there is no minute at which it may go out:"
    " leave one free in the rules doc, in the posting window, the blackout days or the public holidays"
)


def _allowed(
    start: datetime, rulebook: Rulebook, taken: Sequence[datetime], *, late: bool
) -> tuple[datetime | None, list[str]]:
    """The first minute from ``start`` on that every rule allows, and what stood in the way: the first of each kind.

    Where a clock change skips the opening, the window opens with the first minute there is. None after ``_SEARCH`` of closed days and
    hours on end; other posts alone never lead there.
    """
    held_back = late
    moment = since = start
    causes: dict[str, str] = {}
    while moment - since < _SEARCH:
        wall = moment.astimezone(rulebook.zone)
        if closed := rulebook.closed_on(wall.date()):
            causes.setdefault("day", f"{wall:%A} {wall.day} {wall:%B} is {closed}")
            held_back = held_back or moment == start
            nxt = _forward(moment, wall.date() + timedelta(days=1), time(0), rulebook.zone)
        elif rulebook.window is not None and not _within(wall.time(), rulebook.window):
            opening, closing = rulebook.window
            if "day" not in causes:  # the midnight after a blackout day is no time that anybody chose
                causes.setdefault("window", f"outside the posting window {opening:%H:%M}-{_end(closing)}")
            held_back = held_back or moment == start
            day = wall.date() if wall.time() < opening else wall.date() + timedelta(days=1)
            nxt = _forward(moment, day, opening, rulebook.zone)
        else:
            apart = max(rulebook.minimum_gap, APART) if held_back else rulebook.minimum_gap
            blocking = [other for other in taken if abs(moment - other) < apart]
            if not blocking:
                return moment, list(causes.values())
            causes.setdefault("gap", f"{_span(apart)} between posts on one channel")
            nxt = since = max(blocking) + apart
        moment = max(whole_minute(nxt), moment + _MINUTE)
    return None, list(causes.values())


def _forward(moment: datetime, day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clock on the wall will show that day and time as it goes now, or the change of the clocks where one comes first.

    There the rules are looked at anew: hours may have been skipped or come again.
    """
    offset = moment.astimezone(zone).utcoffset()
    wall = moment.astimezone(zone).replace(tzinfo=None)
    minutes = -((wall - datetime.combine(day, clock)) // _MINUTE)
    same, other = 0, minutes
    if (moment + minutes * _MINUTE).astimezone(zone).utcoffset() == offset:
        return moment + minutes * _MINUTE
    while other - same > 1:
        middle = (same + other) // 2
        if (moment + middle * _MINUTE).astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    return moment + other * _MINUTE


def _within(clock: time, window: tuple[time, time]) -> bool:
    """An end of 00:00 is midnight; a window whose end is before its start goes over midnight."""
    opening, closing = window
    if closing == time(0):
        return clock >= opening
    if opening <= closing:
        return opening <= clock < closing
    return clock >= opening or clock < closing


def _moved(start: datetime, to: datetime, causes: Sequence[str], zone: ZoneInfo) -> str:
    """ "moved to 07:00: outside …" on the same day; another day is named, one a week off or more by its date too."""
    before, after = start.astimezone(zone), to.astimezone(zone)
    days = (after.date() - before.date()).days
    day = "" if days == 0 else f"{after:%A}, " if days < 7 else f"{after:%A} {after.day} {after:%B}, "
    return f"moved to {day}{after:%H:%M}: {'; '.join(causes)}"


def _end(closing: time) -> str:
    return "24:00" if closing == time(0) else f"{closing:%H:%M}"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def minute_of(moment: datetime) -> datetime:
    """The whole minute that it is in, in UTC."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def whole_minute(moment: datetime) -> datetime:
    """The first whole minute at ``moment`` or after it, in UTC: schedules know no seconds."""
    whole = minute_of(moment)
    return whole if whole == moment else whole + _MINUTE


def _refuse_naive(moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone names no moment: {moment.isoformat()}")


def say(moment: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Friday 27 March, 09:00"; with the year where it is not the year of ``now``. ValueError for a naive time."""
    _refuse_naive(moment)
    wall = moment.astimezone(zone)
    year = f" {wall.year}" if now is not None and wall.year != now.astimezone(zone).year else ""
    return f"{wall:%A} {wall.day} {wall:%B}{year}, {wall:%H:%M}"


def say_with_zone(moment: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Friday 27 March, 09:00, Berlin time"."""
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{say(moment, zone, now=now)}, {place} time"


def serial_to_date(serial: float) -> date:
    """Sheets' serial day. ValueError or OverflowError for one that is no day."""
    return _SERIAL_EPOCH + timedelta(days=_whole_seconds(serial) // _DAY_SECONDS)


def serial_to_time(fraction: float) -> time:
    """The part of a day, rounded to the minute but never up to midnight, which would be the day's other end; a date part is left out."""
    seconds = _whole_seconds(fraction) % _DAY_SECONDS
    minutes = min((seconds + 30) // 60, 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


def date_to_serial(day: date) -> int:
    """Sheets' serial of a day."""
    return (day - _SERIAL_EPOCH).days


def time_to_serial(clock: time) -> float:
    """Sheets' serial of a time of day: the part of the day that has passed."""
    return (clock.hour * 60 + clock.minute) / (24 * 60)


_DAY_SECONDS = 24 * 60 * 60


def _whole_seconds(serial: float) -> int:
    """Binary fractions miss a second by a hair (45999.999999999 is day 46000); date and time are read from the same whole one."""
    return round(serial * _DAY_SECONDS)
