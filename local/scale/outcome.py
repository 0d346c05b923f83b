"""What the simulation moves about, and what became of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from local.scale.house import Account, House, Project, User
from local.scale.town import Business


class Stand(Enum):
    READY = auto()
    RUNNING = auto()
    SENT = auto()
    ASKED = auto()
    FAILED = auto()
    SIGNED_OUT = auto()


@dataclass(slots=True)
class Send:
    """One post on one channel. ``next_at``: before it nobody says it again. ``signed_in``: its sign-in was made fresh by an earlier run."""

    at: Home
    network: str
    due: float
    stand: Stand = Stand.READY
    fails: int = 0
    published: int = 0
    next_at: float = 0.0
    swept: bool = False
    signed_in: bool = False
    lateness: float = 0.0


@dataclass(slots=True)
class Home:
    """A business and its rooms. ``said_at``: since when something is to be said in its sheet."""

    business: Business
    account: Account
    project: Project
    user: User
    sweep_phase: float
    syncing: bool = False
    again: bool = False
    said_at: float | None = None


@dataclass(slots=True)
class Event:
    """One that Lambda holds for a function; ``began`` when it last let it in."""

    born: float
    began: float = 0.0
    turned_away: int = 0
    errors: int = 0


@dataclass
class Outcome:
    """Lateness in seconds of all that went out, in order; ``refused`` by quota: how often, and when first."""

    house: House
    sends: list[Send]
    lateness: list[float]
    refused: dict[str, tuple[int, float]]
    most_places: int
    redelivered: int
    rebooked: int
    dead_letters: int
    rows_latest: float
    happened: int

    def standing(self, stand: Stand) -> int:
        return sum(send.stand is stand for send in self.sends)

    @property
    def first(self) -> str:
        """The quota that said no first, "" for none."""
        return min(self.refused, key=lambda name: (self.refused[name][1], name), default="")

    def late(self, share: float) -> float:
        """The lateness that this share of what went out stayed within."""
        if not self.lateness:
            return 0.0
        return self.lateness[min(len(self.lateness) - 1, int(share * len(self.lateness)))]

    def later_than(self, seconds: float) -> int:
        return sum(one > seconds for one in self.lateness)
