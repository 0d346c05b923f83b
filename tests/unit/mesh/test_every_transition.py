"""Every zone's every transition of 2025 to 2035, computed from the installed time zone data: each wall time around it means one moment,
and a day of 22 to 26 hours, or none, holds every schedule once.

The oracle knows only offsets: when they change is found by halving, and a wall time is resolved by trying the moments it could be.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from mesh.recurring import occurrences
from mesh.rulebook import Rulebook, Template
from mesh.rulebook.model import Grouping
from mesh.schedule_time import effective_time, planned_moment
from scheduler.rounds import next_moment

FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEP = 9 * DAY  # two changes nearer to each other than this would be met as one; Ramadan is four weeks
AROUND = timedelta(hours=3)  # wider than any jump but Apia's


@dataclass(frozen=True)
class Transition:
    """From ``at`` on the offset is ``after``."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def jump(self) -> timedelta:
        return self.after - self.before

    @property
    def walls(self) -> tuple[datetime, datetime]:
        """The clock as it stood and as it was set, without a zone; the earlier first."""
        old, new = ((self.at + offset).replace(tzinfo=None) for offset in (self.before, self.after))
        return min(old, new), max(old, new)


def offset_at(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


@cache
def transitions(key: str, first: datetime = FIRST, last: datetime = LAST) -> tuple[Transition, ...]:
    """All changes of the offset, found by halving the days between two different ones."""
    zone, found, low = ZoneInfo(key), [], first
    while low < last:
        high = low + STEP
        before, after = offset_at(zone, low), offset_at(zone, high)
        left, right = low, high
        while before != after and right - left > SECOND:
            middle = left + ((right - left) // 2 // SECOND) * SECOND
            left, right = (middle, right) if offset_at(zone, middle) == before else (left, middle)
        if before != after:
            found.append(Transition(right, before, after))
        low = high
    return tuple(found)


def zone_keys() -> list[str]:
    return sorted(available_timezones() - {"localtime", "Factory"})


def distinct() -> dict[tuple[Transition, ...], list[str]]:
    """Zones by what they do: links and neighbours share all their transitions of these years."""
    found: dict[tuple[Transition, ...], list[str]] = {}
    for key in zone_keys():
        found.setdefault(transitions(key), []).append(key)
    return found


def meant(wall: datetime, changes: tuple[Transition, ...], fallback: timedelta) -> tuple[datetime, str]:
    """The moment of a wall time by its definition, and what the note has to speak of: "", "gap" or "fold".

    ``fallback`` is the offset where there is no change at all.
    """
    at = [change.at for change in changes]
    candidates = []
    for offset in {fallback, *(one for change in changes for one in (change.before, change.after))}:
        moment = (wall - offset).replace(tzinfo=UTC)
        index = bisect.bisect_right(at, moment)
        valid = changes[index - 1].after if index else (changes[0].before if changes else fallback)
        if valid == offset:
            candidates.append(moment)
    if candidates:
        return min(candidates), "fold" if len(candidates) > 1 else ""
    (skipped,) = [
        change for change in changes if change.jump > timedelta() and change.walls[0] <= wall < change.walls[1]
    ]
    return (wall - skipped.before).replace(tzinfo=UTC), "gap"


def check_wall(wall: datetime, zone: ZoneInfo, changes: tuple[Transition, ...], fallback: timedelta) -> datetime:
    found = planned_moment(wall.date(), wall.time(), zone)
    expected, what = meant(wall, changes, fallback)
    told = "gap" if "does not exist" in found.note else "fold" if "comes twice" in found.note else ""
    assert (found.at, told) == (expected, what), (zone.key, wall, found)
    return found.at


def walls_around(change: Transition, step: timedelta) -> Iterator[datetime]:
    """Wall times from before the jump until after it, with both edges and the minutes beside them."""
    low, high = change.walls
    low, high = low.replace(second=0), high.replace(second=0)  # an offset of local mean time has seconds
    edges = {edge + beside * MINUTE for edge in (low, high) for beside in (-1, 0, 1)}
    wall = low - AROUND
    while wall <= high + AROUND:
        edges.add(wall)
        wall += step
    return iter(sorted(edges))


def check_all(step: timedelta) -> tuple[int, int, int]:
    """Zones, transitions of all zones, wall times that were checked in the distinct ones."""
    walls = 0
    groups = distinct()
    for changes, keys in groups.items():
        zone = ZoneInfo(keys[0])
        for index, change in enumerate(changes):
            near = changes[max(index - 1, 0) : index + 2]
            for wall in walls_around(change, step):
                check_wall(wall, zone, near, change.before)
                walls += 1
    return sum(map(len, groups.values())), sum(len(changes) * len(keys) for changes, keys in groups.items()), walls


def test_each_wall_time_around_every_transition_means_one_moment(capsys: pytest.CaptureFixture[str]) -> None:
    zones, changes, walls = check_all(timedelta(minutes=45))
    with capsys.disabled():
        sys.stdout.write(f"\n{zones} zones, {changes} transitions, {walls} wall times\n")
    assert zones > 400
    assert changes > 2_000
    assert walls > 5_000


@pytest.mark.slow
def test_each_wall_minute_around_every_transition_means_one_moment(capsys: pytest.CaptureFixture[str]) -> None:
    zones, changes, walls = check_all(MINUTE)
    with capsys.disabled():
        sys.stdout.write(f"\n{zones} zones, {changes} transitions, {walls} wall times, every minute\n")
    assert walls > 200_000


def test_the_odd_jumps_are_among_them() -> None:
    jumps = {key: {change.jump for change in transitions(key)} for key in zone_keys()}
    assert {HOUR / 2, -HOUR / 2} <= jumps["Australia/Lord_Howe"]
    assert {2 * HOUR, -2 * HOUR} <= jumps["Antarctica/Troll"]
    assert {HOUR, -HOUR} <= jumps["Africa/Casablanca"]
    assert {HOUR, -HOUR} <= jumps["Africa/El_Aaiun"]
    assert not jumps["Asia/Kathmandu"]
    assert {HOUR, -HOUR} <= jumps["Pacific/Chatham"]


# days of odd lengths hold every schedule once


def odd_days() -> list[tuple[str, Transition, datetime]]:
    """A zone of each behaviour, with the first midnight before each of its changes of a few years, as wall time."""
    found = []
    for changes, keys in distinct().items():
        seen: set[tuple[timedelta, time]] = set()
        for change in changes:
            low, _ = change.walls
            kind = (change.jump, low.time())
            if kind not in seen:  # the same jump at the same hour is the same day another year
                seen.add(kind)
                found.append((keys[0], change, datetime.combine(low.date(), time(0))))
    return found


def test_an_hourly_schedule_comes_once_for_each_wall_hour_of_an_odd_day() -> None:
    crons = ("cron(5,35 * * * ? *)",)
    template = Template("Hourly", crons, "hourly", 1)
    for key, _, midnight in odd_days():
        zone = ZoneInfo(key)
        start = planned_moment((midnight - DAY).date(), time(0), zone).at - SECOND
        middle = planned_moment(midnight.date(), time(12), zone).at
        end = planned_moment((midnight + 2 * DAY).date(), time(0), zone).at - SECOND
        whole = occurrences(template, start, end, zone)
        assert sorted(whole) == [
            (day.date(), time(hour, minute))
            for day in (midnight - DAY, midnight, midnight + DAY)
            for hour in range(24)
            for minute in (5, 35)
        ], (key, midnight)
        assert whole == occurrences(template, start, middle, zone) + occurrences(template, middle, end, zone)


def test_a_common_moment_of_every_hour_comes_once_and_in_order_over_an_odd_day() -> None:
    clocks = tuple((weekday, time(hour, 30)) for weekday in range(7) for hour in range(0, 24, 3))
    grouping = Grouping("every three hours", clocks)
    for key, _, midnight in odd_days():
        zone = ZoneInfo(key)
        since = planned_moment((midnight - DAY).date(), time(0), zone).at
        end = planned_moment((midnight + 2 * DAY).date(), time(0), zone).at
        met = []
        while (moment := next_moment(grouping, since, zone)) < end:
            assert moment >= since
            met.append(moment)
            since = moment + SECOND
        wanted = {
            planned_moment(day.date(), time(hour, 30), zone).at
            for day in (midnight - DAY, midnight, midnight + DAY)
            for hour in range(0, 24, 3)
        }
        assert met == sorted(moment for moment in wanted if moment < end), (key, midnight)


WINDOWS = [
    (time(7), time(21)),
    (time(2, 15), time(2, 45)),
    (time(22), time(2, 30)),
    (time(0), time(1)),
    (time(2, 30), time(21)),
]


@pytest.mark.parametrize("window", WINDOWS)
def test_around_every_change_a_window_lets_out_the_first_minute_it_allows_and_none_before(
    window: tuple[time, time],
) -> None:
    """Counted minute by minute, with the day before the change open, shut, or the day of the change shut."""
    opening, closing = (clock.hour * 60 + clock.minute for clock in window)
    for number, (key, change, midnight) in enumerate(odd_days()):
        zone = ZoneInfo(key)
        shut = frozenset({(midnight + (number % 3 - 1) * DAY).date()} if number % 3 else ())
        book = Rulebook(key, window=window, blackout_days=shut)
        start = change.at.replace(second=0) - 5 * HOUR
        walls = [(start + minute * MINUTE).astimezone(zone) for minute in range(80 * 60)]
        allowed = [
            minute
            for minute, wall in enumerate(walls)
            if (wall.hour * 60 + wall.minute - opening) % 1440 < (closing - opening) % 1440 and wall.date() not in shut
        ]
        for begin in range(0, 10 * 60, 25):
            found = effective_time(start + begin * MINUTE, book, now=start).at
            first = allowed[bisect.bisect_left(allowed, begin)]
            assert found == start + first * MINUTE, (key, change, begin)


def test_a_row_for_each_wall_minute_of_the_changes_hours_goes_in_order_but_for_the_skipped_ones() -> None:
    for key in (
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "Africa/Casablanca",
        "Asia/Beirut",
        "America/Nuuk",
    ):
        zone = ZoneInfo(key)
        for change in transitions(key)[:4]:
            low, high = change.walls
            walls = [low - HOUR + number * MINUTE for number in range(int((high - low + 2 * HOUR) / MINUTE))]
            moments = [(planned_moment(wall.date(), wall.time(), zone).at, wall) for wall in walls]
            there = [at for at, wall in moments if not (change.jump > timedelta() and low <= wall < high)]
            assert there == sorted(set(there)), (key, change)


# by name: what was said to be odd


def test_apia_left_out_a_day_and_its_posts_go_on_the_next() -> None:
    changes = transitions("Pacific/Apia", datetime(2011, 1, 1, tzinfo=UTC), datetime(2013, 1, 1, tzinfo=UTC))
    (dateline,) = [change for change in changes if abs(change.jump) > 4 * HOUR]
    assert dateline.jump == DAY
    zone = ZoneInfo("Pacific/Apia")
    for number in range(0, 3 * 24 * 60, 30):
        wall = datetime(2011, 12, 29) + number * MINUTE  # noqa: DTZ001 - a wall time
        check_wall(wall, zone, (dateline,), dateline.before)


def test_the_last_of_february_of_a_leap_year_is_a_day_like_any_other() -> None:
    yearly = Template("Leap", ("cron(0 9 29 2 ? *)",), "29 February", 1)
    found = occurrences(yearly, FIRST, LAST, ZoneInfo("Asia/Kolkata"))
    assert found == [(date(2028, 2, 29), time(9)), (date(2032, 2, 29), time(9))]
    book = Rulebook("Asia/Kolkata", blackout_days=frozenset({date(2028, 2, 29)}))
    planned = planned_moment(date(2028, 2, 29), time(9), book.zone).at
    assert effective_time(planned, book, now=planned).at == planned_moment(date(2028, 3, 1), time(0), book.zone).at
