"""The week that a digest tells of and the month that a recap does, by the business's clock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mesh.clock import aware
from mesh.schedule_time import planned_moment

DIGEST_TIME = time(18)  # on Sundays: template.yaml's cron is held to it by a test
_SUNDAY = 6
_EARLY = timedelta(minutes=5)  # a clock that is a little behind the schedule's still means this week


@dataclass(frozen=True)
class Span:
    """From ``begins`` up to, and without, ``ends``; both UTC."""

    begins: datetime
    ends: datetime
    zone: ZoneInfo

    def __contains__(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    @property
    def days(self) -> Iterator[date]:
        """Every calendar day of the business's that any of it lies on."""
        day, last = self.day_of(self.begins), self.day_of(self.ends - timedelta(microseconds=1))
        while day <= last:
            yield day
            day += timedelta(days=1)

    @property
    def index_months(self) -> Iterator[str]:
        """The months, in UTC, under which the tables' indexes keep what happened in it."""
        month = self.begins.strftime("%Y-%m")
        last = (self.ends - timedelta(microseconds=1)).strftime("%Y-%m")
        while month <= last:
            yield month
            first = date.fromisoformat(f"{month}-01")
            month = (first + timedelta(days=31)).strftime("%Y-%m")


def digest_week(now: datetime, zone: ZoneInfo) -> Span:
    """The seven days up to the last Sunday, 18:00, that is not to come: a repeated or belated run tells of the very same week."""
    local = (aware(now) + _EARLY).astimezone(zone)
    sunday = local.date() - timedelta(days=(local.weekday() - _SUNDAY) % 7)
    if _at(sunday, DIGEST_TIME, zone) > aware(now) + _EARLY:
        sunday -= timedelta(days=7)
    return Span(_at(sunday - timedelta(days=7), DIGEST_TIME, zone), _at(sunday, DIGEST_TIME, zone), zone)


def week_after(week: Span) -> Span:
    """What is coming, seen from a digest's week."""
    sunday = week.day_of(week.ends) + timedelta(days=7)
    return Span(week.ends, _at(sunday, DIGEST_TIME, week.zone), week.zone)


def month_before(now: datetime, zone: ZoneInfo) -> Span:
    """The whole calendar month before the one that it is."""
    first = aware(now).astimezone(zone).date().replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return Span(_at(before, time(), zone), _at(first, time(), zone), zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return planned_moment(day, clock, zone).at
