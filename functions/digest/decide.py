"""What the week comes to, pure: what was read in, the digest's lists out, each in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from mesh.ledger.items import Head, HeadState, State, Status
from mesh.ledger.proposals import DraftState
from mesh.messages.bounced import Bounced
from mesh.messages.standing import asks_late
from mesh.reckoning.model import Failure, Happened
from mesh.rulebook.model import Rulebook
from mesh.schedule_time import planned_moment, say
from mesh.span import Span
from networks.pauses import Pause

_NO_LONGER_TRIED = frozenset({HeadState.SENT, HeadState.FAILED, HeadState.UNKNOWN, HeadState.BROKEN})
_OUT_OR_UNDER_WAY = frozenset({HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN})
_MEND = {
    Pause.REAUTHORISE: "Connect the channel again; what waits then goes out by itself.",
    Pause.BILLING: "Settle that with the network; what waits then goes out by itself.",
    Pause.API_VERSION: "Ask whoever looks after the scheduler to update it.",
    Pause.MISMATCH: "Correct the account in the rules doc, or connect the right one.",
}


@dataclass(frozen=True)
class Gathered:
    """All that was read. ``heads`` are by post, of all that was ever approved; ``rulebook`` None: the rules doc could not be read.

    ``hold`` is the hold on everything; ``pauses`` and ``health`` (of the last good probe) are by channel, ``bounced`` is by address.
    """

    week: Span
    coming: Span
    now: datetime
    happened: Happened
    statuses: Sequence[Status] = ()
    drafts: Sequence[Status] = ()
    heads: Mapping[str, Sequence[Head]] = field(default_factory=dict)
    rulebook: Rulebook | None = None
    hold: Mapping[str, Any] | None = None
    pauses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    health: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bounced: Mapping[str, Bounced] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A try that nobody could prove, and that its owner was asked about."""

    status: Status
    head: Head


@dataclass(frozen=True)
class Posted:
    """One post, with where it went out in the week: channel and address."""

    post_id: str
    at: datetime
    out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Failed:
    """One post, with the channels it was given up on, and why."""

    post_id: str
    at: datetime
    why: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Coming:
    """``post_id`` is a draft's where ``status`` has a proposal that nobody accepted yet. ``standing`` is its state in words."""

    status: Status
    at: datetime
    standing: str


@dataclass(frozen=True)
class ChannelHealth:
    """``needs`` is what somebody has to do, "" for nothing. ``works``: nothing is wrong with it."""

    channel: str
    says: str
    needs: str = ""
    works: bool = True


@dataclass(frozen=True)
class Lists:
    """``older`` counts posts of earlier weeks that nobody approved or mended: they are not told of one by one every week."""

    late: tuple[Status, ...] = ()
    waiting: tuple[Status, ...] = ()
    questions: tuple[Question, ...] = ()
    problems: tuple[Status, ...] = ()
    damaged: tuple[Status, ...] = ()
    held: tuple[Status, ...] = ()
    drafts: tuple[Status, ...] = ()
    posted: tuple[Posted, ...] = ()
    failed: tuple[Failed, ...] = ()
    coming: tuple[Coming, ...] = ()
    health: tuple[ChannelHealth, ...] = ()
    older: int = 0


def lists(found: Gathered) -> Lists:
    """Every post stands in at most one list of those that need somebody."""
    by_due = sorted(found.statuses, key=lambda status: (due_of(status), status.post_id))
    there = [status for status in by_due if status.gone_at is None and not status.awaited]
    open_posts = [status for status in there if status.state is not State.SENT and not status.broken]
    waiting = [status for status in open_posts if _waits(status, found)]
    problems = [status for status in open_posts if _is_to_be_mended(status, found)]
    recent = [status for status in waiting if _is_recent(status, found)]
    mend = [status for status in problems if _is_recent(status, found)]
    held = [status for status in open_posts if _is_held_and_due(status, found) and status not in mend]
    return Lists(
        late=tuple(status for status in recent if due_of(status) <= found.now or asks_late(status)),
        waiting=tuple(status for status in recent if due_of(status) > found.now and not asks_late(status)),
        questions=questions(by_due, found.heads),
        problems=tuple(mend),
        damaged=tuple(status for status in by_due if status.broken),
        held=tuple(held),
        drafts=tuple(sorted(filter(_draft_waits, found.drafts), key=_draft_age)),
        posted=posted(found.happened),
        failed=failed(found.happened.failures),
        coming=coming(open_posts, found),
        health=health(found, open_posts),
        older=len(waiting) - len(recent) + len(problems) - len(mend),
    )


