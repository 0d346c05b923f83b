"""PLACEHOLDER."""

from __future__ import annotations

from typing import Any

from draft_helper import batches
from draft_helper.wiring import Parts
from mesh import clock
from mesh.batches import plan_digest
from mesh.events import BatchRequested, DraftReady


def sweep(parts: Parts, context: Any) -> None:
    now = clock.now()
    for status in parts.ledger.drafts():
        if batches.stalled(status, now):
            parts.bus.put([BatchRequested(batch_id=status.post_id)])
        elif status.proposal is not None and batches.untold(status, plan_digest(status.proposal), now):
            parts.bus.put([DraftReady(post_ids=[], batch_id=status.post_id)])
