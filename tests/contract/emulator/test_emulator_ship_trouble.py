"""What gets in the way of a deployment is named with its next step, and what was there works on.

The SAM CLI is stood in for by a small template of its own, planned at once; test_emulator_ship.py has the true one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from local_aws import LocalAws

from local import ROOT
from local.checks.model import Finding
from local.deploy import read_template
from local.ship import adopting
from local.ship.account import ShipError, Side
from local.ship.deploying import DeclinedError, Deployment, Done
from local.ship.emulated import ACCOUNT, CAFE, REGION
from local.ship.environments import CHANNELS, MESH, Environment, read, written
from local.ship.sam import Sam
from local.ship.stacks import Progress, Stacks

TABLE = read_template(ROOT / "template.yaml")["Resources"]["StatusTable"]
SECRET = read_template(ROOT / "template.yaml")["Resources"]["ComposeSecret"]
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${Prefix}-dead-letters"}}}
TARGET = {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}
BROKEN = {
    "Type": "AWS::Scheduler::Schedule",
    "DependsOn": "StatusTable",
    "Properties": {"ScheduleExpression": "rate(0 days)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": TARGET},
}
BUSINESS = replace(CAFE, channels=())


@dataclass(frozen=True)
class Planner(Sam):
    """Plans ``resources`` as the mesh's stack, and one topic as the watch."""

    resources: Mapping[str, Any] | None = None

    def checks(self) -> list[Finding]:
        return []

    def plan(self, environment: Environment, which: str, parameters: Mapping[str, str]) -> str:
        stacks, name = self.side.client("cloudformation"), environment.stack_name(which)
        body = {
            "Parameters": {"Prefix": {"Type": "String"}},
            "Resources": dict(self.resources or {})
            if which == MESH
            else {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${Prefix}-alarms"}}}},
        }
        there = Stacks(stacks).status(name) not in ("", "REVIEW_IN_PROGRESS")
        made = stacks.create_change_set(
            StackName=name,
            ChangeSetName=f"plan-{uuid4().hex}",
            ChangeSetType="UPDATE" if there else "CREATE",
            TemplateBody=json.dumps(body),
            Parameters=[{"ParameterKey": "Prefix", "ParameterValue": environment.prefix}],
        )
        told = stacks.describe_change_set(StackName=name, ChangeSetName=made["Id"])
        return str(made["Id"]) if told["Status"] == "CREATE_COMPLETE" else ""


class Shop:
    def __init__(self, endpoint: str, folder: Path, account: str) -> None:
        self.side = Side(REGION, endpoint=endpoint, key=account)
        self.endpoint, self.folder = endpoint, folder
        self.config = folder / "samconfig.toml"
        self.config.write_text(written("version = 0.1\n", BUSINESS), "utf-8")
        self.stacks = Stacks(self.side.client("cloudformation"), pause_seconds=0.05)
        self.said: list[str] = []

    def deploy(
        self,
        resources: Mapping[str, Any],
        environment: Environment = BUSINESS,
        *,
        ask: Callable[[str], bool] = lambda _: True,
        allowed: tuple[str, ...] = (),
        stacks: Stacks | None = None,
        folder: str = "a",
    ) -> Done:
        side = replace(self.side, region=environment.region)
        sam = Planner(ROOT, side, self.config, self.folder / folder / "build", resources=resources)
        ours = stacks or Stacks(side.client("cloudformation"), pause_seconds=0.05)
        return Deployment(environment, sam, ours, self.said.append, ask, allowed, build=False).run()

    def status(self) -> str:
        return self.stacks.status(BUSINESS.stack_name())


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    launched = LocalAws(tmp_path_factory.mktemp("ship") / "state")
    yield launched
    launched.stop()


@pytest.fixture
def shop(emulator: LocalAws, tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    """Each test has an account of its own."""
    account = f"{abs(hash(request.node.name)) % 10**11 + 10**11:012}"
    return Shop(emulator.endpoint, tmp_path, account)


def test_a_deployment_again_has_nothing_to_do_and_the_account_is_remembered(shop: Shop) -> None:
    assert shop.deploy({"StatusTable": TABLE}).changed == (BUSINESS.stack_name(), BUSINESS.stack_name("-watch"))
    assert shop.deploy({"StatusTable": TABLE}).changed == ()
    assert read(shop.config.read_text("utf-8"), "cafe").account == shop.side.key


def test_another_account_than_the_last_time_is_refused(shop: Shop) -> None:
    with pytest.raises(ShipError, match="nothing was deployed"):
        shop.deploy({"StatusTable": TABLE}, replace(BUSINESS, account="999999999999"))
    assert f"signed in to {shop.side.key}; cafe was deployed to 999999999999" in shop.said[-1]
    assert shop.status() == ""


def test_a_business_that_lives_in_another_region_is_not_made_twice(shop: Shop) -> None:
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": {"Fn::Sub": "${Prefix}-posts-source-${AWS::AccountId}"}},
    }
    shop.deploy({"PostsBucket": bucket})
    with pytest.raises(ShipError):
        shop.deploy({"PostsBucket": bucket}, replace(BUSINESS, region="eu-central-1"))
    assert f"cafe lives in {REGION}" in shop.said[-1]


def test_a_name_that_another_account_has_is_told(shop: Shop) -> None:
    other = replace(shop.side, key="888888888888").client("s3")
    name = f"cafe-posts-source-{shop.side.key}"
    other.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(ShipError):
        shop.deploy({"StatusTable": TABLE})
    assert f"{name} is a bucket in another account" in shop.said[-1]


def test_a_prefix_that_another_stack_has_is_told_with_its_name(shop: Shop) -> None:
    body = json.dumps(
        {"Resources": {"Mine": {**TABLE, "Properties": {**TABLE["Properties"], "TableName": "cafe-status"}}}}
    )
    shop.stacks.client.create_stack(StackName="somebody-elses", TemplateBody=body)
    shop.stacks.settled("somebody-elses", shop.said.append)
    with pytest.raises(ShipError):
        shop.deploy({"StatusTable": TABLE})
    assert "cafe-status belongs to the stack somebody-elses" in "\n".join(shop.said)


def test_prefixes_that_begin_alike_are_refused(shop: Shop) -> None:
    shop.deploy({"StatusTable": TABLE})
    with pytest.raises(ShipError):
        shop.deploy({"StatusTable": TABLE}, replace(BUSINESS, prefix="cafe-north"))
    assert "cafe-north and cafe, which is in this account, begin alike" in shop.said[-1]


def test_a_secret_that_waits_for_its_deletion_is_told(shop: Shop) -> None:
    secrets = shop.side.client("secretsmanager")
    secrets.create_secret(Name="cafe/drive/sa", SecretString="{}")
    secrets.delete_secret(SecretId="cafe/drive/sa", RecoveryWindowInDays=7)
    with pytest.raises(ShipError):
        shop.deploy({"StatusTable": TABLE})
    assert "restore-secret --secret-id cafe/drive/sa" in "\n".join(shop.said)


def test_a_failed_creation_names_its_cause_and_the_next_try_takes_over_what_it_left(shop: Shop) -> None:
    with pytest.raises(ShipError, match=r"Broken \(AWS::Scheduler::Schedule\).*rate\(0 days\)"):
        shop.deploy({"StatusTable": TABLE, "Broken": BROKEN})
    assert shop.status() == "ROLLBACK_COMPLETE"
    shop.deploy({"StatusTable": TABLE})
    assert shop.status() in ("CREATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE")
    assert "would first remove social-scheduler-cafe, whose creation failed" in "\n".join(shop.said)


def test_a_failed_update_leaves_what_ran_before(shop: Shop) -> None:
    shop.deploy({"StatusTable": TABLE})
    shop.side.client("dynamodb").put_item(TableName="cafe-status", Item={"post_id": {"S": "p_1"}})
    with pytest.raises(ShipError, match="what ran before runs on"):
        shop.deploy({"StatusTable": TABLE, "Broken": BROKEN})
    assert shop.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert shop.side.client("dynamodb").get_item(TableName="cafe-status", Key={"post_id": {"S": "p_1"}})["Item"]
    assert shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE}).changed == (BUSINESS.stack_name(),)


