"""A workflow's role has what CloudFormation calls for each resource of the three stacks, on that resource; and nothing to widen itself by.

CloudFormation works with the rights of whoever deploys. What it calls, each resource type publishes (``handlers.py``).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import replace

import pytest
from deployer import (
    ARTEFACTS,
    BOUNDARY,
    BOUNDED,
    OURS,
    WITHOUT_RESOURCE,
    arn_of,
    asked,
    deployer,
    granted,
    statements_of,
)
from handlers import excuses, handlers, has, properties_that_nothing_has, wanted, why_not
from translated import all_made

from local.privileges.asked import ACCOUNT, REGION, Asked, arn
from local.privileges.policy import Statement, allowed

KINDS = sorted({resource["Type"] for resource in all_made().values()})
# What a later version may take out of the stacks. The rest stays, or is a person's to remove.
REMOVABLE = {
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Logs::MetricFilter",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
}
# What the SAM CLI and local/ship call themselves; test_deployment_recorded.py records them.
CALLED = {
    "lambda:GetFunctionConfiguration",
    "s3:PutObject",
    *(
        f"cloudformation:{name}"
        for name in (
            "CreateChangeSet",
            "DeleteChangeSet",
            "DescribeChangeSet",
            "DescribeStackEvents",
            "DescribeStacks",
            "ExecuteChangeSet",
            "GetTemplateSummary",
            "ListChangeSets",
            "ListStackResources",
        )
    ),
}


def of(kind: str) -> Iterator[str]:
    return (name for name, resource in all_made().items() if resource["Type"] == kind)


def may(action: str, resource: str, *conditions: tuple[str, str]) -> bool:
    return allowed(deployer(), Asked(action, resource, conditions))


# it has what it needs


@pytest.mark.parametrize("kind", KINDS)
def test_it_may_make_read_and_change_every_resource_of_this_type(kind: str) -> None:
    for name in of(kind):
        refused = [
            f"{phase}: {one.action} on {one.resource}"
            for phase, action in wanted(kind)
            for one in asked(name, action)
            if not allowed(deployer(), one)
        ]
        assert refused == [], name


@pytest.mark.parametrize("kind", KINDS)
def test_it_removes_what_a_later_version_may_leave_out_and_nothing_that_keeps_something(kind: str) -> None:
    needed = [action for action in handlers(kind)["delete"] if not why_not(kind, action)]
    if kind in REMOVABLE:
        assert all(allowed(deployer(), one) for name in of(kind) for action in needed for one in asked(name, action))
    else:
        deletes = [action for action in handlers(kind)["delete"] if ":Delete" in action or action == "sns:Unsubscribe"]
        assert deletes
        assert not any(may(action, arn_of(name)) for name in of(kind) for action in deletes)


def test_what_it_goes_without_is_for_a_property_that_no_resource_has() -> None:
    for kind, path in properties_that_nothing_has():
        assert has(kind, path) == [], f"{kind} has {path} now: the role needs what goes with it"


def test_each_thing_that_it_goes_without_is_something_that_a_handler_asks_for() -> None:
    for kind, pattern in excuses():
        actions = {action for phase in handlers(kind).values() for action in phase}
        assert any(fnmatch.fnmatchcase(action, pattern) for action in actions), (kind, pattern)


# and nothing more


def test_every_grant_is_asked_for_by_a_handler_or_by_the_deployment_itself() -> None:
    needed = {
        action
        for kind in KINDS
        for phase, actions in handlers(kind).items()
        if phase != "list"
        for action in actions
        if not why_not(kind, action)
    }
    for statement in deployer():
        for action in statement.actions:
            assert action in CALLED or any(fnmatch.fnmatchcase(one, action) for one in needed), action


def test_only_looks_at_settings_and_a_random_word_are_granted_without_a_resource() -> None:
    wide = {action for one in deployer() if any(r.pattern == "*" for r in one.resources) for action in one.actions}
    assert wide == WITHOUT_RESOURCE


OTHERS = [arn_of(name).replace("ss-", "zz-").replace(":ss/", ":zz/").replace("/ss/", "/zz/") for name in all_made()]


def test_it_touches_nothing_of_another_prefix() -> None:
    actions = {action for statement in deployer() for action in statement.actions} - WITHOUT_RESOURCE
    reached = [
        (action, other)
        for other in OTHERS
        for action in actions
        if action.partition(":")[0] == other.split(":")[2] and may(action, other, *BOUNDED)
    ]
    assert reached == []
    assert not may("s3:PutObject", ARTEFACTS.replace("social-scheduler-ss", "social-scheduler-zz"), *OURS)
    stack = arn("cloudformation", "stack/social-scheduler-zz/1")
    assert not any(may(action, stack) for action in actions if action.startswith("cloudformation:"))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:GetItem", "table/ss-status"),
        ("dynamodb:Scan", "table/ss-audit"),
        ("dynamodb:PutItem", "table/ss-status"),
        ("dynamodb:ExportTableToPointInTime", "table/ss-status"),
        ("dynamodb:PutResourcePolicy", "table/ss-status"),
        ("secretsmanager:GetSecretValue", "secret:ss/drive/sa-AbCdEf"),
        ("secretsmanager:PutSecretValue", "secret:ss/approval/signing-secret-AbCdEf"),
        ("secretsmanager:PutResourcePolicy", "secret:ss/drive/sa-AbCdEf"),
        ("logs:GetLogEvents", "log-group:/aws/lambda/ss-sender:log-stream:x"),
        ("logs:FilterLogEvents", "log-group:/aws/lambda/ss-sender"),
        ("lambda:InvokeFunction", "function:ss-sender"),
        ("states:StartExecution", "stateMachine:ss-draft-batch"),
        ("sqs:ReceiveMessage", "ss-dead-letters"),
        ("cloudformation:DeleteStack", "stack/social-scheduler-ss/1"),
        ("cloudformation:SetStackPolicy", "stack/social-scheduler-ss/1"),
        ("cloudformation:CreateStack", "stack/social-scheduler-ss/1"),
        ("cloudformation:UpdateStack", "stack/social-scheduler-ss-deploy-role/1"),
        ("cloudformation:CreateChangeSet", "stack/social-scheduler-ss-deploy-role/1"),
        ("ses:CreateEmailIdentity", "identity/ceo@example.test"),
        ("ses:SendEmail", "identity/posts@example.test"),
    ],
)
def test_it_reads_nothing_that_is_kept_and_does_nothing_in_the_businesss_name(action: str, resource: str) -> None:
    assert not may(action, arn(action.partition(":")[0], resource))


def test_it_reads_and_writes_no_object_of_the_business() -> None:
    for name in of("AWS::S3::Bucket"):
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"):
            assert not may(action, f"{arn_of(name)}/posts.csv", *OURS)
        for action in ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl"):
            assert not may(action, arn_of(name))


# it cannot widen itself

OWN = f"arn:aws:iam::{ACCOUNT}:role/deploys-social-scheduler-ss"
MESH_ROLE = arn_of("SenderRole")
IAM = (
    "AddRoleToInstanceProfile",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreatePolicyVersion",
    "CreateRole",
    "CreateUser",
    "DeletePolicy",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "PassRole",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "SetDefaultPolicyVersion",
    "UpdateAssumeRolePolicy",
    "UpdateOpenIDConnectProviderThumbprint",
    "UpdateRole",
)


@pytest.mark.parametrize("name", IAM)
def test_its_own_role_policies_and_boundary_are_out_of_its_reach(name: str) -> None:
    policies = [f"arn:aws:iam::{ACCOUNT}:policy/deploys-social-scheduler-ss-{which}" for which in ("runs", "stores")]
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    for resource in (OWN, BOUNDARY, provider, *policies, f"arn:aws:iam::{ACCOUNT}:role/admin"):
        assert not may(f"iam:{name}", resource, *BOUNDED, ("iam:PassedToService", "lambda.amazonaws.com"))
    assert not may("sts:AssumeRole", MESH_ROLE)


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])
def test_a_role_of_the_business_is_made_and_widened_within_the_boundary_alone(action: str) -> None:
    assert may(action, MESH_ROLE, *BOUNDED)
    assert not may(action, MESH_ROLE)
    assert not may(action, MESH_ROLE, ("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"))


def test_a_role_is_handed_to_the_services_of_the_mesh_alone() -> None:
    assert may("iam:PassRole", MESH_ROLE, ("iam:PassedToService", "lambda.amazonaws.com"))
    for service in ("ec2.amazonaws.com", "cloudformation.amazonaws.com", "glue.amazonaws.com"):
        assert not may("iam:PassRole", MESH_ROLE, ("iam:PassedToService", service))


# the boundary


@pytest.mark.parametrize("name", list(of("AWS::IAM::Role")))
def test_the_boundary_leaves_a_role_all_that_it_is_granted(name: str) -> None:
    role = all_made()[name]
    assert role["Properties"]["PermissionsBoundary"]["Fn::If"][1] == {"Ref": "RoleBoundary"}
    grants = [
        (Asked(action, resource.pattern), keys_of(one))
        for one in statements_of(role)
        for action in one.actions
        for resource in one.resources
    ]
    assert grants
    for asks, keys in grants:
        bounds = [one for one in granted("Boundary") if replace(one, conditions={}).concerns(asks)]
        assert any(keys_of(one) <= keys for one in bounds), asks  # what the boundary asks for, the grant asks for too


def keys_of(statement: Statement) -> set[str]:
    return {key for keys in statement.conditions.values() for key in keys}


def test_nothing_of_another_business_or_of_the_deployment_is_within_the_boundary() -> None:
    def bounded(action: str, resource: str, *conditions: tuple[str, str]) -> bool:
        return allowed(granted("Boundary"), Asked(action, resource, conditions))

    assert bounded("dynamodb:GetItem", arn("dynamodb", "table/ss-status"))
    assert not bounded("dynamodb:GetItem", arn("dynamodb", "table/zz-status"))
    assert not bounded("dynamodb:DeleteTable", arn("dynamodb", "table/ss-status"))
    assert not bounded("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:zz/drive/sa-AbCdEf"))
    assert bounded("events:PutEvents", arn("events", "event-bus/default"), ("events:source", "ss"))
    assert not bounded("events:PutEvents", arn("events", "event-bus/default"), ("events:source", "zz"))
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole", "lambda:UpdateFunctionCode"):
        assert not bounded(action, MESH_ROLE)
        assert not bounded(action, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ss-sender")
