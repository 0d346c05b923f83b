"""Wall-clock times and moments: what the owner wrote, when it may go out, and how to say it. Pure; every moment is aware and UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mesh.rulebook import Rulebook

_SERIAL_EPOCH = date(1899, 12, 30)  # Sheets' day 0 (developers.google.com/workspace/sheets/api/guides/formats)
_MINUTE = timedelta(minutes=1)
_SEARCH = timedelta(days=400)  # further ahead than any sensible run of blackout days


@dataclass(frozen=True)
class Moment:
    """``note`` is "" or a sentence on a clock change."""

    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Effective:
    """When a post may go. ``late``: its time has passed by more than the late rule, so a human is asked; ``at`` is None then."""

    at: datetime | None
    reason: str
    late: bool = False


def planned_moment(day: date, clock: time, zone: ZoneInfo) -> Moment:
    """A time in a gap moves forward by the gap; in a fold the first is meant."""
    wall = datetime.combine(day, clock.replace(fold=0), zone)
    at = wall.astimezone(UTC)
    back = at.astimezone(zone)
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

    A click newer than the planned time answers the late rule: then it goes at the next allowed minute from now.
    """
    for moment in (planned, now, *taken):
        if moment.tzinfo is None:
            raise ValueError(f"a time without a zone names no moment: {moment.isoformat()}")
    allowed, reason = _allowed(_ceiling(planned), rulebook, taken)
    if allowed is None:
        return Effective(None, reason, late=True)
    if allowed >= now.replace(second=0, microsecond=0):
        return Effective(allowed, reason)
    if allowed + rulebook.late < now and (approved_at is None or approved_at <= planned):
        return Effective(None, "its time has passed", late=True)
    moved, why = _allowed(_ceiling(now), rulebook, taken)
    if moved is None:
        return Effective(None, why, late=True)
    return Effective(moved, "late, at the next allowed minute" if why == _INSIDE else why)


_INSIDE = "inside the posting window"


def _allowed(start: datetime, rulebook: Rulebook, taken: Sequence[datetime]) -> tuple[datetime | None, str]:
    moment = start
    reason = _INSIDE
    while moment - start < _SEARCH:
        wall = moment.astimezone(rulebook.zone)
        if wall.date() in rulebook.blackout_days:
            nxt = planned_moment(wall.date() + timedelta(days=1), _opening(rulebook), rulebook.zone).at
            reason = f"moved: {wall:%A} {wall.day} {wall:%B} is a blackout day"
        elif not _within(wall.time(), rulebook.window):
            assert rulebook.window is not None
            opening, closing = rulebook.window
            day = wall.date() if wall.time() < opening else wall.date() + timedelta(days=1)
            nxt = planned_moment(day, opening, rulebook.zone).at
            reason = f"moved: outside the posting window {opening:%H:%M}-{_end(closing)}"
        else:
            blocking = [other for other in taken if abs(moment - other) < rulebook.minimum_gap]
            if not blocking:
                return moment, reason
            nxt = max(blocking) + rulebook.minimum_gap
            reason = f"moved: {_minutes(rulebook.minimum_gap)} after the post before it"
        moment = max(_ceiling(nxt), moment + _MINUTE)
    return None, "there is no allowed minute for it: see the posting window and the blackout days"


def _within(clock: time, window: tuple[time, time] | None) -> bool:
    """An end of 00:00 is midnight; a window whose end is before its start goes over midnight."""
    if window is None:
        return True
    opening, closing = window
    if closing == time(0):
        return clock >= opening
    if opening <= closing:
        return opening <= clock < closing
    return clock >= opening or clock < closing


def _opening(rulebook: Rulebook) -> time:
    if rulebook.window is None or not rulebook.window[0] <= (rulebook.window[1] or time(23, 59)):
        return time(0)
    return rulebook.window[0]


def _end(closing: time) -> str:
    return "24:00" if closing == time(0) else f"{closing:%H:%M}"


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def _ceiling(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    whole = utc.replace(second=0, microsecond=0)
    return whole if whole == utc else whole + _MINUTE


def say(moment: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Friday 27 March, 09:00"; with the year where it is not the year of ``now``."""
    wall = moment.astimezone(zone)
    year = f" {wall.year}" if now is not None and wall.year != now.astimezone(zone).year else ""
    return f"{wall:%A} {wall.day} {wall:%B}{year}, {wall:%H:%M}"


def say_with_zone(moment: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Friday 27 March, 09:00, Berlin time"."""
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{say(moment, zone, now=now)}, {place} time"


def serial_to_date(serial: float) -> date:
    """Sheets' serial day. ValueError or OverflowError for one that is no day."""
    return _SERIAL_EPOCH + timedelta(days=int(serial // 1))


def serial_to_time(fraction: float) -> time:
    """The part of a day, rounded to the minute; a date part before it is left out."""
    minutes = round((fraction % 1) * 24 * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
