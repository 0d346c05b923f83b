"""Every post at the time it will go, and why that is not the cell's: from the items of the tables and the rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from local.console.judged import told
from local.operator.posts import is_to_mend
from mesh.ledger.items import ChannelProblem, Head, HeadState, State, Status
from mesh.rulebook import Rulebook
from mesh.schedule_time import effective_time, minute_of

_NO_DAY = "9999"  # begins the due time of a row whose own cannot be read
_MOST_DAYS = 1100
_OUT = {HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN}


@dataclass(frozen=True)
class Going:
    """One channel of a post: when it goes out or went out, and why not when its cell says. ``at`` None: no rule lets it go."""

    channel: str
    at: datetime | None
    why: str = ""
    state: str = ""
    url: str = ""


def planned(
    statuses: Iterable[Status],
    heads: Mapping[str, Sequence[Head]],
    rulebook: Rulebook,
    foretold: Mapping[str, Sequence[ChannelProblem]],
    header: Sequence[str],
) -> list[dict[str, Any]]:
    """``foretold`` are the problems of rows of which no package was made yet. What is booked or out says when; the rest is reckoned by the
    rules as if it were approved in time, the earlier first, each keeping the channel's gap from what goes there already.
    """
    kept = sorted((one for one in statuses if _is_post(one)), key=lambda one: (one.due_at or _NO_DAY, one.post_id))
    taken: dict[str, list[datetime]] = {}
    fixed: dict[tuple[str, str], Going] = {}
    for status in kept:
        for going in _settled(status, heads.get(status.post_id, ())):
            fixed[status.post_id, going.channel] = going
            if going.at is not None:
                taken.setdefault(going.channel, []).append(going.at)
    shown = []
    for status in kept:
        cell = _cell_at(status)
        channels = []
        for channel in status.channels:
            known = fixed.get((status.post_id, channel))
            if known is None and cell is not None:
                known = _reckoned(status, channel, cell, rulebook, taken)
            channels.append(known or Going(channel, None))
        of_post, told_before = heads.get(status.post_id, ()), foretold.get(status.post_id, ())
        state, to_mend = state_of(status, of_post), to_mend_of(status, of_post, told_before)
        shown.append(_told(status, state, to_mend, cell, channels, told_before, header))
    return shown


def state_of(status: Status, heads: Sequence[Head]) -> str:
    """``out failed held mend later approved waits draft``, in the order of what matters; ``mend`` and ``later`` as ``to_mend_of``."""
    if status.state is State.SENT:
        return "out"
    states = {head.state for head in heads if head.channel in status.channels}
    if status.broken or status.state is State.FAILED or states & {HeadState.FAILED, HeadState.BROKEN}:
        return "failed"
    if any(head.state is HeadState.UNKNOWN and head.asked_at for head in heads):
        return "failed"
    if status.held is not None:
        return "held"
    if to_mend := {"now": "mend", "later": "later"}.get(to_mend_of(status, heads, ())):
        return to_mend
    if status.approved:
        return "approved"
    return "waits" if status.current_revision is not None else "draft"


def to_mend_of(status: Status, heads: Sequence[Head], foretold: Sequence[ChannelProblem]) -> str:
    """``now``: what ``make status`` and the glance count as to mend, and nothing else. ``later``: it will be, and its time is so far ahead
    that the mesh does nothing for it yet. ``part``: some of it goes out or is out, and some does not. "": nothing is wrong.
    """
    if is_to_mend(status, {status.post_id: tuple(heads)}):
        return "now" if status.open else "later"
    return "later" if foretold else "part" if status.problems else ""


def closed_days(rulebook: Rulebook, first: date, last: date) -> dict[str, str]:
    """ISO days between the two on which nothing goes out, and what they are."""
    days = (first + timedelta(days=n) for n in range(min((last - first).days + 1, _MOST_DAYS)))
    return {day.isoformat(): closed for day in days if (closed := rulebook.closed_on(day))}


def clock_changes(zone: ZoneInfo, first: date, last: date) -> dict[str, str]:
    """ISO days between the two on which the clocks are changed, and which way."""
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 2, _MOST_DAYS))]
    offsets = [(day, datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()) for day in days]
    found = {}
    for (day, before), (_, after) in pairwise(offsets):
        if before is not None and after is not None and before != after:
            found[day.isoformat()] = "the clocks go forward" if after > before else "the clocks go back"
    return found


def _is_post(status: Status) -> bool:
    """Not a draft that nobody accepted, nor a row that is wanted or gone; what is out stays."""
    if status.gone_at is not None:
        return status.state is State.SENT
    discarded = status.proposal is not None and not status.channels and status.open != "1"
    return not discarded and not status.awaited


def _cell_at(status: Status) -> datetime | None:
    if status.due_at is None or status.due_at.startswith(_NO_DAY):
        return None
    return datetime.fromisoformat(status.due_at)


def _settled(status: Status, heads: Sequence[Head]) -> Iterable[Going]:
    """What the channels' own records say: out, on its way, failed, or booked for a minute."""
    now = status.approval is not None and status.approval.now
    for head in heads:
        if head.state in _OUT and head.since is not None:
            at = minute_of(datetime.fromisoformat(head.since))
            yield Going(head.channel, at, _since_then(status, head, at), head.state.value, head.posted_url)
        elif head.booking is not None and head.state in {HeadState.READY, HeadState.RETRY}:
            why = head.booking.why or ("as you wanted it at once" if now else "")
            yield Going(head.channel, datetime.fromisoformat(head.booking.at), why, head.state.value)
        elif head.state is HeadState.FAILED:
            yield Going(head.channel, _cell_at(status), head.detail, head.state.value)


