"""Whether a link whose signature does not hold was made from one of ours: what only its recipients and this stack know is in it.

A stranger's guess is no news, and there is no end of them: it must not be able to ring the alarm (docs/decisions/0034). A post's id is
random and its revision a hash of what will be posted; both together stand in signed links and nowhere else.
"""

from __future__ import annotations

import re
from datetime import datetime

from approve_handler.commit import Desk
from approve_handler.settings import ApproveSettings
from mesh.approvals import words_of
from mesh.errors import MeshError

TAMPERED = "signature of one of ours"  # the outcome in the log that stacks/watch.yaml counts

_AN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def made_of_ours(desk: Desk, settings: ApproveSettings, text: str, now: datetime) -> bool:
    """One read of one item for what has a token's shape, whatever it names, so that the time it takes says nothing; else none."""
    said = words_of(text)
    if said is None or not said.posts or not now.timestamp() < said.expires_at:
        return False
    post_id, revision = said.posts[0]
    if not _AN_ID.fullmatch(post_id):
        return False
    try:
        status = desk.ledger.status(post_id)
    except MeshError:
        return False
    if status is None or not revision or not settings.one_of_us(said.recipient):
        return False
    return revision in {status.current_revision, status.approval.revision if status.approval is not None else None}
