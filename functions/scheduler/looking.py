"""Which posts a run looks at, and what it knows of them before anything is decided (docs/decisions/0019).

A run looks at the posts it was woken for; a tick or sweep at the open ones, at the rows that are others than at the last such look,
and once a day at the rows that come within reach. Only these are parsed, and only their items are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from mesh import clock
from mesh.errors import Damaged, Doubt
from mesh.events import Trouble
from mesh.ledger import ChannelProblem, Ledger, Runtime, Status
from mesh.ledger.runtime import MIRRORED, SCHEDULER_STATE, SYNC_STATE
from mesh.posts import Plan, plan_row
from mesh.posts_csv import Layout
from mesh.rulebook import Rulebook
from mesh.side_by_side import Together
from scheduler.edges import Calendar, Posts, Rules
from scheduler.memory import TICKS, Remembered, note_damage
from scheduler.picking import Days, Record, concerns, other_rows, pick, prints, sift
from scheduler.source import follow_source
from scheduler.steps import Clock

TAKEN_AT_ONCE = 2_000  # rows out of reach that one run follows: half a minute of writing; the next sweep goes on
CLOCKS_APART = timedelta(minutes=10)
_BATCH = 100

Seen = Plan | tuple[ChannelProblem, ...]


@dataclass(frozen=True)
class Waking:
    """Why the scheduler runs: ``named`` posts, or whichever there are to look at (None)."""

    kind: str
    named: tuple[str, ...] | None
    trace_id: str

    @property
    def is_tick(self) -> bool:
        return self.kind in TICKS


@dataclass(frozen=True)
class Look:
    """``scope``: the posts to follow and to move. ``plans``: what their rows say, by post_id; one that is not in it has no row.

    ``plans`` None: the rows are not known, and no post follows its row. ``known``: items as they were read, perhaps a moment too old.
    ``open_ids``: every post that is open. ``troubles``: what the owner hears. ``remember`` is put when all of it is done, under
    ``SCHEDULER_STATE``, and ``unfinished`` where some of it failed; None where nothing is. ``daily``: it is a daily tick's.
    ``probed``: the channels whose daily probe is due. ``synced_at``: when drive-sync last said that it got through.
    """

    rulebook: Rulebook
    scope: tuple[str, ...] = ()
    plans: Mapping[str, Seen] | None = None
    known: Mapping[str, Status] = field(default_factory=dict)
    open_ids: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    remember: Remembered | None = None
    unfinished: Remembered | None = None
    daily: bool = False
    probed: tuple[str, ...] = ()
    synced_at: str | None = None


class WrongClock(Doubt):
    """This machine's clock and the tables' are apart: nothing may be decided by it. ``answered_at`` is the tables'."""

    def __init__(self, ahead: timedelta, answered_at: datetime) -> None:
        minutes = round(abs(ahead).total_seconds() / 60)
        super().__init__(f"this machine's clock is {minutes} minutes {'ahead' if ahead > timedelta() else 'behind'}")
        self.answered_at = answered_at

    def told(self, trace_id: str) -> Trouble:
        """What the owner hears of it, once a day."""
        message = (
            f"One of the computers that the scheduler runs on tells a wrong time ({self}). It decided nothing, and nothing is lost: "
            "the next look, some minutes later, goes by the right time. You need not do anything, unless this message comes again."
        )
        return Trouble(cause=f"clock#{self.answered_at:%Y-%m-%d}", message=message, trace_id=trace_id)


@dataclass
class _Read:
    """What was read of the mirror: ``picked`` rows under ``layout``; None where they cannot be known.

    ``taken``: rows out of reach that are others than before, and items of theirs; ``complete``: all of those there were.
    """

    version: str = ""
    layout: Layout | None = None
    picked: dict[str, Record] | None = None
    taken: dict[str, Seen | None] = field(default_factory=dict)
    known: dict[str, Status] = field(default_factory=dict)
    complete: bool = True
    damage: Damaged | None = None