def test_a_table_is_neither_replaced_nor_taken_out_unasked(shop: Shop) -> None:
    shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE})
    with pytest.raises(ShipError, match="the business would lose table StatusTable"):
        shop.deploy({"DeadLetters": QUEUE})
    kept = shop.stacks.client.list_change_sets(StackName=BUSINESS.stack_name())["Summaries"]
    assert [one["ExecutionStatus"] for one in kept] == ["EXECUTE_COMPLETE"]
    shop.deploy({"DeadLetters": QUEUE}, allowed=("StatusTable",))
    assert shop.side.client("dynamodb").describe_table(TableName="cafe-status")
    shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE})
    assert "adopted 1" in "\n".join(shop.said)


def test_a_secret_that_an_older_tree_has_not_got_keeps_its_key_and_is_adopted_by_the_next_upgrade(shop: Shop) -> None:
    """docs/upgrading.md promises it of the notes' key."""

    def key() -> str:
        return str(
            shop.side.client("secretsmanager").get_secret_value(SecretId="cafe/compose/signing-secret")["SecretString"]
        )

    shop.deploy({"ComposeSecret": SECRET, "DeadLetters": QUEUE})
    made = key()
    with pytest.raises(ShipError, match="the business would lose secret ComposeSecret"):
        shop.deploy({"DeadLetters": QUEUE})
    shop.deploy({"DeadLetters": QUEUE}, allowed=("ComposeSecret",))
    assert key() == made
    shop.deploy({"ComposeSecret": SECRET, "DeadLetters": QUEUE})
    assert "adopted 1" in "\n".join(shop.said)
    assert key() == made


