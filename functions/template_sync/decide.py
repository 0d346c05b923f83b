"""Which rows of recurring posts are wanted now, under which ids, and what each of them says. Pure.

A day gets as many rows of a recurring post as its schedule has times that day, each under an id made of the post's name, the day and a
number: whatever is delivered twice, and whatever becomes of the row, it is not wanted again. A schedule that moves from 9:00 to 10:00
leaves the days that have their row already as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from mesh.ids import POST, derived_id
from mesh.ledger import Status
from mesh.ledger.items import Wanted
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Source
from mesh.recurring import occurrences, times_on, turn_of
from mesh.rulebook import Rulebook, Template
from mesh.rulebook.variables import filled, varies
from mesh.schedule_time import planned_moment

BY = "template-sync"
MOST_AHEAD = 30  # rows of one recurring post that wait in the sheet at a time
MOST_A_RUN = 60  # rows of all: the others are the next run's
_ID_LETTERS = 16  # more than random ones have: their owner can choose the names


@dataclass(frozen=True)
class Day:
    """A day on which a recurring post comes: ``ids`` is one for each of its times that day, ``ahead`` those that are still to come."""

    template: Template
    day: date
    ids: tuple[str, ...]
    ahead: tuple[time, ...]


@dataclass(frozen=True)
class Occurrence:
    """One post that is to be."""

    template: Template
    post_id: str
    day: date
    clock: time
    at: datetime


def post_id_of(name: str, day: date, number: int) -> str:
    """The same for a name in other capitals or with other spaces: no two recurring posts are alike but for those."""
    known_by = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return derived_id(POST, f"{known_by}\n{day.isoformat()}\n{number}", _ID_LETTERS)


def lead_ends(now: datetime, lead: timedelta, zone: ZoneInfo) -> datetime:
    """The same time by the clock on the wall, whole days on: a row comes at its post's own time of day, whatever the clocks do."""
    wall = now.astimezone(zone)
    return planned_moment(wall.date() + lead, wall.time(), zone).at


def lead_of(rulebook: Rulebook, usual: timedelta) -> timedelta:
    """How far ahead the rules doc wants its rows."""
    return timedelta(days=rulebook.recurring_days) if rulebook.recurring_days else usual


def days_ahead(rulebook: Rulebook, now: datetime, lead: timedelta) -> list[Day]:
    """Nothing of the past: what an outage kept from being wanted in time is not made up for."""
    until = lead_ends(now, lead, rulebook.zone)
    return [
        Day(template, day, tuple(post_id_of(template.name, day, number) for number in range(count)), tuple(ahead))
        for template in rulebook.templates
        for day, ahead, count in _days_of(template, now, until, rulebook.zone)
    ]


def _days_of(
    template: Template, now: datetime, until: datetime, zone: ZoneInfo
) -> Iterator[tuple[date, list[time], int]]:
    coming = sorted(occurrences(template, now, until, zone)[:MOST_AHEAD])
    for day, found in groupby(coming, key=lambda one: one[0]):
        yield day, [clock for _, clock in found], len(times_on(template, day))


def comes_too_often(template: Template, now: datetime, lead: timedelta, zone: ZoneInfo) -> bool:
    """More rows of it than the sheet is to hold lie within the lead."""
    return len(occurrences(template, now, lead_ends(now, lead, zone), zone)) > MOST_AHEAD


def wanted_now(days: Sequence[Day], known: Mapping[str, Status], zone: ZoneInfo) -> list[Occurrence]:
    """Of all that has no item yet, the soonest, ``MOST_A_RUN`` at most. ``known`` are the items there are of the days' ids."""
    found = [
        Occurrence(one.template, post_id, one.day, clock, planned_moment(one.day, clock, zone).at)
        for one in days
        for post_id, clock in _missing(one, known)
    ]
    return sorted(found, key=lambda one: (one.at, one.post_id))[:MOST_A_RUN]


def _missing(one: Day, known: Mapping[str, Status]) -> list[tuple[str, time]]:
    """Free ids with the times that have no row. A row at a time that the schedule has no more stands for the nearest one that has none."""
    times = [_time_of(known[post_id]) for post_id in one.ids if post_id in known]
    free = [post_id for post_id in one.ids if post_id not in known]
    left = [clock for clock in one.ahead if clock not in times]
    for moved in (clock for clock in times if clock is not None and clock not in times_on(one.template, one.day)):
        if len(left) > len(free):
            left.remove(min(left, key=lambda clock: abs(_minutes(clock) - _minutes(moved))))
    return list(zip(free, left, strict=False))


def _time_of(status: Status) -> time | None:
    written = status.wanted.time if status.wanted else status.proposal.note.time if status.proposal else ""
    return time.fromisoformat(written) if written else None


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def status_of(one: Occurrence, now: datetime, trace_id: str) -> Status:
    """Its item as it begins: a row that is wanted, or a draft where the recurring post has no text."""
    template = one.template
    turn = turn_of(template, one.day, one.clock) if varies(template) else 0
    text, image, alt, link = filled(template, one.day, turn)
    day, clock, about = one.day.isoformat(), f"{one.clock:%H:%M}", f"{template.name} ({template.words})"
    if not template.drafted:
        wanted = Wanted(
            by=BY,
            date=day,
            time=clock,
            text=text,
            channels=", ".join(template.channels),
            image=image,
            alt=alt,
            link=link,
            note=about,
        )
        return Status(post_id=one.post_id, due_at=one.at.isoformat(), wanted=wanted, trace_id=trace_id)
    note = Note(
        text=about,
        channels=template.channels,
        date=day,
        time=clock,
        link=link,
        image=image,
        alt=alt,
        by=BY,
        at=now.isoformat(),
        source=Source.TEMPLATE,
    )
    proposal = Proposal(state=DraftState.REQUESTED, note=note)
    # The drafts' list is in order of when they were asked for.
    return Status(post_id=one.post_id, open=DRAFTING, due_at=now.isoformat(), proposal=proposal, trace_id=trace_id)
