"""Two businesses in one account: neither's events wake the other, nothing of them is shared, and one outlives the other."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from local_aws import LocalAws

from local import ROOT
from local.deploy import deploy, read_template
from local.ship.emulated import ACCOUNT, BAKERY, CAFE
from local.ship.environments import MESH, TEMPLATES, Environment
from local.ship.naming import PRECIOUS, names_made
from local.ship.parameters import whole
from mesh.events import REGISTRY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    launched = LocalAws(tmp_path_factory.mktemp("street") / "state")
    launched.post("deliveries", retrying=False)
    try:
        for environment in (CAFE, BAKERY):
            brought_up(launched, environment)
        yield launched
    finally:
        launched.stop()


def brought_up(aws: LocalAws, environment: Environment) -> None:
    parameters = whole(ROOT, environment, MESH)
    deploy(
        ROOT / TEMPLATES[MESH],
        aws.endpoint,
        environment.stack_name(),
        parameters,
        aws.state.parent / "build",
        lambda _: None,
    )


def woken_by_events_of(aws: LocalAws, environment: Environment) -> set[str]:
    """Names of the functions that ran after one event of each kind that this business knows."""
    before = aws.last("invocations")
    entries = [
        {
            "Source": environment.prefix,
            "DetailType": name,
            "Detail": json.dumps({"schema_version": 1, "trace_id": "t_1"}),
        }
        for name in sorted(REGISTRY)
    ]
    events = aws.client("events")
    for start in range(0, len(entries), 10):
        assert events.put_events(Entries=entries[start : start + 10])["FailedEntryCount"] == 0
    aws.settle()
    return {record["function"] for record in aws.invocations(before)}


def listening() -> set[str]:
    """Logical ids of the functions with a rule of their own for the mesh's events."""
    return {
        resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-")
        for resource in read_template(ROOT / TEMPLATES[MESH])["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in (resource["Properties"].get("Events") or {}).values()
        if event["Type"] == "EventBridgeRule" and event["Properties"]["Pattern"]["source"] == [{"Ref": "Prefix"}]
    }


@pytest.mark.parametrize("environment", [CAFE, BAKERY], ids=lambda one: one.name)
def test_ones_events_wake_its_own_functions_and_no_other(street: LocalAws, environment: Environment) -> None:
    woken = woken_by_events_of(street, environment)
    assert {f"{environment.prefix}-{name}" for name in listening()} <= woken
    assert all(name.startswith(f"{environment.prefix}-") for name in woken)


def test_nothing_that_holds_data_has_a_name_of_the_others() -> None:
    cafe, bakery = (
        {one.name for one in names_made(ROOT, one, ACCOUNT, MESH) if one.kind in PRECIOUS} for one in (CAFE, BAKERY)
    )
    assert len(cafe) == len(bakery) == 10
    assert not cafe & bakery


def test_when_one_is_removed_the_other_lives_on(street: LocalAws) -> None:
    cloudformation = street.client("cloudformation")
    cloudformation.delete_stack(StackName=CAFE.stack_name())
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=CAFE.stack_name(), WaiterConfig={"Delay": 1})
    assert woken_by_events_of(street, CAFE) == set()
    assert f"{BAKERY.prefix}-notifier" in woken_by_events_of(street, BAKERY)
    assert street.client("dynamodb").describe_table(TableName="cafe-status")["Table"]["TableStatus"] == "ACTIVE"
