"""Which posts the sender is to try everything short of sending for, while there is still time to mend what is in the way. Pure.

About a day before, or at once when it was approved later than that, and again about two hours before; and anew for each revision. What
the sender found out stands in ``ss-runtime`` under the post: as long as it is not there the next sweep asks again, so that a lost event
costs five minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mesh.events import Probe, Upcoming
from mesh.ledger import Head, HeadState, Runtime, Status
from mesh.ledger.runtime import tried_key

LEADS = (timedelta(hours=24), timedelta(hours=2))
FRESH = 4  # a trial older than its lead by less than this part of it is as good
SOON = timedelta(minutes=10)  # later than this before its time the send itself finds out
AT_MOST = 40  # posts a sweep, the soonest first: the sender reads each one's package in one run


def comes_up(status: Status, heads: Iterable[Head], now: datetime) -> tuple[datetime, Upcoming] | None:
    """When the post goes out first, and where it is booked; None where that is not within a day, or too near."""
    if not status.cleared or status.gone_at is not None or status.broken:
        return None
    booked = {
        head.channel: datetime.fromisoformat(head.booking.at)
        for head in heads
        if head.booking is not None
        and head.state is HeadState.READY
        and head.channel in status.going
        and head.revision == status.current_revision
    }
    at = min(booked.values(), default=None)
    if at is None or not now + SOON < at <= now + LEADS[0]:
        return None
    revision = status.current_revision or ""
    return at, Upcoming(post_id=status.post_id, revision=revision, channels=sorted(booked))


def tried_already(at: datetime, revision: str, tried: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the trial that this post is due for has been made: the later one, once it is near."""
    if tried is None or tried.get("revision") != revision or not tried.get("at"):
        return False
    lead = next((lead for lead in reversed(LEADS) if at - now <= lead), LEADS[0])
    return datetime.fromisoformat(str(tried["at"])) >= at - lead - lead / FRESH


def probe(
    runtime: Runtime,
    statuses: Mapping[str, Status],
    heads: Mapping[str, Iterable[Head]],
    now: datetime,
    trace_id: str,
) -> Probe:
    """What the sender is asked to try now; no news where there is nothing. One read for each hundred posts that come up."""
    found = [comes_up(status, heads.get(post_id, ()), now) for post_id, status in statuses.items()]
    coming = sorted((one for one in found if one is not None), key=lambda one: (one[0], one[1].post_id))
    tried = runtime.several((tried_key(post.post_id) for _, post in coming), now)
    due = [post for at, post in coming if not tried_already(at, post.revision, tried.get(tried_key(post.post_id)), now)]
    return Probe(channels=[], posts=due[:AT_MOST], trace_id=trace_id)
