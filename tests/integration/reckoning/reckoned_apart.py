"""The figures of docs/figures.md over plain notes of what was done, written from that page alone: nothing here knows the tables, nor the
code that reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Noted = tuple[str, datetime, str, str, Any]
_APPROVING = ("REVIEW", "SEND_NOW")


def reckon(notes: Iterable[Noted], begins: datetime, ends: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Every figure of the time from ``begins`` up to, and without, ``ends``."""
    everything = list(notes)
    inside = [note for note in everything if begins <= note[1] < ends]
    out = _out(everything, begins, ends)
    failed = _failed(everything, begins, ends)
    again = _again(everything, begins, ends)
    took = _approvals(everything, begins, ends)
    waits = sorted(seconds for seconds in took if seconds is not None)
    channels = sorted({one["channel"] for one in out} | {channel for _, channel in failed} | {one[1] for one in again})
    days = _days(begins, ends, zone)
    punctual = sum(one["punctual"] for one in out)
    return {
        "channels": {
            name: (
                sum(one["channel"] == name for one in out),
                sum(one["channel"] == name and one["punctual"] for one in out),
                sum(channel == name for _, channel in failed),
                sum(channel == name for _, channel in again),
            )
            for name in channels
        },
        "posts": len({one["post"] for one in out}),
        "posted": len(out),
        "on_time": punctual,
        "on_time_percent": None if not out else _share(punctual, len(out)),
        "approvals": len(took),
        "approval_seconds": _middle(waits),
        "held": len({note[2] for note in inside if note[0] == "unticked" or _is(note, "HOLD")}),
        "held_everything": sum(note[0] == "everything held" for note in inside),
        "failed": len(failed),
        "retried": len(again),
        "unknown": sum(note[0] == "became" and note[4][:2] == ("unknown", "network") for note in inside),
        "drafts_made": len(_first_drafts(everything, begins, ends)),
        "drafts_accepted": len({note[2] for note in inside if note[0] == "accepted"}),
        "micro_usd": sum(1500 for note in everything if note[0] in {"drafted", "not drafted"} and note[4] in days),
        "by_day": {day: sum(_local(one["at"], zone) == day for one in out) for day in days},
        "pauses": {note[3] for note in inside if note[0] == "paused"},
    }


def _is(note: Noted, *actions: str) -> bool:
    return note[0] == "pressed" and note[4][0] in actions


def _local(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _days(begins: datetime, ends: datetime, zone: ZoneInfo) -> list[date]:
    """Calendar days of the business's any moment of which lies inside."""
    moment, found = begins, []
    while moment < ends:
        if _local(moment, zone) not in found:
            found.append(_local(moment, zone))
        moment += timedelta(hours=1)
    last = _local(ends - timedelta(microseconds=1), zone)
    return found if last in found else [*found, last]


def _stories(notes: list[Noted]) -> dict[tuple[str, str], list[Noted]]:
    """What was done to each post on each channel, in order."""
    found: dict[tuple[str, str], list[Noted]] = {}
    for note in notes:
        if note[0] in {"booked", "tried", "became"}:
            found.setdefault((note[2], note[3]), []).append(note)
    return found


def _out(notes: list[Noted], begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    found = []
    for (post, channel), story in _stories(notes).items():
        due = began = None
        for what, at, _, _, more in story:
            if what == "booked":
                due = more
            elif what == "tried":
                began = at
            elif more[0] == "sent" and begins <= at < ends:
                assert due is not None
                assert began is not None
                punctual = (began - due).total_seconds() <= 300
                found.append({"post": post, "channel": channel, "at": at, "punctual": punctual})
    return found


def _failed(notes: list[Noted], begins: datetime, ends: datetime) -> set[tuple[str, str]]:
    """Given up inside, and nothing happened to them since, whenever that was."""
    found = set()
    for place, story in _stories(notes).items():
        given_up = any(
            what == "became" and more[0] == "failed" and begins <= at < ends for what, at, _, _, more in story
        )
        last = story[-1]
        if given_up and last[0] == "became" and last[4][0] == "failed":
            found.add(place)
    return found


def _again(notes: list[Noted], begins: datetime, ends: datetime) -> list[tuple[str, str]]:
    """Tries of a version that had been tried on that channel."""
    found = []
    for place, story in _stories(notes).items():
        tried: set[str] = set()
        for what, at, _, _, more in story:
            if what != "tried":
                continue
            if more in tried and begins <= at < ends:
                found.append(place)
            tried.add(more)
    return found


def _approvals(notes: list[Noted], begins: datetime, ends: datetime) -> list[Fraction | None]:
    """For each approval inside the seconds since the card it answers, None where there was none."""
    found: list[Fraction | None] = []
    for post in {note[2] for note in notes if note[2]}:
        own = [note for note in notes if note[2] == post]
        for place, note in enumerate(own):
            if not _is(note, *_APPROVING):
                continue
            version, before = note[4][1], own[:place]
            card = _card(before, version)
            clicks = [one for one in before if _is(one, *_APPROVING)]
            stood = bool(clicks) and clicks[-1][4][1] == version
            if stood and card is None:
                continue  # approved already, and the newest card does not ask about it, or was answered
            if begins <= note[1] < ends:
                found.append(
                    None if card is None else Fraction((note[1] - card) // timedelta(microseconds=1), 1_000_000)
                )
    return found


def _card(before: list[Noted], version: str) -> datetime | None:
    """Back from the last card, unless an approval answered it: reminders of the same version, with no decision in between, follow an
    earlier one."""
    card = None
    for note in reversed(before):
        if note[0] == "asked":
            if note[4] != version:
                break
            card = note[1]
        elif (card is None and _is(note, *_APPROVING) and note[4][1] == version) or (
            card is not None and (note[0] == "unticked" or _is(note, *_APPROVING, "HOLD"))
        ):
            break
    return card


def _first_drafts(notes: list[Noted], begins: datetime, ends: datetime) -> set[str]:
    first: dict[str, datetime] = {}
    for what, at, post, _, _ in notes:
        if what == "drafted":
            first.setdefault(post, at)
    return {post for post, at in first.items() if begins <= at < ends}


def _middle(ordered: list[Fraction]) -> int | None:
    if not ordered:
        return None
    half = len(ordered) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return math.floor(middle + Fraction(1, 2))


def _share(part: int, whole: int) -> int:
    """Half up to whole percents; what is not all is never said as all, what is something never as nothing."""
    exact = Fraction(100 * part, whole)
    near = math.floor(exact + Fraction(1, 2))
    if near == 100 and exact < 100:
        return 99
    return 1 if near == 0 and exact > 0 else near
