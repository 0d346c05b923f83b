"""A whole deployment by the true SAM CLI, from one build: first, again, changed, removed, back; and one cut in half."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.ship.account import ShipError
from local.ship.emulated import CAFE, Workshop, emulator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(sys.prefix) / "sam" / "bin" / "sam").exists(),
        reason="the SAM CLI is not there: make verify installs it",
    ),
]
STACKS = (CAFE.stack_name(), CAFE.stack_name("-channels"), CAFE.stack_name("-watch"))
KEPT = 4 + 3 + 3 + len(CAFE.channels)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("ship")
    with emulator(folder / "state") as endpoint:
        made = Workshop(endpoint, folder, lambda _: None)
        made.sam.make()
        yield made


def test_a_business_is_deployed_changed_removed_and_comes_back_with_what_it_had(workshop: Workshop) -> None:
    tables, secrets = workshop.side.client("dynamodb"), workshop.side.client("secretsmanager")

    def key() -> str:
        return str(secrets.get_secret_value(SecretId="cafe/approval/signing-secret")["SecretString"])

    first = workshop.deploy(CAFE)
    assert first.changed == STACKS
    assert first.outputs["ApproveUrl"].startswith("http")
    assert workshop.deploy(CAFE).changed == ()

    tables.put_item(TableName="cafe-status", Item={"post_id": {"S": "p_1"}})
    signing = key()
    longer = replace(CAFE, parameters={**CAFE.parameters, "QuietMinutes": "20"})
    assert workshop.deploy(longer).changed == (CAFE.stack_name(),)

    assert len(workshop.undeploy(longer)) == KEPT
    assert [*workshop.stacks.names()] == ["aws-sam-cli-managed-default"]
    assert workshop.deploy(longer).changed == STACKS
    assert tables.get_item(TableName="cafe-status", Key={"post_id": {"S": "p_1"}})["Item"]
    assert key() == signing
    assert workshop.deploy(longer).changed == ()


def test_a_deployment_killed_while_it_plans_leaves_nothing_in_the_way(workshop: Workshop) -> None:
    """kill -9 of the SAM CLI, once CloudFormation has been asked for the first change set."""
    bakery = replace(
        CAFE,
        name="bakery",
        prefix="bakery",
        channels=(),
        parameters={**CAFE.parameters, "MailFrom": "posts@bakery.example"},
    )
    program = workshop.sam.build.parent / "killed-sam"
    program.write_text(f'#!/bin/sh\n"{workshop.sam.program}" "$@" &\necho $! > "{program}.pid"\nwait $!\n')
    program.chmod(0o755)
    killed = replace(workshop.sam, program=program)
    whole, workshop.sam = workshop.sam, killed
    killer = subprocess.Popen(
        [sys.executable, "-c", _KILLER, f"{program}.pid", str(workshop.side.endpoint), bakery.stack_name()],
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": workshop.side.key,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": CAFE.region,
        },
    )
    try:
        with pytest.raises(ShipError):
            workshop.deploy(bakery)
    finally:
        workshop.sam = whole
        assert killer.wait(120) == 0
    assert workshop.stacks.status(bakery.stack_name()) in ("", "REVIEW_IN_PROGRESS")
    assert workshop.deploy(bakery).changed == (bakery.stack_name(), bakery.stack_name("-watch"))


_KILLER = """
import os, signal, sys, time
import boto3
file, endpoint, stack = sys.argv[1:]
stacks = boto3.client("cloudformation", endpoint_url=endpoint)
until = time.monotonic() + 100
while time.monotonic() < until:
    try:
        stacks.describe_stacks(StackName=stack)
    except Exception:
        time.sleep(0.02)
        continue
    os.kill(int(open(file).read()), signal.SIGKILL)
    sys.exit(0)
sys.exit(1)
"""
