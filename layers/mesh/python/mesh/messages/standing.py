"""Whether a post still needs a click. Pure."""

from __future__ import annotations

from mesh.ledger.items import Status


def decided(status: Status) -> bool:
    """It goes out as it is, unless somebody holds it."""
    return status.approved and status.held is None


def asks_late(status: Status) -> bool:
    """It was asked whether it is still to go out, and nobody has clicked since."""
    asked, approval = status.asked, status.approval
    return asked is not None and asked.reason == "late" and (approval is None or approval.at < asked.at)
