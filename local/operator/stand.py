"""How a stack stands at a moment, and what of it needs a human. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from local.operator.row_words import harmless
from mesh.reckoning.model import Figures
from mesh.schedule_time import say

SYNC_LATE = timedelta(minutes=25)  # a sync notes that it got through every ten minutes or so
SWEEP_LATE = timedelta(minutes=15)
TICK_LATE = timedelta(hours=26)
SIGN_IN_NEAR = timedelta(days=3)
_SHOWN = 5


@dataclass(frozen=True)
class Place:
    """A post on a channel, and the moment that matters of it."""

    post_id: str
    channel: str
    at: datetime | None = None


@dataclass(frozen=True)
class Dead:
    """The dead letters: how many; of those that were looked at, since when the oldest, and of which functions."""

    count: int
    oldest: datetime | None = None
    functions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Stand:
    """``up`` is False for what a run has left. ``unread`` says in words what could not be asked; what is None was not. ``beside`` is what
    every command for this stack has to be given.

    ``waiting`` posts want a click, ``mend`` ones a better row; ``late`` ones are approved, due and not out, and nothing explains it.
    ``held``: by whom and since when everything is. ``paused``: channels and since when. ``key_days``: ages, newest last.
    ``cut_off``: what a restore that was cut off has left, and what to do.
    """

    name: str
    now: datetime
    up: bool = True
    beside: str = ""
    held: tuple[str, datetime | None] | None = None
    paused: Mapping[str, datetime | None] = field(default_factory=dict)
    bounced: Sequence[str] = ()
    held_posts: Sequence[Place] = ()
    synced_at: datetime | None = None
    sync_failing_since: datetime | None = None
    swept_at: datetime | None = None
    ticked_at: datetime | None = None
    states: Mapping[str, int] = field(default_factory=dict)
    broken: Sequence[str] = ()
    coming: Sequence[Place] = ()
    waiting: Sequence[Place] = ()
    mend: Sequence[Place] = ()
    late: Sequence[Place] = ()
    unknown: Sequence[Place] = ()
    stuck: Sequence[Place] = ()
    dead: Dead | None = None
    alarms: Sequence[str] | None = None
    sign_ins: Sequence[Place] = ()
    key_days: Sequence[int | None] = ()
    figures: Figures | None = None
    cut_off: tuple[str, str] | None = None
    unread: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """Something for a human: what it is, and what to do."""

    what: str
    do: str


def findings(stand: Stand) -> list[Finding]:
    """What needs a human, the heaviest first. A hold and a pause are meant or known, and are said, but a pause needs a sign-in."""
    found = [*_standing_still(stand), *_posts(stand), *_around(stand)]
    return [*found, *(Finding(f"Not seen: {one}", "Mend that, and look again.") for one in stand.unread)]


def _standing_still(stand: Stand) -> list[Finding]:
    found = [Finding(*stand.cut_off)] if stand.cut_off else []
    if stand.sync_failing_since is not None:
        found.append(
            Finding(
                f"The sheet cannot be read or written since {_ago(stand.sync_failing_since, stand.now)}",
                "Is it shared with the service account, and does Google answer? The owner's mail says more.",
            )
        )
    for name, at, late, log in (
        ("The sheet was looked at", stand.synced_at, SYNC_LATE, "drive-sync"),
        ("The sweep ran", stand.swept_at, SWEEP_LATE, "scheduler"),
        ("The daily tick ran", stand.ticked_at, TICK_LATE, "scheduler"),
    ):
        if stand.up and at is not None and stand.now - at > late:
            found.append(Finding(f"{name} last {_ago(at, stand.now)} ago", f"Look at the log of {log}; make redrive."))
    return found


def _posts(stand: Stand) -> list[Finding]:
    found = []
    if stand.unknown:
        do = "The owner was asked by mail: look at the channel and answer there. make trace POST=… tells what is known."
        found.append(Finding(f"Nobody can tell whether it is out: {_places(stand.unknown)}", do))
    if stand.late:
        do = "make trace POST=… says where it stands; on hold or paused below is why, where it is so."
        found.append(Finding(f"Approved, due and not out: {_places(stand.late)}", do))
    if stand.stuck:
        do = "The next sweep takes it up by itself; if it is there in ten minutes still, make redrive and look at the log of sender."
        found.append(Finding(f"Begun and never ended: {_places(stand.stuck)}", do))
    if stand.broken:
        named = ", ".join(stand.broken[:_SHOWN])
        found.append(Finding(f"In the tables and not to be read: {named}", "make verify-audit; docs/operating.md."))
    return found


def _around(stand: Stand) -> list[Finding]:
    found = []
    for channel in stand.paused:
        found.append(
            Finding(f"{channel} is paused", f"make connect CHANNEL={channel} signs in again; its posts go on then.")
        )
    if stand.bounced:
        do = "Nothing is mailed there any more. Correct the address in the stack's parameter Recipients, or ask its owner."
        found.append(Finding(f"Mail to {', '.join(stand.bounced[:_SHOWN])} came back", do))
    for one in stand.sign_ins:
        assert one.at is not None
        ends = "has ended" if one.at <= stand.now else f"ends in {_ago(stand.now, one.at)}"
        found.append(Finding(f"The sign-in of {one.channel} {ends}", f"make connect CHANNEL={one.channel}"))
    if stand.dead is not None and stand.dead.count:
        read = sum(stand.dead.functions.values())
        functions = [f"{count} of {name}" for name, count in sorted(stand.dead.functions.items())]
        of = ", ".join(
            [*functions, *([f"{stand.dead.count - read} not looked at"] if 0 < read < stand.dead.count else [])]
        )
        oldest = f", the oldest since {_ago(stand.dead.oldest, stand.now)}" if stand.dead.oldest else ""
        found.append(
            Finding(
                f"{stand.dead.count} dead letter{'s' if stand.dead.count > 1 else ''}{f' ({of})' if of else ''}{oldest}",
                "make redrive shows them, make redrive GO=1 sends them again.",
            )
        )
    found += [
        Finding(f"The alarm {name} rings", f"docs/runbooks/{name}.md says what to do.") for name in stand.alarms or ()
    ]
    return found


def screen(stand: Stand, zone: ZoneInfo) -> list[str]:
    """One screen of lines."""
    needs = findings(stand)
    lines = [f"{stand.name}, {say(stand.now, zone)} ({zone.key.rsplit('/', 1)[-1].replace('_', ' ')} time)"]
    lines += [""] + [line for one in needs for line in (f"! {one.what}", f"    {one.do}")] if needs else []
    lines += ["", *(f"{name:<14}{words}" for name, words in _facts(stand, zone))]
    verdict = f"{len(needs)} things need a human." if len(needs) > 1 else "One thing needs a human."
    given = f" Give each command {stand.beside} too." if stand.beside else ""
    return [harmless(line) for line in (*lines, "", f"{verdict}{given}" if needs else "Nothing needs a human.")]


def _facts(stand: Stand, zone: ZoneInfo) -> list[tuple[str, str]]:
    def at(moment: datetime | None) -> str:
        return say(moment, zone, now=stand.now) if moment is not None else "never, as far as is known"

    held = "nothing"
    if stand.held is not None:
        since = f" since {at(stand.held[1])}" if stand.held[1] else ""
        held = f"EVERYTHING, by {stand.held[0]}{since}; make release lets it go on"
    elif stand.held_posts:
        held = f"{len(stand.held_posts)} posts: {_places(stand.held_posts)}"
    coming = "; ".join(f"{at(one.at)} {one.post_id} on {one.channel}" for one in stand.coming[:3])
    states = ", ".join(f"{count} {name}" for name, count in sorted(stand.states.items()))
    facts = [
        ("on hold", held),
        ("last ran", f"sheet {at(stand.synced_at)}; sweep {at(stand.swept_at)}; tick {at(stand.ticked_at)}"),
        ("next", coming or "nothing is booked"),
        ("posts", states or "none"),
    ]
    if stand.alarms is not None:
        facts.append(("alarms", "none rings" if not stand.alarms else f"{len(stand.alarms)} ring"))
    if stand.key_days:
        newest = stand.key_days[-1]
        age = f", the newest {newest} days old" if newest is not None else ""
        facts.append(("signing keys", f"{len(stand.key_days)}{age}"))
    if stand.figures is not None:
        facts.append(("this month", _month(stand.figures)))
    return facts


def _month(told: Figures) -> str:
    on_time = f", {told.on_time_percent}% on time" if told.on_time_percent is not None else ""
    lost = "; not all could be read" if told.incomplete else ""
    return (
        f"{told.posted} publications of {told.posts} posts{on_time}; {told.approvals} approvals, {told.failed} failed,"
        f" {told.retried} retried, {told.drafts_made} drafts{lost}"
    )


def _places(places: Sequence[Place]) -> str:
    named = ", ".join(f"{one.post_id} on {one.channel}" if one.channel else one.post_id for one in places[:_SHOWN])
    return named + (f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else "")


def _ago(earlier: datetime | None, later: datetime) -> str:
    if earlier is None:
        return "some time"
    minutes = max(0, int((later - earlier).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"
