"""The tables: what the mesh knows, and the only ways to change it. README.md has keys, indexes and item shapes."""

from mesh.ledger.audit import Act
from mesh.ledger.book import Ledger
from mesh.ledger.items import (
    Answer,
    Approval,
    Asking,
    Attempt,
    Booked,
    CardSent,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    PackageRef,
    Queued,
    Says,
    Shown,
    State,
    Status,
    derive_state,
    head_key,
)
from mesh.ledger.runtime import Runtime
from mesh.ledger.tables import TableNames, Tables

__all__ = [
    "Act",
    "Answer",
    "Approval",
    "Asking",
    "Attempt",
    "Booked",
    "CardSent",
    "ChannelProblem",
    "Flag",
    "FlagState",
    "Head",
    "HeadState",
    "Hold",
    "Ledger",
    "PackageRef",
    "Queued",
    "Runtime",
    "Says",
    "Shown",
    "State",
    "Status",
    "TableNames",
    "Tables",
    "derive_state",
    "head_key",
]
