"""At a glance: what holds the posts back and what waits for somebody, in a few words each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.console.reading import Reading
from local.operator.posts import TOLD_FOR, OpenPosts, moment_of
from local.operator.stand import Place
from mesh.ledger import HeadState, State
from mesh.schedule_time import say

_NAMED = 2


class Glance:
    def __init__(self, reading: Reading, zone: ZoneInfo) -> None:
        self._reading = reading
        self._zone = zone

    async def shown(self) -> list[dict[str, Any]] | None:
        """None while nothing is known yet."""
        read = await self._reading.latest()
        return None if read is None else chips(read.open, self._zone)


def chips(posts: OpenPosts, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The heaviest first, nothing where all is well: ``kind text hint ids bad``, the posts it is about and whether it is worth a worry."""
    stand = posts.stand
    found = []
    if stand.held is not None:
        by, since = stand.held
        words = f"All on hold, by {by}{f' since {_since(since, stand.now, zone)}' if since else ''}"
        found.append(_chip("everything", words, "Nothing goes out until somebody releases it.", _ids(stand.coming)))
    if stand.unknown:
        count = len(stand.unknown)
        text = f"{count} outcome{_s(count)} unknown"
        found.append(
            _chip("unknown", text, "Nobody can tell whether it is out: somebody has to look.", _ids(stand.unknown))
        )
    if stand.late:
        ids = _ids(stand.late)
        found.append(_chip("late", f"{len(ids)} late", "Approved, due and not out.", ids))
    if stand.paused:
        names = list(stand.paused)
        text = f"{' and '.join(names)} paused" if len(names) <= _NAMED else f"{len(names)} channels paused"
        keeps = [
            status.post_id
            for status in posts.statuses
            if status.state not in {State.SENT, State.GONE} and not stand.paused.keys().isdisjoint(status.going)
        ]
        found.append(_chip("paused", text, f"What is for {', '.join(names)} waits until it works again.", keeps))
    if stand.broken:
        ids = list(dict.fromkeys(one.partition("#")[0] for one in stand.broken))
        found.append(_chip("broken", f"{len(ids)} damaged", "Its record in the tables cannot be read.", ids))
    if stand.mend:
        ids = _ids(stand.mend)
        found.append(_chip("mend", f"{len(ids)} to mend", "The row’s status says what is wrong.", ids))
    failed = _given_up(posts)
    if failed:
        found.append(
            _chip(
                "failed", f"{len(failed)} not posted", "Its tries came to nothing; the row’s status says why.", failed
            )
        )
    if stand.held_posts:
        ids = _ids(stand.held_posts)
        found.append(_chip("held", f"{len(ids)} held", "Somebody put it on hold.", ids, bad=False))
    if stand.waiting:
        ids = _ids(stand.waiting)
        verb = "waits" if len(ids) == 1 else "wait"
        found.append(
            _chip(
                "waiting",
                f"{len(ids)} {verb} for approval",
                "A press on its card is wanted; the row’s status says when that was sent.",
                ids,
                bad=False,
            )
        )
    return found


def _given_up(posts: OpenPosts) -> list[str]:
    """Of the last week: what was told of then is no news."""
    found = []
    for status in posts.statuses:
        due = moment_of(status.due_at)
        refused = any(
            head.state is HeadState.FAILED and head.channel in status.channels
            for head in posts.heads.get(status.post_id, ())
        )
        if refused and status.gone_at is None and due is not None and posts.stand.now - due <= TOLD_FOR:
            found.append(status.post_id)
    return found


def _since(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The hour of today, the day before that."""
    wall = moment.astimezone(zone)
    return (
        f"{wall:%H:%M}" if wall.date() == now.astimezone(zone).date() else say(moment, zone, now=now).partition(",")[0]
    )


def _chip(kind: str, text: str, hint: str, ids: list[str], *, bad: bool = True) -> dict[str, Any]:
    return {"kind": kind, "text": text, "hint": hint, "ids": ids, "bad": bad}


def _ids(places: Iterable[Place]) -> list[str]:
    return list(dict.fromkeys(place.post_id for place in places))


def _s(count: int) -> str:
    return "" if count == 1 else "s"
