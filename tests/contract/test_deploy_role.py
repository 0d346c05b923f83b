"""What GitHub's workflow may do to deploy a business, statement by statement: exact, bounded, and never what it has no need of."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local import ROOT
from local.deploy import read_template
from local.ship.environments import TEMPLATES

ROLE = read_template(ROOT / "stacks" / "deploy-role.yaml")["Resources"]
MESH = read_template(ROOT / "template.yaml")
PLACES = {
    "${AWS::Partition}": "aws",
    "${AWS::Region}": "eu-central-1",
    "${AWS::AccountId}": "123456789012",
    "${Prefix}": "cafe",
    "${RoleNames}": "social-scheduler-cafe",
    "${TemplateGroup}": "cafe-templates",
    "${BookingGroup}": "cafe-bookings",
    "${MailSet}": "cafe-mails",
    "${MailFrom}": "posts@cafe.example",
    "${Domain}": "cafe.example",
    "${SlackSecret}": "cafe/slack",
    "${DriveReaderSecret}": "cafe/drive/reader",
    "${DraftModel}": "global.anthropic.claude-haiku-4-5",
    "${Id}": "abc123",
}
PLACE = "arn:aws:dynamodb:eu-central-1:123456789012"
# Logical ids of the mesh's as the ARNs they have.
ARNS = {
    **{f"{one}Table": f"{PLACE}:table/cafe-{one.lower()}" for one in ("Status", "Sends", "Audit", "Runtime")},
    "PostsBucket": "arn:aws:s3:::cafe-posts-source-123456789012",
    "RulesBucket": "arn:aws:s3:::cafe-rules-source-123456789012",
    "RenderCacheBucket": "arn:aws:s3:::cafe-render-cache-123456789012",
    "DeadLetters": "arn:aws:sqs:eu-central-1:123456789012:cafe-dead-letters",
    "DriveSecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cafe/drive/sa-AbCdEf",
    "SigningSecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cafe/approval/signing-secret-AbCdEf",
    "ComposeSecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cafe/compose/signing-secret-AbCdEf",
    **{
        one.replace("-", " ").title().replace(" ", ""): f"arn:aws:lambda:eu-central-1:123456789012:function:cafe-{one}"
        for one in ("drive-sync", "template-sync", "scheduler", "notifier", "digest", "recap")
    },
    "DraftBatch": "arn:aws:states:eu-central-1:123456789012:stateMachine:cafe-draft-batch",
    "DraftHelper": "arn:aws:lambda:eu-central-1:123456789012:function:cafe-draft-helper",
    "TemplateRole": "arn:aws:iam::123456789012:role/social-scheduler-cafe-TemplateRole-1",
    "BookingRole": "arn:aws:iam::123456789012:role/social-scheduler-cafe-BookingRole-1",
}


def statements(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ROLE[name]["Properties"]["PolicyDocument"]["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: Any) -> Iterator[str]:
    """The ARNs or patterns that a Resource can come to."""
    match value:
        case list():
            for one in value:
                yield from resolved(one)
        case str():
            yield value
        case {"Ref": "AWS::NoValue"}:
            return
        case {"Fn::If": [_, first, second]}:
            yield from resolved(first)
            yield from resolved(second)
        case {"Fn::Sub": [text, _]} | {"Fn::Sub": text}:
            for place, known in PLACES.items():
                text = text.replace(place, known)
            yield re.sub(r"\$\{(\w+)\.Arn\}", lambda found: ARNS[found[1]], text)
        case {"Fn::GetAtt": [name, "Arn"]} if MESH["Resources"][name]["Type"] == "AWS::Logs::LogGroup":
            (group,) = resolved(MESH["Resources"][name]["Properties"]["LogGroupName"])
            yield f"arn:aws:logs:eu-central-1:123456789012:log-group:{group}:*"
        case {"Fn::GetAtt": [name, "Arn"]} | {"Ref": name}:
            yield ARNS[name]
        case _:
            raise AssertionError(value)


GRANTS = [
    (name, statement, action)
    for name in ("RunsPolicy", "StoresPolicy")
    for statement in statements(name)
    for action in listed(statement["Action"])
]


def test_only_jobs_of_that_repository_and_environment_sign_in() -> None:
    (trust,) = ROLE["DeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    host = "token.actions.githubusercontent.com"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{host}:aud": "sts.amazonaws.com",
            f"{host}:sub": {"Fn::Sub": "repo:${Repository}:environment:${GitHubEnvironment}"},
        }
    }
    patterns = read_template(ROOT / "stacks" / "deploy-role.yaml")["Parameters"]
    for wild in ("cafe/*", "*/posts", "cafe/posts:ref", "cafe"):
        assert not re.fullmatch(patterns["Repository"]["AllowedPattern"], wild)
    assert not re.fullmatch(patterns["GitHubEnvironment"]["AllowedPattern"], "prod*")


@pytest.mark.parametrize(("name", "statement", "action"), GRANTS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_grant_is_one_action_on_this_business_alone(name: str, statement: dict[str, Any], action: str) -> None:
    assert action == "s3:GetBucket*" or "*" not in action
    if action in ("secretsmanager:GetRandomPassword", "logs:DescribeLogGroups"):
        return  # the services take no resource for it, and it tells nothing that is kept
    for arn in resolved(statement["Resource"]):
        shared = ("transform/", "stack/aws-sam-cli-managed-default/", "identity/*")
        assert "cafe" in arn or arn.endswith(shared) or any(word in arn for word in shared), arn
        assert not arn.endswith(":*") or ":sns:" in arn


def test_it_reads_nothing_that_the_business_keeps_and_deletes_no_store() -> None:
    granted = {action for _, _, action in GRANTS}
    never = {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:DeleteTable",
        "s3:DeleteBucket",
        "s3:PutBucketPolicy",
        "s3:DeleteObject",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:DeleteSecret",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "logs:DeleteLogGroup",
        "lambda:InvokeFunction",
        "cloudformation:DeleteStack",
        "cloudformation:SetStackPolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "sts:AssumeRole",
    }
    assert not granted & never
    objects = [
        arn
        for _, one, action in GRANTS
        if action in ("s3:GetObject", "s3:PutObject")
        for arn in resolved(one["Resource"])
    ]
    assert objects
    assert all(":::aws-sam-cli-managed-default-samclisourcebucket-" in arn for arn in objects)


def test_no_role_is_made_or_widened_without_the_boundary() -> None:
    boundary = {"Ref": "Boundary"}
    for _, statement, action in GRANTS:
        if action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
            assert statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"] == boundary
        if action == "iam:PassRole":
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"]


def test_it_cannot_reach_its_own_role_or_policies() -> None:
    own = ["deploys-social-scheduler-cafe", "social-scheduler-boundary-cafe"]
    assert ROLE["DeployRole"]["Properties"]["RoleName"] == {"Fn::Sub": "deploys-social-scheduler-${Prefix}"}
    for _, statement, action in GRANTS:
        if action.startswith("iam:"):
            for arn in resolved(statement["Resource"]):
                assert not any(fnmatch.fnmatch(f"arn:aws:iam::123456789012:role/{name}", arn) for name in own)
                assert ":role/" in arn


def test_every_role_of_the_mesh_takes_the_boundary() -> None:
    bound = {"Fn::If": ["HasRoleBoundary", {"Ref": "RoleBoundary"}, {"Ref": "AWS::NoValue"}]}
    for name, resource in MESH["Resources"].items():
        properties = resource.get("Properties", {})
        if (
            resource["Type"] == "AWS::Serverless::Function"
        ):  # one without a role of ours would get SAM's, which has no boundary
            role = properties["Role"]["Fn::GetAtt"][0]
            assert MESH["Resources"][role]["Type"] == "AWS::IAM::Role", name
        if resource["Type"] in ("AWS::IAM::Role", "AWS::Serverless::StateMachine"):
            assert properties["PermissionsBoundary"] == bound, name
        for event in (properties.get("Events") or {}).values():
            if event["Type"] == "ScheduleV2":  # without a role of ours it would get SAM's
                role = event["Properties"]["RoleArn"]["Fn::GetAtt"][0]
                assert MESH["Resources"][role]["Type"] == "AWS::IAM::Role", name
    others = [read_template(ROOT / TEMPLATES[which])["Resources"] for which in ("-channels", "-watch")]
    assert not any(
        one.get("Type") == "AWS::IAM::Role"
        for resources in others
        for one in resources.values()
        if isinstance(one, dict)
    )


def test_the_boundary_leaves_each_role_all_that_its_policies_grant() -> None:
    within = [(set(listed(one["Action"])), [*resolved(one["Resource"])]) for one in statements("Boundary")]
    checked = 0
    for name, resource in MESH["Resources"].items():
        for document in (resource.get("Properties") or {}).get("Policies") or ():
            for given in document.get("Statement") or document["PolicyDocument"]["Statement"]:
                statement = given["Fn::If"][1] if "Fn::If" in given else given
                for action in listed(statement["Action"]):
                    for arn in resolved(statement["Resource"]):
                        covered = any(
                            action in actions and any(fnmatch.fnmatchcase(arn, one) for one in arns)
                            for actions, arns in within
                        )
                        assert covered, (name, action, arn)
                        checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ["Boundary", "RunsPolicy", "StoresPolicy"])
def test_a_policy_is_as_small_as_iam_takes_it(name: str) -> None:
    """6,144 characters without spaces; an If counts once, and names are as long as they get."""
    text = json.dumps([{**one, "Resource": sorted({*resolved(one["Resource"])})} for one in statements(name)])
    assert len(re.sub(r"\s", "", text.replace("cafe", "a" * 16))) < 6144
