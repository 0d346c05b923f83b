"""What the SAM CLI and local/ship ask of AWS in the life of a business, held against the role that a workflow deploys with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from deployer import deployer
from watched import Watched, watched

from local.privileges.asked import Asked, arn
from local.privileges.policy import allowed
from local.ship.account import ShipError
from local.ship.emulated import CAFE, Workshop, emulator
from local.ship.environments import TEMPLATES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(sys.prefix) / "sam" / "bin" / "sam").exists(),
        reason="the SAM CLI is not there: make verify installs it",
    ),
]
BUSINESS = replace(CAFE, prefix="ss")


def stack(name: str) -> str:
    return arn("cloudformation", f"stack/{name}/1")


SAMS = stack("aws-sam-cli-managed-default")
BROKEN = """
  Broken:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(0 days)
      FlexibleTimeWindow: {Mode: "OFF"}
      Target: {Arn: !GetAtt DeadLetters.Arn, RoleArn: !GetAtt BookingRole.Arn}
"""
# A person's, by design: a new business, what an earlier stack left, and the end.
ANYWHERE = ("cloudformation:DescribeStacks", "*")  # whether a prefix begins like another's
FIRST = {ANYWHERE, *((f"cloudformation:{one}ChangeSet", SAMS) for one in ("Create", "Describe", "Execute"))}
ADOPTING = {ANYWHERE, ("cloudformation:DescribeStackResources", "*")}  # whose it is
ENDING = {("cloudformation:DeleteStack", stack(BUSINESS.stack_name(which))) for which in TEMPLATES}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workshop, Watched]]:
    folder = tmp_path_factory.mktemp("recorded")
    with emulator(folder / "state") as endpoint, watched(endpoint) as seen:
        made = Workshop(seen.endpoint, folder, lambda _: None)
        made.sam.make()
        yield made, seen


def outside(asked: Iterable[Asked]) -> set[tuple[str, str]]:
    """What the role may not, with the resource."""
    return {(one.action, one.resource) for one in asked if not allowed(deployer(), one)}


def test_a_workflow_may_ask_for_all_that_an_update_takes_and_a_person_for_the_rest(
    shop: tuple[Workshop, Watched],
) -> None:
    workshop, seen = shop
    assert workshop.deploy(BUSINESS).changed
    assert outside(seen.taken()) == FIRST

    more = replace(
        BUSINESS,
        parameters={**BUSINESS.parameters, "QuietMinutes": "20"},
        channels=(*BUSINESS.channels, "x-main"),
    )
    assert workshop.deploy(more).changed == (BUSINESS.stack_name(), BUSINESS.stack_name("-channels"))
    asked = seen.taken()
    assert len(asked) > 20
    assert outside(asked) == set()

    template = workshop.sam.build / "template.yaml"
    whole = template.read_text("utf-8")
    template.write_text(whole.replace("\nResources:\n", "\nResources:\n" + BROKEN), "utf-8")
    with pytest.raises(ShipError, match="ended in UPDATE_ROLLBACK_COMPLETE: Broken"):
        workshop.deploy(more)
    template.write_text(whole, "utf-8")
    assert workshop.deploy(more).changed == ()
    assert outside(seen.taken()) == set()

    workshop.undeploy(more)
    assert outside(seen.taken()) == ENDING
    assert workshop.deploy(more).changed
    assert outside(seen.taken()) == ADOPTING
