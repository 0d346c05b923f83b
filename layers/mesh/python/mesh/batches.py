"""A batch of drafts: several posts planned together. What the functions that make, show and tell of one have in common. Pure."""

from __future__ import annotations

import hashlib

from mesh.ids import BATCH
from mesh.ledger.proposals import Proposal, Upload

MOST_POSTS = 14
"""Of one batch."""
LONGEST_TOPIC_CHARACTERS = 600


def is_batch(post_id: str) -> bool:
    """Is it a batch's id, and not a post's?"""
    return post_id.startswith(BATCH)


def plan_digest(proposal: Proposal) -> str:
    """Which plan it is: another one after every change of it, and after every planning that failed."""
    said = [
        proposal.state.value,
        proposal.error,
        proposal.decided_at or "",
        *(one.model_dump_json() for one in proposal.plan),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:20]


def pictures_of(proposal: Proposal) -> tuple[Upload, ...]:
    """The batch's pictures, each of which a post can have."""
    return tuple(upload for upload in proposal.note.uploads if upload.kind == "image")
