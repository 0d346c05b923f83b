"""Whose mails come back: noted when SES says so, and left out of what is sent until it is over.

``bounced#<address in small letters>`` in ``ss-runtime`` is {kind, reason, at}. It is working memory that ends by itself: after
``TRIED_AGAIN_AFTER`` a mail is tried again, sooner where that person acts or asks for one (docs/troubles.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mesh.ledger import Runtime

TRIED_AGAIN_AFTER = timedelta(days=30)
BOUNCE, COMPLAINT = "bounce", "complaint"


@dataclass(frozen=True)
class Bounced:
    """``kind`` is "bounce" or "complaint", ``reason`` a few words on why, ``at`` ISO."""

    kind: str
    reason: str
    at: str

    @property
    def sentence(self) -> str:
        """What a row says behind the address."""
        return (
            f"mails are reported as spam ({self.reason})"
            if self.kind == COMPLAINT
            else f"mails come back ({self.reason})"
        )


def bounced_key(address: str) -> str:
    return f"bounced#{address.strip().lower()}"


def bounced(runtime: Runtime, addresses: Iterable[str], now: datetime) -> dict[str, Bounced]:
    """Those of the addresses whose mails come back, as they were given; one read for all."""
    keys = {address: bounced_key(address) for address in addresses}
    found = runtime.several(keys.values(), now)
    return {address: bounced_from(found[key]) for address, key in keys.items() if key in found}


def bounced_from(item: Mapping[str, Any]) -> Bounced:
    """What an item says; a damaged one holds all the same."""
    return Bounced(str(item.get("kind", BOUNCE)), str(item.get("reason", "")), str(item.get("at", "")))


def note_bounced(runtime: Runtime, address: str, one: Bounced, now: datetime) -> None:
    values = {"kind": one.kind, "reason": one.reason, "at": one.at}
    runtime.put(bounced_key(address), values, ttl=now + TRIED_AGAIN_AFTER)
