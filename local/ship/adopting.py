"""What an earlier stack left is taken into the new one as it is, by an import: tables, buckets and secrets keep what they hold.

The import's template has those resources and nothing else, with the very properties of template.yaml: the deployment after it finds
nothing to change in them. (A GenerateSecretString that came only then would make a new key, and end every signed link.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from local.ship.account import ShipError, Side, in_words
from local.ship.environments import Environment
from local.ship.looking import Left
from local.ship.naming import LOGS, PRECIOUS
from local.ship.stacks import Progress, Stacks

_BODY_BYTES = 51_200  # CloudFormation's bound for a template in the request
_SAMS = "aws-sam-cli-managed-default"


def told(left: Sequence[Left]) -> str:
    kinds: dict[str, list[str]] = {}
    for one in left:
        kinds.setdefault({**PRECIOUS, LOGS: "log group"}[one.named.kind], []).append(one.named.name)
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds.items())


def adopt(
    stacks: Stacks,
    side: Side,
    environment: Environment,
    which: str,
    left: Sequence[Left],
    token: str,
    tell: Progress,
    now: Callable[[], float],
) -> None:
    """ShipError when CloudFormation refuses it; then nothing has changed."""
    stack = environment.stack_name(which)
    present = _present(stacks, stack)
    body = json.dumps(_with(present, left))
    name = f"adopt-{int(now())}"
    kept = (stacks.described(stack) or {}).get("Parameters", ()) if present["Resources"] else ()
    parameters = [{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in kept]
    try:
        stacks.client.create_change_set(
            StackName=stack,
            ChangeSetName=name,
            ChangeSetType="IMPORT",
            **({"TemplateBody": body} if len(body) <= _BODY_BYTES else _uploaded(stacks, side, stack, name, body)),
            Parameters=parameters or [{"ParameterKey": "Prefix", "ParameterValue": environment.prefix}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            ResourcesToImport=[
                {
                    "ResourceType": one.named.kind,
                    "LogicalResourceId": one.named.logical_id,
                    "ResourceIdentifier": dict(one.identifier),
                }
                for one in left
            ],
        )
        _await(stacks, stack, name)
    except ClientError as error:
        raise in_words(error, environment.profile, environment.region) from error
    stacks.execute(stack, name, token, tell)


def _uploaded(stacks: Stacks, side: Side, stack: str, name: str, body: str) -> dict[str, str]:
    """Where CloudFormation reads it: beside what the SAM CLI uploads."""
    bucket = stacks.outputs(_SAMS).get("SourceBucket")
    if not bucket:
        raise ShipError(
            f"there is no bucket for a template as large as {stack}'s: the stack {_SAMS} is gone",
            "sam deploy makes it anew: .venv/sam/bin/sam deploy --guided, up to its first question; then the same command again",
        )
    client, key = side.client("s3"), f"{stack}/{name}.template"
    client.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return {"TemplateURL": f"{client.meta.endpoint_url}/{bucket}/{key}"}


def _await(stacks: Stacks, stack: str, name: str) -> None:
    while True:
        told = stacks.client.describe_change_set(StackName=stack, ChangeSetName=name)
        if told["Status"] == "FAILED" or (
            told["Status"] == "CREATE_COMPLETE" and told.get("ExecutionStatus") == "UNAVAILABLE"
        ):
            stacks.forget(stack, name)
            raise ShipError(
                f"what an earlier stack left cannot be adopted: {told.get('StatusReason', 'no reason given')}",
                "docs/deploying.md says how to do it by hand",
            )
        if told["Status"] == "CREATE_COMPLETE":
            return
        stacks.sleep(stacks.pause_seconds)


def _present(stacks: Stacks, stack: str) -> dict[str, Any]:
    """The stack's template as CloudFormation has worked it out; one without resources where there is no stack."""
    empty = {"Parameters": {"Prefix": {"Type": "String"}}, "Resources": {}}
    if stacks.status(stack) in ("", "REVIEW_IN_PROGRESS"):
        return empty
    body = stacks.client.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    found: dict[str, Any] = yaml_parse(body) if isinstance(body, str) else dict(body)
    return found


def _with(template: Mapping[str, Any], left: Sequence[Left]) -> dict[str, Any]:
    resources = dict(template["Resources"])
    for one in left:
        resources[one.named.logical_id] = {
            "Type": one.named.kind,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": dict(one.named.properties),
        }
    return {**template, "Resources": resources}
