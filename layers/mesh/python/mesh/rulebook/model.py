"""What a rules doc says, once it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from networks.limited import Of


LATE = timedelta(hours=2)


@dataclass(frozen=True)
class Channel:
    """A destination the owner registered. ``host`` is an origin without a trailing slash; ``account`` the network's stable id."""

    name: str
    network: str
    account: str
    host: str


@dataclass(frozen=True)
class Template:
    """A post that comes again. ``name`` is as the owner wrote it; no two are alike but for capitals.

    ``crons`` are EventBridge Scheduler's expressions without a zone (the business's is meant); one where one can say it. ``words`` is
    the schedule as the owner wrote it. ``text``, ``image``, ``alt`` and ``link`` are what goes into the row, the owner's own
    characters; ``channels`` are names of the rulebook, empty where the owner named none. ``line`` is where it begins in the doc.
    """

    name: str
    crons: tuple[str, ...]
    words: str
    line: int
    text: str = ""
    channels: tuple[str, ...] = ()
    image: str = ""
    alt: str = ""
    link: str = ""

    @property
    def drafted(self) -> bool:
        """No text was given: each occurrence's is to be drafted."""
        return not self.text


@dataclass(frozen=True)
class Grouping:
    """When the cards that can wait go out together: moments of the week as (weekday, wall clock), Monday is 0.

    ``words`` are the owner's.
    """

    words: str
    moments: tuple[tuple[int, time], ...]


@dataclass(frozen=True)
class Region:
    """Whose public holidays are kept: an ISO code, and one of the country's parts or "". ``words`` are the owner's."""

    country: str
    part: str
    words: str


@dataclass(frozen=True)
class Ads:
    """How an ad is told apart: one of ``words``, in the owner's spelling, stands in every text that is one. None of them: it need not."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Rulebook:
    """``window`` is opening and closing wall-clock time, the closing minute itself outside; None for always.

    A closing of 00:00 is midnight; a closing before the opening is on the next day (21:00-02:00).
    A blackout day is a calendar day in the business's zone, as the sheet's dates are, also where the window goes over midnight.
    ``grouping`` None: each card goes out as soon as its post is ready. ``holidays`` None: a public holiday is a day like any other.
    ``recurring_days``: how many days ahead recurring posts come into the sheet; None where the doc does not say.
    ``about`` is what the business says of itself, for drafts. ``ads`` None: the doc says nothing of how an ad is marked.
    """

    time_zone: str
    channels: Mapping[str, Channel] = field(default_factory=dict)
    window: tuple[time, time] | None = None
    blackout_days: frozenset[date] = frozenset()
    minimum_gap: timedelta = timedelta()
    late: timedelta = LATE
    limits: Mapping[str, Mapping[Of, int]] = field(default_factory=dict)
    templates: tuple[Template, ...] = ()
    grouping: Grouping | None = None
    holidays: Region | None = None
    recurring_days: int | None = None
    about: str = ""
    ads: Ads | None = None

    def closed_on(self, day: date) -> str:
        """What the day is that keeps everything back: "a blackout day", a public holiday's name, or "" for a day like any other."""
        if day in self.blackout_days:
            return "a blackout day"
        if self.holidays is None:
            return ""
        from mesh.rulebook.public_holidays import holiday_on  # the library behind it is large, and few have the rule

        return holiday_on(self.holidays, day)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class RuleProblem:
    """``line`` counts from 1; ``message`` says what is wrong and what to write instead. ``count`` is of how many mistakes it speaks.

    ``fatal``: what was read without it would put every post at a wrong time, so that nothing may be planned by it.
    """

    line: int
    message: str
    count: int = 1
    fatal: bool = False


def fatal_in(problems: Iterable[RuleProblem]) -> RuleProblem | None:
    """The first for which nothing may be planned by what was read."""
    return next((problem for problem in problems if problem.fatal), None)


class Wrong(ValueError):
    """What is wrong with one line, in words."""

    fatal = False


class NoZone(Wrong):
    """Of which no time zone can be read: another in its place would move every post."""

    fatal = True


def quote(text: str) -> str:
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"
