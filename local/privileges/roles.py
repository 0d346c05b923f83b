"""The roles of template.yaml with everything filled in: what each may do, and by whom it is taken on. Pure but for ``mesh_roles``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from local import ROOT
from local.console.mesh_template import Template, listed
from local.deploy import read_template
from local.privileges.asked import ACCOUNT, REGION, arn, role_arn, secret_arn, table_arn
from local.privileges.policy import Resource, Statement

GIVEN = {
    "Prefix": "ss",
    "TimeZone": "Europe/Berlin",
    "MailFrom": "posts@example.test",
    "SlackSecret": "ss/slack",
    "Guardrail": "abc123:4",
}
"""Values under which every statement stands there, also those on a condition."""

_PSEUDO = {"<Partition>": "aws", "<Region>": REGION, "<AccountId>": ACCOUNT}
_HOLE = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_NAME_KEYS = ("FunctionName", "TableName", "BucketName", "QueueName", "LogGroupName", "Name")


@dataclass(frozen=True)
class Role:
    """``owner`` is the function's or machine's name, without prefix, or the role's logical id where none has it.

    ``taken_on_by``: the service; ``taken_on_for``: whatever of it alone, an ARN, "" where any of its things may (Lambda's functions).
    """

    owner: str
    logical_id: str
    statements: tuple[Statement, ...]
    taken_on_by: str = ""
    taken_on_for: str = ""


@cache
def mesh_roles(mail_from: str = GIVEN["MailFrom"], own_identity: bool = True) -> dict[str, Role]:
    """Of template.yaml, by owner, in its order. ``mail_from``: the business's own sender; ``own_identity``: CreateMailIdentity."""
    given = {**GIVEN, "MailFrom": mail_from, "CreateMailIdentity": "true" if own_identity else "false"}
    return roles_of(Template(read_template(ROOT / "template.yaml"), given))


def roles_of(template: Template) -> dict[str, Role]:
    owners = {
        role: template.name_of(logical_id)
        for logical_id, resource in template.resources.items()
        for role in template.meant((resource.get("Properties") or {}).get("Role"))
    }
    found: dict[str, Role] = {}
    for logical_id, resource in template.resources.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        owner = owners.get(logical_id, logical_id)
        documents = [policy["PolicyDocument"] for policy in resource["Properties"]["Policies"]]
        statements = tuple(
            _statement(template, one) for document in documents for one in template.value(document)["Statement"]
        )
        (trust,) = template.value(resource["Properties"]["AssumeRolePolicyDocument"])["Statement"]
        (source,) = listed((trust.get("Condition") or {}).get("StringEquals", {}).get("aws:SourceArn", ""))
        found[owner] = Role(owner, logical_id, statements, trust["Principal"]["Service"], _arn(template, source))
    return found


def _statement(template: Template, told: Mapping[str, Any]) -> Statement:
    def resources(name: str) -> tuple[Resource, ...]:
        return tuple(Resource(_arn(template, one), _label(template, one)) for one in listed(told.get(name)))

    conditions = {
        operator: {key: [_arn(template, one) for one in listed(value)] for key, value in keys.items()}
        for operator, keys in (told.get("Condition") or {}).items()
    }
    return Statement(
        told["Effect"] == "Allow",
        tuple(listed(told.get("Action"))),
        resources("Resource"),
        conditions,
        tuple(listed(told.get("NotAction"))),
        resources("NotResource"),
    )


def _arn(template: Template, text: str) -> str:
    """With the holes that stand for resources filled by their ARNs or names."""
    return _PSEUDOS.sub(
        lambda m: _PSEUDO[m[0]], _HOLE.sub(lambda hole: _filled(template, hole[1], hole[2] or ""), text)
    )


_PSEUDOS = re.compile("|".join(map(re.escape, _PSEUDO)))


def _label(template: Template, text: str) -> str:
    """As the table says it: the resource's logical id, or the ARN less what every one has; parameters by their names."""
    sender = template.parameter("MailFrom")
    for value, name in ((sender, "MailFrom"), (sender.partition("@")[2], "MailFrom's domain")):
        text = re.sub(f":identity/{re.escape(value)}$", f":identity/{name}", text)
    text = text.replace(template.parameter("DraftModel"), "DraftModel")
    short = re.sub(r"^arn:<Partition>:([\w-]+):(?:<Region>|\*)?:(?:<AccountId>)?:", r"\1 ", text)
    return re.sub(r"\{(\w+)(?:\.Arn)?\}", r"\1", short)


def _filled(template: Template, logical_id: str, attribute: str) -> str:
    resource = template.resources[logical_id]
    properties = resource.get("Properties") or {}
    name = next((template.text(properties[key]) for key in _NAME_KEYS if key in properties), logical_id)
    kind = resource["Type"].removeprefix("AWS::")
    if kind == "SecretsManager::Secret":
        return secret_arn(name)
    if kind == "Serverless::StateMachine":
        return arn("states", f"stateMachine:{name}")
    if not attribute:
        return name
    return {
        "DynamoDB::Table": table_arn(name),
        "S3::Bucket": f"arn:aws:s3:::{name}",
        "SQS::Queue": arn("sqs", name),
        "Serverless::Function": arn("lambda", f"function:{name}"),
        "Logs::LogGroup": arn("logs", f"log-group:{name}:*"),
        "IAM::Role": role_arn(logical_id),
    }[kind]