def test_what_was_taken_out_comes_back_into_a_stack_too_large_for_one_request(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"sam-{shop.side.key}"}}
    sams = {"Resources": {"Source": bucket}, "Outputs": {"SourceBucket": {"Value": {"Ref": "Source"}}}}
    shop.stacks.client.create_stack(StackName="aws-sam-cli-managed-default", TemplateBody=json.dumps(sams))
    shop.stacks.settled("aws-sam-cli-managed-default", shop.said.append)
    shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE})
    shop.deploy({"DeadLetters": QUEUE}, allowed=("StatusTable",))
    monkeypatch.setattr(adopting, "_BODY_BYTES", 100)
    assert shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE}).changed == (BUSINESS.stack_name(),)
    assert "adopted 1" in "\n".join(shop.said)


def test_a_plan_that_cannot_be_taken_back_does_not_hide_what_stopped_it(shop: Shop) -> None:
    class Forbidden(Stacks):
        def forget(self, name: str, change_set: str) -> None:
            raise ShipError("this sign-in may not do cloudformation:DeleteStack")

    with pytest.raises(DeclinedError):
        shop.deploy({"StatusTable": TABLE}, ask=lambda _: False, stacks=Forbidden(shop.side.client("cloudformation")))


def test_ctrl_c_leaves_nothing_behind(shop: Shop) -> None:
    def pressed(_: str) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.deploy({"StatusTable": TABLE}, ask=pressed)
    assert [*shop.stacks.names()] == []


def test_a_no_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(DeclinedError):
        shop.deploy({"StatusTable": TABLE}, ask=lambda _: False)
    assert [*shop.stacks.names()] == []


def test_of_two_at_once_one_is_carried_out_and_the_other_told(shop: Shop) -> None:
    def meanwhile(_: str) -> bool:
        shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE}, folder="b")
        return True

    with pytest.raises(ShipError, match="was changed by somebody else meanwhile"):
        shop.deploy({"StatusTable": TABLE}, ask=meanwhile)
    assert shop.status() == "CREATE_COMPLETE"
    assert shop.deploy({"StatusTable": TABLE, "DeadLetters": QUEUE}).changed == ()


def test_two_in_one_folder_do_not_mix(shop: Shop) -> None:
    def meanwhile(_: str) -> bool:
        shop.deploy({"StatusTable": TABLE})
        return True

    with pytest.raises(ShipError, match="another make deploy runs in this folder"):
        shop.deploy({"StatusTable": TABLE}, ask=meanwhile)


def test_a_deployment_that_died_on_the_way_goes_on_by_itself(shop: Shop) -> None:
    class DiedError(Exception):
        pass

    class Dying(Stacks):
        def settled(self, name: str, tell: Progress) -> str:
            raise DiedError

    with pytest.raises(DiedError):
        shop.deploy({"StatusTable": TABLE}, stacks=Dying(shop.side.client("cloudformation")))
    shop.stacks.settled(BUSINESS.stack_name(), shop.said.append)
    assert shop.status() == "CREATE_COMPLETE"
    assert shop.deploy({"StatusTable": TABLE}).changed == (BUSINESS.stack_name("-watch"),)


def test_a_channel_taken_out_and_put_back_has_its_sign_in_still(shop: Shop) -> None:
    secrets = shop.side.client("secretsmanager")
    secrets.create_secret(Name="cafe/channels/x-main", SecretString="signed in")
    sam = Planner(ROOT, shop.side, shop.config, shop.folder / "build", resources={})
    environment = replace(BUSINESS, channels=("x-main",))
    with pytest.raises(DeclinedError):
        Deployment(environment, sam, shop.stacks, shop.said.append, lambda _: False, build=False).run()
    assert f"{environment.stack_name(CHANNELS)} would adopt, as they are: secret cafe/channels/x-main" in shop.said
