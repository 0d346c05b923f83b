"""PLACEHOLDER."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from draft_helper.wiring import Parts
from mesh.ledger import Status


def step(parts: Parts, event: dict[str, Any], context: Any) -> dict[str, Any]:
    raise NotImplementedError


def stalled(status: Status, now: datetime) -> bool:
    return True
