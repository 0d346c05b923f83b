"""The stack's tables as they were last read: once for each change, for every part that tells how it stands.

At a glance, what comes and the month are made of one reading, so that no two of them can differ. Two parts ask for themselves: the faults
want heads that are read after the networks' posts were (``faults.py``), an open card its own posts at this moment (``card_posts.py``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.asked_once import AskedOnce
from local.console.runs import Runs
from local.console.stack import ServerError, Stack, place_of
from local.operator.posts import OpenPosts, with_kept, with_posts
from local.operator.stand import Stand
from mesh.batches import is_batch
from mesh.ledger.items import Head, State, Status, read_head, read_status
from mesh.ledger.proposals import DRAFTING
from mesh.ledger.runtime import HOLD_EVERYTHING

_ANYWAY = timedelta(seconds=30)
_PATIENCE_SECONDS = 0.3
_REST = 4  # times as long as a reading took: a large calendar is not read all the time
_LONGEST_REST_SECONDS = 10.0

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class AsRead:
    """``open`` is what ``make status`` has of it; ``further`` are planned so far ahead that they are not open yet. ``posts`` are all that
    ever were, but no drafts, and ``heads`` theirs by ``post_id``.
    """

    now: datetime
    open: OpenPosts
    further: Sequence[Status]
    posts: Sequence[Status]
    heads: Mapping[str, tuple[Head, ...]]


class Reading:
    """Read again where it can differ. Whatever changes the tables is an invocation, which the AWS side counts when it has ended; who
    operates the stack writes them too, and time passes. ``clock`` is in seconds, ever rising.
    """

    def __init__(self, stack: Stack, runs: Runs, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stack = stack
        self._runs = runs
        self._clock = clock
        self._look = AskedOnce(self._look_for_news)
        self._reading: asyncio.Task[None] | None = None
        self._rests_until = 0.0
        self._seen = 0
        self._stale = True
        self._read_for: datetime | None = None
        self._last: AsRead | None = None
        self._unread = ""

    async def latest(self, *, patience_seconds: float | None = _PATIENCE_SECONDS) -> AsRead | None:
        """As last read, None before the first time: a reading that takes longer is not waited for, with None it is. ServerError where
        the tables cannot be read.
        """
        await self._look.answer()
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=patience_seconds)
        if self._unread:
            raise ServerError(self._unread)
        return self._last

    async def close(self) -> None:
        """A reading that has begun is waited for, as nothing ends a thread."""
        await self._look.close()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _look_for_news(self) -> None:
        _, clock = await asyncio.gather(self._runs.follow(), self._stack.clock())
        now = datetime.fromisoformat(clock["now"]).astimezone(UTC)
        passed = self._read_for is None or abs(now - self._read_for) >= _ANYWAY
        self._stale = self._stale or passed or self._runs.last != self._seen
        self._seen = self._runs.last
        if self._stale and self._reading is None and self._clock() >= self._rests_until:
            self._stale, self._read_for = False, now
            self._reading = asyncio.create_task(self._read_once(now))

    async def _read_once(self, now: datetime) -> None:
        begun = self._clock()
        try:
            tables = await asyncio.gather(self._stack.scan("status"), self._stack.heads(), self._stack.holds())
            self._last, self._unread = await asyncio.to_thread(as_read, *tables, now), ""
        except ServerError as error:
            self._unread, self._stale = error.sentence, True
        except Exception as error:  # noqa: BLE001 - in a task that nobody waits for: told, or never known
            self._unread, self._stale = f"The posts cannot be read: {place_of(error)}", True
        finally:
            self._reading = None
            took = self._clock() - begun
            self._rests_until = self._clock() + min(took * _REST, _LONGEST_REST_SECONDS)


def as_read(statuses: Items, heads: Items, holds: Items, now: datetime) -> AsRead:
    """The items as they lie in the tables: all of ``ss-status``, the heads of ``ss-sends``, and what ``Stack.holds`` answers."""
    every = [(item, read_status(item)) for item in statuses]
    by_post: dict[str, list[Head]] = {}
    for head in map(read_head, heads):
        by_post.setdefault(head.post_id, []).append(head)
    known = {post_id: tuple(sorted(several, key=lambda one: one.channel)) for post_id, several in by_post.items()}
    return AsRead(
        now=now,
        # As the ledger's index has them, which holds nothing without a due time; one that cannot be read is there all the same.
        open=_open_of(
            [one for item, one in every if item.get("open") == "1" and item.get("due_at")], known, holds, now
        ),
        further=[one for item, one in every if not item.get("open") and _is_ahead(one, now)],
        posts=[one for item, one in every if item.get("open") != DRAFTING and not is_batch(one.post_id)],
        heads=known,
    )


def _open_of(found: Iterable[Status], heads: Mapping[str, tuple[Head, ...]], holds: Items, now: datetime) -> OpenPosts:
    kept = {str(item["pk"]): item for item in holds}
    pauses = {key: str(item["since"]) for key, item in kept.items() if key != HOLD_EVERYTHING}
    statuses = sorted(found, key=lambda one: one.due_at or "")
    of_open = {
        one.post_id: tuple(head for head in heads.get(one.post_id, ()) if head.channel in one.channels)
        for one in statuses
    }
    stand = with_posts(with_kept(Stand("", now), kept, pauses), statuses, of_open)
    return OpenPosts(stand, statuses, of_open)


def _is_ahead(status: Status, now: datetime) -> bool:
    planned = status.state is State.DRAFT and status.gone_at is None and not status.broken
    return planned and status.due_at is not None and status.due_at > now.isoformat()