def _since_then(status: Status, head: Head, at: datetime) -> str:
    cell = _cell_at(status)
    if cell is None or at == cell:
        return ""
    if status.approval is not None and status.approval.now:
        return "as you wanted it at once"
    if head.due is not None and minute_of(datetime.fromisoformat(head.due)) == at:
        return "the rules had moved it"
    return "it could not go out sooner"


def _reckoned(
    status: Status, channel: str, cell: datetime, rulebook: Rulebook, taken: dict[str, list[datetime]]
) -> Going:
    if channel not in status.going or status.state in {State.SENT, State.FAILED}:
        return Going(channel, cell)
    effective = effective_time(cell, rulebook, now=cell, taken=taken.get(channel, ()))
    if effective.at is None:
        return Going(channel, None, effective.reason)
    taken.setdefault(channel, []).append(effective.at)
    return Going(channel, effective.at, effective.reason.partition(": ")[2] if effective.at != cell else "")


def _told(
    status: Status,
    state: str,
    to_mend: str,
    cell: datetime | None,
    channels: Sequence[Going],
    foretold: Sequence[ChannelProblem],
    header: Sequence[str],
) -> dict[str, Any]:
    first = min((one for one in channels if one.at is not None), key=_at, default=None)
    problems = [told(one, header) for one in (*status.problems, *foretold)]
    if status.package is not None and status.current_revision is not None and state in {"waits", "held"}:
        problems += [told(one, header, remark=True) for one in status.package.remarks if one.code != "costs"]
    return {
        "post_id": status.post_id,
        "cell_at": _iso(cell),
        "goes_at": _iso(first.at if first is not None else cell),
        "why": first.why if first is not None else next((one.why for one in channels), ""),
        "state": "later" if foretold and state in {"draft", "waits"} else state,
        "to_mend": to_mend,
        "package": status.current_revision or "",
        "channels": [
            {"name": one.channel, "at": _iso(one.at), "why": one.why, "state": one.state, "url": one.url}
            for one in channels
        ],
        "problems": problems,
    }


def _at(going: Going) -> datetime:
    assert going.at is not None
    return going.at


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None
