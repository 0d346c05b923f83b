"""The role that a workflow deploys with, and what it is asked for on each resource of this business."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from translated import all_made

from local import ROOT
from local.console.mesh_template import Template, listed
from local.deploy import read_template
from local.privileges.asked import ACCOUNT, REGION, SECRET_END, Asked
from local.privileges.policy import Resource, Statement
from local.privileges.roles import GIVEN

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/social-scheduler-boundary-ss"
ARTEFACTS = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1a2b3c/social-scheduler-ss/0123456789abcdef"
OURS = (("aws:ResourceAccount", ACCOUNT),)
BOUNDED = (("iam:PermissionsBoundary", BOUNDARY),)

# Where the service takes no resource for it (its page in the service authorization reference).
WITHOUT_RESOURCE = {
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "secretsmanager:GetRandomPassword",
    "ses:DescribeConfigurationSet",
}
_AT = f"{REGION}:{ACCOUNT}"
# {Name} is a property of the resource; a resource that it speaks of stands there by its own name.
_ARN = {
    "AWS::Budgets::Budget": f"arn:aws:budgets::{ACCOUNT}:budget/{{Budget.BudgetName}}",
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{_AT}:alarm:{{AlarmName}}",
    "AWS::CloudWatch::Dashboard": f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{DashboardName}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{_AT}:table/{{TableName}}",
    "AWS::Events::Rule": f"arn:aws:events:{_AT}:rule/{{Name}}",
    "AWS::Lambda::EventInvokeConfig": f"arn:aws:lambda:{_AT}:function:{{FunctionName}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{_AT}:function:{{FunctionName}}",
    "AWS::Lambda::LayerVersion": f"arn:aws:lambda:{_AT}:layer:{{LayerName}}",
    "AWS::Lambda::Permission": f"arn:aws:lambda:{_AT}:function:{{FunctionName}}",
    "AWS::Lambda::Url": f"arn:aws:lambda:{_AT}:function:{{TargetFunctionArn}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_AT}:log-group:{{LogGroupName}}",
    "AWS::Logs::MetricFilter": f"arn:aws:logs:{_AT}:log-group:{{LogGroupName}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{BucketName}",
    "AWS::S3::BucketPolicy": "arn:aws:s3:::{Bucket}",
    "AWS::SES::ConfigurationSet": f"arn:aws:ses:{_AT}:configuration-set/{{Name}}",
    "AWS::SES::ConfigurationSetEventDestination": f"arn:aws:ses:{_AT}:configuration-set/{{ConfigurationSetName}}",
    "AWS::SES::EmailIdentity": f"arn:aws:ses:{_AT}:identity/{{EmailIdentity}}",
    "AWS::SNS::Subscription": f"arn:aws:sns:{_AT}:{{TopicArn}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{_AT}:{{TopicName}}",
    "AWS::SNS::TopicPolicy": f"arn:aws:sns:{_AT}:{{Topics.0}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_AT}:{{QueueName}}",
    "AWS::SQS::QueuePolicy": f"arn:aws:sqs:{_AT}:{{Queues.0}}",
    "AWS::SSM::Parameter": f"arn:aws:ssm:{_AT}:parameter{{Name}}",
    "AWS::Scheduler::Schedule": f"arn:aws:scheduler:{_AT}:schedule/default/{{Name}}",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{_AT}:schedule-group/{{Name}}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{_AT}:secret:{{Name}}{SECRET_END}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{_AT}:stateMachine:{{StateMachineName}}",
}
_NAMES = ("FunctionName", "BucketName", "LogGroupName", "Name", "QueueName", "TopicName", "LayerName")
_BOUNDED_ACTIONS = {"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}


@cache
def business() -> Template:
    """All three stacks of a business with the prefix ss."""
    parameters: dict[str, Any] = {}
    conditions: dict[str, Any] = {}
    for name in ("template.yaml", "stacks/watch.yaml"):
        body = read_template(ROOT / name)
        parameters |= body["Parameters"]
        conditions |= body.get("Conditions", {})
    return Template({"Parameters": parameters, "Conditions": conditions, "Resources": all_made()}, GIVEN)


@cache
def granted(policy: str) -> tuple[Statement, ...]:
    """Of one policy of stacks/deploy-role.yaml, by its logical id."""
    template = Template(read_template(ROOT / "stacks" / "deploy-role.yaml"), {"Prefix": "ss"})
    document = template.value(template.resources[policy]["Properties"]["PolicyDocument"])
    return tuple(_statement(one) for one in document["Statement"])


@cache
def deployer() -> tuple[Statement, ...]:
    """All that DeployRole may."""
    role = read_template(ROOT / "stacks" / "deploy-role.yaml")["Resources"]["DeployRole"]["Properties"]
    return tuple(one for policy in role["ManagedPolicyArns"] for one in granted(policy["Ref"]))


def statements_of(role: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Of a role as SAM hands it on."""
    documents = [business().value(policy["PolicyDocument"]) for policy in role["Properties"]["Policies"]]
    return tuple(_statement(one) for document in documents for one in document["Statement"])


