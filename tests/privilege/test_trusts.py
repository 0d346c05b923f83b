"""Who takes each role on, and for what alone: every trust of every template, with its conditions, stands here."""

from __future__ import annotations

import json
import re
from typing import Any

from translated import all_made, made

from local import ROOT
from local.deploy import read_template

LAMBDA, SCHEDULER = "lambda.amazonaws.com", "scheduler.amazonaws.com"
OF_FUNCTIONS = (
    "ApproveHandlerRole",
    "DigestRole",
    "DraftHelperRole",
    "DriveSyncRole",
    "NotifierRole",
    "RecapRole",
    "RendererRole",
    "SchedulerRole",
    "SenderRole",
    "TemplateSyncRole",
)
OF_TICKS = (
    "DigestTickRole",
    "DraftHelperTickRole",
    "DriveSyncTickRole",
    "NotifierTickRole",
    "RecapTickRole",
    "SchedulerTickRole",
    "TemplateSyncTickRole",
)


def here(service: str, what: str) -> dict[str, Any]:
    arn = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{what}"
    return {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}, "aws:SourceArn": {"Fn::Sub": arn}}}


TRUSTS: dict[str, tuple[str, dict[str, Any] | None]] = {
    # Lambda documents no source that it would tell of when it takes a role on.
    **dict.fromkeys(OF_FUNCTIONS, (LAMBDA, None)),
    # Scheduler tells of a group, and not of one schedule.
    **dict.fromkeys(OF_TICKS, (SCHEDULER, here("scheduler", "schedule-group/default"))),
    "BookingRole": (SCHEDULER, here("scheduler", "schedule-group/${BookingGroup}")),
    "TemplateRole": (SCHEDULER, here("scheduler", "schedule-group/${TemplateGroup}")),
    "DraftBatchStartRole": ("events.amazonaws.com", here("events", "rule/${Prefix}-draft-batch-requested")),
    "DraftBatchRole": ("states.amazonaws.com", here("states", "stateMachine:${Prefix}-draft-batch")),
}


def test_every_role_of_a_business_is_taken_on_by_one_service_and_for_one_thing_where_the_service_tells_of_it() -> None:
    found = {}
    for name, role in all_made().items():
        if role["Type"] == "AWS::IAM::Role":
            (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert (trust["Effect"], trust["Action"], list(trust["Principal"])) == (
                "Allow",
                "sts:AssumeRole",
                ["Service"],
            )
            found[name] = (trust["Principal"]["Service"], trust.get("Condition"))
    assert found == TRUSTS


def test_a_workflows_role_is_taken_on_by_one_environment_of_one_repository() -> None:
    resources = read_template(ROOT / "stacks" / "deploy-role.yaml")["Resources"]
    roles = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::IAM::Role"]
    ((trust,),) = [role["AssumeRolePolicyDocument"]["Statement"] for role in roles]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert list(trust["Principal"]) == ["Federated"]
    github = "token.actions.githubusercontent.com"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{github}:aud": "sts.amazonaws.com",
            f"{github}:sub": {"Fn::Sub": "repo:${Repository}:environment:${GitHubEnvironment}"},
        }
    }


def test_no_other_stack_has_a_role() -> None:
    others = {file.name for file in (ROOT / "stacks").glob("*.yaml")} - {"deploy-role.yaml"}
    assert others
    assert not any("AWS::IAM::Role" in (ROOT / "stacks" / name).read_text() for name in others)


def test_what_a_trust_names_is_what_the_role_is_given_to() -> None:
    """A rule's and the machine's trusts have names written out: those two are made after their roles."""
    for role, kind, key in (
        ("DraftBatchStartRole", "AWS::Events::Rule", "Name"),
        ("DraftBatchRole", "AWS::StepFunctions::StateMachine", "StateMachineName"),
    ):
        given = {"Fn::GetAtt": [role, "Arn"]}
        (holder,) = [one["Properties"] for one in made().values() if one["Type"] == kind and _has(one, given)]
        condition = TRUSTS[role][1]
        assert condition is not None
        named = condition["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
        assert re.split(r":rule/|:stateMachine:", named)[1] == holder[key]["Fn::Sub"], role


def test_an_update_changes_the_machines_role_in_place() -> None:
    """A run keeps the role it began with; SAM's names for role and policy are those that earlier releases made."""
    role = made()["DraftBatchRole"]["Properties"]
    assert role["Path"] == {"Fn::Sub": "/social-scheduler/${Prefix}/"}
    assert [policy["PolicyName"] for policy in role["Policies"]] == ["DraftBatchRolePolicy0"]
    assert "RoleName" not in role


def _has(resource: dict[str, Any], value: Any) -> bool:
    return json.dumps(value) in json.dumps(resource)
