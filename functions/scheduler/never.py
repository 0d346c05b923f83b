"""Rules that leave a post no minute: no click can help. Said in its row, and once in a message that names what to mend. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from mesh.events import Trouble
from mesh.ledger.items import ChannelProblem, State, Status
from mesh.rulebook import Rulebook
from mesh.schedule_time import effective_time

NEVER = "never"  # the problem of a row to which the rules leave no minute


def no_minute(planned: datetime, base: Status, rulebook: Rulebook, now: datetime) -> tuple[ChannelProblem, ...]:
    """The row's problem where the rules leave the post no minute from now on, else nothing.

    Nobody is asked about such a post. An approval it has stands; when the rules doc is mended it is booked.
    """
    if base.state in {State.SENT, State.SENDING, State.FAILED}:
        return ()
    effective = effective_time(max(planned, now), rulebook, now=now)
    if effective.at is not None or effective.late:
        return ()
    return (ChannelProblem(code=NEVER, message=f"date and time: {effective.reason}"),)


def no_minute_trouble(statuses: Iterable[Status], rulebook: Rulebook, trace_id: str) -> Trouble | None:
    """One message for all of them, and another one for other rules."""
    found = sorted(
        status.post_id
        for status in statuses
        if status.gone_at is None and any(problem.code == NEVER for problem in status.row_problems)
    )
    if not found:
        return None
    rules = (rulebook.window, sorted(rulebook.blackout_days), rulebook.holidays)
    posts = "1 post has" if len(found) == 1 else f"{len(found)} posts have"
    message = (
        f"{posts} no minute at which to go out: your rules doc closes every day and hour after the planned time."
        " Nothing of this goes out until a time is free there: look at the posting window, the blackout days and the public holidays."
        " What you have approved stays approved."
    )
    return Trouble(cause=f"never#{_short(repr(rules))}", message=message, post_ids=found[:_MOST], trace_id=trace_id)


_MOST = 50


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
