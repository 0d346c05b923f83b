"""How checks ask: through clients that refuse to change anything, and with every refusal turned into a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from local.checks.model import Finding, State
from local.operator.asking import asking
from local.operator.books import BooksError
from local.ship.environments import CHANNELS, MESH, WATCH

_READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "TransactGet", "Filter")


class ChangeError(Exception):
    """A check would have changed something: nothing was sent."""


@dataclass(frozen=True)
class Subject:
    """The business that is looked at. ``environment`` is its name in samconfig.toml, "" for a make run.

    ``parameters`` and ``watch`` are what its stacks have, or are to have; ``mesh`` is the mesh's stack. ``deployed``: that stack is there.
    """

    environment: str
    prefix: str
    region: str
    client: Callable[[str], Any]
    now: Callable[[], datetime]
    mesh: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    watch: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    profile: str = ""
    local: bool = False
    deployed: bool = True

    def stack_name(self, which: str = MESH) -> str:
        return f"{self.mesh}{which}"

    @property
    def beside(self) -> str:
        """What the operator's commands are given, so that they speak to this stack."""
        if self.local:
            return ""
        return f" STACK={self.prefix} REGION={self.region}" + (f" PROFILE={self.profile}" if self.profile else "")

    @property
    def deploy(self) -> str:
        return f"make deploy ENV={self.environment}" if self.environment else "start make run anew"

    @property
    def setup(self) -> str:
        return f"make setup ENV={self.environment}" if self.environment else "start make run anew"

    @property
    def aside(self) -> str:
        """For commands of the AWS CLI."""
        return f" --region {self.region}" + (f" --profile {self.profile}" if self.profile else "")


STACKS = (MESH, CHANNELS, WATCH)


def reading(client_of: Callable[[str], Any]) -> Callable[[str], Any]:
    """Clients that raise ChangeError for every operation but those that read."""

    @cache
    def made(service: str) -> Any:
        client = client_of(service)
        client.meta.events.register("before-parameter-build", _refuse_changes)
        return client

    return made


def _refuse_changes(model: Any, **_: Any) -> None:
    if not model.name.startswith(_READS):
        raise ChangeError(f"{model.name} is not a read")


@contextmanager
def looking(name: str, right: str, found: list[Finding], fix: str = "") -> Iterator[None]:
    """What cannot be asked becomes a finding. ``right`` is the IAM action that asking needs."""
    try:
        with asking(name, right):
            yield
    except BooksError as error:
        said, _, own = str(error).removeprefix(f"{name}: ").partition("; ")
        found.append(Finding(name, State.UNKNOWN, said, own or fix or "look again in a minute"))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        said = f"was answered in a way that is not understood ({type(error).__name__})"
        found.append(Finding(name, State.UNKNOWN, said, fix or "look again in a minute"))