def due_of(status: Status) -> datetime:
    """The time it goes, else the one it was planned for; the end of time where its row names none."""
    said = status.queued_for or status.due_at
    return datetime.fromisoformat(said) if said else datetime.fromisoformat("9999-12-31T00:00:00+00:00")


# what needs somebody


def _waits(status: Status, found: Gathered) -> bool:
    """A click on its current revision is wanted."""
    if status.current_revision is None or status.held is not None:
        return False
    if status.approved and not asks_late(status):
        return False
    mine = found.heads.get(status.post_id, ())
    out = {head.channel for head in mine if head.state in _OUT_OR_UNDER_WAY}
    return not out.issuperset(status.going) or not status.going


def _is_to_be_mended(status: Status, found: Gathered) -> bool:
    """Nothing of it can go out before its row is changed."""
    if not status.problems or status.current_revision is not None:
        return False
    return not any(head.state in _OUT_OR_UNDER_WAY for head in found.heads.get(status.post_id, ()))


def _is_recent(status: Status, found: Gathered) -> bool:
    """Due in the week that is told of, or later; what was missed before was told of then."""
    return due_of(status) >= found.week.begins or asks_late(status)


def _is_held_and_due(status: Status, found: Gathered) -> bool:
    return status.held is not None and found.week.begins <= due_of(status) < found.coming.ends


def questions(statuses: Iterable[Status], heads: Mapping[str, Sequence[Head]]) -> tuple[Question, ...]:
    """Asked, and not answered yet: also where the row is gone, for the post may be out all the same."""
    return tuple(
        Question(status, head)
        for status in statuses
        if not status.broken
        for head in heads.get(status.post_id, ())
        if head.state is HeadState.UNKNOWN and head.asked_at is not None and status.answer_about(head) is None
    )


def _draft_waits(status: Status) -> bool:
    proposal = status.proposal
    return proposal is not None and not status.broken and proposal.state in {DraftState.READY, DraftState.FAILED}


def _draft_age(status: Status) -> tuple[str, str]:
    return (status.proposal.note.at if status.proposal is not None else "", status.post_id)


# what happened


def posted(happened: Happened) -> tuple[Posted, ...]:
    """By post, in the order in which they went out."""
    by_post: dict[str, list[tuple[datetime, str, str]]] = {}
    for one in happened.publications:
        by_post.setdefault(one.post_id, []).append((one.at, one.channel, one.url))
    found = [
        Posted(post_id, min(at for at, _, _ in out), tuple((channel, url) for _, channel, url in sorted(out)))
        for post_id, out in by_post.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.post_id)))


def failed(failures: Iterable[Failure]) -> tuple[Failed, ...]:
    """By post, those that are still so; of several failures on one channel the last."""
    by_post: dict[str, dict[str, Failure]] = {}
    for one in sorted(failures, key=lambda failure: failure.at):
        if one.stands:
            by_post.setdefault(one.post_id, {})[one.channel] = one
    found = [
        Failed(
            post_id,
            min(one.at for one in channels.values()),
            tuple((channel, channels[channel].reason) for channel in sorted(channels)),
        )
        for post_id, channels in by_post.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.post_id)))


# what is coming


def coming(statuses: Iterable[Status], found: Gathered) -> tuple[Coming, ...]:
    """Until the next digest, the first first; and what should be out and is still being tried."""
    posts = [
        Coming(status, due_of(status), standing(status, found))
        for status in statuses
        if max(found.now, found.week.ends) <= due_of(status) < found.coming.ends or _is_overdue(status, found)
    ]
    timed = [(status, _draft_time(status, found)) for status in found.drafts if _draft_waits(status)]
    drafts = [
        Coming(status, moment, "a draft: it waits for you to accept it")
        for status, moment in timed
        if moment is not None and moment in found.coming
    ]
    return tuple(sorted([*posts, *drafts], key=lambda one: (one.at, one.status.post_id)))


