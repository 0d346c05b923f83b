"""How a town is housed: who shares an account, a Google project, a service account; and what of it can run out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from local.scale import quotas
from local.scale.allowances import Allowance, Line, Minutes, Places, Tokens
from local.scale.measured import DRIVE_UNITS_A_LISTING

FIRING_SECONDS = 10.0
"""Assumed: over how long Scheduler spreads what is due in one minute. AWS promises the minute; sooner is harder for what comes after."""
POLL_SECONDS = 300.0


class Shape(StrEnum):
    STACKS = "a stack each"
    SHARED = "one stack for all"


@dataclass(frozen=True)
class House:
    """Everything in one account, one project and with one service account where nothing else is said.

    ``spread_seconds`` is over how long the posts of one minute are fired, ``together``: every stack was made in the same moment, so all
    look at their sheets in the same one. ``ticks``: whether those are simulated too; of twenty stacks they take a place at most.
    """

    shape: Shape
    businesses: int
    posts_a_month: int
    an_account: int = 0
    a_project: int = 0
    a_user: int = 0
    places: int = int(quotas.PLACES.value)
    spread_seconds: float = FIRING_SECONDS
    together: bool = False
    all_at_nine: bool = False
    ticks: bool = True

    @property
    def accounts(self) -> int:
        return self._parts(self.an_account)

    @property
    def projects(self) -> int:
        return self._parts(self.a_project)

    def _parts(self, size: int) -> int:
        return -(-self.businesses // size) if size else 1


@dataclass
class Account:
    """Of AWS. ``idle`` are processes of the one sender that have nothing to do: they start warm."""

    places: Places
    firings: Line = field(default_factory=lambda: Line(quotas.FIRINGS.key, a_second=quotas.FIRINGS.value))
    deliveries: Line = field(default_factory=lambda: Line(quotas.INVOCATIONS.key, a_second=quotas.INVOCATIONS.value))
    stored: Tokens = field(
        default_factory=lambda: Tokens(quotas.STORED.key, a_second=quotas.STORED.value, ready=quotas.STORED.value)
    )
    grown: Tokens = field(
        default_factory=lambda: Tokens(quotas.GROWN.key, a_second=quotas.GROWN.value / 10, ready=quotas.GROWN.value)
    )
    idle: int = 0

    @property
    def all(self) -> list[Allowance]:
        return [self.places, self.firings, self.deliveries, self.stored, self.grown]


@dataclass
class User:
    """A service account in its project."""

    reads: Minutes = field(default_factory=lambda: Minutes(quotas.READS_A_USER.key, limit=quotas.READS_A_USER.value))
    writes: Minutes = field(default_factory=lambda: Minutes(quotas.WRITES_A_USER.key, limit=quotas.WRITES_A_USER.value))
    units: Minutes = field(default_factory=lambda: Minutes(quotas.DRIVE_A_USER.key, limit=quotas.DRIVE_A_USER.value))


@dataclass
class Project:
    reads: Minutes = field(
        default_factory=lambda: Minutes(quotas.READS_A_PROJECT.key, limit=quotas.READS_A_PROJECT.value)
    )
    writes: Minutes = field(
        default_factory=lambda: Minutes(quotas.WRITES_A_PROJECT.key, limit=quotas.WRITES_A_PROJECT.value)
    )
    units: Minutes = field(
        default_factory=lambda: Minutes(quotas.DRIVE_A_PROJECT.key, limit=quotas.DRIVE_A_PROJECT.value)
    )


class Rooms:
    """The house's own accounts, projects and users, made as they are first asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.accounts: dict[int, Account] = {}
        self.projects: dict[int, Project] = {}
        self.users: dict[tuple[int, int], User] = {}

    def account(self, number: int) -> Account:
        place = number // self._house.an_account if self._house.an_account else 0
        if place not in self.accounts:
            self.accounts[place] = Account(Places(quotas.PLACES.key, limit=self._house.places))
        return self.accounts[place]

    def project(self, number: int) -> Project:
        """The polls of its businesses, one listing in five minutes each, are taken off its units beforehand."""
        size = self._house.a_project or self._house.businesses
        place = number // size
        if place not in self.projects:
            project = Project()
            project.units.limit -= min(size, self._house.businesses) * _polls_a_minute()
            self.projects[place] = project
        return self.projects[place]

    def user(self, number: int) -> User:
        size = self._house.a_user or self._house.businesses
        place = (number // (self._house.a_project or self._house.businesses), number // size)
        if place not in self.users:
            user = User()
            user.units.limit -= min(size, self._house.businesses) * _polls_a_minute()
            self.users[place] = user
        return self.users[place]

    @property
    def allowances(self) -> list[Allowance]:
        google = [one for user in self.users.values() for one in (user.reads, user.writes, user.units)]
        google += [one for room in self.projects.values() for one in (room.reads, room.writes, room.units)]
        return [one for account in self.accounts.values() for one in account.all] + list(google)


def _polls_a_minute() -> float:
    """Units of Drive."""
    return DRIVE_UNITS_A_LISTING * 60 / POLL_SECONDS
