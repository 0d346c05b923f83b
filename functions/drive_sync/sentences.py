"""The status cell: one plain sentence per post. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mesh.ledger.items import FlagState, Head, HeadState, Queued, State, Status
from mesh.schedule_time import say

_LONGEST = 2_000  # characters: a cell is to be read, and Sheets takes 50,000

_NETWORK_WORDS = {
    HeadState.RETRY: "will be tried again",
    HeadState.UNKNOWN: "not known yet whether it is out; checking",
}


@dataclass(frozen=True)
class Halts:
    """What stands over the posts: the hold on everything ``{by, at}``, or None, and each paused channel's ``{detail, since}``."""

    everything: Mapping[str, Any] | None = None
    paused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


NO_HALTS = Halts()
_MAY_BE_OUT = frozenset({HeadState.SENT, HeadState.OPEN, HeadState.UNKNOWN})


def sentence(
    status: Status,
    heads: tuple[Head, ...],
    zone: ZoneInfo,
    now: datetime,
    horizon: timedelta,
    halts: Halts = NO_HALTS,
    door: str = "",
) -> str:
    """What the owner reads. It starts with the state, then says what to do or what comes next.

    ``door`` is the base of the pages where posts are approved; "" where there is none to name.
    """
    if status.broken:
        return "The record of this post is damaged: nothing goes out until somebody looks."
    mine = tuple(head for head in heads if head.channel in status.channels)
    left_out = _left_out(status)
    mend = "Please mend: " + "; ".join(dict.fromkeys(problem.message for problem in status.problems))
    if not left_out and status.problems and not any(head.state in _MAY_BE_OUT for head in mine):
        return _shortened(mend)
    said = _standing(status, mine, zone, now, horizon, door)
    if status.row_problems and not _all_out(status, mine):
        said += f"\n{mend}"
    over = _halted(status, mine, halts, zone) if status.approved and status.held is None else []
    return _shortened("\n".join([*over, said, *left_out, *(_remarks(status) if not status.approved else ())]))


def good_until(status: Status, now: datetime, horizon: timedelta) -> datetime | None:
    """The moment from which time alone makes the post's sentence another one; None where none does."""
    if status.due_at is None or status.approved or status.broken:
        return None
    due = datetime.fromisoformat(status.due_at)
    turns = [due - horizon, due] if status.current_revision is None else [due]
    turns += [datetime.fromisoformat(status.asks_at)] if status.asks_at is not None else []
    return min((turn for turn in turns if turn > now), default=None)


def _halted(status: Status, heads: tuple[Head, ...], halts: Halts, zone: ZoneInfo) -> list[str]:
    """What keeps an approved post from going, over its own standing."""
    settled = {head.channel for head in heads if head.settled}
    waiting = [channel for channel in status.going if channel not in settled]
    if not waiting:
        return []
    said = []
    if halts.everything is not None:
        by, at = halts.everything.get("by", "somebody"), halts.everything.get("at")
        said.append(f"Held with everything else by {by}{f' since {_at(at, zone)}' if at else ''}.")
    for channel in waiting:
        if channel in halts.paused:
            said.append(
                f"{channel} is paused: {str(halts.paused[channel].get('detail', '')).rstrip('.')}. The post waits."
            )
    return said


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _standing(
    status: Status, mine: tuple[Head, ...], zone: ZoneInfo, now: datetime, horizon: timedelta, door: str
) -> str:
    if any(head.state is not HeadState.READY for head in mine):
        return _sending(status, mine, zone) + _rest(status, mine, zone)
    if status.held is not None:
        return f"Held by {status.held.by} since {_at(status.held.at, zone)}. Nothing goes out until you release it."
    if status.state is State.QUEUED and status.queued_for:
        stuck = next((head.detail for head in mine if head.detail), "")
        return _booked(status, status.queued_for, zone) + (f" ({stuck})" if stuck else "")
    if status.approved:
        return _approved(status, mine, zone)
    return _unapproved(status, zone, now, horizon, door)


def _booked(status: Status, first: str, zone: ZoneInfo) -> str:
    """When it goes out; each channel by itself where they go at different times."""
    queued = status.queued or (Queued(channel="", at=first),)
    if len({(one.at, one.why) for one in queued}) == 1:
        return f"Booked for {_time_and_why(status, queued[0].at, queued[0].why, zone)}"
    each = [f"{one.channel} for {_time_and_why(status, one.at, one.why, zone)}" for one in queued]
    return f"Booked: {'; '.join(each)}"


def _time_and_why(status: Status, at: str, why: str, zone: ZoneInfo) -> str:
    """ "Fri 20 Mar, 07:00, not 03:00 as planned: outside the posting window 07:00-21:00"."""
    said, because = _at(at, zone), f": {why}" if why else ""
    if status.approval is not None and status.approval.now:
        return f"{said}, as you wanted it at once{because}"
    planned = _at(status.due_at, zone) if status.due_at else said
    if planned == said:
        return said
    day, clock = planned.split(", ")
    return f"{said}, not {clock if said.startswith(day) else planned} as planned{because}"


def _rest(status: Status, heads: tuple[Head, ...], zone: ZoneInfo) -> str:
    """What is to be known beside how each channel stands."""
    if _all_out(status, heads):
        return "" if status.approved else "\nThe row was changed after it was posted; what is out stays as it was."
    if asks_late(status):
        return " Its time has passed: a mail asks whether it shall still go out."
    if status.held is not None:
        return f"\nHeld by {status.held.by} since {_at(status.held.at, zone)}: the rest does not go out until you release it."
    waits = any(channel not in {head.channel for head in heads if head.settled} for channel in status.going)
    if status.approval is not None and not status.approved and waits:
        return "\nChanged since it was approved: what is not out yet goes only when it is approved again."
    return ""