def _is_overdue(status: Status, found: Gathered) -> bool:
    """Approved, its time is over, and nobody was asked about it: it goes by itself as soon as it can."""
    if not status.approved or status.held is not None or asks_late(status):
        return False
    states = {head.channel: head.state for head in found.heads.get(status.post_id, ())}
    still = [channel for channel in status.going if states.get(channel) not in _NO_LONGER_TRIED]
    return bool(still) and found.week.begins <= due_of(status) < found.now


def standing(status: Status, found: Gathered) -> str:
    """How it stands, in a few words."""
    if status.current_revision is None:
        return "its row is to be mended" if status.problems else "being prepared"
    if status.held is not None:
        return f"on hold by {status.held.by}"
    if not status.approved:
        return "waits for approval"
    if found.hold is not None:
        return "approved, but everything is on hold"
    paused = [channel for channel in status.going if channel in found.pauses]
    if paused:
        return f"approved, but {', '.join(paused)} {'is' if len(paused) == 1 else 'are'} paused"
    if due_of(status) < found.now:
        return "overdue: it goes out as soon as it can"
    return "booked" if status.state is State.QUEUED and status.queued_for else "approved"


def _draft_time(status: Status, found: Gathered) -> datetime | None:
    """None where nobody named a time yet."""
    if status.proposal is None:
        return None
    stands = status.proposal.settled or status.proposal.note
    try:
        day = datetime.fromisoformat(stands.date).date()
        return planned_moment(day, time.fromisoformat(stands.time), found.week.zone).at
    except (ValueError, OverflowError):
        return None


# the channels


def health(found: Gathered, open_posts: Iterable[Status]) -> tuple[ChannelHealth, ...]:
    """Of every channel of the rules doc, and of every other that something went out on or is to go."""
    out: dict[str, int] = {}
    for one in found.happened.publications:
        out[one.channel] = out.get(one.channel, 0) + 1
    planned: dict[str, int] = {}
    for status in open_posts:
        if found.week.begins <= due_of(status) < found.coming.ends:
            states = {head.channel: head.state for head in found.heads.get(status.post_id, ())}
            for channel in status.channels:
                if states.get(channel) not in _NO_LONGER_TRIED:
                    planned[channel] = planned.get(channel, 0) + 1
    known = found.rulebook.channels if found.rulebook is not None else None
    names = sorted({*(known or ()), *out, *planned})
    return tuple(_health(name, out.get(name, 0), planned.get(name, 0), found) for name in names)


def _health(name: str, out: int, planned: int, found: Gathered) -> ChannelHealth:
    if found.rulebook is not None and name not in found.rulebook.channels:
        if not planned:
            return ChannelHealth(name, "no longer in the rules doc")
        what = f"{_posts(planned)} {'names' if planned == 1 else 'name'} it"
        mend = (
            f"{what}, and nothing goes out there. Put the channel back into the rules doc, or take it out of the rows."
        )
        return ChannelHealth(name, "no longer in the rules doc", mend, works=False)
    if name in found.pauses:
        return _paused(name, planned, found)
    seen = found.health.get(name, {})
    ends = _moment(seen.get("ends_at"))
    if ends is not None and ends > found.now:
        said = f"its sign-in ends on {say(ends, found.week.zone, now=found.now)}"
        return ChannelHealth(name, said, "Connect the channel again before then.", works=False)
    if out:
        return ChannelHealth(name, f"works, {out:,} posted")
    at = _moment(seen.get("at"))
    if at is not None and at >= found.week.begins:
        return ChannelHealth(name, f"works, tried on {say(at, found.week.zone, now=found.now)}")
    return ChannelHealth(name, "nothing went out there this week")


def _paused(name: str, planned: int, found: Gathered) -> ChannelHealth:
    pause = found.pauses[name]
    since = _moment(pause.get("since"))
    when = f" since {say(since, found.week.zone, now=found.now)}" if since is not None else ""
    why = str(pause.get("detail") or "").rstrip(".")
    mend = _MEND.get(str(pause.get("reason")), "Connect the channel again.")  # type: ignore[call-overload]
    waits = f" {_posts(planned)} {'waits' if planned == 1 else 'wait'} for it." if planned else ""
    return ChannelHealth(name, f"paused{when}{f': {why}' if why else ''}", f"{mend}{waits}", works=False)


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count:,} posts"


def _moment(said: object) -> datetime | None:
    """Of an item of the working memory: None for none, and for what is no time."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
