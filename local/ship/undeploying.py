"""A business's stacks removed, the last made first; its tables, buckets and secrets stay, and are named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.ship.account import ShipError, Side, in_words
from local.ship.deploying import DeclinedError
from local.ship.environments import TEMPLATES, Environment
from local.ship.naming import BUCKET, PRECIOUS, SECRET, TABLE, Named, names_made
from local.ship.stacks import Progress, Stacks, token
from local.ship.states import Then


@dataclass(frozen=True)
class Removal:
    """``ask`` as a deployment's."""

    root: Path
    environment: Environment
    side: Side
    stacks: Stacks
    tell: Progress
    ask: Callable[[str], bool]
    now: Callable[[], float] = field(default=time.time)

    def run(self) -> tuple[Named, ...]:
        """What stays of it. ShipError with cause and next step; DeclinedError."""
        try:
            return self._run()
        except (ClientError, BotoCoreError) as error:
            raise in_words(error, self.environment.profile, self.environment.region) from error

    def _run(self) -> tuple[Named, ...]:
        environment = self.environment
        caller = self.side.client("sts").get_caller_identity()
        if environment.account and environment.account != caller["Account"]:
            said = f"this terminal is signed in to {caller['Account']}; {environment.name} is in {environment.account}"
            raise ShipError(said, f"sign in to {environment.account}")
        stands = {which: self.stacks.stand(environment.stack_name(which)) for which in TEMPLATES}
        there = [which for which in reversed(TEMPLATES) if stands[which].status]
        for which in there:
            if stands[which].then is Then.BUSY:
                raise ShipError(
                    f"{stands[which].name} is being worked on ({stands[which].status})",
                    "when that is done, the same command again",
                )
        kept = tuple(self._kept(str(caller["Account"]), there))
        if not there:
            self.tell(f"there is no stack of {environment.name} in {environment.region}")
            return ()
        self.tell(
            f"would remove {', '.join(stands[which].name for which in there)}: nothing is posted any more, and every link in a mail is dead"
        )
        self.tell(f"would stay: {', '.join(f'{PRECIOUS[one.kind]} {one.name}' for one in kept) or 'nothing'}")
        if not self.ask(f"Remove {environment.name}?"):
            raise DeclinedError
        who = token(str(caller["Arn"]), self.now())
        for which in there:
            self.stacks.remove(stands[which].name, self.tell, who)
            self.tell(f"{stands[which].name}: removed")
        return kept

    def _kept(self, account: str, there: list[str]) -> Iterator[Named]:
        for which in there:
            has = self.stacks.resources(self.environment.stack_name(which)).keys()
            for one in names_made(self.root, self.environment, account, which):
                if one.stays and one.kind in PRECIOUS and one.logical_id in has:
                    yield one


def afterwards(environment: Environment, kept: tuple[Named, ...]) -> Iterator[str]:
    """How what stays is used again, and how it is removed for good."""
    yield f"What stays costs its storage alone. make deploy ENV={environment.name} adopts it again, with all it holds."
    yield "To remove it for good, which nothing brings back:"
    for one in kept:
        yield "  " + _FOR_GOOD[one.kind].format(name=one.name, place=environment.place)


_FOR_GOOD = {
    TABLE: "aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled {place} && "
    "aws dynamodb delete-table --table-name {name} {place}",
    BUCKET: "empty {name} in the S3 console (its versions too), then: aws s3api delete-bucket --bucket {name} {place}",
    SECRET: "aws secretsmanager delete-secret --secret-id {name} --recovery-window-in-days 30 {place}",
}
