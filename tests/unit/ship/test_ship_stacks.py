"""What CloudFormation's events say of a stack that cannot be updated now: who is at it, since when, and why it failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import ROOT
from local.ship.account import ShipError, Side
from local.ship.deploying import Deployment
from local.ship.emulated import CAFE
from local.ship.looking import look
from local.ship.sam import Sam
from local.ship.stacks import Stacks
from local.ship.states import Then

ITSELF = "AWS::CloudFormation::Stack"
AT = datetime(2026, 11, 22, 16, 10, tzinfo=UTC)


def event(logical_id: str, kind: str, status: str, reason: str = "", token: str = "") -> dict[str, Any]:
    found = {
        "EventId": f"{logical_id}{status}",
        "LogicalResourceId": logical_id,
        "ResourceType": kind,
        "ResourceStatus": status,
    }
    return {
        **found,
        "Timestamp": AT,
        "ClientRequestToken": token,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


class CloudFormation:
    """One stack with a status and events, newest first; notes what is asked of it beyond reading."""

    def __init__(self, status: str, *events: dict[str, Any]) -> None:
        self.current, self.events, self.done = status, events, list[str]()

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        name = asked["StackName"]
        if name != CAFE.stack_name():
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}},
                "DescribeStacks",
            )
        return {"Stacks": [{"StackName": name, "StackId": "arn", "StackStatus": self.current}]}

    def describe_stack_events(self, **_: str) -> dict[str, Any]:
        return {"StackEvents": [*self.events]}

    def continue_update_rollback(self, **asked: str) -> None:
        self.done.append(f"on with {asked['StackName']}")
        self.current = "UPDATE_ROLLBACK_COMPLETE"

    def get_paginator(self, _: str) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "ListStackResources")


class SignedIn(Side):
    def client(self, service: str) -> Any:
        class Sts:
            def get_caller_identity(self) -> dict[str, str]:
                return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ben"}

        assert service == "sts", "a stack in this state is asked nothing more"
        return Sts()


BUSY = CloudFormation(
    "UPDATE_IN_PROGRESS",
    event("Sender", "AWS::Lambda::Function", "UPDATE_IN_PROGRESS"),
    event("s", ITSELF, "UPDATE_IN_PROGRESS", "User Initiated", "deploy-anna-1795363800"),
    event("s", ITSELF, "CREATE_COMPLETE"),
)
STUCK = CloudFormation(
    "UPDATE_ROLLBACK_FAILED",
    event("s", ITSELF, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [Sender]."),
    event("Digest", "AWS::Lambda::Function", "UPDATE_FAILED", "Resource update cancelled"),
    event("Sender", "AWS::Lambda::Function", "UPDATE_FAILED", "the function was deleted by hand"),
    event("s", ITSELF, "UPDATE_IN_PROGRESS", "User Initiated", "deploy-anna-1795363800"),
    event("Recap", "AWS::Lambda::Function", "UPDATE_FAILED", "an older story"),
)


def test_two_at_once_is_told_with_who_and_when() -> None:
    stand = Stacks(BUSY).stand(CAFE.stack_name())
    assert (stand.then, stand.by, stand.since) == (Then.BUSY, "anna", "2026-11-22 16:10 UTC")


def test_the_cause_is_the_first_failure_of_the_last_change() -> None:
    assert (
        Stacks(STUCK).stand(CAFE.stack_name()).reason
        == "Sender (AWS::Lambda::Function): the function was deleted by hand"
    )


@pytest.mark.parametrize(("cloudformation", "fix"), [(BUSY, "when it is done"), (STUCK, "--continue-rollback")])
def test_neither_is_asked_or_told_anything_more(cloudformation: CloudFormation, fix: str) -> None:
    sight = look(ROOT, CAFE, SignedIn(CAFE.region), Stacks(cloudformation))
    (found,) = [finding for finding in sight.findings if finding.stops]
    assert fix in found.fix
    assert cloudformation.done == []


def test_a_stuck_way_back_goes_on_when_it_is_asked_for(tmp_path: Any) -> None:
    class Ready(Sam):
        def checks(self) -> list[Any]:
            return []

    cloudformation = CloudFormation("UPDATE_ROLLBACK_FAILED", *STUCK.events)
    sam = Ready(ROOT, SignedIn(CAFE.region), tmp_path / "samconfig.toml", tmp_path / "build" / "b", tmp_path / "none")
    said: list[str] = []
    with pytest.raises(ShipError):
        Deployment(CAFE, sam, Stacks(cloudformation), said.append, lambda _: True, continue_rollback=True).run()
    assert cloudformation.done == [f"on with {CAFE.stack_name()}"]
    assert "may not do ListStackResources" in said[-1]


def test_a_region_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(ShipError, match="region"):
        Side("Frankfurt am Main").client("cloudformation").describe_stacks(StackName="x")


# carried out


class Executing(CloudFormation):
    """Ends in ``ends`` once a change set is carried out."""

    def __init__(self, ends: str, *events: dict[str, Any]) -> None:
        super().__init__("UPDATE_COMPLETE", *events)
        self.ends = ends

    def execute_change_set(self, **asked: str) -> None:
        self.done.append(asked["ChangeSetName"])
        self.current = self.ends

    def describe_change_set(self, **asked: str) -> dict[str, Any]:
        pages = {"": (["Sender", "Digest"], "second"), "second": (["PostsBucket"], "")}
        ids, more = pages[asked.get("NextToken", "")]
        return {"Changes": ids, **({"NextToken": more} if more else {})}


def test_a_plan_is_not_carried_out_over_what_somebody_else_changed_meanwhile() -> None:
    cloudformation = Executing("UPDATE_COMPLETE")
    stacks = Stacks(cloudformation, sleep=lambda _: None)
    planned = stacks.mark(CAFE.stack_name())
    cloudformation.current = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(ShipError, match="changed by somebody else meanwhile; nothing of this change was done"):
        stacks.execute(CAFE.stack_name(), "ours", "deploy-ben-1", lambda _: None, planned)
    assert cloudformation.done == []


def test_a_change_that_went_back_is_no_deployment() -> None:
    events = (
        event("s", ITSELF, "UPDATE_ROLLBACK_COMPLETE"),
        event("Sender", "AWS::Lambda::Function", "UPDATE_FAILED", "no room"),
        event("s", ITSELF, "UPDATE_IN_PROGRESS", "User Initiated"),
    )
    stacks = Stacks(Executing("UPDATE_ROLLBACK_COMPLETE", *events), sleep=lambda _: None)
    with pytest.raises(ShipError, match=r"UPDATE_ROLLBACK_COMPLETE: Sender .*no room"):
        stacks.execute(CAFE.stack_name(), "ours", "deploy-ben-1", lambda _: None)


def test_every_page_of_a_change_set_is_shown() -> None:
    shown = Stacks(Executing("UPDATE_COMPLETE")).changes(CAFE.stack_name(), "ours")
    assert list(shown) == ["Sender", "Digest", "PostsBucket"]
