"""A deployment: look, build, plan all three stacks, show, ask, carry out exactly what was shown, in order."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from fcntl import LOCK_EX, LOCK_NB, flock

from botocore.exceptions import BotoCoreError, ClientError

from local.checks.model import Finding, State
from local.ship import adopting, changes, parameters
from local.ship.account import ShipError, in_words
from local.ship.environments import CHANNELS, TEMPLATES, Environment, keep
from local.ship.looking import Sight, look
from local.ship.naming import PRECIOUS
from local.ship.sam import Sam
from local.ship.stacks import Progress, Stacks, token
from local.ship.states import Then

_MARKS = {State.GOOD: "ok", State.BAD: "NO", State.DOUBTFUL: "! ", State.UNKNOWN: "? ", State.LATER: "  "}


class DeclinedError(Exception):
    """The person who was asked said no; nothing was changed."""


@dataclass(frozen=True)
class Plan:
    """What one stack's change set would do; ``change_set`` is "" where that is nothing. ``mark`` is the stack's as it was planned."""

    which: str
    stack: str
    change_set: str
    mark: str = ""
    changes: tuple[changes.Change, ...] = ()


@dataclass(frozen=True)
class Done:
    """``changed`` are the stacks that were; ``outputs`` all three's."""

    changed: tuple[str, ...]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Deployment:
    """``ask`` puts a question to a person and says whether the answer was yes; ``allowed`` are logical ids that may be lost."""

    environment: Environment
    sam: Sam
    stacks: Stacks
    tell: Progress
    ask: Callable[[str], bool]
    allowed: Collection[str] = ()
    continue_rollback: bool = False
    build: bool = True
    now: Callable[[], float] = field(default=time.time)

    def run(self) -> Done:
        """ShipError with cause and next step; DeclinedError. Neither leaves anything half-planned behind."""
        try:
            with self._alone():
                return self._run()
        except (ClientError, BotoCoreError) as error:
            raise in_words(error, self.environment.profile, self.environment.region) from error

    def _run(self) -> Done:
        environment = self.environment
        self._say([*self.sam.checks(), *parameters.check(self.sam.root, environment), *self._of_the_clone()])
        if self.continue_rollback:
            self._go_on_back()
        sight = look(self.sam.root, environment, self.sam.side, self.stacks)
        self._say(sight.findings)
        if self.build:
            self.tell("checking the template")
            self.sam.validate()
            self.tell("building")
            self.sam.make()
        who = token(sight.caller, self.now())
        adopted = self._clear_the_way(sight, who)
        plans = self._planned()
        done: list[str] = []
        try:
            self._agree(plans)
            for plan in plans:
                if plan.change_set:
                    self.tell(f"{plan.stack}: {len(plan.changes)} changes under way")
                    done.append(plan.stack)
                    self.stacks.execute(plan.stack, plan.change_set, who, self.tell, plan.mark)
        except BaseException:  # Ctrl-C too
            self._forget(plan for plan in plans if plan.stack not in done)
            raise
        self._remember(sight.account)
        outputs = [self.stacks.outputs(plan.stack) for plan in plans]
        changed = tuple(plan.stack for plan in plans if plan.stack in (*done, *adopted))
        return Done(changed, {name: value for one in outputs for name, value in one.items()})

    def _say(self, findings: list[Finding]) -> None:
        """ShipError when one of them stops it."""
        for one in findings:
            if one.state is not State.GOOD or one.name in ("account",):
                self.tell(
                    f"{_MARKS[one.state]} {one.name}: {one.said}" + (f"\n     next: {one.fix}" if one.fix else "")
                )
        bad = [one for one in findings if one.stops]
        if bad:
            raise ShipError(
                f"nothing was deployed: {len(bad)} {'thing is' if len(bad) == 1 else 'things are'} in the way (above)"
            )

    def _of_the_clone(self) -> Iterator[Finding]:
        asked = ["git", "-C", str(self.sam.root), "status", "--porcelain", "--untracked-files=no"]
        try:
            changed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\n")
        except (OSError, subprocess.CalledProcessError):
            return
        files = [line[3:] for line in changed if line and line[3:] != "samconfig.toml"]
        if files:
            said = f"has changes that are not committed ({', '.join(files[:3])}{', …' if len(files) > 3 else ''}): they are deployed too"
            yield Finding("this clone", State.DOUBTFUL, said)

    def _go_on_back(self) -> None:
        for which in TEMPLATES:
            name = self.environment.stack_name(which)
            if self.stacks.stand(name).then is Then.GO_ON_BACK:
                self.tell(f"{name}: going on with its way back")
                self.stacks.client.continue_update_rollback(StackName=name)
                self.stacks.settled(name, self.tell)

    def _clear_the_way(self, sight: Sight, who: str) -> list[str]:
        """Stacks whose creation failed go, and what earlier ones left is adopted: into which, by name."""
        failed = [stand for stand in sight.stands.values() if stand.then is Then.REMOVE_FIRST]
        left = {which: found for which, found in sight.left.items() if found and self._comes(which)}
        if failed:
            self.tell(
                f"would first remove {', '.join(stand.name for stand in failed)}, whose creation failed; tables, buckets and secrets stay"
            )
        for which, found in left.items():
            self.tell(f"{self.environment.stack_name(which)} would adopt, as they are: {adopting.told(found)}")
        if not failed and not left:
            return []
        if not self.ask("Do that, and then show what else would change?"):
            raise DeclinedError
        for stand in reversed(failed):
            self.stacks.remove(stand.name, self.tell, who)
        if failed:
            again = look(self.sam.root, self.environment, self.sam.side, self.stacks)
            self._say([one for one in again.findings if one.stops])
            left = {which: found for which, found in again.left.items() if found and self._comes(which)}
        for which, found in left.items():
            adopting.adopt(self.stacks, self.sam.side, self.environment, which, found, who, self.tell, self.now)
            self.tell(f"{self.environment.stack_name(which)}: adopted {len(found)}")
        return [self.environment.stack_name(which) for which in left]

    def _comes(self, which: str) -> bool:
        """No channel yet, no stack for their secrets."""
        return which != CHANNELS or bool(self.environment.channels)

    def _planned(self) -> list[Plan]:
        """All three before any is touched. A failure forgets those that were planned."""
        plans: list[Plan] = []
        try:
            for which in TEMPLATES:
                if not self._comes(which):
                    continue
                name = self.environment.stack_name(which)
                self.tell(f"{name}: planning")
                found = self.sam.plan(self.environment, which, parameters.whole(self.sam.root, self.environment, which))
                described = self.stacks.changes(name, found) if found else []
                plans.append(Plan(which, name, found, self.stacks.mark(name), changes.read(described)))
        except BaseException:  # Ctrl-C too
            self._forget(plans)
            raise
        return plans

    def _forget(self, plans: Iterable[Plan]) -> None:
        """What stopped it is to be told, so what goes wrong here is not: a plan that stays has no effect."""
        for plan in plans:
            if plan.change_set:
                with suppress(ShipError, ClientError, BotoCoreError):
                    self.stacks.forget(plan.stack, plan.change_set)

    def _agree(self, plans: list[Plan]) -> None:
        for plan in plans:
            lines = list(changes.told(plan.changes)) or ["nothing to do"]
            self.tell("\n".join([f"{plan.stack}:", *(f"    {line}" for line in lines)]))
        lost = [one for plan in plans for one in changes.refused(plan.changes, self.allowed)]
        if lost:
            named = ", ".join(f"{PRECIOUS[one.kind]} {one.logical_id}" for one in lost)
            ids = ",".join(one.logical_id for one in lost)
            raise ShipError(
                f"nothing was deployed: the business would lose {named}",
                f"undo what changes it; where it is meant: make deploy ENV={self.environment.name} ALLOW={ids}",
            )
        if any(plan.change_set for plan in plans) and self.environment.confirm and not self.ask("Deploy this?"):
            raise DeclinedError

    def _remember(self, account: str) -> None:
        if self.environment.account != account:
            try:
                keep(self.sam.config, replace(self.environment, account=account))
            except OSError as error:
                self.tell(
                    f"deployed, but {self.sam.config} cannot be written ({error.strerror}): it does not name {account}"
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two builds into one folder would mix."""
        self.sam.build.parent.mkdir(parents=True, exist_ok=True)
        with (self.sam.build.parent / "deploying").open("w") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except OSError as error:
                raise ShipError(
                    "another make deploy runs in this folder", "when it is done, the same command again"
                ) from error
            yield