def arn_of(logical_id: str) -> str:
    """A role's has a name as CloudFormation makes one."""
    resource = all_made()[logical_id]
    if resource["Type"] == "AWS::IAM::Role":
        path = business().text(resource["Properties"].get("Path", "/"))
        return f"arn:aws:iam::{ACCOUNT}:role{path}social-scheduler-ss-{logical_id}-1A2B3C4D5E6F"
    properties = business().value(resource["Properties"])
    return re.sub(r"\{([\w.]+)\}", lambda hole: _name(_found(properties, hole[1])), _ARN[resource["Type"]])


def asked(logical_id: str, action: str) -> Iterator[Asked]:
    """What one action of the resource's handler asks for."""
    resource = all_made()[logical_id]
    service = action.partition(":")[0]
    if action in WITHOUT_RESOURCE:
        yield Asked(action, "*")
    elif action == "iam:PassRole":
        for name in sorted(business().meant(resource["Properties"])):
            role = all_made()[name]
            if role["Type"] == "AWS::IAM::Role":
                (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
                (to,) = listed(trust["Principal"]["Service"])
                yield Asked(action, arn_of(name), (("iam:PassedToService", to),))
    elif service == "s3" and not resource["Type"].startswith("AWS::S3::Bucket"):
        yield Asked(action, ARTEFACTS, OURS)
    elif service == "billing":
        yield Asked(action, f"arn:aws:billing::{ACCOUNT}:billingview/primary")
    elif action == "lambda:GetLayerVersion":
        yield Asked(action, f"arn:aws:lambda:{_AT}:layer:ss-mesh:7")
    else:
        yield Asked(action, arn_of(logical_id), BOUNDED if action in _BOUNDED_ACTIONS else ())


def _statement(told: Mapping[str, Any]) -> Statement:
    conditions = {
        operator: {key: [_filled(one) for one in listed(value)] for key, value in keys.items()}
        for operator, keys in (told.get("Condition") or {}).items()
    }
    patterns = [_filled(one) for one in listed(told["Resource"])]
    return Statement(
        told["Effect"] == "Allow",
        tuple(listed(told["Action"])),
        tuple(Resource(one, one) for one in patterns),
        conditions,
    )


def _filled(text: str) -> str:
    """Parameters are filled in already; what is left are AWS's own words, and resources."""
    for word, meant in (("Partition", "aws"), ("Region", REGION), ("AccountId", ACCOUNT)):
        text = text.replace(f"<{word}>", meant)
    text = text.replace("{Boundary}", BOUNDARY)
    return re.sub(r"\{(\w+)\}", lambda hole: _reference(hole[1]), re.sub(r"\{(\w+)\.Arn\}", _arn, text))


def _arn(hole: re.Match[str]) -> str:
    ending = ":*" if all_made()[hole[1]]["Type"] == "AWS::Logs::LogGroup" else ""
    return arn_of(hole[1]) + ending


def _reference(logical_id: str) -> str:
    """What Ref gives: an ARN of secrets and machines, else the name."""
    kind = all_made()[logical_id]["Type"]
    by_arn = ("AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachine")
    return arn_of(logical_id) if kind in by_arn else _name(f"{{{logical_id}}}")


def _found(properties: Any, path: str) -> str:
    for step in path.split("."):
        properties = properties[int(step)] if step.isdigit() else properties[step]
    return str(properties)


def _name(text: str) -> str:
    """As it stands, or the own name of the resource that it speaks of."""
    found = re.fullmatch(r"\{(\w+)(?:\.\w+)?\}", text)
    if not found:
        return _filled(text)
    properties = all_made()[found[1]]["Properties"]
    return _filled(business().text(next(properties[name] for name in _NAMES if name in properties)))