class Looking:
    """One run's look. ``answered_at`` tells what the tables said the time was in their last answer, None where they say nothing."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        calendar: Calendar,
        default_zone: str,
        time: Clock,
        trace_id: str,
        answered_at: Callable[[], datetime | None],
        together: Together,
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._calendar = calendar
        self._default_zone = default_zone
        self._time = time
        self._trace_id = trace_id
        self._answered_at = answered_at
        self._together = together
        self._synced_at: str | None = None

    def look(self, why: Waking) -> Look:
        """Doubt where something cannot be read now; WrongClock."""
        look = self._all(why) if why.named is None else self._named(why.named)
        return replace(look, synced_at=self._synced_at)

    def _named(self, post_ids: Iterable[str]) -> Look:
        wanted = frozenset(post_ids)
        opened, found, read, known = self._together(
            [
                self._open,
                lambda: self._calendar.rules(self._default_zone),
                lambda: self._read(wanted, None),
                lambda: self._ledger.statuses(wanted),
            ]
        )
        self._trust_the_clock()
        rules = found or Rules("", Rulebook(self._default_zone))
        if rules.rulebook is None or not rules.rulebook.channels:
            rules = self._in_force(rules, self._memory()[0])
        if rules.rulebook is None:
            return Look(Rulebook(self._default_zone))
        plans = self._plans(read, rules.rulebook)
        return Look(rules.rulebook, tuple(sorted(wanted)), plans, known, tuple(opened))

    # a tick, a sweep, or an event about everything

    def _all(self, why: Waking) -> Look:
        now = self._time.now
        (before, mirrored), opened = self._together([self._memory, self._open])
        self._trust_the_clock()
        daily = why.kind == "daily" or (why.is_tick and before.daily_due(now))
        days = Days(now, self._time.horizon)
        probing = why.is_tick and before.probe_due(why.kind, now)
        nothing_near = not daily or days.last < before.first_day
        same = mirrored == before.version and not before.unreadable
        if why.is_tick and same and mirrored and not opened and nothing_near:
            return self._nothing(why.kind, before, daily=daily, probing=probing)
        rules = self._in_force(self._calendar.rules(self._default_zone), before)
        probed = _channels(rules) if probing else ()
        before = before.probed(now) if probed else before
        if rules.rulebook is None:
            remember, troubles = self._remembered(why.kind, before, rules, _Read(), days, daily=daily)
            return Look(Rulebook(self._default_zone), troubles=troubles, remember=remember)
        read = self._read_all(opened, before, rules, days, daily=daily)
        plans = self._plans(read, rules.rulebook)
        scope = {*opened, *(read.picked or ()), *read.taken}
        known = opened | read.known
        known |= self._ledger.statuses(post_id for post_id in sorted(scope) if post_id not in known)
        remember, troubles = self._remembered(why.kind, before, rules, read, days, daily=daily)
        unfinished = before.ran(why.kind, now, daily=daily, read=False)
        return Look(
            rules.rulebook,
            tuple(sorted(scope)),
            plans,
            known,
            tuple(opened),
            troubles,
            remember,
            unfinished,
            daily,
            probed,
        )

    def _nothing(self, kind: str, before: Remembered, *, daily: bool, probing: bool) -> Look:
        """No post is near. The channels are asked for all the same, once a day."""
        now = self._time.now
        remember = before.ran(kind, now, daily=daily, read=True)
        probed = _channels(self._in_force(self._calendar.rules(self._default_zone), before)) if probing else ()
        remember = remember.probed(now) if probed else remember
        return Look(Rulebook(self._default_zone), remember=remember, daily=daily, probed=probed)

    def _memory(self) -> tuple[Remembered, dict[str, str]]:
        """What was remembered, and which mirror drive-sync wrote last, if it said so."""
        found = self._runtime.several([SCHEDULER_STATE, MIRRORED, SYNC_STATE], self._time.now)
        self._synced_at = found.get(SYNC_STATE, {}).get("synced_at")
        mirrored = found.get(MIRRORED, {})
        versions = {name: str(mirrored[name]) for name in ("posts", "rules") if mirrored.get(name)}
        return Remembered.of(found.get(SCHEDULER_STATE)), versions

    def _open(self) -> dict[str, Status]:
        return {status.post_id: status for status in self._ledger.open_statuses()}

    def _trust_the_clock(self) -> None:
        answered_at = self._answered_at()
        ahead = clock.ahead_of(answered_at)
        if answered_at is not None and abs(ahead) > CLOCKS_APART:
            raise WrongClock(ahead, answered_at)

    # the rules

    def _in_force(self, found: Rules | None, before: Remembered) -> Rules:
        """What is there, or the last good rules where that cannot be read: without them nothing could be said of any time.

        Rules without any channel are none, unless there were never others. The rulebook is None where neither can be had.
        """
        last = before.version.get("rules", "")
        if found is None:
            if not last:
                return Rules("", Rulebook(self._default_zone))  # nothing was mirrored yet
            found = Rules("", None, Damaged("it is gone"))
        if (found.rulebook is not None and found.rulebook.channels) or found.version == last:
            return found
        good = self._calendar.rules(self._default_zone, last) if last else None
        if good is None or good.rulebook is None or not good.rulebook.channels:
            return found
        return Rules(found.version, good.rulebook, found.damage or Damaged("it names no channel"))

    def _rules_before(self, before: Remembered) -> Rulebook | None:
        last = before.version.get("rules", "")
        found = self._calendar.rules(self._default_zone, last) if last else None
        return None if found is None else found.rulebook

    # the rows

    def _read(self, wanted: frozenset[str], days: Days | None) -> _Read:
        """The rows that are wanted or near."""
        with self._calendar.posts() as posts:
            if posts is None:
                return _Read()
            try:
                layout, records = posts.records()
                return _Read(posts.version, layout, pick(layout, records, wanted, days))
            except Damaged as damage:
                return _Read(posts.version, damage=damage)

    def _read_all(
        self, opened: Mapping[str, Status], before: Remembered, rules: Rules, days: Days, *, daily: bool
    ) -> _Read:
        """As above, and where the mirror or the rules are others than at the last look: which rows that concerns."""
        last = before.version.get("posts", "")
        with self._calendar.posts() as posts:
            if posts is None:
                return _Read(damage=Damaged("it is gone") if last else None)
            rules_differ = rules.damage is None and rules.version != before.version.get("rules", "")
            try:
                layout, records = posts.records()
                if posts.version == last and not rules_differ:
                    picked = pick(layout, records, opened.keys(), days if daily else None)
                    return _Read(posts.version, layout, picked)
                return self._compared(
                    posts, layout, records, opened, before, rules, days, rules_differ=rules_differ, daily=daily
                )
            except Damaged as damage:
                return _Read(posts.version, damage=damage)

    def _compared(
        self,
        posts: Posts,
        layout: Layout,
        records: Iterator[Record],
        opened: Mapping[str, Status],
        before: Remembered,
        rules: Rules,
        days: Days,
        *,
        rules_differ: bool,
        daily: bool,
    ) -> _Read:
        rulebook = rules.rulebook
        assert rulebook is not None
        concerned = concerns(self._rules_before(before), rulebook) if rules_differ else _nothing
        read = _Read(posts.version, layout, picked={})
        assert read.picked is not None
        was, print_of = self._before(posts, layout, before)
        is_other = other_rows(layout, was, print_of, concerned)
        far = sift(layout, records, opened.keys(), days, is_other, read.picked, every_near=daily)
        plans = ((record[layout.post_id], plan_row(layout.row(record), rulebook)) for record in far)
        self._take(read, plans, rulebook)
        for _ in (
            far
        ):  # to the end: the wanted rows are picked on the way, and only there it shows whether the file is whole
            pass
        gone = sorted(set(was or ()) - opened.keys())
        self._take(read, ((post_id, None) for post_id in gone), rulebook)
        return read

    def _before(
        self, posts: Posts, layout: Layout, before: Remembered
    ) -> tuple[dict[str, int] | None, Callable[[Record], int]]:
        """The prints of the rows at the last look, None where they are the same ones; and how to print the rows as they are now."""
        last = before.version.get("posts", "")
        if posts.version == last:
            return None, prints(layout, layout)
        with self._calendar.posts(last) if last else nullcontext() as old:
            if old is None:
                return {}, prints(layout, layout)
            try:
                was, records = old.records()
                print_of = prints(was, layout)
                return {record[was.post_id]: print_of(record) for record in records}, prints(layout, was)
            except Damaged:
                return {}, prints(layout, layout)

    def _take(self, read: _Read, candidates: Iterator[tuple[str, Seen | None]], rulebook: Rulebook) -> None:
        """Of the rows out of reach those that their items do not follow yet, some at a time; not all of them where they are many."""
        while batch := dict(islice(candidates, _BATCH)):
            if len(read.taken) >= TAKEN_AT_ONCE:
                read.complete = False
                return
            known = self._ledger.statuses(batch)
            for post_id, seen in batch.items():
                if follow_source(known.get(post_id), post_id, seen, rulebook, self._time, self._trace_id) is not None:
                    read.taken[post_id] = seen
                    read.known |= {post_id: known[post_id]} if post_id in known else {}

    def _plans(self, read: _Read, rulebook: Rulebook) -> dict[str, Seen] | None:
        if read.picked is None or read.layout is None:
            return None
        plans = {post_id: plan_row(read.layout.row(record), rulebook) for post_id, record in read.picked.items()}
        return plans | {post_id: seen for post_id, seen in read.taken.items() if seen is not None}

    # what is remembered

    def _remembered(
        self, kind: str, before: Remembered, rules: Rules, read: _Read, days: Days, *, daily: bool
    ) -> tuple[Remembered, tuple[Trouble, ...]]:
        damages = {"rules": (rules.version, rules.damage), "posts": (read.version, read.damage)}
        unreadable, troubles = note_damage(
            before,
            {name: (version, damage) for name, (version, damage) in damages.items() if damage is not None},
            self._time.now,
            self._trace_id,
        )
        after = replace(before, unreadable=unreadable)
        if read.picked is not None and read.complete:
            rules_version = before.version.get("rules", "") if rules.damage else rules.version
            versions = {"posts": read.version, "rules": rules_version}
            first_day = days.first_met if days else before.first_day
            after = after.seen({name: version for name, version in versions.items() if version}, first_day)
        could = rules.rulebook is not None and read.damage is None
        return after.ran(kind, self._time.now, daily=daily, read=could), tuple(troubles)


def _channels(rules: Rules) -> tuple[str, ...]:
    """Every channel that the rules name; none where they cannot be read."""
    return tuple(sorted(rules.rulebook.channels)) if rules.rulebook is not None else ()


def _nothing(_: str) -> bool:
    return False
