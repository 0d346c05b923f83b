"""The mesh's errors.

MeshError
├── Doubt            something could not be read now; raise it, the retry and the sweep take it up
│   ├── Throttled
│   ├── Unreachable
│   └── Damaged      what is stored is not what was written there
├── Conflict         somebody else changed it first; read again and decide again
├── Busy             somebody else is at it, under a lease that has not ended
├── TooOften         a limit on how often something may be done is reached; says when it may be done again
├── BrokenItem       a table's item has a shape that no code writes: nothing is done with it, a human has to look
├── Foreign          an event that is not this stack's
├── Misconfigured    a setting or secret is missing or wrong; names it
└── BusError         events that the bus did not take
"""

from __future__ import annotations

from datetime import datetime


class MeshError(Exception):
    """The root: catches everything this project raises on purpose."""


class Doubt(MeshError):
    """Not known now. Nothing may be sent on a doubt."""


class Throttled(Doubt):
    """A service asked us to slow down; ``after_seconds`` is how long, where it said so."""

    def __init__(self, message: str, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class Unreachable(Doubt):
    """A service did not answer, or answered with something that is no answer."""


class Damaged(Doubt):
    """What is stored was read and is not what was written there; the message says how, to the owner: "it ends in the middle".

    ``older``: it is whole as far as one can tell, and of a layout from before this version.
    """

    def __init__(self, message: str, *, older: bool = False) -> None:
        super().__init__(message)
        self.older = older


class Conflict(MeshError):
    """The item is no longer what was read."""


class Busy(MeshError):
    """A lease is held until ``until`` (ISO)."""

    def __init__(self, what: str, until: str) -> None:
        super().__init__(f"{what} is leased until {until}")
        self.what = what
        self.until = until


class TooOften(MeshError):
    """Not before ``again_at``, which is aware."""

    def __init__(self, what: str, again_at: datetime) -> None:
        super().__init__(f"{what}: too often, not before {again_at.isoformat()}")
        self.what = what
        self.again_at = again_at


class BrokenItem(MeshError):
    """Nothing is decided from it and nothing is written over it."""


class Foreign(MeshError):
    """An event of another stack, or of nobody."""


class Misconfigured(MeshError):
    """A setting is missing or wrong; the message names it and what to do."""


class BusError(MeshError):
    """``failed`` events were not taken, with the bus's own codes."""

    def __init__(self, failed: int, codes: list[str]) -> None:
        super().__init__(f"the bus refused {failed} events: {', '.join(sorted(set(codes)))}")
        self.failed = failed
        self.codes = codes
