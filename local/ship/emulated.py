"""``python -m local deploy-emulator``: all of a deployment by the true SAM CLI against a fresh local AWS side, and what it took."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from local import ROOT
from local.ship.account import ShipError, Side
from local.ship.command import teller
from local.ship.deploying import Deployment, Done
from local.ship.environments import Environment, written
from local.ship.sam import Sam
from local.ship.stacks import Progress, Stacks
from local.ship.undeploying import Removal

REGION = "ap-southeast-1"
ACCOUNT = "000000000000"
CAFE = Environment(
    "cafe",
    REGION,
    "cafe",
    {
        "TimeZone": "Europe/Berlin",
        "SheetId": "sheet-of-the-cafe",
        "DriveFolderId": "folder-of-the-cafe",
        "Recipients": "owner@cafe.example",
        "MailFrom": "posts@cafe.example",
    },
    ("bluesky-main", "mastodon-main"),
    {"OperatorMail": "operator@cafe.example"},
)
BAKERY = replace(
    CAFE, name="bakery", prefix="bakery", parameters={**CAFE.parameters, "MailFrom": "posts@bakery.example"}
)


@contextmanager
def emulator(state: Path) -> Iterator[str]:
    """A local AWS side of its own: its endpoint, until the end."""
    command = [sys.executable, "-m", "local", "aws", "--port", "0", "--state", str(state)]
    with state.with_suffix(".log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise ShipError("the local AWS side did not start")
        yield str(json.loads(line)["endpoint"])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


class Workshop:
    """Deploys businesses to a local AWS side from one build, as ``make deploy`` does to AWS."""

    def __init__(self, endpoint: str, folder: Path, tell: Progress, root: Path = ROOT) -> None:
        self.side = Side(REGION, endpoint=endpoint, key=ACCOUNT)
        self.stacks = Stacks(self.side.client("cloudformation"), pause_seconds=0.2)
        self.sam = Sam(root, self.side, folder / "samconfig.toml", folder / "aws-sam" / "build")
        self.sam.config.write_text((root / "samconfig.toml").read_text("utf-8"), "utf-8")
        self.tell = tell

    def deploy(
        self,
        environment: Environment,
        *,
        build: bool = False,
        ask: Callable[[str], bool] = lambda _: True,
        allowed: tuple[str, ...] = (),
    ) -> Done:
        self.sam.config.write_text(written(self.sam.config.read_text("utf-8"), environment), "utf-8")
        deployment = Deployment(environment, self.sam, self.stacks, self.tell, ask, allowed, build=build)
        return deployment.run()

    def undeploy(self, environment: Environment) -> tuple[str, ...]:
        """Names of what stays."""
        removal = Removal(self.sam.root, environment, self.side, self.stacks, self.tell, lambda _: True)
        return tuple(one.name for one in removal.run())


def main(argv: list[str]) -> int:
    """0 when every step did what it should, 1 with what did not."""
    argparse.ArgumentParser(prog="python -m local deploy-emulator", description=__doc__).parse_args(argv)
    took: list[tuple[str, float, str]] = []

    def step(name: str, act: Callable[[], str]) -> None:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        took.append((name, time.monotonic() - began, act()))
        took[-1] = (name, time.monotonic() - began, took[-1][2])

    try:
        with tempfile.TemporaryDirectory() as folder, emulator(Path(folder) / "state") as endpoint:
            _all_of_it(Workshop(endpoint, Path(folder), teller()), step)
    except (ShipError, AssertionError) as error:
        print(f"deploy-emulator: {error}", file=sys.stderr)
        return 1
    print()
    for name, seconds, said in took:
        print(f"{seconds:6.1f} s  {name:38} {said}")
    return 0


def _all_of_it(workshop: Workshop, step: Callable[[str, Callable[[], str]], None]) -> None:
    def deployed(environment: Environment, *, build: bool = False) -> Callable[[], str]:
        def act() -> str:
            done = workshop.deploy(environment, build=build)
            return f"changed {', '.join(done.changed)}" if done.changed else "nothing to do"

        return act

    longer = replace(CAFE, parameters={**CAFE.parameters, "QuietMinutes": "20"})
    step("a first deployment, with its build", deployed(CAFE, build=True))
    step("the same again", deployed(CAFE))
    step("a row is left alone for 20 minutes", deployed(longer))
    step("a second business beside it", deployed(BAKERY))
    step("the first is removed", lambda: f"stays: {len(workshop.undeploy(longer))} tables, buckets and secrets")
    step("the second lives on", deployed(BAKERY))
    step("the first comes back with what it had", deployed(CAFE))