def _all_out(status: Status, heads: tuple[Head, ...]) -> bool:
    return {head.channel for head in heads if head.state is HeadState.SENT}.issuperset(status.going)


def _left_out(status: Status) -> list[str]:
    """The channels that the package leaves out, each with what to mend; nothing while the row itself is at fault."""
    if status.row_problems:
        return []
    by_channel: dict[str, list[str]] = {}
    for problem in status.left_out:
        by_channel.setdefault(problem.channel, []).append(problem.message.rstrip("."))
    return [f"Not on {channel}: {'; '.join(messages)}." for channel, messages in by_channel.items()]


def _remarks(status: Status) -> list[str]:
    """What is worth knowing before approving; what a post costs stands on its card."""
    if status.current_revision is None or status.package is None:
        return []
    found = dict.fromkeys(remark.message for remark in status.package.remarks if remark.code != "costs")
    return [f"Note: {message}" for message in found]


def _approved(status: Status, heads: tuple[Head, ...], zone: ZoneInfo) -> str:
    approval = status.approval
    assert approval is not None
    if asks_late(status):
        return "Not sent: its time has passed. A mail asks whether it shall still go out."
    stuck = next((head.detail for head in heads if head.detail), "")
    by = f"Approved by {approval.by} ({_at(approval.at, zone)})"
    return f"{by}, not sent: {stuck}" if stuck else by


def _unapproved(status: Status, zone: ZoneInfo, now: datetime, horizon: timedelta, door: str) -> str:
    due = datetime.fromisoformat(status.due_at) if status.due_at else None
    if status.current_revision is None:
        if due is not None and due > now + horizon:
            return f"Planned. Its preview is made on {say(due - horizon, zone, now=now)}"
        return "Being prepared"
    asked = status.asked
    if status.approval is not None and (asked is None or asked.revision != status.current_revision):
        changed = "Changed since it was approved: it will not go out until it is approved again"
        return f"{changed}. {waits}" if (waits := _waits(status, zone, now)) else changed
    if status.flag is not None and status.flag.state is FlagState.HAND and (asked is None or asked.at < status.flag.at):
        page = f", or look here: {door.rstrip('/')}/post/{status.post_id}" if door else ""
        return f"A tick alone approves nothing: a mail with the preview is on its way{page}"
    if due is not None and due < now:
        return "Not sent: nobody approved it in time. The mail's button still sends it."
    card = status.card
    if asked is None or asked.revision != status.current_revision:
        return f"Ready. {_waits(status, zone, now) or 'The mail asking for your approval comes in a few minutes'}"
    if card is None or card.round_id != asked.round_id:
        return "Waiting for your approval; the mail is on its way"
    if card.sent_at is None:
        return f"Waiting for your approval, but nobody could be asked: {card.error}. Tick the post to be asked again."
    missed = f"; not to {card.error}" if card.error else ""
    return f"Waiting for your approval (mail of {_at(card.sent_at, zone)}{missed})"


def _waits(status: Status, zone: ZoneInfo, now: datetime) -> str:
    """When its card goes out with the others; "" where it waits for none, or only for the next sweep."""
    asks_at = datetime.fromisoformat(status.asks_at) if status.asks_at is not None else None
    return f"A card about it goes out on {say(asks_at, zone, now=now)}" if asks_at is not None and asks_at > now else ""


def _sending(status: Status, heads: tuple[Head, ...], zone: ZoneInfo) -> str:
    done = [head for head in heads if head.state is HeadState.SENT]
    if _all_out(status, heads):
        return "Posted: " + " ".join(head.posted_url or f"{head.channel} (found by you)" for head in done)
    parts = []
    for head in heads:
        if head.state is HeadState.SENT:
            parts.append(f"{head.channel}: posted {head.posted_url or '(found by you)'}")
        elif head.state is HeadState.BROKEN:
            parts.append(f"{head.channel}: its record is damaged, nothing goes out there until somebody looks")
        elif head.state is HeadState.UNKNOWN and head.asked_at:
            where = f"please look there and answer the mail of {_at(head.asked_at, zone)}"
            parts.append(f"{head.channel}: nobody can tell whether it is out; {where}")
        elif head.state is HeadState.FAILED:
            parts.append(f"{head.channel}: not posted, {head.detail or 'the network refused it'}")
        elif head.state is HeadState.OPEN:
            parts.append(f"{head.channel}: being posted")
        elif head.state is HeadState.READY:
            booking = head.booking
            when = (
                f"booked for {_time_and_why(status, booking.at, booking.why, zone)}"
                if booking
                else head.detail or "waiting"
            )
            parts.append(f"{head.channel}: {when}")
        else:
            why = f" ({head.detail})" if head.detail else ""
            if head.state is HeadState.RETRY and not status.approved:
                parts.append(f"{head.channel}: not out{why}")
                continue
            parts.append(f"{head.channel}: {_NETWORK_WORDS[head.state]}{_again_when(head, zone)}{why}")
    return "; ".join(parts)


def _again_when(head: Head, zone: ZoneInfo) -> str:
    """When a further try goes out; without a time of its own it waits for its channel."""
    if head.state is not HeadState.RETRY:
        return ""
    moment = head.next_at or (head.booking.at if head.booking else None)
    return f" at {_at(moment, zone)}" if moment else f" when {head.channel} works again"


def asks_late(status: Status) -> bool:
    """A mail asks whether it shall still go, and nobody has approved since."""
    asked, approval = status.asked, status.approval
    return asked is not None and asked.reason == "late" and (approval is None or asked.at > approval.at)


def _at(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%a %d %b, %H:%M}"
