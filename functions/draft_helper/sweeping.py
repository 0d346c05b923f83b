"""Every five minutes: what a lost event or a killed invocation left standing is taken up again. One call where there is nothing."""

from __future__ import annotations

from typing import Any

from draft_helper.decide import swept
from draft_helper.wiring import Parts
from mesh import clock, log
from mesh.events import BatchRequested, Detail, DraftReady, DraftRequested
from mesh.ledger import Status

_LOG = log.logger("draft-helper")


def sweep(parts: Parts, context: Any) -> None:
    """Drafts that are wanted and that nobody is at are asked for again, each by itself, so that they are made side by side; a card that
    nobody noted is wanted again; a batch that stands still is started again.
    """
    now = clock.now()
    statuses = parts.ledger.drafts()
    found = swept(statuses, now)
    stalled: list[Status] = []
    if found.batches:
        from draft_helper import batches

        stalled = [status for status in found.batches if batches.stalled(status, now)]
    details: list[Detail] = [
        *(DraftRequested(post_ids=[post_id]) for post_id in found.wanted),
        *(DraftReady(post_ids=list(card.post_ids), batch_id=card.batch_id) for card in found.cards),
        *(BatchRequested(batch_id=status.post_id) for status in stalled),
    ]
    if details:
        parts.bus.put(details)
    said = f"{len(found.wanted)} wanted, {len(found.cards)} cards, {len(stalled)} batches"
    log.line(_LOG, "sweep", count=len(statuses), outcome=said)
