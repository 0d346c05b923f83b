"""News that nobody may miss, said once more by the sweep: an event is delivered at least once, unless it is lost. Pure.

Whom it has reached hears nothing twice: the notifier says each end of a post, and each question, once. Nothing is remembered for it: a
sweep echoes what happened within a span that two sweeps fit into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from mesh.events import Detail, Failed, question
from mesh.ledger import Head, HeadState, Status

ECHO_AFTER = timedelta(minutes=3)  # the news itself is on its way
ECHO_UNTIL = timedelta(minutes=13)


def echoes(statuses: Mapping[str, Status], heads: Mapping[str, Iterable[Head]], now: datetime) -> list[Detail]:
    """That a post has failed on a channel, and the question what became of a try."""
    found: list[Detail] = []
    for post_id, status in statuses.items():
        for head in heads.get(post_id, ()):
            ended = head.state is HeadState.FAILED and _lately(head.since, now)
            if ended:
                found.append(
                    Failed(post_id=post_id, channel=head.channel, attempt=head.attempts, trace_id=head.trace_id)
                )
            asked = head.state is HeadState.UNKNOWN and _lately(head.asked_at, now)
            if asked and status.answer_about(head) is None:
                found.append(question(post_id, head.channel, head.attempts, head.trace_id))
    return found


def _lately(moment: str | None, now: datetime) -> bool:
    return moment is not None and ECHO_AFTER <= now - datetime.fromisoformat(moment) < ECHO_UNTIL
